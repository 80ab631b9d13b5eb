"""What turns, weakens or strengthens a sentence: negation, opposites, quantifiers. Data: `lexicon/polarity.yaml`.

Input: a claimed sentence and the part of the source that it is held against, as `Reading`s. Output: named clashes.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import ConfigurationError
from knowledge.words import words

_LONGEST_CUE = 5  # words
_PARTED_VERBS, _PARTED_BY = ("switch", "turn"), 5  # "switch the system off" is read as "switch off"


class Polarity(BaseModel):
    """The words of `polarity.yaml`; see there for what each list means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    negations: dict[str, tuple[str, ...]]
    not_negations: dict[str, tuple[str, ...]]
    otherwise: frozenset[str]
    stand_ins: dict[str, frozenset[str]]
    antonyms: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    quantifiers: dict[str, tuple[str, ...]]
    stronger: dict[str, tuple[str, ...]]
    unasked: tuple[str, ...]
    alike: dict[str, tuple[str, ...]]
    denials: tuple[str, ...]
    personal: dict[str, tuple[str, ...]]
    exempt_names: frozenset[str]
    name_forms: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, path: Path) -> Polarity:
        """Return the words in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The polarity words in {path} can't be used: {error}. Correct the file."
            raise ConfigurationError(message) from error

    @cached_property
    def _negations(self) -> dict[str, frozenset[str]]:
        """Cues by language, and under "" those of all languages."""
        found = {language: frozenset(cues) for language, cues in self.negations.items()}
        return found | {"": frozenset().union(*found.values())}

    @cached_property
    def _not_negations(self) -> frozenset[str]:
        return frozenset(phrase for phrases in self.not_negations.values() for phrase in phrases)

    @cached_property
    def _sides(self) -> dict[str, list[tuple[int, int]]]:
        """Phrase → the pairs it belongs to, each with its side."""
        sides: dict[str, list[tuple[int, int]]] = {}
        for number, pair in enumerate(self.antonyms):
            for side, phrases in enumerate(pair):
                for phrase in phrases:
                    sides.setdefault(phrase, []).append((number, side))
        return sides

    @cached_property
    def _classes(self) -> dict[str, list[str]]:
        classes: dict[str, list[str]] = {}
        for name, phrases in self.quantifiers.items():
            for phrase in phrases:
                classes.setdefault(phrase, []).append(name)
        return classes

    @cached_property
    def _denials(self) -> frozenset[str]:
        return frozenset(self.denials)

    @cached_property
    def form_of(self) -> dict[str, str]:
        """Name → its first form ("français" and "French" → "france")."""
        return {form: forms[0] for forms in self.name_forms for form in forms}

    def negated_at(self, tokens: tuple[str, ...], language: str) -> tuple[int, ...]:
        """Return where the cues of negation stand, counted in words."""
        covered = {place for start, size, _ in _phrases(tokens, self._not_negations) for place in range(start, start + size)}
        cues = self._negations.get(language, self._negations[""])
        found = [start for start, _, _ in _phrases(tokens, cues) if start not in covered]
        for start, size, _ in _phrases(tokens, self.otherwise):
            after = next((place for place in found if place >= start + size), None)
            found = [place for place in found if not start <= place < start + size and place != after]
        return tuple(found)

    def stands_in(self, tokens: tuple[str, ...], language: str) -> bool:
        """Say whether the words may say without a cue what a negation says."""
        return next(iter(_phrases(tokens, self.stand_ins.get(language, frozenset()))), None) is not None

    def sides(self, tokens: tuple[str, ...]) -> dict[tuple[int, int], tuple[int, ...]]:
        """Return the sides of opposites that the words take, as (pair, side), and where, counted in words."""
        found: dict[tuple[int, int], tuple[int, ...]] = {}
        parted = [(start, f"switch {particle}") for start, particle in _parted(tokens)]
        for start, phrase in [*((start, phrase) for start, _, phrase in _phrases(tokens, self._sides)), *parted]:
            for side in self._sides.get(phrase, ()):
                found[side] = (*found.get(side, ()), start)
        return found

    def classes(self, tokens: tuple[str, ...]) -> frozenset[str]:
        """Return the classes of quantifiers in the words. French "ne … que" is "only"."""
        found = {name for _, _, phrase in _phrases(tokens, self._classes) for name in self._classes[phrase]}
        return frozenset(found | ({"only"} if _only(tokens) else set())) - {"plain"}

    def denies(self, tokens: tuple[str, ...]) -> bool:
        """Say whether the words call something untrue."""
        return next(iter(_phrases(tokens, self._denials)), None) is not None


def _parted(tokens: tuple[str, ...]) -> list[tuple[int, str]]:
    found = []
    for place, token in enumerate(tokens):
        following = [word for word in tokens[place + 1 : place + 1 + _PARTED_BY] if word in ("on", "off")]
        if token.startswith(_PARTED_VERBS) and following and tokens[place + 1] != following[0]:
            found.append((place, following[0]))
    return found


def _only(tokens: tuple[str, ...]) -> bool:
    return any(
        token in ("ne", "n")
        and any(later in ("que", "qu") for later in tokens[place + 2 : place + 5])
        and not {"pas", "plus", "jamais"} & set(tokens[place : place + 5])
        for place, token in enumerate(tokens)
    )


def _phrases(tokens: tuple[str, ...], known: Container[str]) -> list[tuple[int, int, str]]:
    """Return the known phrases in the words as (start, size, phrase), the longest first at each place, none twice."""
    found: list[tuple[int, int, str]] = []
    place = 0
    while place < len(tokens):
        for size in range(min(_LONGEST_CUE, len(tokens) - place), 0, -1):
            phrase = " ".join(tokens[place : place + size])
            if phrase in known:
                found.append((place, size, phrase))
                place += size
                break
        else:
            place += 1
    return found


def spoken(text: str) -> tuple[str, ...]:
    """Return the words of `text` for the look-up of phrases; "don't" gives "do", "not", and "cannot" stays."""
    plain = text.replace("\u2019", "'").replace("n't", " not").replace("N'T", " not")
    return tuple(words(plain))
