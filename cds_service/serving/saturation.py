"""What happens when more is asked than can be done: a short line, and beyond it 503 with Retry-After, at once.

A worker has more threads than places. Calls that are being decided hold places; calls beyond wait, few and not for
long; all others are told to come back. The threads that are left say so, and answer the health routes. A caller never
waits for minutes, and a worker never holds more parsed bodies than it has places.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from cds_service.errors import ServiceBusy

PLACES = 16
"""Places of one worker. One processor core decides some hundred small calls a second, so a place is soon free."""

WAITING = 32
"""Calls that may wait for a place."""

PATIENCE_S = 1.0
"""Longest wait for a place, in seconds; an EHR expects its answer in about half a second."""

SPARE_THREADS = 8
"""Threads beyond the places and the line, to refuse calls and to answer the health routes."""

THREADS = PLACES + WAITING + SPARE_THREADS

_MEBIBYTE = 2**20
_PLACES_OF_ONE_CALL = PLACES // 2


class Line:
    """The places of one worker, and the line before them. Safe to share between threads."""

    def __init__(self, places: int = PLACES, waiting: int = WAITING, patience: float = PATIENCE_S) -> None:
        """``patience`` in seconds."""
        self._free, self._most_waiting, self._patience = places, waiting, patience
        self._waiting = 0
        self._changed = Condition()

    @contextmanager
    def place(self, body_bytes: int = 0) -> Iterator[None]:
        """Hold a place while the block runs; a large body holds several. Raises: ServiceBusy, after a short wait."""
        wanted = places_of(body_bytes)
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


def places_of(body_bytes: int) -> int:
    """One place, and one more for each full MiB: what is parsed takes about ten times the memory of the body."""
    return min(1 + body_bytes // _MEBIBYTE, _PLACES_OF_ONE_CALL)
