"""Which car a person means: model, generation, year, energy, as far as the words say.

Input: a question. Output: a `Vehicle`, or None. Data: the lexicon of the release.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from knowledge.lexicon import Lexicon
from knowledge.vehicles import Generation, Model, Vehicle
from knowledge.words import words

_ELECTRIC_NAME = re.compile(r"\b(?:ë[\s-]?|e-)(?=c[345]\b|berlingo|spacetourer|jumpy|dispatch)", re.IGNORECASE)
# "2000 m" and "2000 rpm" are no years.
_YEAR = re.compile(r"\b(19[3-9]\d|20[0-4]\d)\b(?! ?(?:k?m|kms|kg|euros?|€|rpm|tr|tours|m[eè]tres?|miles|mi|cm|mm|w|watts?)\b)")
_LONGEST_NAME = 4  # words
_FUZZY_FROM, _FUZZY_CUTOFF = 7, 86.0
_NO_DIGIT = re.compile(r"\D")


@dataclass(frozen=True, kw_only=True)
class _Name:
    model: Model
    generation: Generation | None = None
    electric: bool = False


class VehicleRecognition:
    """Recognizes the cars of one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._cars = lexicon.cars
        self._turns = lexicon.turns

    @cached_property
    def _names(self) -> dict[str, _Name]:
        names: dict[str, _Name] = {}
        for model in self._cars.models:
            for name in model.names:
                names["".join(words(name))] = _Name(model=model)
            for generation in model.generations:
                for name in generation.names:
                    key = "".join(words(name))
                    names[key] = _Name(model=model, generation=generation, electric=key.startswith("e"))
        return names

    def find(self, text: str, *, previous: Vehicle | None = None) -> Vehicle | None:
        """Return the car that `text` names, completed from `previous` where `text` only adds a year or an energy.

        None when the text names no car and says nothing that would change `previous`.
        """
        named = self._named(text)
        year = next((int(match) for match in _YEAR.findall(text)), None)
        plain = " ".join(words(text))
        energy = next((name for name, pattern in self._turns.energies.items() if pattern.search(plain)), None)
        ordinal = next((name for name, pattern in self._turns.generations.items() if pattern.search(plain)), None)
        newest = self._turns.newest.search(plain) is not None
        if named is None:
            if previous is None or (year is None and ordinal is None and not newest):
                return None
            model, generation = self._cars.by_name[previous.model], None
            energy = energy or previous.energy
        else:
            model, generation = named.model, named.generation.generation if named.generation else None
            energy = "electric" if named.electric else energy
        generation = generation or self._generation(model, year, ordinal)
        if newest and year is None and ordinal is None:
            generation = next((known.generation for known in reversed(model.generations) if not known.market_own), generation)
        return Vehicle(model=model.model, generation=generation, year=year, energy=energy)

    def _generation(self, model: Model, year: int | None, ordinal: str | None) -> str | None:
        if ordinal and any(generation.generation == ordinal for generation in model.generations):
            return ordinal
        if year is not None:
            sold = self._cars.generations_in(model.model, year)
            return sold[0].generation if len(sold) == 1 else None
        numbered = [generation for generation in model.generations if not generation.market_own]
        return numbered[0].generation if len(numbered) == 1 else None

    def _named(self, text: str) -> _Name | None:
        """Return the longest name in the text, the first of equals; a misspelt long name where none is spelt well."""
        tokens = words(_ELECTRIC_NAME.sub("e", text))
        windows = [
            (start, "".join(tokens[start : start + size]))
            for size in range(1, min(_LONGEST_NAME, len(tokens)) + 1)
            for start in range(len(tokens) - size + 1)
        ]
        exact = [(-len(written), start, written) for start, written in windows if written in self._names]
        longest = max((len(written) for _, _, written in exact), default=0)
        near = [(start, name) for start, written in windows if (name := self._misspelt(written)) and len(name) > longest]
        if near:
            return self._names[max(near, key=lambda item: (len(item[1]), -item[0]))[1]]
        return self._names[min(exact)[2]] if exact else self._cased(text)

    def _cased(self, text: str) -> _Name | None:
        """Return the car whose name stands in the text just as it is written, and calls nobody ("Ami, dis-moi")."""
        for model in self._cars.models:
            if any(re.search(rf"\b{re.escape(name)}\b(?! ?[,!])", text) for name in model.cased):
                return _Name(model=model)
        return None

    @cached_property
    def _long_names(self) -> dict[tuple[str, str], list[str]]:
        """The names that may be recognized misspelt, by first letter and digits."""
        found: dict[tuple[str, str], list[str]] = {}
        for name, meant in self._names.items():
            # One letter tells an electric car's name from its petrol twin's and "Berlingo II" from "Berlingo, il ...";
            # what is a word of its own besides ("ami") is near to many.
            numbered = meant.generation is not None and name.endswith("ii")
            if len(name) >= _FUZZY_FROM and not (meant.electric or numbered or meant.model.cased or "citroen" in name):
                found.setdefault((name[0], _NO_DIGIT.sub("", name)), []).append(name)
        return found

    def _misspelt(self, written: str) -> str | None:
        """Return the long name that a word may have been meant for: same first letter, same digits, nearly the same letters."""
        if len(written) < _FUZZY_FROM:
            return None
        alike = self._long_names.get((written[0], _NO_DIGIT.sub("", written)), [])
        near = process.extractOne(written, alike, scorer=fuzz.ratio, score_cutoff=_FUZZY_CUTOFF)
        return near[0] if near else None
