"""Labelled questions: which page answers what people type. Read, split into halves, measured.

A set is JSONL: {"id", "language", "question", "relevant": [page ids, best first], "style"}. It was written blind, by
somebody who knew the facts but neither the pages nor the code. Half of it is never tuned on: a question belongs to the
test half by the hash of its id, so it stays there for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.errors import BrandAssistantError

SETS = Path(__file__).parent / "sets"
Half = Literal["development", "test"]


class SetError(BrandAssistantError):
    """A labelled set that can't be read: names the file and line."""


class LabelledQuestion(BaseModel):
    """One question with the pages that may answer it; the first is the best."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    language: str
    question: str
    relevant: tuple[str, ...] = Field(min_length=1)
    style: str
    label_changed: str | None = None  # why a label is not the one first given

    @property
    def half(self) -> Half:
        """The half it belongs to, by the parity of its id's hash."""
        return "test" if hashlib.sha256(self.id.encode()).digest()[0] % 2 else "development"


@dataclass(frozen=True, kw_only=True)
class Hits:
    """How often a right page came first, and among the first five. `misses` are the questions where it did not come first."""

    questions: int
    first: float
    in_five: float
    misses: tuple[tuple[LabelledQuestion, tuple[str, ...]], ...]


def read_questions(path: Path) -> list[LabelledQuestion]:
    """Return the questions in a JSONL file. Raises `SetError`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(LabelledQuestion.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            message = f"{path}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}. Correct the line."
            raise SetError(message) from error
    return found


def measure(questions: list[LabelledQuestion], search: Callable[[str], list[str]]) -> Hits:
    """Return how well `search`, which gives page ids best first, finds the pages of `questions`.

    Success at 1 and at 5: the share of questions with a right page at rank 1, and at rank 5 or better (Manning, Raghavan
    and Schütze 2008, section 8.4). A page counts once, at the rank of its best passage.
    """
    first = in_five = 0
    misses = []
    for question in questions:
        pages = tuple(dict.fromkeys(search(question.question)))[:5]
        right = set(question.relevant)
        first += bool(pages) and pages[0] in right
        in_five += bool(right & set(pages))
        if not pages or pages[0] not in right:
            misses.append((question, pages))
    total = len(questions) or 1
    return Hits(questions=len(questions), first=first / total, in_five=in_five / total, misses=tuple(misses))
