"""What a chat model is to this product: messages in, text out piece by piece, or a `ChatModelError`.

`openai_chat.py` adapts a real one, `guarded_chat.py` keeps any of them inside its deadlines, `ScriptedChat` stands in for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from knowledge.errors import BrandAssistantError


class ChatModelError(BrandAssistantError):
    """A chat model failed. `retriable` says whether the same call may work a moment later."""

    def __init__(self, reason: str, *, retriable: bool = False) -> None:
        self.retriable = retriable
        super().__init__(f"The chat model failed: {reason}. The answer goes on without it.")


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to the model."""

    role: Literal["system", "user"]
    text: str


class ChatModel(Protocol):
    """Anything that continues a conversation."""

    def stream(self, messages: list[Message]) -> Iterator[str]:
        """Yield the reply piece by piece; return normally only when the model said that it was done.

        Raises `ChatModelError`, also after some pieces.
        """
        ...


@dataclass
class ScriptedChat:
    """A chat model that says what it was told to say, then fails if it was told to. For tests."""

    pieces: list[str]
    fails: ChatModelError | None = None
    calls: int = 0

    def stream(self, messages: list[Message]) -> Iterator[str]:
        """See `ChatModel`."""
        assert messages  # noqa: S101  a model is never called with nothing
        self.calls += 1
        yield from self.pieces
        if self.fails:
            raise self.fails
