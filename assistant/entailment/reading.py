"""A sentence as it is compared: its words, numbers, names, cars, and what turns it. Input: text. Output: `Reading`.

Readings are cached, so that a passage cited by many sentences is read once. Next: `alignment.py`.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

from assistant.entailment.names import CarMention, CarNames, names
from assistant.entailment.polarity import Polarity, spoken
from assistant.entailment.quantities import Quantity, quantities
from knowledge.sentences import sentences
from knowledge.vehicles import CarRange
from knowledge.words import STOPWORDS, stems

_LONGEST_PIECE = 60  # words: what is longer is cut, since one vector says little about it
_KEPT_READINGS = 8192
_LINE_END = re.compile(r"([^\s.!?:;,])[ \t]*\n(?=[A-ZÀ-Ý\d«\"“*•-])")  # a heading or a line of a list: no sentence goes on
_ANSWER = re.compile(r"no[n]?\s*[,:;]", re.IGNORECASE)  # "No, it does not": one denial, not two
_SCOPE_BEFORE, _SCOPE_AFTER = 1, 3  # content words that a negation turns
_LIGHT = frozenset({  # words that say little
    "be", "is", "are", "was", "were", "been", "have", "has", "had", "having", "do", "does", "did", "make", "makes",
    "made", "get", "gets", "use", "used", "uses", "using", "also", "very", "more", "other", "such", "thing", "things",
    "way", "well", "just", "like", "would", "could", "one", "two", "yes", "know", "think", "really", "good", "great",
    "lot", "much", "many", "people", "time", "etre", "avoir", "est", "sont", "etait", "fait", "faire", "mettre", "met",
    "tres", "aussi", "plus", "autre", "autres", "meme", "ainsi", "alors", "chose", "bien", "cela", "ceci", "comme",
    "dont", "lors", "tout", "tous", "toute", "toutes", "peut", "peuvent", "can", "may", "must", "should",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Word:
    """A content word: where it stands among all words, how it is written (folded), its stem and what it weighs."""

    place: int
    folded: str
    stem: str
    weight: float


@dataclass(frozen=True)
class Reading:
    """One sentence, read."""

    text: str
    language: str
    tokens: tuple[str, ...]
    content: tuple[Word, ...]
    quantities: tuple[Quantity, ...]
    names: frozenset[str]
    cars: tuple[CarMention, ...]
    negated: tuple[int, ...]
    sides: dict[tuple[int, int], tuple[int, ...]]
    classes: frozenset[str]
    denies: bool
    stands_in: bool
    personal: bool

    @property
    def asks(self) -> bool:
        """Say whether it is a question, which asserts nothing."""
        return self.text.rstrip(' "»”').endswith("?")

    @cached_property
    def weight(self) -> float:
        """What its content words weigh together."""
        return sum(word.weight for word in self.content)

    def scope(self, cue: int) -> tuple[Word, ...]:
        """Return the content words that a negation at `cue` turns: the last before it and the first after it."""
        heavy = [word for word in self.content if word.folded not in _LIGHT]
        before = [word for word in heavy if word.place < cue][-_SCOPE_BEFORE:]
        after = [word for word in heavy if word.place > cue][:_SCOPE_AFTER]
        return (*before, *after)


class Reader:
    """Reads sentences with one polarity lexicon and one range of cars."""

    def __init__(self, polarity: Polarity, cars: CarRange) -> None:
        self.polarity = polarity
        self._cars = CarNames(cars)
        self._kept: OrderedDict[tuple[str, str], Reading] = OrderedDict()

    def read(self, text: str, language: str) -> Reading:
        """Return the reading of one sentence."""
        key = (text, language)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        reading = self._kept[key] = self._read(text, language)
        if len(self._kept) > _KEPT_READINGS:
            self._kept.popitem(last=False)
        return reading

    def _read(self, text: str, language: str) -> Reading:
        tokens = spoken(text)
        stop = STOPWORDS.get(language, STOPWORDS["en"])
        found_names = frozenset(name for name in names(text) if name not in self.polarity.exempt_names)
        content = [(place, word) for place, word in enumerate(tokens) if word not in stop and (len(word) > 1 or word.isdigit())]
        stemmed = [(stems(word, language) or [word])[0] for _, word in content]
        return Reading(
            text=text, language=language, tokens=tokens,
            content=tuple(
                Word(place=place, folded=word, stem=stem, weight=_weight(word, found_names))
                for (place, word), stem in zip(content, stemmed, strict=True)
            ),
            quantities=quantities(text, language), names=found_names, cars=self._cars.find(text),
            negated=self._negated(text, tokens, language), sides=self.polarity.sides(tokens),
            classes=self.polarity.classes(tokens), denies=self.polarity.denies(tokens),
            stands_in=self.polarity.stands_in(tokens, language),
            personal=bool(set(self.polarity.personal.get(language, ())) & set(tokens)),
        )  # fmt: skip

    def _negated(self, text: str, tokens: tuple[str, ...], language: str) -> tuple[int, ...]:
        answers = _ANSWER.match(text)
        return tuple(place for place in self.polarity.negated_at(tokens, language) if place or not answers)


def _weight(word: str, found_names: frozenset[str]) -> float:
    if word in found_names or word.isdigit():
        return 1.5
    return 0.4 if word in _LIGHT else 1.0


def pieces(text: str, language: str) -> list[str]:
    """Return the sentences of `text` that hold a word, on one line each, overlong ones cut."""
    found: list[str] = []
    for sentence in sentences(_LINE_END.sub(r"\1\n\n", text), language):
        parts = sentence.text.split()
        for start in range(0, len(parts), _LONGEST_PIECE):
            piece = " ".join(parts[start : start + _LONGEST_PIECE])
            if any(character.isalnum() for character in piece):
                found.append(piece)
    return found


def language_of(text: str) -> str:
    """Return "fr" or "en", whichever has more small words in `text`: enough to choose stems."""
    tokens = spoken(text)
    counts = {language: sum(token in STOPWORDS[language] for token in tokens) for language in ("en", "fr")}
    return "fr" if counts["fr"] > counts["en"] else "en"
