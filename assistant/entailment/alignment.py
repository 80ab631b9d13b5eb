"""Which sentences of a source a claimed sentence rests on, and how well each of its words is found there.

Input: the reading and vector of one claimed sentence, and a `Source`. Output: an `Alignment`. Words match by stem, by nearly
the same letters, or by translation, so a French claim can rest on an English passage. Next: `clashes.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from rapidfuzz.distance import Levenshtein, Prefix

from assistant.entailment.reading import Reading, Word
from knowledge.embedding import Vectors

_ALIKE, _TRANSLATED, _SYNONYM = 0.85, 0.9, 0.7
_MATCHED_FROM = 0.6
_EVIDENCE = 3  # sentences at most
_GAIN = 0.08  # share of the claim that another sentence must add
_COSINE_FLOOR = 0.75  # e5 gives unrelated sentences about this


@dataclass(frozen=True)
class Source:
    """A passage: its sentences read, and a unit vector for each; `headings` name cars and things, and assert nothing."""

    readings: tuple[Reading, ...]
    vectors: Vectors
    headings: tuple[Reading, ...] = ()

    @property
    def stated(self) -> tuple[Reading, ...]:
        """Everything that names something: headings and sentences."""
        return (*self.headings, *self.readings)

    @cached_property
    def places(self) -> dict[str, frozenset[int]]:
        """Stem → the sentences that hold it."""
        places: dict[str, set[int]] = {}
        for number, reading in enumerate(self.readings):
            for word in reading.content:
                places.setdefault(word.stem, set()).add(number)
        return {stem: frozenset(numbers) for stem, numbers in places.items()}

    @cached_property
    def windows(self) -> Vectors:
        """Unit vectors of neighbouring sentences, two by two, as the mean of both; saves embedding them."""
        pairs = self.vectors[:-1] + self.vectors[1:]
        return np.asarray(pairs / np.linalg.norm(pairs, axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True)
class Alignment:
    """A claimed sentence held against a source. `evidence` are numbers of source sentences, the best first.

    `matches[i][s]` says how well content word i of the claim is found in source sentence s, 0 to 1.
    """

    claim: Reading
    source: Source
    cosines: Vectors
    window_cosine: float
    matches: Vectors
    weights: Vectors
    evidence: tuple[int, ...]

    def covered(self, numbers: tuple[int, ...]) -> float:
        """Return the share of the claim's word weight that is found in these sentences."""
        if not self.weights.size or not numbers:
            return 0.0
        best = self.matches[:, list(numbers)].max(axis=1)
        return float((best * self.weights).sum() / self.weights.sum())

    @property
    def best(self) -> Reading:
        """The source sentence that the claim is nearest to."""
        return self.source.readings[self.evidence[0]]

    @property
    def everywhere(self) -> tuple[int, ...]:
        """The numbers of all source sentences."""
        return tuple(range(len(self.source.readings)))

    @cached_property
    def backward(self) -> float:
        """Share of the best sentence's word weight that the claim holds."""
        words = self.best.content
        total = sum(word.weight for word in words)
        mine = {word.stem for word in self.claim.content}
        return sum(word.weight for word in words if word.stem in mine) / total if total else 0.0


class Aligner:
    """Aligns with one table of translations (stem → stems in the other language)."""

    def __init__(self, translations: dict[str, tuple[str, ...]]) -> None:
        self._forward = {stem: frozenset(others) for stem, others in translations.items()}
        backward: dict[str, set[str]] = {}
        for stem, others in translations.items():
            for other in others:
                backward.setdefault(other, set()).add(stem)
        self._backward = {stem: frozenset(others) for stem, others in backward.items()}

    def align(self, claim: Reading, vector: Vectors, source: Source) -> Alignment:
        """Return how `claim` rests on `source`, which has at least one sentence."""
        cosines = source.vectors @ vector
        windows = source.windows @ vector if len(source.readings) > 1 else cosines
        matches = np.zeros((len(claim.content), len(source.readings)), dtype=np.float32)
        for row, word in enumerate(claim.content):
            for stem, numbers in source.places.items():
                value = self.match(word.stem, stem)
                if value >= _MATCHED_FROM:
                    for number in numbers:
                        matches[row, number] = max(matches[row, number], value)
        weights = np.array(
            [word.weight * _rarity(row, len(source.readings)) for word, row in zip(claim.content, matches, strict=True)]
        )
        evidence = _evidence(cosines, matches, weights)
        return Alignment(claim, source, cosines, float(windows.max()), matches, weights.astype(np.float32), evidence)

    def match(self, stem: str, other: str) -> float:
        """Return how surely two stems mean the same: 1 when they are the same, 0 when nothing speaks for it."""
        if stem == other:
            return 1.0
        if other in self._forward.get(stem, ()) or other in self._backward.get(stem, ()):
            return _TRANSLATED
        if _nearly_same(stem, other):
            return _ALIKE
        pivots = self._forward.get(stem) or self._backward.get(stem) or frozenset()
        others = self._forward.get(other) or self._backward.get(other) or frozenset()
        return _SYNONYM if pivots & others else 0.0

    def shared(self, words: tuple[Word, ...], reading: Reading) -> int:
        """Return how many of `words` the reading holds."""
        return sum(any(self.match(word.stem, other.stem) >= _MATCHED_FROM for other in reading.content) for word in words)


@lru_cache(maxsize=131072)
def _nearly_same(stem: str, other: str) -> bool:
    """Say whether two stems are forms or misspellings of one word, or cognates: long enough, and alike from the start."""
    shorter, longer = sorted((len(stem), len(other)))
    if shorter < 4 or stem[0] != other[0] or any(character.isdigit() for character in stem + other):  # noqa: PLR2004
        return False
    prefix = Prefix.similarity(stem, other)
    if prefix >= 5 and prefix >= 0.7 * shorter and longer - prefix <= 4:  # noqa: PLR2004
        return True
    return shorter >= 5 and Levenshtein.normalized_similarity(stem, other) >= 0.8  # noqa: PLR2004


def _rarity(row: Vectors, sentences: int) -> float:
    """Weigh a word more the fewer sentences of the source hold it; one that is missing weighs most."""
    return 1.0 + 0.3 * math.log((1 + sentences) / (1 + float((row > 0).sum())))


def _evidence(cosines: Vectors, matches: Vectors, weights: Vectors) -> tuple[int, ...]:
    """Choose the nearest sentence by words and meaning, then those that add most of what is still missing."""
    total = float(weights.sum()) or 1.0
    shares = (matches * weights[:, None]).sum(axis=0) / total if len(weights) else np.zeros(len(cosines))
    nearness = shares + (cosines - _COSINE_FLOOR) / (1 - _COSINE_FLOOR)
    chosen = [int(np.argmax(nearness))]
    while len(weights) and len(chosen) < min(_EVIDENCE, len(cosines)):
        have = matches[:, chosen].max(axis=1)
        gains = (np.maximum(matches - have[:, None], 0) * weights[:, None]).sum(axis=0) / total
        following = int(np.argmax(gains + 0.001 * nearness))
        if gains[following] < _GAIN:
            break
        chosen.append(following)
    return tuple(chosen)
