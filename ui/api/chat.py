"""`POST /v1/chat`: a question in, the answer as server-sent events."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Cited, Delta, Done, Event, Question, Started
from knowledge.errors import BrandAssistantError
from ui.api.state import state_of
from ui.api.streaming import Busy
from ui.api.visitors import Visitor, give_token

_log = logging.getLogger(__name__)
router = APIRouter(tags=["chat"])
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$", description="ISO 639-1, such as fr")]
Market = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, such as FR")]


class ChatRequest(BaseModel):
    """A question. The audience is not here and can't be: it comes from the session."""

    model_config = ConfigDict(extra="forbid")

    question: str
    conversation_id: str | None = Field(default=None, max_length=128)
    language: Language | None = None
    market: Market | None = None
    channel: Literal["website", "store", "social"] = "website"
    vehicle: str | None = Field(default=None, max_length=100)


@router.post(
    "/v1/chat",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "start, citation, delta, done or error"}},
)
async def chat(body: ChatRequest, request: Request, visitor: Visitor) -> StreamingResponse:
    """Answer a question; events `start`, then `citation` and `delta` in turn, then `done` with the whole answer, or `error`."""
    state = state_of(request)
    question = Question(
        text=body.question, conversation_id=body.conversation_id, language=body.language, market=body.market,
        channel=body.channel, vehicle=body.vehicle, owner=visitor,
    )  # fmt: skip
    response = StreamingResponse(
        _events(request, question),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    give_token(response, visitor, secure=request.url.scheme == "https")
    state.metrics.questions.inc()
    return response


async def _events(request: Request, question: Question) -> AsyncIterator[str]:
    state = state_of(request)
    try:
        async for event in state.answering.events(state.assistant_for(request), question):
            if isinstance(event, Done):
                state.metrics.answered(event.answer)
            yield encode(*as_event(event))
    except Busy:
        yield encode("error", {"code": "busy", "message": "Too many questions at once. Try again in a few seconds."})
    except BrandAssistantError:
        _log.exception("An answer failed.")
        yield encode("error", {"code": "unavailable", "message": "The assistant cannot answer just now. Try again in a moment."})


def as_event(event: Event) -> tuple[str, dict[str, Any]]:
    """Return the name and data of the server-sent event for an event of the assistant."""
    if isinstance(event, Started):
        return "start", {"conversation_id": event.conversation_id}
    if isinstance(event, Delta):
        return "delta", {"text": event.text}
    if isinstance(event, Cited):
        return "citation", event.citation.as_json()
    return "done", {**event.answer.as_json(), "turn": event.answer.turn}


def encode(name: str, data: dict[str, Any]) -> str:
    """Return one server-sent event as text."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
