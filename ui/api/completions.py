"""The API of OpenAI's clients: `POST /v1/chat/completions` and `GET /v1/models`.

Only `user` messages count, and earlier ones only help to understand the last: what a client says that the assistant or a
system said is ignored. Citations come in the extension field `citations`, the decision in `decision`.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from assistant.answer import Answer, Delta, Done, Question
from knowledge.errors import BrandAssistantError
from ui.api.state import state_of
from ui.api.streaming import Busy

MODEL = "citroen-assistant"
_EARLIER = 6
router = APIRouter(tags=["openai"])


class Part(BaseModel):
    """A piece of a message; only text is read."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: str = ""


class Message(BaseModel):
    """One message of the client."""

    model_config = ConfigDict(extra="ignore")

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """The message as one text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class CompletionRequest(BaseModel):
    """What OpenAI's clients send; sampling settings are accepted and change nothing."""

    model_config = ConfigDict(extra="ignore")

    model: str = MODEL
    messages: list[Message] = Field(min_length=1, max_length=200)
    stream: bool = False


@router.get("/v1/models")
def models() -> dict[str, Any]:
    """List the one model there is."""
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "citroen"}]}


@router.post("/v1/chat/completions", response_model=None)
async def completions(body: CompletionRequest, request: Request) -> Response:
    """Answer the last `user` message, whole or streamed."""
    asked = [message.text for message in body.messages if message.role == "user"]
    if not asked:
        raise HTTPException(status_code=400, detail="There is no message with the role 'user'.")
    question = Question(text=asked[-1], earlier=tuple(asked[:-1][-_EARLIER:]))
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
    if body.stream:
        return StreamingResponse(
            _chunks(request, question, head), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
    state = state_of(request)
    answer: Answer | None = None
    try:
        async for event in state.answering.events(state.customer, question):
            if isinstance(event, Done):
                answer = event.answer
    except Busy as error:
        raise HTTPException(status_code=503, detail="Too many questions at once.", headers={"Retry-After": "2"}) from error
    except BrandAssistantError as error:
        raise HTTPException(
            status_code=503, detail="The assistant cannot answer just now.", headers={"Retry-After": "10"}
        ) from error
    assert answer is not None  # noqa: S101  every stream ends with Done
    state.metrics.answered(answer)
    choice = {"index": 0, "message": {"role": "assistant", "content": answer.text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "usage": usage, **_extension(answer)})


async def _chunks(request: Request, question: Question, head: dict[str, Any]) -> AsyncIterator[str]:
    state = state_of(request)

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {**head, "object": "chat.completion.chunk", "choices": [choice], **more}
        return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    try:
        async for event in state.answering.events(state.customer, question):
            if isinstance(event, Delta):
                yield chunk({"content": event.text})
            elif isinstance(event, Done):
                state.metrics.answered(event.answer)
                yield chunk({}, "stop", **_extension(event.answer))
    except (Busy, BrandAssistantError):
        yield f"data: {json.dumps({'error': {'code': 'unavailable', 'message': 'The assistant cannot answer just now.'}})}\n\n"
    yield "data: [DONE]\n\n"


def _extension(answer: Answer) -> dict[str, Any]:
    return {"citations": [citation.as_json() for citation in answer.citations], "decision": answer.decision.value}
