"""Collects headings and paragraphs in reading order, and makes sections of them.

A heading may end with the attributes that pages have, `{#id .role task=on}`; a section below others bears their headings
too ("Cruise control: Switching it on"), since a section is found and cited by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from knowledge.loaders.extract import ExtractedSection

_TAGS = re.compile(r"^(?P<heading>[^{}]*)\{(?P<tags>[^{}]*)\}\s*$")
_LONGEST = 160  # characters of a heading


@dataclass(kw_only=True)
class _Part:
    level: int
    heading: str
    tags: str
    page: int | None
    paragraphs: list[str] = field(default_factory=list)


class Outline:
    """What a reader has found so far. `title` is the first heading of level 1, or what the reader says."""

    def __init__(self) -> None:
        self.title = ""
        self._parts = [_Part(level=0, heading="", tags="", page=None)]
        self._number = 0  # of the last item of the numbered list that goes on

    def head(self, level: int, heading: str, *, page: int | None = None) -> None:
        """Begin a part; level 1 is the highest."""
        match = _TAGS.match(heading)
        plain, tags = (match["heading"].strip(), match["tags"].strip()) if match else (heading.strip(), "")
        if level == 1 and not self.title:
            self.title = plain
        if plain:
            self._parts.append(_Part(level=level, heading=plain[:_LONGEST], tags=tags, page=page))
        self._number = 0

    def add(self, text: str, *, page: int | None = None) -> None:
        """Add a paragraph; one that begins on another page begins a part of its own, so that it is cited with its page."""
        self._number = 0
        self._part_on(page).paragraphs.append(text)

    def add_item(self, text: str, *, page: int | None = None, first: bool = False) -> None:
        """Add an item of a numbered list; it stands under the one before it, so that steps stay together."""
        going_on = self._number and not first and self._parts[-1].paragraphs
        self._number = self._number + 1 if going_on else 1
        if going_on:
            self._parts[-1].paragraphs[-1] += f"\n{self._number}. {text}"
        else:
            self._part_on(page).paragraphs.append(f"1. {text}")

    def _part_on(self, page: int | None) -> _Part:
        last = self._parts[-1]
        if page is not None and last.page != page:
            if last.paragraphs or last.page is None:
                last = _Part(level=last.level, heading=last.heading, tags=last.tags, page=page)
                self._parts.append(last)
            else:
                last.page = page
        return last

    def sections(self, name: str) -> tuple[ExtractedSection, ...]:
        """Return the parts that hold text; `name` heads text that stands under no heading and has no title."""
        kept: list[ExtractedSection] = []
        above: list[tuple[int, str]] = []
        for part in self._parts:
            above = [(level, heading) for level, heading in above if level < part.level]
            if part.paragraphs:
                path = [heading for level, heading in above if level > 1] + [part.heading or self.title or name]
                heading, text = ": ".join(path)[:_LONGEST], "\n\n".join(part.paragraphs)
                kept.append(ExtractedSection(heading=heading, text=text, tags=part.tags, page=part.page))
            if part.heading:
                above.append((part.level, part.heading))
        return tuple(kept)


def rows_as_text(rows: list[list[str]], *, headed: bool) -> list[str]:
    """Return a line for each row of a table: "first cell — head: cell; head: cell". `headed`: the first row holds the heads."""
    heads, body = (rows[0], rows[1:]) if headed and len(rows) > 1 else ([], rows)
    lines = []
    for cells in body:
        named = [
            f"{heads[place]}: {cell}" if place and place < len(heads) and heads[place] else cell
            for place, cell in enumerate(cells)
            if cell
        ]
        if named:
            lines.append(named[0] + (" — " + "; ".join(named[1:]) if len(named) > 1 else ""))
    return lines
