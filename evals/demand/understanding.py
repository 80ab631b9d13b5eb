"""Reads remarks: kind, sentiment, feature, car, and the words that decided. No chat model.

Input: reviews. Output: `Remark`s. Meaning (a vector) costs 7 to 60 ms a remark, so a large export is read in two steps:
`full` remarks, drawn by hash, are read with vectors; from those a student learns to read the rest by words alone, and its
agreement with them is measured on a tenth it has not seen. The report says how many were read which way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from assistant.vehicle_recognition import VehicleRecognition
from evals.demand.features import FeatureReader, plainest_of, settled
from evals.demand.kinds import Floats, KindModel, Shares, cue_words, plain
from evals.demand.remark_lexicon import Kind, RemarkLexicon, Sentiment
from evals.demand.review import Review
from evals.demand.splitting import remarks_of
from knowledge.embedding import Vectors
from knowledge.embedding_cache import EmbeddingCache
from knowledge.language import identify
from knowledge.lexicon import Lexicon
from knowledge.topics import Topics
from knowledge.vehicles import Vehicle

FULL = 6_000  # different remarks read with vectors at most: four minutes on two idle cores
_AT_ONCE = 2_000  # texts
_HELD_OUT = 10  # one in so many of the fully read remarks checks the student
_STUDENT = Shares(vector=0.0, cues=1.0, words=1.5, penalty=10.0)
_SHORT = 12  # characters; of less no language can be told
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One remark of one review. `evidence` are the words that spoke for its kind; `certainty` is the kind's probability.

    `number` is the review's in the ledger, `person` who wrote it: a pseudonym, or the review itself where nobody is named.
    `fully` says that it was read with its vector.
    """

    number: int
    person: str
    review: Review
    text: str
    language: str
    kind: Kind
    certainty: float
    sentiment: Sentiment
    feature: str | None
    car: Vehicle | None
    evidence: tuple[str, ...]
    fully: bool = True


class Reading(NamedTuple):
    """All remarks, how many were read with vectors, and how often the student agreed with them (None: not needed)."""

    remarks: list[Remark]
    fully: int
    agreement: float | None


class _Piece(NamedTuple):
    number: int
    review: Review
    text: str
    language: str
    car: Vehicle | None


