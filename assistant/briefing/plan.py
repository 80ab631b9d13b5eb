"""The release's `briefing.yaml`: headings, ideas that fit a customer, and which cars have Progressive Hydraulic Cushions."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.briefing.model import Has
from knowledge.errors import ConfigurationError
from knowledge.vehicles import Vehicle, years_of
from knowledge.words import words
from knowledge.yaml_text import parse

Names = tuple[str, ...]  # pages ("phc-road") and sections of pages ("phc-what#no-kick")
_TO_CHECK = ("phc-cars#check",)


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Cued(_Data):
    """Something that words of people call for, by patterns over words without case and accents."""

    cues: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The cues as one pattern of whole words; None without cues."""
        return whole_words(self.cues) if self.cues else None

    def called_by(self, plain: str) -> int:
        """Return how many of the cues' words are in folded words."""
        return sum(1 for _ in self.pattern.finditer(plain)) if self.pattern else 0


class _OfCars(_Data):
    """Something said of the cars of one generation, perhaps of some years only. A car of unknown year fits no years."""

    model: str
    generation: str
    years: str = Field(default="", pattern=r"^(\d{4}-\d{4}|\d{4}-|-\d{4}|\d{4}|)$")

    def speaks_of(self, vehicle: Vehicle) -> bool:
        """Say whether a car is meant."""
        first, last = years_of(self.years)
        in_years = not self.years or (vehicle.year is not None and first <= vehicle.year <= last)
        return in_years and (self.model, self.generation) == (vehicle.model, vehicle.generation)


class CarCushions(_OfCars):
    """What the pages say of the cushions of cars, perhaps of some energies or a power only.

    What is not known of a car fits no row that asks for it. The first of the `passages` is cited; `never` are claims that
    belong to this car.
    """

    energies: tuple[str, ...] = ()
    horsepower: int | Literal["named"] | None = None
    has: Has
    passages: Names = Field(min_length=1)
    never: Names = ()

    def fits(self, vehicle: Vehicle, horsepower: int | None) -> bool:
        """Say whether the row speaks of a car with an engine of this power."""
        with_energy = not self.energies or vehicle.energy in self.energies
        with_power = self.horsepower is None or (horsepower is not None and self.horsepower in ("named", horsepower))
        return self.speaks_of(vehicle) and with_energy and with_power


class NotYet(_OfCars):
    """Pages about what cars of these years had not got yet."""

    pages: Names


class Idea(_Cued):
    """One idea that a briefing may follow, and what tells it, by the part of the briefing.

    `otherwise` is its title for cars without the cushions; `gives_way` marks an idea that follows any other that is called for.
    """

    id: str
    title: dict[str, str]
    otherwise: dict[str, str] = {}
    gives_way: bool = False
    hook: Names = ()
    image: Names = ()
    fits: Names
    drive: Names = ()
    objections: Names = ()
    ask: Names
    never: Names = ()


class Technology(_Cued):
    """What a customer's car may have instead, and the passages that set it beside the cushions."""

    id: str
    title: dict[str, str]
    passages: Names


class AboutCushions(_Data):
    """What speaks of the cushions: whole pages and sections, and words by language."""

    pages: Names
    words: dict[str, str]

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """The words as patterns by language."""
        return {language: re.compile(words, re.IGNORECASE) for language, words in self.words.items()}


class Elsewhere(_Data):
    """Names of cars that have no briefing. `decisive` ones say so even beside the name of a car that has one."""

    decisive: tuple[str, ...]
    past: tuple[str, ...]
    makes: tuple[str, ...]


class Tone(_Cued):
    """Words that sound wrong to a customer, and why."""

    why: str


class Plan(_Data):
    """The whole file."""

    headings: dict[str, dict[str, str]]
    phrases: dict[str, dict[str, str]]
    horsepower: str
    elsewhere: Elsewhere
    cushions: tuple[CarCushions, ...]
    about_cushions: AboutCushions
    named_only: Names
    not_yet: tuple[NotYet, ...]
    parts: dict[Literal["with", "otherwise"], dict[str, Names]]
    ideas: tuple[Idea, ...]
    technologies: tuple[Technology, ...]
    tone: dict[str, tuple[Tone, ...]]

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Return the plan in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(parse(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The briefing plan in {path} can't be used: {error}"
            raise ConfigurationError(message) from error

    def cushions_of(self, vehicle: Vehicle, horsepower: int | None) -> CarCushions:
        """Return what the pages say of a car; "not stated" where they say nothing."""
        silent = CarCushions(model=vehicle.model, generation=vehicle.generation or "", has="not-stated", passages=_TO_CHECK)
        return next((row for row in self.cushions if row.fits(vehicle, horsepower)), silent)

    def ideas_for(self, customer: str) -> tuple[Idea, ...]:
        """Return the ideas that a customer's words call for, the one to follow first; the last of all when there is none."""
        plain = " ".join(words(customer))
        called = [(idea.gives_way, -idea.called_by(plain), place, idea) for place, idea in enumerate(self.ideas)]
        ranked = sorted((row for row in called if row[1]), key=lambda row: row[:3])
        return tuple(idea for *_, idea in ranked) or (self.ideas[-1],)

    def language(self, wanted: str) -> str:
        """Return the language to write in: the wanted one where there is content, English otherwise."""
        return wanted if wanted in self.headings else "en"


def whole_words(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern that finds any of the patterns as whole words."""
    return re.compile(r"\b(?:" + "|".join(patterns) + r")\b")
