"""Which words a sentence may bring along: light ones, and synonyms of its passage's. Data: `lexicon/synonyms.yaml`.

Input: stems. Output: whether one may stand for another, and what a word weighs.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import ConfigurationError
from knowledge.words import stems

_LIGHT_WEIGHT = 0.3


class Vocabulary(BaseModel):
    """The words of `synonyms.yaml`; see there for what each list means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    light: dict[str, str]
    articles: dict[str, frozenset[str]]
    synonyms: dict[str, tuple[tuple[str, ...], ...]]

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Return the words in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The synonyms in {path} can't be used: {error}. Correct the file."
            raise ConfigurationError(message) from error

    @cached_property
    def _light(self) -> dict[str, frozenset[str]]:
        return {language: frozenset(stems(text, language)) for language, text in self.light.items()}

    @cached_property
    def _groups(self) -> dict[str, dict[str, frozenset[int]]]:
        """By language: stem → the lines that it stands in."""
        found: dict[str, dict[str, frozenset[int]]] = {}
        for language, groups in self.synonyms.items():
            lines: dict[str, set[int]] = {}
            for number, group in enumerate(groups):
                for stem in stems(" ".join(group), language):
                    lines.setdefault(stem, set()).add(number)
            found[language] = {stem: frozenset(numbers) for stem, numbers in lines.items()}
        return found

    def weight(self, stem: str, language: str) -> float:
        """Return what a word weighs: 1, and less when it names nothing."""
        return _LIGHT_WEIGHT if stem in self._light.get(language, frozenset()) else 1.0

    def is_article(self, word: str, language: str) -> bool:
        """Say whether a folded word announces a thing: "the", "of", "sa"."""
        return word in self.articles.get(language, frozenset())

    def alike(self, stem: str, other: str, language: str) -> bool:
        """Say whether two words of a language stand in one line of synonyms."""
        lines = self._groups.get(language, {})
        return bool(lines.get(stem, frozenset()) & lines.get(other, frozenset()))
