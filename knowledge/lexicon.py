"""What people call things: cars and features, with their names, nicknames and misspellings, in each language.

Input: a question. Output: the features it names. Cars are recognized by `assistant.understanding` from the same data.
The data is part of a release (`release/lexicon/`) and never read from the package by whoever answers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from rapidfuzz import fuzz, process

from knowledge.document import Role, Task
from knowledge.errors import ConfigurationError
from knowledge.vehicles import CarRange
from knowledge.words import FUNCTION_WORDS, stems, words
from knowledge.yaml_text import parse

_FILES = ("vehicles", "features", "intents", "turns", "figures", "asks")
_OPTIONAL = ("figures", "asks")
_CURE = "Correct the file; the one that ships shows its form."
_SHOWN = 80  # characters of a wrong value that a message repeats
_LONGEST = 6
_TWO_MARKS = re.compile(r"\?[^?]*\w[^?]*\?")
_FUZZY_FROM = 5  # characters: below this a misspelling is too often another word
_FUZZY_CUTOFF = 84.0


def _pattern(source: str) -> re.Pattern[str]:
    try:
        return re.compile(source)
    except re.error as error:
        message = f"it is no pattern: {error}"
        raise ValueError(message) from error


def _whole_words(source: object) -> re.Pattern[str]:
    """Compile a pattern of whole words; line breaks of folded YAML count as nothing."""
    return _pattern(rf"\b(?:{str(source).replace('| ', '|')})\b")


class Feature(BaseModel):
    """A feature of a car with what people call it, by language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    words: dict[str, tuple[str, ...]]


class Intent(BaseModel):
    """What a person wants done, as the role (and task) of the section that does it, with the words that show it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    task: Task | None = None
    weight: float = 1.0
    cues: dict[str, tuple[str, ...]]


Pattern = Annotated[re.Pattern[str], BeforeValidator(_whole_words)]


class Figure(BaseModel):
    """A figure or date of a car: how a question asks for it, and how a passage that tells it speaks of it.

    `features` are those whose names stand in such questions too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    asked: Pattern
    told: Pattern
    features: tuple[str, ...] = ()


