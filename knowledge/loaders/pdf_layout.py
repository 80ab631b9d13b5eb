"""Puts the words of a page into lines, and the lines into the order in which people read them.

Input: words with their places, and the lines of tables. Output: lines, column after column. Columns are told by gutters:
strips that hardly any line crosses, with enough lines on both sides. A line that crosses one (a heading over both columns)
is read between what stands above it and below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pydantic import BaseModel, ConfigDict

_SAME_LINE = 0.5  # share of the height that words of one line overlap
_WIDEST_SPACE = 0.9  # of the letter size: a wider space may be a gutter
_MAY_CROSS = 0.25  # share of the lines that may cross a gutter: headings over both columns
_FEWEST = 4  # lines on the emptier side of a gutter
_NARROWEST = 0.18  # share of the text's width that a column has at least


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PdfLine(_Frozen):
    """A line of text, or a row of a table. Places are in points from the top left."""

    text: str
    left: float
    top: float
    bottom: float
    size: float
    bold: bool = False
    column: int = 0
    row: bool = False


class PdfPage(_Frozen):
    """One page; `number` counts from 1."""

    number: int
    height: float
    lines: tuple[PdfLine, ...]
    scanned: bool


class PdfPages(_Frozen):
    """The pages asked for, how many there are in all, and what the file says of itself."""

    total: int
    pages: tuple[PdfPage, ...]
    title: str = ""
    date: str = ""


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word with its box in points from the top left, and its letters' size."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of text in one column, or a row of a table; `column` counts the runs of lines that are read on end."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool = False
    row: bool = False
    column: int = 0


def lines_in_order(words: Sequence[Word], tables: Sequence[list[Line]] = ()) -> list[Line]:
    """Return the lines of a page in reading order, tables where they stand."""
    rows = _rows(words)
    gutters = _gutters(rows)
    cut = [(place, line) for row in rows for place, line in _cut(row, gutters)]
    for table in tables:
        if table:
            crossed = any(table[0].left < gutter < table[0].right for gutter in gutters)
            place = None if crossed else sum(gutter < table[0].left for gutter in gutters)
            cut.extend((place, line) for line in table)
    cut.sort(key=lambda item: item[1].top)
    ordered: list[Line] = []
    columns: list[list[Line]] = [[] for _ in range(len(gutters) + 1)]
    runs = 0

    def flush() -> None:
        nonlocal runs
        for column in columns:
            ordered.extend(replace(line, column=runs) for line in column)
            runs += bool(column)
            column.clear()

    for place, line in cut:
        if place is None:
            flush()
            ordered.append(replace(line, column=runs))
        else:
            columns[place].append(line)
    flush()
    return ordered


def _rows(words: Sequence[Word]) -> list[list[Word]]:
    """Return words that stand at one height, from left to right, from top to bottom."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: ((word.top + word.bottom) / 2, word.left)):
        last = rows[-1][-1] if rows else None
        if last and min(last.bottom, word.bottom) - max(last.top, word.top) > _SAME_LINE * min(
            last.bottom - last.top, word.bottom - word.top
        ):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.left) for row in rows]


def _gutters(rows: list[list[Word]]) -> list[float]:
    """Return the middles of the gutters, from left to right."""
    if not rows:
        return []
    left = min(word.left for row in rows for word in row)
    right = max(word.right for row in rows for word in row)
    found: list[float] = []
    spaces = sorted(
        {
            round((before.right + after.left) / 2)
            for row in rows
            for before, after in pairwise(row)
            if after.left - before.right > _WIDEST_SPACE * before.size
        }
    )
    candidates = [(quality, place) for place in spaces if (quality := _quality(place, rows)) is not None]
    for _, place in sorted(candidates, key=lambda item: (-item[0], item[1])):
        edges = sorted([left, right, place, *found])
        if min(after - before for before, after in pairwise(edges)) >= _NARROWEST * (right - left):
            found.append(place)
    return sorted(found)


def _quality(place: float, rows: list[list[Word]]) -> float | None:
    """Return how many lines keep clear of a gutter, or None when it is none."""
    crossing = sum(any(word.left < place < word.right for word in row) or _runs_on(row, place) for row in rows)
    on_left = sum(any(word.right <= place for word in row) for row in rows) - crossing
    on_right = sum(any(word.left >= place for word in row) for row in rows) - crossing
    if crossing > _MAY_CROSS * len(rows) or min(on_left, on_right) < _FEWEST:
        return None
    return len(rows) - crossing


def _runs_on(row: list[Word], place: float) -> bool:
    """Say whether a line goes on across a place with no more than a usual space."""
    before = [word for word in row if word.right <= place]
    after = [word for word in row if word.left >= place]
    return bool(before and after) and after[0].left - before[-1].right <= _WIDEST_SPACE * before[-1].size


def _cut(row: list[Word], gutters: list[float]) -> list[tuple[int | None, Line]]:
    """Return the parts of a row with the number of their column; a part that crosses a gutter has none."""
    parts: list[list[Word]] = [[]]
    for word in row:
        last = parts[-1][-1] if parts[-1] else None
        gap = word.left - last.right if last else 0.0
        if last and gap > _WIDEST_SPACE * last.size and any(last.right <= gutter <= word.left for gutter in gutters):
            parts.append([])
        parts[-1].append(word)
    cut: list[tuple[int | None, Line]] = []
    for part in parts:
        line = _line(part)
        crosses = any(line.left < gutter < line.right for gutter in gutters)
        cut.append((None if crosses else sum(gutter <= line.left for gutter in gutters), line))
    return cut


def _line(words: list[Word]) -> Line:
    letters = sum(len(word.text) for word in words)
    return Line(
        text=" ".join(word.text for word in words),
        left=words[0].left,
        right=max(word.right for word in words),
        top=min(word.top for word in words),
        bottom=max(word.bottom for word in words),
        size=max(word.size for word in words),
        bold=2 * sum(len(word.text) for word in words if word.bold) > letters,
    )
