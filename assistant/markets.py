"""What differs by market: one base and small overlays that add or replace its named fields only.

Input: the release's `markets/` folder. Output: the settings of a market, and what each market changes (`drift`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import ConfigurationError
from knowledge.vehicles import Vehicle
from knowledge.yaml_text import parse

_BASE = "base"


class Contact(BaseModel):
    """Whom to ask, by language, and where that is published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: dict[str, str]
    source: str


class Market(BaseModel):
    """The fields that a market may change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    emergency_number: str
    contact: Contact | None = None
    unavailable: tuple[str, ...] = ()

    def sells(self, vehicle: Vehicle) -> bool:
        """Say whether a car is offered in this market; `unavailable` holds models, or models with a generation."""
        return not {vehicle.model, f"{vehicle.model} {vehicle.generation}"} & set(self.unavailable)


class Markets(BaseModel):
    """Every market, laid over the base."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Market
    overlays: dict[str, dict[str, Any]]
    own: dict[str, Market]

    @classmethod
    def read(cls, folder: Path) -> Markets:
        """Return the markets in a folder of YAML files. Raises `ConfigurationError` naming the file at fault."""
        texts: dict[str, dict[str, Any]] = {}
        merged: dict[str, Market] = {}
        path = folder / f"{_BASE}.yaml"
        try:
            base = parse(path.read_text(encoding="utf-8"))
            for path in sorted(folder.glob("[A-Z][A-Z].yaml")):
                texts[path.stem] = parse(path.read_text(encoding="utf-8")) or {}
                merged[path.stem] = Market.model_validate({**base, **texts[path.stem]})
            path = folder / f"{_BASE}.yaml"
            return cls(base=Market.model_validate(base), overlays=texts, own=merged)
        except (OSError, TypeError, yaml.YAMLError, ValidationError) as error:
            message = f"The market in {path} can't be used: {error}. Correct the file."
            raise ConfigurationError(message) from error

    def market(self, code: str) -> Market:
        """Return a market's settings; the base's where it has none of its own."""
        return self.own.get(code, self.base)

    def drift(self) -> dict[str, dict[str, tuple[Any, Any]]]:
        """Return, by market, the fields it changes with the base's value and its own."""
        base = self.base.model_dump()
        return {
            code: {name: (base[name], value) for name, value in market.model_dump().items() if value != base[name]}
            for code, market in self.own.items()
        }

    def problems(self, code: str) -> tuple[str, ...]:
        """Return what the operator of a market should know."""
        if self.market(code).contact is None:
            reason = f'Market {code} has no contact with a source: hand-overs say "your Citroën point of sale".'
            return (f"{reason} See markets/{code}.yaml.",)
        return ()
