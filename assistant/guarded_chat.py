"""Keeps a chat model inside its deadlines, retries it once, and leaves it alone while it is down.

The model runs in a thread of its own, so that an endpoint that drips or hangs costs this thread's patience, not the
visitor's. A model that is left behind stops at its next piece, or at its own read timeout.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pybreaker

from assistant.chat_model import ChatModel, ChatModelError, Message

_OPEN_AFTER, _OPEN_SECONDS = 5, 30


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """Seconds until the first piece, between pieces, and for the whole reply."""

    first: float = 8.0
    gap: float = 5.0
    total: float = 25.0


_Item = str | ChatModelError | None


class GuardedChat:
    """A `ChatModel` around another. Five failures in a row open the circuit for 30 seconds; then one call probes it."""

    def __init__(self, inner: ChatModel, deadlines: Deadlines, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._inner = inner
        self._deadlines = deadlines
        self._pause = pause
        self._breaker = pybreaker.CircuitBreaker(fail_max=_OPEN_AFTER, reset_timeout=_OPEN_SECONDS, exclude=[GeneratorExit])

    @property
    def available(self) -> bool:
        """Say whether a call would reach the model."""
        return bool(self._breaker.current_state != pybreaker.STATE_OPEN)

    def stream(self, messages: list[Message]) -> Iterator[str]:
        """See `ChatModel`. A failure before the first piece is retried once, after a short random pause."""
        end = time.monotonic() + self._deadlines.total
        try:
            with self._breaker.calling():
                yield from self._tried(messages, end)
        except pybreaker.CircuitBreakerError as error:
            reason = "it has failed too often and is left alone for a while"
            raise ChatModelError(reason) from error

    def _tried(self, messages: list[Message], end: float) -> Iterator[str]:
        said = False
        try:
            for piece in self._timed(messages, end):
                said = True
                yield piece
        except ChatModelError as error:
            pause = random.uniform(0.1, 0.6)  # noqa: S311  spreads retries, hides nothing
            if said or not error.retriable or time.monotonic() + pause + self._deadlines.first > end:
                raise
            self._pause(pause)
            yield from self._timed(messages, end)

    def _timed(self, messages: list[Message], end: float) -> Iterator[str]:
        pieces: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        left = threading.Event()
        threading.Thread(target=_run, args=(self._inner, messages, pieces, left), daemon=True).start()
        patience = self._deadlines.first
        try:
            while True:
                piece = _next(pieces, min(patience, end - time.monotonic()))
                if piece is None:
                    return
                if isinstance(piece, ChatModelError):
                    raise piece
                yield piece
                patience = self._deadlines.gap
        finally:
            left.set()


def _next(pieces: queue.SimpleQueue[_Item], seconds: float) -> _Item:
    try:
        return pieces.get(timeout=max(0.0, seconds))
    except queue.Empty as error:
        reason = "it is too slow"
        raise ChatModelError(reason) from error


def _run(model: ChatModel, messages: list[Message], pieces: queue.SimpleQueue[_Item], left: threading.Event) -> None:
    try:
        for piece in model.stream(messages):
            if left.is_set():
                return
            pieces.put(piece)
        pieces.put(None)
    except ChatModelError as error:
        pieces.put(error)
    except Exception as error:  # noqa: BLE001  whatever an adapter lets through must reach the waiting thread as a failure
        pieces.put(ChatModelError(f"{type(error).__name__} in the adapter"))
