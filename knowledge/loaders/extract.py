"""What a reader takes out of a file, before it is a document: plain text in sections, and where each one stands.

Readers run in a child process, so everything here travels as JSON. `building.py` makes documents of it.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExtractedSection(_Frozen):
    """One part of a file. `page` counts from 1, `second` from the start of the film, `line` from 1 in a text file.

    `tags` are the attributes that the author put at the heading: `#id`, `.role`, `task=on`, `vehicles="…"`.
    """

    heading: str
    text: str
    tags: str = ""
    page: int | None = None
    second: int | None = None
    line: int = 1


class Extract(_Frozen):
    """One document to be. `metadata` holds the front-matter keys that the file states itself; `links` point to other files."""

    metadata: dict[str, Any] = Field(default_factory=dict)
    sections: tuple[ExtractedSection, ...] = ()
    links: tuple[str, ...] = ()


class Refusal(_Frozen):
    """One part of a file that can't be used, while the rest can."""

    reason: str
    cure: str
    line: int = 1
    field: str | None = None


class Reading(_Frozen):
    """All that came out of one file. `notes` tell the content team what to know about it."""

    extracts: tuple[Extract, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
