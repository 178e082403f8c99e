"""How much one caller, and all callers together, may ask of one worker process.

``RateLimit``: calls of one caller in a minute; beyond, 429.
``Capacity``: calls that are decided at one time. A worker has more threads than slots. Calls that are being decided
hold slots; calls beyond wait, few and not for long; all others are told at once to come back (503 with Retry-After).
The threads that are left say so, and answer the health routes. A caller never waits for minutes, and a worker never
holds more parsed bodies than it has slots.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from cds_service.errors import RateLimited, ServiceBusy

SLOTS = 16
"""Slots of one worker. One processor core decides some hundred small calls a second, so a slot is soon free."""

WAITING = 32
"""Calls that may wait for a slot."""

PATIENCE_S = 1.0
"""Longest wait for a slot, in seconds; an EHR expects its answer in about half a second."""

SPARE_THREADS = 8
"""Threads beyond the slots and the waiting calls, to refuse calls and to answer the health routes."""

THREADS = SLOTS + WAITING + SPARE_THREADS

_MEBIBYTE = 2**20
_SLOTS_OF_ONE_CALL = SLOTS // 2


class RateLimit:
    """A sliding window of a minute. Callers are told apart by issuer and tenant; without these, by address."""

    def __init__(self, per_minute: int) -> None:
        """``per_minute``: calls; 0 means no limit."""
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, caller: str) -> None:
        """Count a call. Raises: RateLimited (429) with the seconds after which to come back."""
        if self._item is None or self._limiter.hit(self._item, caller):
            return
        reset = self._limiter.get_window_stats(self._item, caller).reset_time
        raise RateLimited(
            f"More than {self._item.amount} calls in a minute.",
            hint="Wait as long as Retry-After says, or ask the operator for a higher limit.",
            retry_after=max(1, math.ceil(reset - time.time())),
        )


class Capacity:
    """The slots of one worker, and how many calls may wait for one. Safe to share between threads."""

    def __init__(self, slots: int = SLOTS, waiting: int = WAITING, patience: float = PATIENCE_S) -> None:
        """``patience`` in seconds."""
        self._free, self._most_waiting, self._patience = slots, waiting, patience
        self._waiting = 0
        self._changed = Condition()

    @contextmanager
    def slot(self, body_bytes: int = 0) -> Iterator[None]:
        """Hold a slot while the block runs; a large body holds several. Raises: ServiceBusy, after a short wait."""
        wanted = slots_of(body_bytes)
        self._take(wanted)
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()

    def _take(self, wanted: int) -> None:
        with self._changed:
            if self._free < wanted:
                if self._waiting >= self._most_waiting:
                    raise ServiceBusy("The service has more calls to answer than it can.")
                self._waiting += 1
                try:
                    if not self._changed.wait_for(lambda: self._free >= wanted, self._patience):
                        raise ServiceBusy("The service has more calls to answer than it can.")
                finally:
                    self._waiting -= 1
            self._free -= wanted


def slots_of(body_bytes: int) -> int:
    """One slot, and one more for each full MiB: what is parsed takes several times the memory of the body."""
    return min(1 + body_bytes // _MEBIBYTE, _SLOTS_OF_ONE_CALL)
