"""What vectors have in common is taken off before they are compared.

E5's vectors share most of their length (unrelated texts have a cosine of about 0.75; its model card warns of the narrow
range), and questions share another part than passages. Taking each kind's mean off leaves what tells texts apart (Mu and
Viswanath 2018, "All-but-the-top", arXiv 1702.01417, its first step). Questions are compared with questions across seven
languages, so there the directions in which languages differ are taken out too (Yang et al. 2021, "A simple and effective
method to eliminate the self language bias in multilingual representations", arXiv 2109.04727), and the few in which all
questions differ most (the second step of Mu and Viswanath).
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError
from knowledge.language import identify

QUESTIONS, PASSAGES = "questions", "passages"  # the kinds of texts that have a centre
_CENTRED, _RAW = (0.0, 0.8), (0.75, 0.95)
_ENOUGH = 200  # a mean over fewer texts is those texts
_ENOUGH_OF_LANGUAGE = 100
_COMMON = 100  # one common direction for so many dimensions, as Mu and Viswanath recommend


@dataclass(frozen=True, kw_only=True)
class Centres:
    """The mean vector of questions and that of passages, shape (dimensions,) each; one zero each where nothing is taken off.

    `shared`: the directions taken out where questions are compared with questions, orthonormal, shape (directions, dimensions).
    """

    stored: ClassVar[str] = "centres.npz"

    questions: Vectors
    passages: Vectors
    shared: Vectors

    @classmethod
    def train(cls, examples: dict[str, list[str]], vectors: Vectors) -> Centres:
        """Return the centres of the texts of each kind, whose `vectors` come in that order: questions, then passages."""
        asked = examples[QUESTIONS]
        return cls.of(vectors[: len(asked)], vectors[len(asked) :], [identify(text) for text in asked])

    @classmethod
    def of(cls, questions: Vectors, passages: Vectors, languages: Sequence[str]) -> Centres:
        """Return the centres of two sets of unit vectors; nothing is taken off unless both sets are large enough.

        A passages' mean alone does not help: questions lie elsewhere (measured on question-answering data of others).
        `languages` are those of the questions, in order.
        """
        if min(len(questions), len(passages)) < _ENOUGH:
            # One zero fits vectors of any length, those of an index without passages too.
            nothing = np.zeros(1, dtype=np.float32)
            return cls(questions=nothing, passages=nothing, shared=np.zeros((0, 1), dtype=np.float32))
        centre = questions.mean(axis=0)
        of_languages = _directions_of_languages(questions - centre, np.array(languages))
        common = _first_directions(_without(questions - centre, of_languages), questions.shape[1] // _COMMON)
        return cls(questions=centre, passages=passages.mean(axis=0), shared=np.concatenate([of_languages, common]))

    @property
    def range(self) -> tuple[float, float]:
        """Return the cosines between which evidence lies, from unrelated texts to paraphrases."""
        return _CENTRED if self.questions.any() else _RAW

    def question(self, vectors: Vectors) -> Vectors:
        """Return vectors of questions to compare with passages: centred, of length 1; shape as given."""
        return _unit(vectors - self.questions)

    def known_question(self, vectors: Vectors) -> Vectors:
        """Return vectors of questions to compare with questions: without what is shared, of length 1; shape as given."""
        return _unit(_without(self.question(vectors), self.shared))

    def share_compared(self, question: Vectors) -> float:
        """Return the length of what is left of one `question` where it is compared with questions."""
        return float(np.linalg.norm(_without(question, self.shared)))

    def passage(self, vectors: Vectors) -> Vectors:
        """Return vectors of passages, centred, of length 1; shape as given."""
        return _unit(vectors - self.passages)

    def write(self, folder: Path) -> None:
        """Write the centres into `folder`."""
        with (folder / self.stored).open("wb") as file:
            np.savez(file, questions=self.questions, passages=self.passages, shared=self.shared)

    @classmethod
    def read(cls, folder: Path) -> Centres:
        """Return the centres in `folder`. Raises `SnapshotError`."""
        try:
            with (folder / cls.stored).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return cls(questions=stored["questions"], passages=stored["passages"], shared=stored["shared"])
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            message = f"The centres in {folder} can't be read ({error}). Run 'brand-assistant ingest' to build them again."
            raise SnapshotError(message) from error


def _directions_of_languages(questions: Vectors, languages: NDArray[np.str_]) -> Vectors:
    """Return the directions in which the mean questions of the languages differ."""
    names, counts = np.unique(languages, return_counts=True)
    means = np.array([questions[languages == name].mean(axis=0) for name in names[counts >= _ENOUGH_OF_LANGUAGE]])
    return _first_directions(means - means.mean(axis=0), len(means) - 1) if len(means) else questions[:0]


def _first_directions(vectors: Vectors, count: int) -> Vectors:
    """Return the `count` directions in which vectors differ most, orthonormal."""
    return np.asarray(np.linalg.svd(vectors, full_matrices=False)[2][:count], dtype=np.float32)


def _without(vectors: Vectors, directions: Vectors) -> Vectors:
    return np.asarray(vectors - (vectors @ directions.T) @ directions, dtype=np.float32) if len(directions) else vectors


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
