"""One time budget for all the fetching of one request."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadline:
    """A moment after which nothing is waited for any more. Times in seconds."""

    def __init__(self, budget: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + budget

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - self._clock())

    @property
    def spent(self) -> bool:
        """Is nothing left?"""
        return self.remaining <= 0
