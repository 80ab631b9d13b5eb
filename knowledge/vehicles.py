"""Cars: which one a person means (`Vehicle`), which ones a passage is true for (`VehicleScope`), and the range of both.

One model name covers cars that differ (C3 III, C3 IV, the Indian C3), so nothing here compares model names alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

_OPEN_START, _OPEN_END = 1919, 9999
ENERGIES = frozenset({"petrol", "diesel", "hybrid", "plug-in hybrid", "electric"})


class VehicleScope(BaseModel):
    """The cars for which a passage is true: one model and generation, perhaps one energy of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    generation: str | None = None
    years: str = Field(default="", pattern=r"^(\d{4}-\d{4}|\d{4}-|-\d{4}|\d{4}|)$")
    energy: str | None = None

    @property
    def named_only(self) -> bool:
        """Say whether the scope is a market's own car (the Indian C3), meant only when it is named.

        Generations sold everywhere are numbered in Roman numerals.
        """
        return self.generation is not None and not set(self.generation) <= set("IVX")

    @property
    def label(self) -> str:
        """`"C5 Aircross I"`, or `"C4 III (electric)"`: how a section names the scope."""
        name = f"{self.model} {self.generation}" if self.generation else self.model
        return f"{name} ({self.energy})" if self.energy else name


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """The car a person speaks of, as far as it is known. Unknown parts are None."""

    model: str
    generation: str | None = None
    year: int | None = None
    energy: str | None = None

    def as_json(self) -> dict[str, str | int | None]:
        """Return the object that answers carry."""
        return {"model": self.model, "generation": self.generation, "year": self.year, "energy": self.energy}


def holds_for(scopes: tuple[VehicleScope, ...], vehicle: Vehicle | None) -> bool:
    """Say whether a passage with these scopes may be told of this car.

    A passage without scopes is tied to no car, and an unknown car excludes nothing but market's own cars. An unknown
    generation or energy of a known model fits each of that model's scopes: whoever answers must then see whether they
    differ.
    """
    return not scopes or any(_fits(scope, vehicle) for scope in scopes)


def _fits(scope: VehicleScope, vehicle: Vehicle | None) -> bool:
    if vehicle is None:
        return not scope.named_only
    if vehicle.generation is not None:
        same = scope.generation in (None, vehicle.generation)
    else:
        first, last = years_of(scope.years)
        same = not scope.named_only and (vehicle.year is None or first <= vehicle.year <= last)
    return same and scope.model == vehicle.model and (vehicle.energy is None or scope.energy in (None, vehicle.energy))


def years_of(years: str) -> tuple[int, int]:
    """Return first and last year of "2018-2025", "2020-", "-2016" or "2020", both included; open ends are 1919 and 9999."""
    first, dash, last = years.partition("-")
    return int(first or _OPEN_START), int(last or (_OPEN_END if dash or not first else first))


class Generation(BaseModel):
    """One generation of a model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    generation: str
    years: str
    energies: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def market_own(self) -> bool:
        """Say whether it is one market's own car: sold-everywhere generations have Roman numerals."""
        return not set(self.generation) <= set("IVX")

    @cached_property
    def span(self) -> tuple[int, int]:
        """First and last year, both included; see `years_of`."""
        return years_of(self.years)


class Model(BaseModel):
    """One model name with its generations, oldest first. `cased` names mean the car only as written ("Ami", not "mon ami")."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    names: tuple[str, ...]
    cased: tuple[str, ...] = ()
    generations: tuple[Generation, ...]


class CarRange(BaseModel):
    """Every car the knowledge speaks of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: tuple[Model, ...]

    @cached_property
    def by_name(self) -> dict[str, Model]:
        """Models by their own name."""
        return {model.model: model for model in self.models}

    def generations_in(self, model: str, year: int) -> tuple[Generation, ...]:
        """Return the generations of `model` sold in `year`, oldest first; empty when there was none."""
        return tuple(
            generation
            for generation in self.by_name[model].generations
            if not generation.market_own and generation.span[0] <= year <= generation.span[1]
        )

    def knows(self, scope: VehicleScope) -> bool:
        """Say whether the scope names a model, generation and energy that there are."""
        model = self.by_name.get(scope.model)
        if model is None or (scope.energy is not None and scope.energy not in ENERGIES):
            return False
        return scope.generation is None or any(g.generation == scope.generation for g in model.generations)
