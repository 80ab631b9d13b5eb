"""The document: one page in one language, as the brand wrote it, validated to the letter.

Input: values read by a loader. Output: frozen `Document` and `Section` objects that later steps can trust.
Reading files is the loaders' job (`markdown.py`); cutting into chunks is `splitting.py`'s.
"""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from knowledge.vehicles import VehicleScope

Audience = Literal["customer", "sales"]
Kind = Literal["tutorial", "story", "comfort", "heritage", "model", "objection", "brand", "faq", "glossary"]
Status = Literal["fact", "claim", "opinion", "forecast"]
Confidence = Literal["confirmed", "reported", "seed"]
Task = Literal["on", "use", "off", "set", "reset", "care"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Role(StrEnum):
    """What a section does, so that an answer can be composed from the right part."""

    WHAT = "what"
    NEEDS = "needs"
    STEPS = "steps"
    DISPLAY = "display"
    LIMITS = "limits"
    WARNING = "warning"
    TROUBLE = "trouble"
    MODELS = "models"
    STORY = "story"
    ORIGIN = "origin"
    HOW = "how"
    IMAGE = "image"
    PROOF = "proof"
    NOT = "not"
    QUESTION = "question"
    DEFINITION = "definition"
    HOOK = "hook"
    OBJECTION = "objection"
    NEVER_SAY = "never-say"
    TEST_DRIVE = "test-drive"
    ASK = "ask"
    COMPARE = "compare"


SALES_ROLES = frozenset({Role.HOOK, Role.OBJECTION, Role.NEVER_SAY, Role.TEST_DRIVE, Role.ASK, Role.COMPARE})


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Claims(_Frozen):
    """How sure a text is, who says so, and as of which year."""

    status: Status
    as_of: int = Field(ge=1900, le=2100)
    speaker: str | None = None
    confidence: Confidence = "confirmed"


class Source(_Frozen):
    """Where a text comes from. `url` may be shown to people; `consulted` is for the reviewer only."""

    label: Text
    url: str | None = Field(default=None, pattern=r"^https?://")
    year: int | None = Field(default=None, ge=1900, le=2100)
    consulted: tuple[str, ...] = ()


class Section(_Frozen):
    """One part of a page, with the role it plays and the cars it is true for."""

    id: Name
    heading: Text
    role: Role
    task: Task | None = None
    vehicles: tuple[VehicleScope, ...] = ()
    facts: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    claims: Claims
    text: Text
    line: int = 1


class FrontMatter(_Frozen):
    """The head of a page: what is said once for all its sections."""

    id: Name
    kind: Kind
    title: Text
    language: LanguageCode
    audience: Audience
    markets: tuple[Annotated[str, StringConstraints(pattern=r"^(\*|[A-Z]{2})$")], ...] = Field(min_length=1)
    vehicles: tuple[VehicleScope, ...]
    features: tuple[Name, ...]
    claims: Claims
    sources: tuple[Source, ...] = Field(min_length=1)
    reviewed: date
    questions: tuple[Text, ...] = ()


WHOLE_PAGE = "*"


class Document(_Frozen):
    """One page in one language. `key` (id and language) is unique in a snapshot; `path` is relative to its root.

    `asks` is how people ask for the page when they do not know its words, by the section that answers (`WHOLE_PAGE`: any), from
    `lexicon/asks.yaml`. `read_from` is a hash of the file as it was read, where a later reading may be spared by it.
    """

    front: FrontMatter
    sections: tuple[Section, ...] = Field(min_length=1)
    asks: dict[str, tuple[str, ...]] = {}
    root: str = ""
    path: str = ""
    read_from: str = ""

    @property
    def key(self) -> str:
        """`"adaptive-cruise-control.fr"`."""
        return f"{self.front.id}.{self.front.language}"

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over everything that can shape an answer; where the file lies does not count."""
        body = self.model_dump_json(exclude={"root": True, "path": True, "read_from": True, "sections": {"__all__": {"line"}}})
        return hashlib.sha256(body.encode()).hexdigest()
