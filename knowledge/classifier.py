"""Which label a question belongs to, learnt from example questions when a snapshot is built.

Input: texts by label with their vectors. Output: probabilities by label for a new question. A multinomial logistic
regression over the question's vector (centred: E5's vectors share most of their length) beside its words and pieces of
words (hashed, weighted by rarity), so that "remise" and a sentence that never says it are both recognized. What a label
means is the business of whoever asks (`assistant/policy.py`).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError
from knowledge.words import fold

STORED = "classifier.npz"
_PIECES, _WORDS = 2**14, 2**13
_VECTOR_SHARE = 2.0  # length of the vector's part against 1 for the pieces and 1 for the words
_PENALTY = 10.0  # inverse strength of the regularization; chosen with the shares on the development half
_ROUNDS = 100
_TOLERANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """Labels with the weights of their evidence. Equal examples give an equal classifier."""

    labels: tuple[str, ...]
    centre: Vectors
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    @classmethod
    def train(cls, examples: dict[str, list[str]], vectors: Vectors) -> Classifier:
        """Return the classifier of `examples`, whose `vectors` come in the order of labels and texts.

        Labels weigh the same however many examples they have. `examples` holds at least two labels.
        """
        names = [label for label, texts in examples.items() for _ in texts]
        counts = _counts([text for texts in examples.values() for text in texts])
        seen = np.asarray((counts > 0).sum(axis=0)).ravel()
        rarity = np.where(seen > 1, np.log((1 + counts.shape[0]) / (1 + seen)) + 1, 0.0).astype(np.float32)
        centre = vectors.mean(axis=0)
        model = LogisticRegression(C=_PENALTY, max_iter=_ROUNDS, tol=_TOLERANCE, class_weight="balanced")
        model.fit(_features(counts, vectors, rarity, centre), names)
        weights, intercepts = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # noqa: PLR2004  of two labels scikit-learn keeps the second's weights only
            weights, intercepts = np.concatenate([-weights, weights]) / 2, np.concatenate([-intercepts, intercepts]) / 2
        return cls(
            labels=tuple(map(str, model.classes_)),
            centre=centre.astype(np.float32),
            rarity=rarity,
            weights=weights.astype(np.float32),
            intercepts=intercepts.astype(np.float32),
        )

    def write(self, folder: Path) -> None:
        """Write the classifier into `folder`; weights as half floats, a difference no probability shows."""
        with (folder / STORED).open("wb") as file:
            np.savez_compressed(
                file,
                labels=np.array(self.labels),
                centre=self.centre,
                rarity=self.rarity,
                weights=self.weights.astype(np.float16),
                intercepts=self.intercepts,
            )

    @classmethod
    def read(cls, folder: Path) -> Classifier | None:
        """Return the classifier in `folder`, or None where there were no examples. Raises `SnapshotError` on damage."""
        path = folder / STORED
        if not path.exists():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return cls(
                    labels=tuple(stored["labels"].tolist()),
                    centre=stored["centre"],
                    rarity=stored["rarity"],
                    weights=stored["weights"].astype(np.float32),
                    intercepts=stored["intercepts"],
                )
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            message = f"The classifier {path} can't be read ({error}). Run 'brand-assistant ingest'."
            raise SnapshotError(message) from error

    def probabilities(self, text: str, vector: Vectors) -> dict[str, float]:
        """Return the probability of each label for a question and its vector, shape (dimensions,); they sum to 1."""
        features = _features(_counts([text]), vector[np.newaxis, :], self.rarity, self.centre)
        scores = np.asarray(features @ self._columns).ravel() + self.intercepts
        shares = np.exp(scores - scores.max())
        return dict(zip(self.labels, (shares / shares.sum()).tolist(), strict=True))

    @cached_property
    def _columns(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(self.weights.T)


def _counts(texts: list[str]) -> csr_matrix:
    pieces = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), n_features=_PIECES, preprocessor=fold, norm=None, alternate_sign=False
    )
    words = HashingVectorizer(ngram_range=(1, 2), n_features=_WORDS, preprocessor=fold, norm=None, alternate_sign=False)
    return hstack([pieces.transform(texts), words.transform(texts)]).tocsr()


def _features(counts: csr_matrix, vectors: Vectors, rarity: NDArray[np.float32], centre: Vectors) -> csr_matrix:
    weighted = counts.copy()
    weighted.data = (1 + np.log(weighted.data)).astype(np.float32)
    weighted = weighted.multiply(rarity).tocsr()
    parts = [normalize(vectors - centre) * _VECTOR_SHARE, normalize(weighted[:, :_PIECES]), normalize(weighted[:, _PIECES:])]
    return hstack([csr_matrix(parts[0]), *parts[1:]]).tocsr()
