"""How long an answer takes without a model, next to the one thing it cannot avoid: embedding its question.

Both are measured in the same run on the same machine, so the ratio holds on any machine.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from assistant.answer import Question
from assistant.assistant import Assistant
from knowledge.embedding import Embedder


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Median and 95th percentile, in milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Times of whole answers, of embedding their questions alone, and of each step of the answers."""

    questions: int
    answer: Spread
    embedding: Spread
    steps: dict[str, Spread]

    @property
    def ratio(self) -> Spread:
        """Answer over embedding, at the median and at the 95th percentile."""
        return Spread(p50=self.answer.p50 / self.embedding.p50, p95=self.answer.p95 / self.embedding.p95)


def measure_latency(assistant: Assistant, embedder: Embedder, questions: list[str]) -> Latency:
    """Ask every question once, warm, and embed it once more alone, one right after the other."""
    assistant.warm_up()
    for question in questions[:5]:
        assistant.reply(Question(text=question))
    answers, embeddings = [], []
    steps: dict[str, list[float]] = {}
    for question in questions:
        start = time.perf_counter()
        embedder.embed_query(question)
        middle = time.perf_counter()
        answer = assistant.reply(Question(text=question))
        end = time.perf_counter()
        embeddings.append((middle - start) * 1000)
        answers.append((end - middle) * 1000)
        for name, value in answer.timings_ms.items():
            steps.setdefault(name, []).append(value)
    return Latency(
        questions=len(questions),
        answer=spread(answers),
        embedding=spread(embeddings),
        steps={name: spread(values) for name, values in steps.items()},
    )


def spread(values: list[float]) -> Spread:
    """Return median and 95th percentile of at least two values."""
    return Spread(p50=statistics.median(values), p95=statistics.quantiles(values, n=20)[-1])