class RemarkReader:
    """Reads the remarks of reviews with one lexicon and one model."""

    def __init__(self, lexicon: Lexicon, model: KindModel, cache: EmbeddingCache, *, topics: Topics | None = None) -> None:
        """`topics` tells features by meaning, beside their names; it is learnt with the same embedder as `model`."""
        self._features = FeatureReader(lexicon, RemarkLexicon.read())
        self._find_car = lru_cache(maxsize=50_000)(VehicleRecognition(lexicon).find)
        # Looking for a car costs a millisecond: only where a name may stand.
        names = {name.split()[0] for model_ in lexicon.cars.models for name in map(plain, model_.names)}
        self._car_hint = re.compile(rf"\b(?:e ?)?(?:{'|'.join(sorted(map(re.escape, names)))}|c\d)", re.IGNORECASE)
        self._model = model
        self._topics = topics
        self._fully: set[str] = set()  # texts that were read with their vector
        self._scores: dict[str, dict[str, float]] = {}  # by text that has a vector: the model's score of each feature
        self._cache = cache

    def read(self, reviews: Sequence[tuple[int, Review]], *, full: int = FULL, progress: Progress | None = None) -> Reading:
        """Return the remarks of numbered reviews. `progress` gets (step, done, total). Raises `EmbedderError`."""
        return self._read([piece for number, review in reviews for piece in self._pieces(number, review)], full, progress)

    def read_whole(self, reviews: Sequence[Review]) -> list[Remark]:
        """Return one remark a review, which is not split: for texts that are single remarks already."""
        pieces = [piece for number, review in enumerate(reviews, start=1) for piece in self._pieces(number, review, split=False)]
        return self._read(pieces, len(pieces), None).remarks

    def _read(self, pieces: list[_Piece], full: int, progress: Progress | None) -> Reading:
        texts = list(dict.fromkeys(piece.text for piece in pieces))
        self._scores.clear()
        probabilities, agreement, fully = self._judge(texts, full, progress)
        rows = dict(zip(texts, probabilities, strict=True))
        remarks = []
        for done, piece in enumerate(pieces, start=1):
            remarks.append(self._remark(piece, rows[piece.text]))
            if progress and done % 1000 == 0:
                progress("read", done, len(pieces))
        return Reading(remarks=remarks, fully=fully, agreement=agreement)

    def _pieces(self, number: int, review: Review, *, split: bool = True) -> list[_Piece]:
        language = review.language or (identify(review.text) if len(review.text) >= _SHORT else None) or "fr"
        named = self._car(review.vehicle or "") or self._car(review.text[:2000])
        return [
            _Piece(number=number, review=review, text=text, language=language, car=self._car(text) or named)
            for text in (remarks_of(review.text, language) if split else [review.text])
        ]

    def _car(self, text: str) -> Vehicle | None:
        return self._find_car(text) if self._car_hint.search(plain(text)) else None

    def _judge(self, texts: list[str], full: int, progress: Progress | None) -> tuple[Floats, float | None, int]:
        """Return the probabilities of kinds, one row a text; with the student's agreement where one was needed."""
        order = sorted(range(len(texts)), key=lambda place: hashlib.sha256(texts[place].encode()).digest())
        chosen, rest = order[:full], order[full:]
        table = np.zeros((len(texts), len(self._model.labels)), dtype=np.float32)
        vectors = self._cache.embed_passages(
            [texts[place] for place in chosen],
            progress=(lambda done, total: progress("embed", done, total)) if progress else None,
        )
        read = [texts[place] for place in chosen]
        self._fully = set(read)
        table[chosen] = self._model.probabilities(read, vectors)
        self._score_features(read, vectors)
        if not rest:
            return table, None, len(chosen)
        held, taught = chosen[::_HELD_OUT], [place for at, place in enumerate(chosen) if at % _HELD_OUT]
        lessons = [self._model.labels[number] for number in table[taught].argmax(axis=1)]
        if len(set(lessons)) == 1:
            table[rest] = table[taught].mean(axis=0)
            return table, 1.0, len(chosen)
        student = KindModel.train([texts[place] for place in taught], lessons, None, embedder="", shares=_STUDENT)
        columns = [self._model.labels.index(label) for label in student.labels]
        agreed = [columns[guess] for guess in student.probabilities([texts[place] for place in held], None).argmax(axis=1)]
        agreement = float((np.array(agreed) == table[held].argmax(axis=1)).mean())
        for start in range(0, len(rest), 2000):
            part = rest[start : start + 2000]
            table[np.ix_(part, columns)] = student.probabilities([texts[place] for place in part], None)
            if progress:
                progress("kinds", start + len(part), len(rest))
        return table, agreement, len(chosen)

    def _score_features(self, texts: list[str], vectors: Vectors) -> None:
        """Keep the model's scores of the features for each text that has a vector."""
        for start in range(0, len(texts) if self._topics else 0, _AT_ONCE):
            part = texts[start : start + _AT_ONCE]
            assert self._topics is not None  # noqa: S101  else nothing is looped over
            for text, row in zip(part, self._topics.table(part, vectors[start : start + _AT_ONCE]), strict=True):
                self._scores[text] = dict(zip(self._topics.pages, row.tolist(), strict=True))

    def _remark(self, piece: _Piece, probabilities: Floats) -> Remark:
        kind: Kind = self._model.labels[int(probabilities.argmax())]  # type: ignore[assignment]
        mentions = self._features.find(piece.text, piece.language)
        plainest = plainest_of(mentions)
        return Remark(
            number=piece.number,
            person=piece.review.person or f"#{piece.number}",
            review=piece.review,
            text=piece.text,
            language=piece.language,
            kind=kind,
            certainty=float(probabilities.max()),
            sentiment=_sentiment(piece.text, kind),
            feature=settled(mentions, self._scores.get(piece.text)),
            car=piece.car,
            evidence=cue_words(piece.text, kind) or ((plainest.words,) if plainest else ()),
            fully=piece.text in self._fully,
        )


def _sentiment(text: str, kind: Kind) -> Sentiment:
    """Return how glad a remark is; where its words are even, its kind decides."""
    glad = RemarkLexicon.read().sentiment_of(plain(text))
    if kind == "praise" or (glad > 0 and kind in ("service", "other", "would-like")):
        return "positive"
    if kind in ("does-not-work", "cannot-use") or glad < 0:
        return "negative"
    return "neutral"