class TurnWords(BaseModel):
    """Words that complete a question rather than name something; see `lexicon/turns.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    energies: dict[str, Pattern]
    generations: dict[str, Pattern]
    newest: Pattern
    places: dict[int, Pattern]
    follow_up_begins: Annotated[re.Pattern[str], BeforeValidator(lambda source: _pattern(rf"^(?:{source})\b"))]
    follow_up_ends: Annotated[re.Pattern[str], BeforeValidator(lambda source: _pattern(rf"\b(?:{source})$"))]
    follow_up_holds: Pattern
    refers_to: Pattern
    second_part: Pattern
    names: Pattern
    no_feature: Pattern

    def asks_twice(self, text: str) -> bool:
        """Say whether a message holds more than one question."""
        return _TWO_MARKS.search(text) is not None or self.second_part.search(" ".join(words(text))) is not None

    def refers_back(self, plain: str) -> bool:
        """Say whether a question, given as folded words, speaks of something only the one before can have named."""
        return self.refers_to.search(plain) is not None

    def leans_on_before(self, plain: str) -> bool:
        """Say whether a short question, given as folded words, begins, ends or speaks like a follow-up."""
        return any(pattern.search(plain) for pattern in (self.follow_up_begins, self.follow_up_ends, self.follow_up_holds))


class Lexicon(BaseModel):
    """Cars, features and intents by what people call them; `asks`: how people ask for a page, by page and section."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cars: CarRange
    features: tuple[Feature, ...]
    intents: tuple[Intent, ...]
    turns: TurnWords
    figures: dict[str, Figure] = {}
    asks: dict[str, dict[str, tuple[str, ...]]] = {}

    @classmethod
    def read(cls, folder: Path) -> Lexicon:
        """Return the lexicon in `folder`. Raises `ConfigurationError`, which names the file and the first key at fault."""
        there = [name for name in _FILES if name not in _OPTIONAL or (folder / f"{name}.yaml").exists()]
        values = {name: _values(folder / f"{name}.yaml") for name in there}
        try:
            return cls.model_validate({"cars": {"models": values.pop("vehicles")}, **values})
        except ValidationError as error:
            raise _refusal(folder, error) from error

    @cached_property
    def feature_ids(self) -> frozenset[str]:
        """Every feature that a page may name."""
        return frozenset(feature.id for feature in self.features)

    @cached_property
    def _terms(self) -> dict[str, dict[str, set[str]]]:
        """By language: stemmed term → features it may mean."""
        terms: dict[str, dict[str, set[str]]] = {}
        for feature in self.features:
            for language, names in feature.words.items():
                for name in names:
                    key = " ".join(stems(name, language))
                    if key:
                        terms.setdefault(language, {}).setdefault(key, set()).add(feature.id)
        return terms

    @cached_property
    def _terms_by_words(self) -> dict[str, dict[int, list[str]]]:
        """By language and number of words: the terms, for what is misspelt."""
        grouped: dict[str, dict[int, list[str]]] = {}
        for language, terms in self._terms.items():
            for term in terms:
                grouped.setdefault(language, {}).setdefault(term.count(" ") + 1, []).append(term)
        return grouped

    @cached_property
    def vocabulary(self) -> dict[str, frozenset[str]]:
        """By folded word: the languages that it is a word of. Function words, and those in the names of features and in cues."""
        small, named = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
        for language, listed in FUNCTION_WORDS.items():
            for word in listed:
                small[word].add(language)
        for called in (*(feature.words for feature in self.features), *(intent.cues for intent in self.intents)):
            for language, names in called.items():
                for word in words(" ".join(names)):
                    named[word].add(language)
        return {word: frozenset(languages) for word, languages in (named | small).items()}

    def features_in(self, text: str) -> dict[str, float]:
        """Return the features that `text` names, each with a weight up to 1.

        The longest name wins over the names inside it ("adaptive cruise control" over "cruise control"). A misspelt
        name counts less than a well-spelt one, and a name that several features share counts less for each.
        """
        found: dict[str, float] = {}
        plain = self.turns.no_feature.sub(" ", " ".join(words(text)))
        for language, terms in self._terms.items():
            tokens = stems(plain, language)
            taken = [False] * len(tokens)
            for size in range(min(_LONGEST, len(tokens)), 0, -1):
                for start in range(len(tokens) - size + 1):
                    if any(taken[start : start + size]):
                        continue
                    phrase = " ".join(tokens[start : start + size])
                    key, certainty = _closest(phrase, terms, self._terms_by_words[language].get(size, []))
                    if key is None:
                        continue
                    taken[start : start + size] = [True] * size
                    for feature in terms[key]:
                        weight = certainty / len(terms[key])
                        found[feature] = max(found.get(feature, 0.0), weight)
        return found

    def is_named(self, feature: str, text: str, language: str) -> bool:
        """Say whether `text` calls `feature` by one of its names in `language`, well spelt: quicker than `features_in`."""
        spoken = f" {' '.join(stems(text, language))} "
        return any(f" {term} " in spoken for term, features in self._terms.get(language, {}).items() if feature in features)

    def figures_in(self, text: str, features: AbstractSet[str] = frozenset()) -> frozenset[str]:
        """Return the figures that `text` asks for by name; of a car, and not of one of the `features` that it names."""
        plain = " ".join(words(text))
        asked = ((name, figure) for name, figure in self.figures.items() if features <= set(figure.features))
        return frozenset(name for name, figure in asked if figure.asked.search(plain))

    def tells(self, figures: Iterable[str], text: str) -> bool:
        """Say whether a passage speaks of one of `figures` as one that tells it would."""
        plain = " ".join(words(text))
        return any(self.figures[name].told.search(plain) for name in figures)

    @cached_property
    def _cues(self) -> list[tuple[str, tuple[Role, Task | None], float]]:
        """Folded cue → what it asks for; cues keep their small words, which is what tells "how to" from "how does"."""
        return [
            (f" {' '.join(words(cue))} ", (intent.role, intent.task), intent.weight)
            for intent in self.intents
            for cues in intent.cues.values()
            for cue in cues
        ]

    def roles_in(self, text: str) -> dict[tuple[Role, Task | None], float]:
        """Return the roles (and tasks) that `text` asks for, with the weight of the best cue for each."""
        padded = f" {' '.join(words(text))} "
        found: dict[tuple[Role, Task | None], float] = {}
        for cue, wanted, weight in self._cues:
            if cue in padded:
                found[wanted] = max(weight, found.get(wanted, 0.0))
        return found


def _closest(phrase: str, terms: dict[str, set[str]], alike: list[str]) -> tuple[str | None, float]:
    if phrase in terms:
        return phrase, 1.0
    if len(phrase) < _FUZZY_FROM or any(character.isdigit() for character in phrase):
        return None, 0.0
    near = process.extractOne(phrase, alike, scorer=fuzz.ratio, score_cutoff=_FUZZY_CUTOFF)
    return (near[0], 0.8 * near[1] / 100) if near else (None, 0.0)


def _values(path: Path) -> Any:
    """Return what a file of the lexicon says. Raises `ConfigurationError`."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        message = f"{path}: the file can't be read ({reason}). {_CURE}"
        raise ConfigurationError(message) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it is not YAML"
        message = f"{path}:{mark.line + 1 if mark else 1}: the file can't be read ({reason}). {_CURE}"
        raise ConfigurationError(message) from error


def _refusal(folder: Path, error: ValidationError) -> ConfigurationError:
    """Return pydantic's first complaint in the words of a person who writes the lexicon."""
    first, *others = error.errors()
    part, *keys = first["loc"]
    name, keys = ("vehicles", keys[1:]) if part == "cars" else (str(part), keys)
    where = f"{folder / name}.yaml" + (f" ({'.'.join(map(str, keys))})" if keys else "")
    more = f" (and {len(others)} more)" if others else ""
    if first["type"] == "missing":
        reason = "the key is missing"
    elif first["type"] == "extra_forbidden":
        reason = "the key is not known"
    else:
        reason = f"{first['msg'].removeprefix('Value error, ')} (found {str(first['input'])[:_SHOWN]!r})"
    return ConfigurationError(f"{where}: {reason}{more}. {_CURE}")
