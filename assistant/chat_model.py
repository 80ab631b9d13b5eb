"""What a chat model is to this product: messages in, text out piece by piece, or a `ChatModelError`.

`openai_chat.py` adapts a real one, `guarded_chat.py` keeps any of them inside its deadlines, `FakeChat` stands in for one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from knowledge.errors import BrandAssistantError


class ChatModelError(BrandAssistantError):
    """A chat model failed. `retriable`: the same call may work a moment later, in `retry_after` seconds if it said so."""

    def __init__(self, reason: str, *, retriable: bool = False, retry_after: float | None = None) -> None:
        self.retriable = retriable
        self.retry_after = retry_after
        super().__init__(f"The chat model failed: {reason}. The answer goes on without it; see docs/models.md.")


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to the model."""

    role: Literal["system", "user"]
    text: str


class ChatModel(Protocol):
    """Anything that continues a conversation. Asynchronous, so that a silent endpoint can be left at once."""

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """Yield the reply piece by piece; end normally only when the model said that it was done.

        Closing the iterator, or cancelling the task that waits for it, closes the connection. Raises `ChatModelError`,
        also after some pieces.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(kw_only=True)
class FakeChat:
    """A chat model that says what it was told to say, piece by piece, then fails if it was told to. For tests.

    `pauses` are the seconds before each piece; `failures` are raised by the first calls, one each, before any piece.
    """

    pieces: Sequence[str] = ()
    pauses: Sequence[float] = ()
    failures: list[ChatModelError] = field(default_factory=list)
    broken: ChatModelError | None = None
    calls: list[list[Message]] = field(default_factory=list)
    left: int = 0

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """See `ChatModel`. `calls` keeps what it was asked; `left` counts the calls that were not heard to their end."""
        self.calls.append(list(messages))
        if self.failures:
            raise self.failures.pop(0)
        finished = False
        try:
            for place, piece in enumerate(self.pieces):
                await asyncio.sleep(self.pauses[place] if place < len(self.pauses) else 0)
                yield piece
            if self.broken:
                raise self.broken
            finished = True
        finally:
            self.left += not finished

    async def close(self) -> None:
        """See `ChatModel`."""
