"""What the assistant says around its statements: connecting phrases, questions back, notices, in each language.

Read from the release's `catalogue/`. Nothing in it asserts anything about a car, so nothing in it needs a citation.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.document import Task
from knowledge.errors import ConfigurationError
from knowledge.vehicles import CarRange, Vehicle
from knowledge.yaml_text import parse


class Phrases(BaseModel):
    """The phrases of one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    since: str
    until: str
    markets_own: str
    disclosure: str
    steps: dict[Task, str]
    on_car: str
    needs: str
    limits: str
    only_for: str
    no_steps: str
    warning: str
    closing_handbook: str
    closing_trouble: str
    clarify: str
    clarify_generation: str
    decline: str
    decline_car: str
    decline_help: str
    decline_documented: str
    empty: str
    too_long: str
    unreadable: str
    failure: str
    more: str

    def car(self, vehicle: Vehicle, cars: CarRange) -> str:
        """Return a car as people say it: "C5 Aircross (2018-2025)", "C4 (depuis 2020)", "ë-C4 (from 2020)"."""
        name = f"ë-{vehicle.model}" if vehicle.energy == "electric" and vehicle.model != "Ami" else vehicle.model
        generations = cars.by_name[vehicle.model].generations
        known = next((generation for generation in generations if generation.generation == vehicle.generation), None)
        if known is None or len(generations) == 1:
            return name
        first, _, last = known.years.partition("-")
        if known.market_own:
            years = self.markets_own.format(generation=known.generation)
        elif first and last:
            years = known.years
        else:
            years = self.since.format(first=first) if first else self.until.format(last=last)
        return f"{name} ({years})"


class Catalogue(BaseModel):
    """The phrases of every language that there is content in, and the notices for the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phrases: dict[str, Phrases]
    notices: dict[str, str]
    languages: dict[str, dict[str, str]]
    next_best: dict[str, tuple[str, ...]]

    @classmethod
    def read(cls, folder: Path) -> Catalogue:
        """Return the catalogue in `folder`. Raises `ConfigurationError`."""
        try:
            texts = {path.stem: parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))}
            return cls.model_validate({**texts.pop("notices"), "phrases": texts})
        except (OSError, KeyError, yaml.YAMLError, ValidationError) as error:
            message = f"The catalogue in {folder} can't be used: {error}"
            raise ConfigurationError(message) from error

    def order(self, language: str) -> tuple[str, ...]:
        """Return the languages with content in the order in which a reader of `language` would rather read them."""
        wanted = (language, *self.next_best.get(language, ()), *self.phrases)
        return tuple(dict.fromkeys(code for code in wanted if code in self.phrases))

    def notice(self, reader: str, language: str) -> str:
        """Return what to say first to a reader of `reader` who gets text in `language`; empty when they are the same."""
        if reader == language or reader not in self.notices:
            return ""
        return self.notices[reader].format(language=self.languages[reader][language])
