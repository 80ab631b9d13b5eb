"""A visitor's own conversation: read it, erase it, rate an answer, ask for a person. Another's is a 404, as if it were not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, BackgroundTasks, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from assistant.records import HandoverState, Rating
from assistant.redaction import redact
from ui.api.state import require_staff, state_of
from ui.api.visitors import Visitor
from ui.api.webhook import tell

router = APIRouter(tags=["conversations"])
_NOT_FOUND = HTTPException(status_code=404, detail="There is no such conversation.")


class RatingRequest(BaseModel):
    """What a visitor thinks of one answer: stars from 1 to 5, a thumb, a comment, or several of them."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(max_length=128)
    turn: int = Field(ge=1, description="Number of the answer in its conversation, from 1.")
    stars: int | None = Field(default=None, ge=1, le=5)
    thumb: Literal["up", "down"] | None = None
    comment: str | None = Field(default=None, max_length=2_000)

    @model_validator(mode="after")
    def _says_something(self) -> RatingRequest:
        if self.stars is None and self.thumb is None and not self.comment:
            message = "give stars, a thumb or a comment"
            raise ValueError(message)
        return self


class HandoverRequest(BaseModel):
    """The visitor agrees that a person reads this conversation."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(max_length=128)
    consent: Literal[True]


class HandoverMove(BaseModel):
    """The new state of a hand-over."""

    model_config = ConfigDict(extra="forbid")

    state: HandoverState


@router.post("/v1/ratings", status_code=201)
def rate(body: RatingRequest, request: Request, visitor: Visitor) -> dict[str, str]:
    """Keep a rating of one of the visitor's own answers."""
    rating = Rating(
        conversation_id=body.conversation_id, turn=body.turn, at=datetime.now(UTC), stars=body.stars, thumb=body.thumb,
        comment=body.comment,
    )  # fmt: skip
    if not state_of(request).records.rate(rating, visitor):
        raise _NOT_FOUND
    return {"status": "kept"}


@router.get("/v1/conversations/{conversation_id}")
def read(conversation_id: str, request: Request, visitor: Visitor) -> dict[str, Any]:
    """Return the visitor's own conversation as it was kept, personal data taken out."""
    turns = state_of(request).records.transcript(conversation_id, visitor)
    if not turns:
        raise _NOT_FOUND
    kept = [{"turn": turn.turn, "at": turn.at.isoformat(), "question": turn.question, "answer": turn.answer} for turn in turns]
    return {"conversation_id": conversation_id, "turns": kept}


@router.delete("/v1/conversations/{conversation_id}", status_code=204)
def erase(conversation_id: str, request: Request, visitor: Visitor) -> None:
    """Erase the visitor's own conversation for good."""
    if not state_of(request).records.erase(conversation_id, visitor):
        raise _NOT_FOUND


@router.post("/v1/handovers", status_code=201)
def hand_over(body: HandoverRequest, request: Request, visitor: Visitor, later: BackgroundTasks) -> dict[str, str]:
    """Put the visitor's own conversation, summed up, into the inbox of the store page, and tell the webhook if there is one."""
    records = state_of(request).records
    turns = records.transcript(body.conversation_id, visitor)
    if not turns:
        raise _NOT_FOUND
    car = next((turn.answer["vehicle"] for turn in reversed(turns) if turn.answer.get("vehicle")), None)
    lines = [f"Car: {' '.join(str(value) for value in car.values() if value)}"] if car else []
    lines += [f"{turn.turn}. {turn.question} → {turn.answer['decision']}" for turn in turns]
    summary = redact("\n".join(lines))
    number = records.hand_over(body.conversation_id, summary, visitor)
    if number is None:
        raise _NOT_FOUND
    if webhook := state_of(request).settings.handover_webhook:
        later.add_task(tell, webhook.get_secret_value(), number, summary)
    return {"handover_id": number, "state": "open"}


@router.get("/v1/handovers")
def inbox(request: Request) -> dict[str, Any]:
    """Return the hand-overs, for who is signed in."""
    require_staff(request)
    rows = state_of(request).records.handovers()
    return {
        "handovers": [{"id": row.id, "at": row.at.isoformat(), "state": row.state, "summary": row.summary} for row in rows],
    }


@router.patch("/v1/handovers/{number}")
def move(number: str, body: HandoverMove, request: Request) -> dict[str, str]:
    """Take or close a hand-over, for who is signed in."""
    require_staff(request)
    if not state_of(request).records.move_handover(number, body.state):
        raise HTTPException(status_code=404, detail="There is no such hand-over.")
    return {"handover_id": number, "state": body.state}
