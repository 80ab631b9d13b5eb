"""What a person wrote, as the ledger keeps it: `Review`, and the errors of this package.

DemandError
├── ExportError   an export can't be read; names the file and, where there is one, the row
└── LedgerError   the ledger is damaged or busy; names the line
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.errors import BrandAssistantError

Origin = Literal["review", "rating", "question"]


class DemandError(BrandAssistantError):
    """Reviews can't be taken in, or a report can't be made."""


class ExportError(DemandError):
    """An export that can't be read."""


class LedgerError(DemandError):
    """The ledger of reviews is damaged or another process writes it."""


class Review(BaseModel):
    """One review, comment on an answer, or question that was not answered well; redacted.

    `person` is a keyed hash: it tells people apart and names nobody. None when the source does not say who wrote; then
    each review counts as one person. `stars` goes from 1 to 5. `answer` is the decision
    a question met, if it is one; `about` the question whose answer was rated.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: Origin = "review"
    text: str
    day: date | None = None
    person: str | None = None
    stars: float | None = Field(default=None, ge=0, le=5)
    market: str | None = None
    language: str | None = None
    vehicle: str | None = None
    answer: str | None = None
    about: str | None = None
    reference: str | None = None


def quarter_of(day: date | None) -> str | None:
    """Return `"2026Q3"` for a day of that quarter; None for an unknown day."""
    return f"{day.year}Q{(day.month + 2) // 3}" if day else None


def previous_quarter(quarter: str) -> str:
    """Return the quarter before, of the form `"2026Q3"`."""
    year, number = int(quarter[:4]), int(quarter[5])
    return f"{year}Q{number - 1}" if number > 1 else f"{year - 1}Q4"
