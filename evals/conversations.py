"""Labelled conversations: what should be decided, in which language, about which car. Read, asked, scored turn by turn.

A set is JSONL, one conversation a line (see `LabelledConversation`), written blind and split into halves by the hash of
the id, as in `questions.py`. Everything goes through `Assistant.reply`, as for any visitor.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.answer import Answer, Decision, Question
from evals.questions import Half, SetError
from knowledge.document import Audience


class _Labelled(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedVehicle(_Labelled):
    """The car an answer must be about; the generation only where the user's words fix it."""

    model: str
    generation: str | None = None


class Expected(_Labelled):
    """What a right answer to a turn is like. Any of `decision` is right; each of `must` lists alternatives with "|"."""

    decision: tuple[Decision, ...] = Field(min_length=1)
    rules: tuple[str, ...] = ()
    question_language: str
    language: str
    vehicle: ExpectedVehicle | None = None
    documents: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    label_changed: str | None = None  # why a label is not the one first given


class LabelledTurn(_Labelled):
    """One question with what is expected of its answer."""

    question: str
    expect: Expected


class LabelledConversation(_Labelled):
    """One conversation. `slice` groups what is reported together."""

    id: str
    slice: str
    audience: Audience
    market: str
    turns: tuple[LabelledTurn, ...] = Field(min_length=1)

    @property
    def half(self) -> Half:
        """The half it belongs to, by the parity of its id's hash."""
        return "test" if hashlib.sha256(self.id.encode()).digest()[0] % 2 else "development"


@dataclass(frozen=True, kw_only=True)
class TurnScore:
    """What was right about one answer; None where the label asks for nothing."""

    conversation: LabelledConversation
    number: int
    answer: Answer
    decision: bool
    language: bool
    question_language: bool
    rules: bool | None
    vehicle: bool | None
    document: bool | None
    must: bool | None
    must_not: bool

    @property
    def turn(self) -> LabelledTurn:
        """The labelled turn that was asked."""
        return self.conversation.turns[self.number - 1]


ASPECTS = ("decision", "language", "question_language", "rules", "vehicle", "document", "must", "must_not")


def read_conversations(path: Path) -> list[LabelledConversation]:
    """Return the conversations in a JSONL file. Raises `SetError`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(LabelledConversation.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            message = f"{path}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}. Correct the line."
            raise SetError(message) from error
    return found


def score_conversation(conversation: LabelledConversation, reply: Callable[[Question], Answer]) -> list[TurnScore]:
    """Ask the turns of a conversation one after the other and score each answer."""
    scores = []
    conversation_id = None
    for number, turn in enumerate(conversation.turns, start=1):
        answer = reply(Question(text=turn.question, market=conversation.market, conversation_id=conversation_id))
        conversation_id = answer.conversation_id
        scores.append(_score(conversation, number, turn.expect, answer))
    return scores


def _score(conversation: LabelledConversation, number: int, expect: Expected, answer: Answer) -> TurnScore:
    answers = answer.decision is Decision.ANSWER and Decision.ANSWER in expect.decision
    text = answer.text.replace("\u00a0", " ").replace("\u202f", " ").lower()
    # A label in English for a reader of another language binds answers; what is said instead may be in the reader's own.
    spoken = {expect.language} if answers else {expect.language, expect.question_language}
    cited = {citation.chunk.document_id for citation in answer.citations}
    return TurnScore(
        conversation=conversation,
        number=number,
        answer=answer,
        decision=answer.decision in expect.decision,
        language=answer.language in spoken,
        question_language=answer.question_language == expect.question_language,
        rules=set(expect.rules) <= set(answer.rules) if expect.rules else None,
        vehicle=_same_car(expect.vehicle, answer) if expect.vehicle and answers else None,
        document=bool(cited & set(expect.documents)) if expect.documents and answers else None,
        must=all(any(part.lower() in text for part in item.split("|")) for item in expect.must)
        if answers and expect.must
        else None,
        must_not=not any(item.lower() in text for item in expect.must_not),
    )


def _same_car(expected: ExpectedVehicle, answer: Answer) -> bool:
    car = answer.vehicle
    return car is not None and car.model == expected.model and expected.generation in (None, car.generation)


def shares(scores: Iterable[TurnScore]) -> dict[str, dict[str, float | int]]:
    """Return, by slice and for all, the share of right turns in each aspect and the number of turns it was asked of."""
    by_slice: dict[str, list[TurnScore]] = defaultdict(list)
    for score in scores:
        by_slice[score.conversation.slice].append(score)
        by_slice["all"].append(score)
    table: dict[str, dict[str, float | int]] = {}
    for name, rows in sorted(by_slice.items()):
        table[name] = {"turns": len(rows)}
        for aspect in ASPECTS:
            known = [getattr(row, aspect) for row in rows if getattr(row, aspect) is not None]
            if known:
                table[name][aspect] = round(sum(known) / len(known), 4)
    return table
