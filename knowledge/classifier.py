"""Which label a question belongs to, learnt from example questions when a snapshot is built.

Input: texts by label with their vectors. Output: probabilities by label for a new question. A multinomial logistic
regression over `text_features.py`, so that "remise" and a sentence that never says it are both recognized. What a label
means is the business of whoever asks (`assistant/policy.py`).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError
from knowledge.text_features import TextFeatures

_PIECES, _WORDS = 2**14, 2**13
_PENALTY = 10.0  # inverse strength of the regularization; chosen on the development half
_EVENNESS = 0.5  # 0: every example weighs the same, 1: every label does; chosen on the development half
_ROUNDS = 100
_TOLERANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """Labels with the weights of their evidence. Equal examples give an equal classifier."""

    stored: ClassVar[str] = "classifier.npz"

    labels: tuple[str, ...]
    features: TextFeatures
    weights: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    @classmethod
    def train(cls, examples: dict[str, list[str]], vectors: Vectors) -> Classifier:
        """Return the classifier of `examples`, whose `vectors` come in the order of labels and texts.

        Labels with few examples weigh more, though less than evenly: most questions are innocent, and a model that forgets it
        sees emergencies everywhere. `examples` holds at least two labels.
        """
        from sklearn.linear_model import LogisticRegression

        names = [label for label, texts in examples.items() for _ in texts]
        texts = [text for rows in examples.values() for text in rows]
        largest = max(len(rows) for rows in examples.values())
        weights_of_labels = {label: (largest / len(rows)) ** _EVENNESS for label, rows in examples.items() if rows}
        features = TextFeatures.learn(texts, vectors, pieces=_PIECES, words=_WORDS)
        model = LogisticRegression(C=_PENALTY, max_iter=_ROUNDS, tol=_TOLERANCE, class_weight=weights_of_labels)
        model.fit(features.of(texts, vectors), names)
        weights, intercepts = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # noqa: PLR2004  of two labels scikit-learn keeps the second's weights only
            weights, intercepts = np.concatenate([-weights, weights]) / 2, np.concatenate([-intercepts, intercepts]) / 2
        return cls(
            labels=tuple(map(str, model.classes_)),
            features=features,
            weights=weights.astype(np.float32),
            intercepts=intercepts.astype(np.float32),
        )

    def write(self, folder: Path) -> None:
        """Write the classifier into `folder`; weights as half floats, a difference no probability shows."""
        with (folder / self.stored).open("wb") as file:
            np.savez_compressed(
                file,
                labels=np.array(self.labels),
                centre=self.features.centre,
                rarity=self.features.rarity,
                weights=self.weights.astype(np.float16),
                intercepts=self.intercepts,
            )

    @classmethod
    def read(cls, folder: Path) -> Classifier | None:
        """Return the classifier in `folder`, or None where there were no examples. Raises `SnapshotError` on damage."""
        path = folder / cls.stored
        if not path.exists():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return cls(
                    labels=tuple(stored["labels"].tolist()),
                    features=TextFeatures(pieces=_PIECES, words=_WORDS, centre=stored["centre"], rarity=stored["rarity"]),
                    weights=stored["weights"].astype(np.float32),
                    intercepts=stored["intercepts"],
                )
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            message = f"The classifier {path} can't be read ({error}). Run 'brand-assistant ingest'."
            raise SnapshotError(message) from error

    def probabilities(self, text: str, vector: Vectors) -> dict[str, float]:
        """Return the probability of each label for a question and its vector, shape (dimensions,); they sum to 1."""
        row = self.features.of([text], vector[np.newaxis, :])
        scores = np.asarray(row @ self._columns).ravel() + self.intercepts
        shares = np.exp(scores - scores.max())
        return dict(zip(self.labels, (shares / shares.sum()).tolist(), strict=True))

    @cached_property
    def _columns(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(self.weights.T)
