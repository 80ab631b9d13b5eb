"""Leaves alone what keeps failing: a circuit breaker. Input: outcomes of calls. Output: may the next one go through?

Five failures within thirty seconds open it for thirty seconds; then one call, and only one at a time, probes.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How many failures within `window` seconds open the circuit, and after how many seconds it is probed."""

    failures: int = 5
    window: float = 30.0
    rest: float = 30.0


class Breaker:
    """Safe from several threads. Every call that was let through must be followed by `succeeded`, `failed` or `left`."""

    def __init__(self, tolerance: Tolerance, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tolerance = tolerance
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=tolerance.failures)
        self._opened: float | None = None
        self._probing = False
        self._turn = threading.Lock()

    @property
    def closed(self) -> bool:
        """Say whether calls go through freely."""
        return self._opened is None

    def lets_through(self) -> bool:
        """Say whether a call may be made now; an open circuit lets one through at a time after its rest."""
        with self._turn:
            if self._opened is None:
                return True
            if self._probing or self._clock() - self._opened < self._tolerance.rest:
                return False
            self._probing = True
            return True

    def succeeded(self) -> None:
        """A call worked: the circuit closes and the past is forgotten."""
        with self._turn:
            self._failures.clear()
            self._opened, self._probing = None, False

    def failed(self) -> None:
        """A call failed: the circuit opens after too many, or again when this was the probe."""
        with self._turn:
            now = self._clock()
            self._failures.append(now)
            full = len(self._failures) == self._tolerance.failures
            if self._probing or (full and now - self._failures[0] <= self._tolerance.window):
                self._opened, self._probing = now, False

    def left(self) -> None:
        """A call was given up by its caller, which says nothing about the other side."""
        with self._turn:
            self._probing = False
