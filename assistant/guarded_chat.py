"""Keeps a chat model inside its deadlines, retries it once, and leaves it alone while it is down.

The model runs on an event loop in a thread of its own, so that an endpoint that drips or hangs costs the loop a task and
not a visitor their patience: whoever waits here waits until the deadline and no longer, and leaving closes the connection.
"""

from __future__ import annotations

import asyncio
import queue
import random
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

from assistant.breaker import Breaker, Tolerance
from assistant.chat_model import ChatModel, ChatModelError, Message

_LOOK_UP_SECONDS = 0.2  # how often a waiting call looks whether its visitor has left
_CLOSING_SECONDS = 2.0
_MOST_CHARACTERS = 20_000  # far more than any answer; what is read ahead of a slow reader stays bounded


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """Seconds until the first text, between texts, and for the whole reply; the random pause before a retry."""

    first: float = 8.0
    gap: float = 5.0
    total: float = 25.0
    pause: tuple[float, float] = (0.1, 0.6)


@dataclass(frozen=True)
class _End:
    """The last thing a call puts into its queue: why it failed, or None when the model was done."""

    error: ChatModelError | None


def _stays() -> bool:
    return False


_Said = queue.SimpleQueue[str | _End]


class GuardedChat:
    """A chat model with deadlines, one retry and a breaker; used from threads, several at a time. Close it when done."""

    def __init__(self, model: ChatModel, deadlines: Deadlines, tolerance: Tolerance | None = None) -> None:
        self._model = model
        self._deadlines = deadlines
        self._breaker = Breaker(tolerance or Tolerance())
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True)
        self._thread.start()

    @property
    def available(self) -> bool:
        """Say whether calls go through freely."""
        return self._breaker.closed

    def stream(self, messages: Sequence[Message], *, left: Callable[[], bool] = _stays) -> Generator[str]:
        """Yield the reply piece by piece; end normally only when the model was done.

        `left` says whether nobody waits any more: the reply then ends in an error within a fraction of a second.
        Closing the iterator closes the connection. A failure before the first piece is retried once if that may help.
        Raises `ChatModelError`.
        """
        if not self._breaker.lets_through():
            reason = "it has failed too often and is left alone for a while"
            raise ChatModelError(reason)
        settled = self._breaker.left
        try:
            yield from self._tried(messages, time.monotonic() + self._deadlines.total, left)
            settled = self._breaker.succeeded
        except ChatModelError:
            settled = self._breaker.left if left() else self._breaker.failed
            raise
        finally:
            settled()

    def close(self) -> None:
        """Stop every call and the thread they run on."""
        if not self._loop.is_running():
            return
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(_CLOSING_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSING_SECONDS)
        self._loop.close()

    async def _stop(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._model.close()

    def _tried(self, messages: Sequence[Message], end: float, left: Callable[[], bool]) -> Generator[str]:
        said = False
        try:
            for piece in self._timed(messages, end, left):
                said = True
                yield piece
        except ChatModelError as error:
            if said or not error.retriable or left():
                raise
            pause = max(error.retry_after or 0.0, random.uniform(*self._deadlines.pause))  # noqa: S311  spreads retries
            if time.monotonic() + pause >= end:
                raise
            _wait(pause, left)
            yield from self._timed(messages, end, left)

    def _timed(self, messages: Sequence[Message], end: float, left: Callable[[], bool]) -> Generator[str]:
        said: _Said = queue.SimpleQueue()
        task = asyncio.run_coroutine_threadsafe(_pump(self._model, messages, said), self._loop)
        patience = self._deadlines.first
        try:
            while True:
                piece = _next(said, min(time.monotonic() + patience, end), left)
                if isinstance(piece, _End):
                    if piece.error:
                        raise piece.error
                    return
                yield piece
                patience = self._deadlines.gap
        finally:
            task.cancel()


async def _pump(model: ChatModel, messages: Sequence[Message], said: _Said) -> None:
    """Move what a model says into a queue; a cancelled task closes the model's iterator on its way out."""
    characters = 0
    try:
        async with aclosing(model.stream(messages)) as pieces:
            async for piece in pieces:
                characters += len(piece)
                if characters > _MOST_CHARACTERS:
                    reason = "it does not come to an end"
                    raise ChatModelError(reason)  # noqa: TRY301  told like every other failure
                said.put(piece)
        said.put(_End(None))
    except ChatModelError as error:
        said.put(_End(error))
    except Exception as error:  # noqa: BLE001  whatever an adapter lets through must reach the waiting thread as a failure
        said.put(_End(ChatModelError(f"{type(error).__name__} in the adapter")))


def _next(said: _Said, until: float, left: Callable[[], bool]) -> str | _End:
    """Return the next thing a call says. Raises `ChatModelError` when it is too late, or when nobody waits any more."""
    while (remaining := until - time.monotonic()) > 0:
        if left():
            reason = "nobody waits for it any more"
            raise ChatModelError(reason)
        with suppress(queue.Empty):
            return said.get(timeout=min(remaining, _LOOK_UP_SECONDS))
    reason = "it is too slow"
    raise ChatModelError(reason)


def _wait(seconds: float, left: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not left() and (remaining := until - time.monotonic()) > 0:
        time.sleep(min(remaining, _LOOK_UP_SECONDS))
