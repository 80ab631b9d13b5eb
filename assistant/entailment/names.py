"""Proper names, codes and cars in a sentence. Input: a text. Output: what must stand in its source too.

A name is what is written like one: a capital inside a sentence, capitals only, or letters with digits. A car is a model
of the range with the generation and years written beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.vehicles import CarRange, Generation
from knowledge.words import fold, words

_WORD = re.compile(r"[^\W_]+(?:['\u2019.&][^\W_]+)*")
_CODE = re.compile(r"^(?=.*\d)(?=.*[^\W\d_]).+$")
_MEASURE = re.compile(
    r"^\d+([.,]\d+)?(km|kmh|kw|kwh|m|cm|mm|kg|g|l|v|w|a|s|h|min|er|ere|e|eme|nd|rd|th|st|am|pm|hp|ch|mn|go|gb|x)$"
)
_ENDS = re.compile(r"(?:^|[.!?:;\n]\s*|^\s*[-•*\d.)]+\s*|[«“\"(]\s*)$")
_ELECTRIC = re.compile(r"\b(?:ë[\s-]?|e-)(?=c[345]\b|berlingo|spacetourer|jumpy|dispatch)", re.IGNORECASE)
_SPAN = re.compile(
    r"^\W{0,3}(?:de|of|from|the|modele|model|version|produced|sold|vendue?|produite?)?\W{0,2}"
    r"(?:(?P<first>(?:19|20)\d\d)\s*(?:-|\u2013|to|a)\s*(?P<last>(?:19|20)\d\d)"
    r"|(?:depuis|since|from|a partir de)\s+(?P<since>(?:19|20)\d\d)|(?P<onwards>(?:19|20)\d\d)\s*(?:onwards|et apres|and later)"
    r"|(?:jusqu'en|jusqu\u2019en|until|up to|avant)\s+(?P<until>(?:19|20)\d\d)|(?P<year>(?:19|20)\d\d))"
)  # fmt: skip
_LONGEST_NAME = 4  # words
_NO_NAMES = frozenset({"i", "a", "l", "d", "le", "la", "les", "the", "un", "une", "tv", "im", "ive", "ill", "id"})


@dataclass(frozen=True, kw_only=True)
class CarMention:
    """A car as a sentence names it; `span` is the years written beside it, `generation` what name or years point at."""

    model: str
    generation: str | None = None
    electric: bool = False
    span: tuple[int, int] | None = None


class CarNames:
    """Finds the cars of one range in sentences."""

    def __init__(self, cars: CarRange) -> None:
        self._cars = cars
        self._names: dict[str, tuple[str, Generation | None, bool]] = {}
        for model in cars.models:
            for name in model.names:
                self._names["".join(words(name))] = (model.model, None, False)
            for generation in model.generations:
                for name in generation.names:
                    key = "".join(words(name))
                    self._names[key] = (model.model, generation, key.startswith("e"))

    def find(self, text: str) -> tuple[CarMention, ...]:
        """Return the cars that `text` names, in order; the longest name counts."""
        plain = fold(_ELECTRIC.sub("e", text))
        tokens = list(re.finditer(r"[^\W_]+", plain))
        found: list[CarMention] = []
        place = 0
        while place < len(tokens):
            for size in range(min(_LONGEST_NAME, len(tokens) - place), 0, -1):
                named = self._names.get("".join(match[0] for match in tokens[place : place + size]))
                if named:
                    after = plain[tokens[place + size - 1].end() :][:40]
                    found.append(self._mention(*named, after))
                    place += size
                    break
            else:
                place += 1
        return tuple(found)

    def _mention(self, model: str, generation: Generation | None, electric: bool, after: str) -> CarMention:
        span = _span(after)
        name = generation.generation if generation else None
        if name is None and span is not None:
            fitting = [candidate for candidate in self._cars.by_name[model].generations if _fits(candidate, span)]
            name = fitting[0].generation if len(fitting) == 1 else None
        return CarMention(model=model, generation=name, electric=electric, span=span)


def _fits(generation: Generation, span: tuple[int, int]) -> bool:
    first, last = generation.span
    return not generation.market_own and first <= span[0] and span[1] <= last


def _span(after: str) -> tuple[int, int] | None:
    match = _SPAN.match(after)
    if match is None:
        return None
    if match["first"]:
        return int(match["first"]), int(match["last"])
    if since := match["since"] or match["onwards"]:
        return int(since), 9999
    if match["until"]:
        return 1919, int(match["until"])
    return int(match["year"]), int(match["year"])


def names(text: str) -> frozenset[str]:
    """Return the folded proper names and codes of `text`, word by word; the first word of a sentence only when all capitals."""
    found: set[str] = set()
    for match in _WORD.finditer(text):
        word = re.sub(r"^[^\W_]{1,2}['\u2019](?=[^\W_]{2})", "", match[0])
        word = re.sub(r"['\u2019]s$", "", word)
        plain = fold(word)
        if plain in _NO_NAMES or not word[:1].isalnum() or _MEASURE.match(plain):
            continue
        capitals = len(word) > 1 and word.isupper()
        inside = word[0].isupper() and not _ENDS.search(text[: match.start()])
        if capitals or inside or (_CODE.match(plain) and not plain.isdigit()):
            found.update(part for part in words(word) if part not in _NO_NAMES)
    return frozenset(part for part in found if not part.isdigit() or len(part) > 1)
