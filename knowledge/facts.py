"""Which facts the pages are written from, which of them no page uses, and what each page has for each car.

Input: a corpus folder and its documents. Output: `FactList`, and the table of features and cars as Markdown.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.document import Document, Role, Section
from knowledge.errors import ConfigurationError
from knowledge.vehicles import Generation, Model, Vehicle, holds_for
from knowledge.yaml_text import parse

FACTS = "facts.yaml"
# What a whole tutorial holds for a car, in reading order: a part and how the table calls it.
PARTS: tuple[tuple[str, str], ...] = (
    ("what", "what it does"), ("needs", "needs"), ("on", "switch on"), ("use", "use"), ("off", "switch off"),
    ("display", "display"), ("limits", "limits"), ("warning", "warnings"), ("trouble", "trouble"),
)  # fmt: skip


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactGroup(_Data):
    """Facts on one subject, numbered from 01."""

    about: str
    facts: int = Field(gt=0)


class FactList(_Data):
    """The whole of `facts.yaml`."""

    groups: dict[str, FactGroup]
    unused: dict[str, str]

    @classmethod
    def read(cls, corpus: Path) -> FactList:
        """Return the facts of a corpus. Raises `ConfigurationError`."""
        path = corpus / FACTS
        try:
            return cls.model_validate(parse(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The list of facts in {path} can't be used: {error}"
            raise ConfigurationError(message) from error

    @cached_property
    def known(self) -> frozenset[str]:
        """Every fact by its id, such as "t-3.07"."""
        return frozenset(f"{name}.{n:02d}" for name, group in self.groups.items() for n in range(1, group.facts + 1))


def unexplained(documents: list[Document], facts: FactList) -> list[str]:
    """Return the facts that no page uses and that no reason excuses, and the excuses of facts that are used after all."""
    used = {fact for document in documents for section in document.sections for fact in section.facts}
    lacking = [f"{fact}: no page uses it, and facts.yaml gives no reason" for fact in facts.known - used - facts.unused.keys()]
    needless = [f"{fact}: facts.yaml excuses it, but a page uses it" for fact in facts.unused.keys() & used]
    return sorted([*lacking, *needless])


def coverage_page(documents: list[Document], facts: FactList, models: tuple[Model, ...]) -> str:
    """Return the coverage as Markdown: facts by group, then each feature by car with the parts that are missing.

    A car stands in a feature's row when a section of its page is written for that car. Nothing missing is written around: what
    the facts do not say is listed here and nowhere else.
    """
    used = {fact for document in documents for section in document.sections for fact in section.facts}
    lines = ["# Coverage", "", "Written by `make content`; a test fails when it is out of date.", ""]
    lines += [f"{len(used & facts.known)} of {len(facts.known)} facts stand on a page. Left out:", ""]
    lines += [f"- `{fact}` ({facts.groups[fact.split('.')[0]].about}): {why}" for fact, why in sorted(facts.unused.items())]
    lines += [
        "",
        "## Features and cars",
        "",
        "For each car that the facts speak of, the parts of a tutorial that they do not give.",
    ]
    for page in tutorials(documents, "en"):
        rows = [_row(car, parts) for car, parts in parts_by_car(page, models).items()]
        if rows:
            lines += ["", f"### {page.front.title}", "", "| Car | Has | Missing |", "|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def tutorials(documents: list[Document], language: str) -> list[Document]:
    """Return the tutorials in one language, by id."""
    own = [document for document in documents if document.front.kind == "tutorial" and document.front.language == language]
    return sorted(own, key=lambda document: document.front.id)


def parts_by_car(page: Document, models: tuple[Model, ...]) -> dict[str, set[str]]:
    """Return, for each car that a section of the page is written for, which `PARTS` of a whole tutorial the page has."""
    by_car: dict[str, set[str]] = defaultdict(set)
    for model in models:
        for generation in model.generations:
            vehicle = _vehicle(model, generation)
            own = [section for section in page.sections if section.vehicles and holds_for(section.vehicles, vehicle)]
            if own:
                shared = [section for section in page.sections if not section.vehicles]
                by_car[f"{model.model} {generation.generation} ({generation.years})"] = {_part(one) for one in (*own, *shared)}
    return by_car


def _row(car: str, parts: set[str]) -> str:
    has = ", ".join(name for part, name in PARTS if part in parts)
    return f"| {car} | {has} | {', '.join(name for part, name in PARTS if part not in parts) or '—'} |"


def _vehicle(model: Model, generation: Generation) -> Vehicle:
    return Vehicle(model=model.model, generation=generation.generation)


def _part(section: Section) -> str:
    if section.role is Role.STEPS:
        return {"set": "use", "reset": "use", "care": "use"}.get(section.task or "use", section.task or "use")
    return section.role.value
