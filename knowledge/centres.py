"""The middles that are taken off vectors before they are compared.

E5's vectors share most of their length (unrelated texts have a cosine of about 0.75; its model card warns of the narrow
range), and questions share another part than passages. Taking each kind's mean off leaves what tells texts apart (Mu and
Viswanath 2018, "All-but-the-top", arXiv 1702.01417, its first step): the page of the nearest known question is the right
one for 62 % of the development questions instead of 55 %.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError

STORED = "centres.npz"
_CENTRED, _RAW = (0.0, 0.8), (0.75, 0.95)
_ENOUGH = 200  # a mean over fewer texts is those texts


@dataclass(frozen=True, kw_only=True)
class Centres:
    """The mean vector of questions and that of passages, shape (dimensions,) each; one zero each where nothing is taken off."""

    questions: Vectors
    passages: Vectors

    @classmethod
    def of(cls, questions: Vectors, passages: Vectors) -> Centres:
        """Return the centres of two sets of unit vectors; nothing is taken off unless both sets are large enough.

        A passages' mean alone does not help: questions lie elsewhere (measured on question-answering data of others).
        """
        if min(len(questions), len(passages)) < _ENOUGH:
            # One zero fits vectors of any length, those of an index without passages too.
            return cls(questions=np.zeros(1, dtype=np.float32), passages=np.zeros(1, dtype=np.float32))
        return cls(questions=questions.mean(axis=0), passages=passages.mean(axis=0))

    @property
    def range(self) -> tuple[float, float]:
        """Return the cosines between which evidence lies, from unrelated texts to paraphrases."""
        return _CENTRED if self.questions.any() else _RAW

    def question(self, vectors: Vectors) -> Vectors:
        """Return vectors of questions, centred, of length 1; shape as given."""
        return _unit(vectors - self.questions)

    def passage(self, vectors: Vectors) -> Vectors:
        """Return vectors of passages, centred, of length 1; shape as given."""
        return _unit(vectors - self.passages)

    def write(self, folder: Path) -> None:
        """Write the centres into `folder`."""
        with (folder / STORED).open("wb") as file:
            np.savez(file, questions=self.questions, passages=self.passages)

    @classmethod
    def read(cls, folder: Path) -> Centres:
        """Return the centres in `folder`. Raises `SnapshotError`."""
        try:
            with (folder / STORED).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return cls(questions=stored["questions"], passages=stored["passages"])
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            message = f"The centres in {folder} can't be read ({error}). Run 'brand-assistant ingest' to build them again."
            raise SnapshotError(message) from error


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
