"""`bench content`: does the knowledge answer what drivers ask of its features, cars and facts?

Input: `sets/content.jsonl`, written blind: questions with the right page and the facts that an answer must and must not hold.
Output, by half: is the right page first, among the first five, does the answer hold every required fact, does it hold one that
is wrong for this car.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.answer import Answer, Question
from evals.metrics.answering import holds
from evals.questions import Half, SetError

Search = Callable[[str], list[str]]
Reply = Callable[[Question], Answer]


class ContentQuestion(BaseModel):
    """One question. `must` and `must_not` are literal facts, alternatives separated by "|"; `vehicle` is the car it is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    language: str
    question: str
    documents: tuple[str, ...] = Field(min_length=1)
    must: tuple[str, ...]
    must_not: tuple[str, ...]
    vehicle: str | None
    style: str
    label_changed: str | None = None  # why a label is not the one first given

    @property
    def half(self) -> Half:
        """The half it belongs to, by the parity of its id's hash."""
        return "test" if hashlib.sha256(f"content {self.id}".encode()).digest()[0] % 2 else "development"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What came of one question: the five first pages, the answer, the facts that lack and those that are wrong."""

    question: ContentQuestion
    pages: tuple[str, ...]
    answer: Answer
    lacking: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether a right page came first."""
        return bool(self.pages) and self.pages[0] in self.question.documents


def read_content_questions(path: Path) -> list[ContentQuestion]:
    """Return the questions in a JSONL file. Raises `SetError`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(ContentQuestion.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            message = f"{path}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}. Correct the line."
            raise SetError(message) from error
    return found


def ask(question: ContentQuestion, search: Search, reply: Reply) -> Asked:
    """Search for a question and answer it. Raises what `Assistant.reply` raises."""
    pages = tuple(dict.fromkeys(search(question.question)))[:5]
    answer = reply(Question(text=question.question))
    return Asked(
        question=question,
        pages=pages,
        answer=answer,
        lacking=tuple(fact for fact in question.must if not holds(answer.text, fact)),
        wrong=tuple(fact for fact in question.must_not if holds(answer.text, fact)),
    )


def figures(asked: list[Asked]) -> dict[str, Any]:
    """Return the shares over questions, from 0 to 1, the number of wrong facts, and how questions were decided."""
    count = len(asked) or 1
    pairs = [(one, set(one.question.documents)) for one in asked]

    def share(hits: Iterable[bool]) -> float:
        return round(sum(hits) / count, 4)

    return {
        "questions": len(asked),
        "first": share(one.found for one in asked),
        "in_five": share(bool(set(one.pages) & wanted) for one, wanted in pairs),
        "cited": share(any(cited.chunk.document_id in wanted for cited in one.answer.citations) for one, wanted in pairs),
        "all_facts": share(not one.lacking for one in asked),
        "wrong_facts": sum(len(one.wrong) for one in asked),
        "decisions": dict(Counter(one.answer.decision.value for one in asked).most_common()),
    }


def failed(one: Asked) -> dict[str, Any]:
    """Return what went wrong with a question, for a person to read."""
    return {
        "id": one.question.id, "question": one.question.question, "wanted": list(one.question.documents),
        "pages": list(one.pages), "decision": one.answer.decision.value, "rules": list(one.answer.rules),
        "lacking": list(one.lacking), "wrong": list(one.wrong), "answer": one.answer.text,
    }  # fmt: skip
