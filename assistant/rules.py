"""The rules that hold whatever any model says: one table, as data, read from the release.

Each row names a rule, the decision it forces, what triggers it, and what is said. `policy.py` applies them.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from assistant.answer import Decision
from knowledge.document import Audience
from knowledge.errors import ConfigurationError
from knowledge.words import words
from knowledge.yaml_text import parse


class Rule(BaseModel):
    """One row. Patterns are regular expressions over the folded words of a question, joined by single spaces.

    The rule acts when any of `triggers` matches and none of `unless` does. `say` is the text by language.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    decision: Decision
    triggers: tuple[str, ...]
    unless: tuple[str, ...] = ()
    say: dict[str, str]
    audiences: tuple[Audience, ...] = ("customer", "sales")

    @field_validator("triggers", "unless")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"the pattern {pattern!r} is not a regular expression ({error})"
                raise ValueError(message) from error
        return patterns

    @cached_property
    def _trigger(self) -> re.Pattern[str]:
        return re.compile(r"\b(?:" + "|".join(self.triggers) + r")\b")

    @cached_property
    def _unless(self) -> re.Pattern[str] | None:
        return re.compile(r"\b(?:" + "|".join(self.unless) + r")\b") if self.unless else None

    def binds(self, audience: Audience) -> bool:
        """Say whether the rule holds for this audience: a seller may ask for what is kept from customers."""
        return audience in self.audiences

    def acts_on(self, text: str) -> bool:
        """Say whether the rule acts on a question."""
        plain = " ".join(words(text))
        return bool(self._trigger.search(plain)) and not (self._unless and self._unless.search(plain))


class Rules(BaseModel):
    """The table; earlier rows win."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: tuple[Rule, ...]

    @classmethod
    def read(cls, path: Path) -> Rules:
        """Return the rules in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate({"table": parse(path.read_text(encoding="utf-8"))})
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The rules in {path} can't be used: {error}"
            raise ConfigurationError(message) from error
