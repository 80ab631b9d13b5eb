"""Runs an answer in a thread and hands its events to the event loop; a visitor who leaves ends the work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from assistant.answer import Event, Question
from assistant.assistant import Assistant
from knowledge.errors import BrandAssistantError


class Busy(Exception):  # noqa: N818  a state that becomes a 503, not a mistake
    """As many answers are under way as may be."""


class Answering:
    """Answers in threads of their own, at most `places` at once; `queue` more may wait."""

    def __init__(self, places: int, queue: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=places, thread_name_prefix="answer")
        self._free = places + queue
        self._turn = threading.Lock()

    async def events(self, assistant: Assistant, question: Question) -> AsyncIterator[Event]:
        """Yield the events of an answer. Raises `Busy`, and what `Assistant.stream` raises."""
        with self._turn:
            if self._free <= 0:
                raise Busy
            self._free -= 1
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | BrandAssistantError | None] = asyncio.Queue()
        gone = threading.Event()

        def put(item: Event | BrandAssistantError | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, item)

        def work() -> None:
            try:
                for event in assistant.stream(question, left=gone.is_set):
                    if gone.is_set():
                        break
                    put(event)
            except BrandAssistantError as error:
                put(error)
            finally:
                with self._turn:
                    self._free += 1
                put(None)

        self._threads.submit(work)
        try:
            while (item := await queue.get()) is not None:
                if isinstance(item, BrandAssistantError):
                    raise item
                yield item
        finally:
            gone.set()

    def close(self) -> None:
        """Let the answers under way finish, and those that wait for their turn."""
        self._threads.shutdown(wait=True)
