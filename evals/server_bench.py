"""`bench server`: many visitors at once on a real server over HTTP, for minutes.

Input: how many conversations stay open, how many ask at the same moment, for how long. Output: errors, lost and mixed answers,
times, memory. Each conversation is about a car of its own, so an answer that belongs to somebody else shows.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from evals.latency import spread
from knowledge.errors import ConfigurationError

CARS = ("C3 2019", "C3 Aircross 2020", "C4 2021", "C5 Aircross 2020", "Berlingo 2022", "SpaceTourer 2020")
_QUESTIONS = (
    "Comment activer le régulateur de vitesse sur mon {car} ?", "Et pour le désactiver ?", "How does the speed limiter work?",
    "À quoi sert l'alerte de collision ?", "How do I reset the tyre pressure warning?",
)  # fmt: skip
_START_SECONDS, _ANSWER_SECONDS = 90, 60


@dataclass(kw_only=True)
class Visitor:
    """One conversation; it has asked `turn` questions so far."""

    car: str
    client: httpx.Client
    conversation: str | None = None
    turn: int = 0


@dataclass(frozen=True, kw_only=True)
class Load:
    """What came of it. Times are in milliseconds, memory in MB."""

    conversations: int
    at_once: int
    seconds: float
    answers: int
    errors: int
    lost: int
    mixed: int
    first_word_ms: dict[str, float]
    answer_ms: dict[str, float]
    memory_mb: dict[str, float]
    faults: list[str] = field(default_factory=list)


def measure_server(*, conversations: int, at_once: int, seconds: float) -> dict[str, Any]:
    """Start a server over the settings' home, let visitors ask, and return `Load` as JSON. Raises `ConfigurationError`."""
    with running_server() as (address, process):
        visitors: queue.Queue[Visitor] = queue.Queue()
        for car, _ in zip(itertools.cycle(CARS), range(conversations)):
            visitors.put(Visitor(car=car, client=httpx.Client(base_url=address, timeout=_ANSWER_SECONDS)))
        crowd = _Crowd(visitors, until=time.monotonic() + seconds)
        memory = {"start": _memory(process.pid)}
        threads = [threading.Thread(target=crowd.ask_on) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        time.sleep(seconds / 4)
        memory["after_a_quarter"] = _memory(process.pid)
        for thread in threads:
            thread.join()
        memory["end"] = _memory(process.pid)
        while not visitors.empty():
            visitors.get().client.close()
    load = Load(
        conversations=conversations, at_once=at_once, seconds=seconds, answers=len(crowd.wholes), errors=crowd.count("error"),
        lost=crowd.count("lost"), mixed=crowd.count("mixed"), first_word_ms=asdict(spread(crowd.firsts)),
        answer_ms=asdict(spread(crowd.wholes)), memory_mb=memory, faults=crowd.faults[:20],
    )  # fmt: skip
    return asdict(load)


class _Crowd:
    """Threads that take the visitor who waited longest, ask, and put them back."""

    def __init__(self, visitors: queue.Queue[Visitor], *, until: float) -> None:
        self._visitors = visitors
        self._until = until
        self.firsts: list[float] = []
        self.wholes: list[float] = []
        self.faults: list[str] = []

    def count(self, kind: str) -> int:
        """Return how many faults are of a kind."""
        return sum(fault.startswith(kind) for fault in self.faults)

    def ask_on(self) -> None:
        """Ask until the time is over."""
        while time.monotonic() < self._until:
            visitor = self._visitors.get()
            try:
                self._ask(visitor)
            except httpx.HTTPError as error:
                self.faults.append(f"error: {type(error).__name__}")
            finally:
                self._visitors.put(visitor)

    def _ask(self, visitor: Visitor) -> None:
        question = _QUESTIONS[visitor.turn % len(_QUESTIONS)].format(car=visitor.car)
        body = {"question": question, "conversation_id": visitor.conversation, "vehicle": visitor.car}
        began = time.perf_counter()
        first: float | None = None
        done: dict[str, Any] | None = None
        with visitor.client.stream("POST", "/v1/chat", json=body) as response:
            response.raise_for_status()
            name = ""
            for line in response.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: ") and name == "delta":
                    first = first or (time.perf_counter() - began) * 1000
                elif line.startswith("data: ") and name == "done":
                    done = json.loads(line[6:])
        if done is None or first is None:
            self.faults.append("lost: the answer did not end")
            return
        visitor.turn += 1
        self.firsts.append(first)
        self.wholes.append((time.perf_counter() - began) * 1000)
        others = visitor.conversation not in (None, done["conversation_id"]) or done["turn"] != visitor.turn
        car = (done["vehicle"] or {}).get("model")
        if others or (car is not None and not visitor.car.startswith(car)):
            self.faults.append(f"mixed: {visitor.car} turn {visitor.turn} got {car} turn {done['turn']}")
        visitor.conversation = done["conversation_id"]


@contextmanager
def running_server() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Lend the address and the process of a server over the settings' home. Raises `ConfigurationError` if it does not start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    # The visitors of this bench all come from one address.
    environment = {**os.environ, "BRAND_ASSISTANT_REQUESTS_PER_MINUTE": "1000000"}
    command = [sys.executable, "-m", "ui", "serve", "--surfaces", "public", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  ours
    try:
        until = time.monotonic() + _START_SECONDS
        while not _ready(address):
            if time.monotonic() > until or process.poll() is not None:
                message = "The server did not start. Run 'brand-assistant serve' to see why."
                raise ConfigurationError(message)
            time.sleep(0.1)
        yield address, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_ANSWER_SECONDS)


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _memory(pid: int) -> float:
    """Return the resident memory of a process in MB; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)
