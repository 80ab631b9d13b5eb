"""Natural-language inference: does a sentence follow from its grounds, does it contradict them, or neither?

Of a question the same model says whether a passage answers it: that counts as following.

A cross-encoder: a small transformer reads both together. It was fine-tuned from multilingual-e5-small and rounded to eight bits
by `python -m evals.inference.training`; onnxruntime runs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from scipy.special import log_softmax, logsumexp
from tokenizers import Tokenizer

from knowledge.embedding import Vectors
from knowledge.errors import ConfigurationError

MODEL = Path(__file__).with_name("nli")
ENTAILED, NEUTRAL, CONTRADICTED = range(3)  # the labels, in the order of the model's scores
_LONGEST = 320  # tokens of claim and grounds together; of the longer of the two the end is not read
_FURTHEST = 8.0  # log-odds; surer than that it never is


@dataclass(frozen=True, kw_only=True)
class Inferred:
    """Log-odds that a claim follows from its grounds, and that it contradicts them."""

    entailed: float
    contradicted: float


class Inference:
    """Reads claims beside their grounds. Safe from several threads."""

    def __init__(self, folder: Path = MODEL) -> None:
        """Load the model in `folder`. Raises `ConfigurationError`."""
        options = onnxruntime.SessionOptions()
        # Threads that spin while they wait take the processor from whatever else answers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # both libraries raise their own kinds, tokenizers plain Exception
            message = f"The inference model in {folder} can't be loaded: {error}. Restore the folder, or train it again."
            raise ConfigurationError(message) from error
        self._tokenizer.enable_truncation(_LONGEST, strategy="longest_first")

    @classmethod
    @cache
    def shipped(cls) -> Inference:
        """Return the shipped model, the same for everybody in this process. Raises `ConfigurationError`."""
        return cls()

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[Inferred]:
        """Return what was inferred for each (claim, grounds), in order; about 10 to 60 ms each on two cores."""
        return [self._inferred(claim, grounds) for claim, grounds in pairs]

    def _inferred(self, claim: str, grounds: str) -> Inferred:
        """Read one pair alone: activations are rounded together, so a pair read among others would get another score."""
        row = self._tokenizer.encode(plain(claim), plain(grounds))
        inputs = {"tokens": np.array([row.ids], dtype=np.int64), "there": np.ones((1, len(row.ids)), dtype=np.bool_)}
        ((scores,),) = self._session.run(None, inputs)
        chances: Vectors = log_softmax(scores)
        return Inferred(entailed=_log_odds(chances, ENTAILED), contradicted=_log_odds(chances, CONTRADICTED))


def headed(headings: Sequence[str], text: str) -> str:
    """Return grounds in the form that the model was taught to read: what they are headed with, then their text."""
    return f"{' — '.join(headings)}: {text}" if headings else text


def plain(text: str) -> str:
    """Return a text without what the tokenizer would take for its own marks ("</s>"), on one line."""
    return " ".join(text.replace("<", " ").split())


def _log_odds(scores: Vectors, label: int) -> float:
    return float(np.clip(scores[label] - logsumexp(np.delete(scores, label)), -_FURTHEST, _FURTHEST))
