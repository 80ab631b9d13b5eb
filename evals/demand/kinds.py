"""What kind of remark a remark is, learnt from labelled remarks: no chat model, the same answer every time.

Input: texts with their vectors. Output: probabilities by kind. A multinomial logistic regression over the vector (centred),
the cues of `remark_lexicon.py`, and hashed words and pieces of words. `python -m evals.demand.fitting` fits it; its weights are
shipped as `evals/sets/remark-kinds.npz`. `Student` reads what there is no time to embed; see `understanding.py`.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from evals.demand.remark_lexicon import SETS, RemarkLexicon
from evals.demand.review import DemandError
from knowledge.embedding import Vectors
from knowledge.words import fold, words

STORED = SETS / "remark-kinds.npz"
_PIECES, _WORDS = 2**14, 2**14
_ROUNDS = 400
Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How much each part of the evidence weighs, and how strongly weights are held small; chosen on the development half."""

    vector: float = 3.0
    cues: float = 1.0
    words: float = 1.0
    penalty: float = 6.0


@dataclass(frozen=True, kw_only=True)
class KindModel:
    """Labels with the weights of their evidence. `centre` is None for a model that reads words alone."""

    labels: tuple[str, ...]
    embedder: str
    shares: Shares
    centre: Floats | None
    weights: Floats
    intercepts: Floats

    @classmethod
    def train(cls, texts: list[str], labels: list[str], vectors: Vectors | None, *, embedder: str, shares: Shares) -> KindModel:
        """Return the model of labelled texts; `vectors` has one row a text, or is None to learn from words alone."""
        centre = None if vectors is None else vectors.mean(axis=0).astype(np.float32)
        model = LogisticRegression(C=shares.penalty, max_iter=_ROUNDS, class_weight="balanced" if vectors is not None else None)
        model.fit(_evidence(texts, vectors, centre, shares), labels)
        return cls(
            labels=tuple(map(str, model.classes_)),
            embedder=embedder,
            shares=shares,
            centre=centre,
            weights=model.coef_.astype(np.float32),
            intercepts=model.intercept_.astype(np.float32),
        )

    def probabilities(self, texts: list[str], vectors: Vectors | None) -> Floats:
        """Return one row a text, one column a label; rows sum to 1."""
        if not texts:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        scores = _evidence(texts, vectors, self.centre, self.shares) @ self.weights.T + self.intercepts
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True), dtype=np.float32)

    def write(self, path: Path) -> None:
        """Write the model as plain arrays (no pickle); weights as half floats, a difference no decision shows."""
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                labels=np.array(self.labels),
                embedder=np.array(self.embedder),
                shares=np.array([self.shares.vector, self.shares.cues, self.shares.words, self.shares.penalty]),
                centre=np.zeros(0) if self.centre is None else self.centre,
                weights=self.weights.astype(np.float16),
                intercepts=self.intercepts,
            )

    @classmethod
    def read(cls, path: Path = STORED) -> KindModel:
        """Return the shipped model. Raises `DemandError` when it is not there or damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                vector, cues, word, penalty = stored["shares"].tolist()
                return cls(
                    labels=tuple(stored["labels"].tolist()),
                    embedder=str(stored["embedder"]),
                    shares=Shares(vector=vector, cues=cues, words=word, penalty=penalty),
                    centre=stored["centre"].astype(np.float32),
                    weights=stored["weights"].astype(np.float32),
                    intercepts=stored["intercepts"],
                )
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            message = f"The model of remarks {path} can't be read ({error}). Run 'python -m evals.demand.fitting'."
            raise DemandError(message) from error


def plain(text: str) -> str:
    """Return the folded words of a text joined by single spaces: what cues are matched against."""
    return " ".join(words(text))


def cue_words(text: str, kind: str) -> tuple[str, ...]:
    """Return the words of `text` that speak for `kind`, as the cues found them."""
    flat = plain(text)
    found = (pattern.search(flat) for name, pattern in RemarkLexicon.read().patterns if name == kind)
    return tuple(dict.fromkeys(match[0] for match in found if match))


def _evidence(texts: list[str], vectors: Vectors | None, centre: Floats | None, shares: Shares) -> csr_matrix:
    pieces, word = _vectorizers()
    patterns = RemarkLexicon.read().patterns
    cues = np.array([[bool(pattern.search(flat)) for _, pattern in patterns] for flat in map(plain, texts)], dtype=np.float32)
    marks = np.array([_marks(text) for text in texts], dtype=np.float32)
    parts = [
        csr_matrix(np.hstack([cues, marks]) * shares.cues),
        normalize(pieces.transform(texts)) * shares.words,
        normalize(word.transform(texts)) * shares.words,
    ]
    if vectors is not None and centre is not None:
        parts.append(csr_matrix(normalize(vectors - centre) * shares.vector))
    return hstack(parts).tocsr()


def _marks(text: str) -> tuple[float, ...]:
    """Return what words do not tell: question marks, exclamation marks, length, glad minus sorry words."""
    glad = RemarkLexicon.read().sentiment_of(plain(text))
    return (
        float("?" in text),
        float("!" in text),
        min(len(text), 300) / 300,
        float(np.clip(glad, -2, 2)) / 2,
        float(glad > 0),
        float(glad < 0),
    )


@lru_cache(maxsize=1)
def _vectorizers() -> tuple[HashingVectorizer, HashingVectorizer]:
    pieces = HashingVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), n_features=_PIECES, preprocessor=fold, norm=None, alternate_sign=False
    )
    word = HashingVectorizer(
        ngram_range=(1, 2),
        n_features=_WORDS,
        preprocessor=fold,
        norm=None,
        alternate_sign=False,
        token_pattern=r"\b\w+\b",  # noqa: S106
    )
    return pieces, word
