"""How long each step of an answer took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timings:
    """A stopwatch with named laps, in milliseconds."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._laps: dict[str, float] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Measure the step `name`; its laps add up."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._laps[name] = self._laps.get(name, 0.0) + (time.perf_counter() - start) * 1000

    def finished(self) -> dict[str, float]:
        """Return the time of each step, and `total` since the stopwatch was made."""
        return {"total": (time.perf_counter() - self._start) * 1000, **self._laps}
