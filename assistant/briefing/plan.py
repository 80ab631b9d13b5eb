"""The release's `briefing.yaml`: headings, ideas that fit a customer, and which cars have Progressive Hydraulic Cushions."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.briefing.model import Has
from knowledge.errors import ConfigurationError
from knowledge.vehicles import Vehicle
from knowledge.words import words
from knowledge.yaml_text import parse


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CarCushions(_Data):
    """What the pages say of one car."""

    model: str
    generation: str
    has: Has
    passage: str | None = None


class Idea(_Data):
    """One idea that a briefing may follow: words of customers that call for it, and the pages and sections that tell it.

    `fits` are pages ("phc-road") or sections ("sales-compare#dcc-each"); `objections` and `ask` are sections of the sales pages.
    """

    id: str
    title: dict[str, str]
    cues: tuple[str, ...]
    fits: tuple[str, ...]
    objections: tuple[str, ...]
    ask: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The cues over folded words; None for the idea that fits whoever says nothing."""
        return re.compile(r"\b(?:" + "|".join(self.cues) + r")\b") if self.cues else None


class Plan(_Data):
    """The whole file."""

    headings: dict[str, dict[str, str]]
    phrases: dict[str, dict[str, str]]
    cushions: tuple[CarCushions, ...]
    ideas: tuple[Idea, ...]

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Return the plan in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(parse(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The briefing plan in {path} can't be used: {error}"
            raise ConfigurationError(message) from error

    def cushions_of(self, vehicle: Vehicle) -> CarCushions:
        """Return what the pages say of a car; "not stated" where they say nothing."""
        known = (row for row in self.cushions if (row.model, row.generation) == (vehicle.model, vehicle.generation))
        return next(known, CarCushions(model=vehicle.model, generation=vehicle.generation or "", has="not-stated"))

    def idea_for(self, customer: str) -> Idea:
        """Return the idea that most of a customer's words call for; the first of equals, the last when none does."""
        plain = " ".join(words(customer))
        counts = [len(idea.pattern.findall(plain)) if idea.pattern else 0 for idea in self.ideas]
        best = max(counts)
        return self.ideas[counts.index(best)] if best else self.ideas[-1]
