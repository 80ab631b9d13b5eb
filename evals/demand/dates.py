"""Reads days as exports write them: 2026-07-03, 03/07/2026 or 07/03/2026, "3 juillet 2026", a cell of a spreadsheet.

Input: cells of one column. Output: days, or None where no day can be told. Whether day or month comes first in a column
with slashes is learnt from the cells where only one reading is possible; `DayOrder` overrides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from knowledge.words import words

DayOrder = Literal["dmy", "mdy"]
_ISO = re.compile(r"^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)")
_LAST_MONTH = 12
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            ("janvier", "janv", "january", "jan"), ("fevrier", "fevr", "fev", "february", "feb"), ("mars", "march", "mar"),
            ("avril", "avr", "april", "apr"), ("mai", "may"), ("juin", "june", "jun"), ("juillet", "juil", "july", "jul"),
            ("aout", "august", "aug"), ("septembre", "sept", "september", "sep"), ("octobre", "oct", "october"),
            ("novembre", "nov", "november"), ("decembre", "dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip


def day_order(cells: Iterable[str]) -> DayOrder | None:
    """Return which of day and month comes first in a column; None when every cell can be read both ways."""
    for cell in cells:
        match = _NUMBERS.match(cell)
        if match and int(match[1]) > _LAST_MONTH:
            return "dmy"
        if match and int(match[2]) > _LAST_MONTH:
            return "mdy"
    return None


def read_day(cell: object, order: DayOrder) -> date | None:
    """Return the day in `cell`, or None when it holds none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell or "")
    if iso := _ISO.match(text):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if numbers := _NUMBERS.match(text):
        first, second, year = (int(part) for part in numbers.groups())
        day, month = (first, second) if order == "dmy" else (second, first)
        return _day(year if year > 99 else 2000 + year, month, day)  # noqa: PLR2004  two digits of a year
    return _spelt(words(text))


def _spelt(parts: list[str]) -> date | None:
    month = next((_MONTHS[part] for part in parts if part in _MONTHS), None)
    numbers = [int(digits) for part in parts if (digits := re.sub(r"(?<=\d)(?:er|st|nd|rd|th)$", "", part)).isdecimal()]
    year = next((number for number in numbers if number > 31), None)  # noqa: PLR2004  no month has more days
    day = next((number for number in numbers if number <= 31), None)  # noqa: PLR2004
    return _day(year, month, day) if year and month and day else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
