"""Which page a question is about, learnt from the questions that each page says it answers, when an index is built.

Input: questions by page with their vectors. Output: a score by page for a new question. A ridge regression (Hoerl and Kennard
1970) of each page against the others over `text_features.py`: where `asked` in `retrieval.py` sees the one nearest question,
this sees what all questions of a page have in common and those of other pages lack.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError
from knowledge.text_features import TextFeatures

_PIECES, _WORDS = 2**12, 2**12
_RIDGE = 1.0  # chosen by cross-validation on the development halves
_MOST_QUESTIONS = 8_000  # training takes the third power of their number; a larger corpus has enough to find pages by


@dataclass(frozen=True, kw_only=True)
class Topics:
    """Pages with the weights of their evidence, shape (features, pages). Equal questions give equal topics."""

    stored: ClassVar[str] = "topics.npz"

    pages: tuple[str, ...]
    features: TextFeatures
    weights: NDArray[np.float32]

    @classmethod
    def train(cls, questions: dict[str, list[str]], vectors: Vectors) -> Topics | None:
        """Return the topics of `questions` by page, whose `vectors` come in that order; None where nothing can be told apart.

        Pages weigh the same however many questions they have.
        """
        from sklearn.kernel_ridge import KernelRidge

        texts = [text for rows in questions.values() for text in rows]
        pages = tuple(questions)
        if len(pages) < 2 or not len(pages) < len(texts) <= _MOST_QUESTIONS:  # noqa: PLR2004  one page is no choice
            return None
        features = TextFeatures.learn(texts, vectors, pieces=_PIECES, words=_WORDS)
        rows = features.of(texts, vectors)
        counts = np.array([len(questions[page]) for page in pages])
        page_of = np.repeat(np.arange(len(pages)), counts)
        targets = np.eye(len(pages), dtype=np.float32)[page_of]
        model = KernelRidge(alpha=_RIDGE, kernel="precomputed")
        model.fit(features.alike(rows), targets, sample_weight=(counts.mean() / counts[page_of]).astype(np.float32))
        return cls(pages=pages, features=features, weights=np.asarray(rows.T @ model.dual_coef_, dtype=np.float32))

    def write(self, folder: Path) -> None:
        """Write the topics into `folder`; weights as half floats, a difference no score shows."""
        with (folder / self.stored).open("wb") as file:
            np.savez_compressed(
                file,
                pages=np.array(self.pages),
                centre=self.features.centre,
                rarity=self.features.rarity,
                weights=self.weights.astype(np.float16),
            )

    @classmethod
    def read(cls, folder: Path) -> Topics | None:
        """Return the topics in `folder`, or None where there were none. Raises `SnapshotError` on damage."""
        path = folder / cls.stored
        if not path.exists():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return cls(
                    pages=tuple(stored["pages"].tolist()),
                    features=TextFeatures(pieces=_PIECES, words=_WORDS, centre=stored["centre"], rarity=stored["rarity"]),
                    weights=stored["weights"].astype(np.float32),
                )
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            message = f"The topics {path} can't be read ({error}). Run 'brand-assistant ingest'."
            raise SnapshotError(message) from error

    def scores(self, text: str, vector: Vectors) -> dict[str, float]:
        """Return how much a question, with its vector, is about each page: from 0 (not at all) to 1."""
        return dict(zip(self.pages, self.table([text], vector[np.newaxis, :])[0].tolist(), strict=True))

    def table(self, texts: list[str], vectors: Vectors) -> NDArray[np.float32]:
        """Return the scores of many texts with their vectors, shape (texts, pages)."""
        scores: NDArray[np.float32] = np.asarray(self.features.of(texts, vectors) @ self.weights, dtype=np.float32)
        return np.clip(scores, 0.0, 1.0)
