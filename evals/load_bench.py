"""`bench latency --load`: the assistant as visitors feel it: first and last text, crowds, cold start, memory, and large indexes.

Input: a warm assistant and questions. Output: figures that `cli.py` prints, as JSON too, and `load_plot.py` draws. The large
indexes are synthetic, random unit vectors around centres, and say so: they measure the graph, not the knowledge.
"""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Delta, Question
from assistant.assistant import Assistant
from evals.latency import Spread, spread
from knowledge.embedding import Vectors
from knowledge.vector_store import VectorStore

CROWDS = (1, 8, 32)
SIZES, LARGE = (1_000, 10_000), 100_000
_DIMENSIONS, _TOP, _ASKED = 384, 10, 100
_SPREAD = 0.6  # distance of a vector from its centre: near texts share about three quarters of a direction, as passages do
_COLD = """
import sys, time
start = time.perf_counter()
from assistant.answer import Question
from assistant.bootstrap import open_assistant
from assistant.settings import Settings
with open_assistant(Settings.read(), "customer") as assistant:
    assistant.reply(Question(text=sys.argv[1]))
    print(time.perf_counter() - start)
"""


@dataclass(frozen=True, kw_only=True)
class Streamed:
    """Milliseconds from question to first and to last text."""

    first: Spread
    last: Spread


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """So many conversations at once: answers a second, and milliseconds of each answer."""

    conversations: int
    answers: int
    answers_per_second: float
    answer: Spread


@dataclass(frozen=True, kw_only=True)
class SyntheticIndex:
    """An index of random vectors: seconds to build, milliseconds to ask, share of the true ten nearest that the graph finds."""

    vectors: int
    build_seconds: float
    ask: Spread
    recall_at_10: float


def measure_streaming(assistant: Assistant, questions: Sequence[str]) -> Streamed:
    """Ask each question once and time its first and last text."""
    firsts, lasts = [], []
    for question in questions:
        start = time.perf_counter()
        first: float | None = None
        for event in assistant.stream(Question(text=question)):
            if first is None and isinstance(event, Delta):
                first = time.perf_counter() - start
        lasts.append(1000 * (time.perf_counter() - start))
        firsts.append(lasts[-1] if first is None else 1000 * first)
    return Streamed(first=spread(firsts), last=spread(lasts))


def measure_crowd(assistant: Assistant, questions: Sequence[str], conversations: int, *, turns: int = 3) -> Crowd:
    """Hold `conversations` at once, each of `turns` questions one after the other in a thread of its own."""
    endless = itertools.cycle(questions)
    scripts = [[next(endless) for _ in range(turns)] for _ in range(conversations)]

    def converse(script: list[str]) -> list[float]:
        times: list[float] = []
        conversation: str | None = None
        for question in script:
            start = time.perf_counter()
            conversation = assistant.reply(Question(text=question, conversation_id=conversation)).conversation_id
            times.append(1000 * (time.perf_counter() - start))
        return times

    start = time.perf_counter()
    with ThreadPoolExecutor(conversations) as pool:
        times = [value for values in pool.map(converse, scripts) for value in values]
    seconds = time.perf_counter() - start
    return Crowd(
        conversations=conversations, answers=len(times), answers_per_second=len(times) / seconds, answer=spread(times)
    )  # fmt: skip


def cold_start_seconds(question: str) -> tuple[float, float]:
    """Return seconds of a new process from its start to its first answer, and of that without starting Python itself."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _COLD, question], capture_output=True, text=True, check=True, env=os.environ)  # noqa: S603  our own interpreter and program
    return time.perf_counter() - start, float(done.stdout.split()[-1])


def peak_megabytes() -> float:
    """Return the most memory this process has held, in megabytes (Linux counts kilobytes, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def measure_synthetic_index(size: int, *, seed: int = 2018) -> SyntheticIndex:
    """Build an index of `size` random vectors in a scratch folder, ask it, and compare with the exact nearest."""
    chance = np.random.default_rng(seed)
    centres = _unit(chance.standard_normal((max(1, size // 50), _DIMENSIONS)))
    picked = chance.integers(len(centres), size=size + _ASKED)
    noise = _unit(chance.standard_normal((size + _ASKED, _DIMENSIONS)))
    made = _unit(centres[picked] + _SPREAD * noise)
    vectors, asked = made[:size], made[size:]
    ids = [str(number) for number in range(size)]
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        VectorStore.build(Path(scratch) / "vectors", ids, vectors)
        build = time.perf_counter() - start
        store = VectorStore(Path(scratch) / "vectors")
        try:
            store.nearest(asked[0], _TOP)
            times, found = [], 0
            for vector in asked:
                start = time.perf_counter()
                near = store.nearest(vector, _TOP)
                times.append(1000 * (time.perf_counter() - start))
                exact = {ids[i] for i in np.argpartition(-(vectors @ vector), _TOP)[:_TOP]}
                found += len(exact & {name for name, _ in near})
        finally:
            store.close()
    return SyntheticIndex(
        vectors=size, build_seconds=build, ask=spread(times), recall_at_10=found / (_TOP * len(asked))
    )  # fmt: skip


def _unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)
