"""Counters for Prometheus. They hold numbers and decisions, never a word of a question."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from assistant.answer import Answer

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25)


class Metrics:
    """The counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.questions = Counter("questions", "Questions received.", registry=self.registry)
        self.refused = Counter("refused", "Requests refused by a limit.", ["limit"], registry=self.registry)
        self._answers = Counter("answers", "Answers given.", ["decision", "composer", "language"], registry=self.registry)
        self._seconds = Histogram("answer_seconds", "Time to a whole answer.", registry=self.registry, buckets=_BUCKETS)
        self._withheld = Counter("withheld_statements", "Statements withheld by grounding.", registry=self.registry)

    def answered(self, answer: Answer) -> None:
        """Count one answer."""
        self._answers.labels(answer.decision.value, answer.composer, answer.language).inc()
        self._seconds.observe(answer.timings_ms.get("total", 0.0) / 1000)
        self._withheld.inc(answer.withheld)

    def text(self) -> bytes:
        """Return the counters in Prometheus' text format."""
        return generate_latest(self.registry)
