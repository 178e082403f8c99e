"""Feedback as it came, each entry once. An answer goes out only when the database has it on the disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cds_service.protocol.feedback import FeedbackEntry
from cds_service.store.database import Database
from cds_service.store.tables import FEEDBACK, LONGEST_CODE, LONGEST_SYSTEM


class FeedbackStore:
    """Keeps what clients report."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def keep(self, caller: str, service: str, entries: Sequence[FeedbackEntry]) -> int:
        """Keep a batch, all of it or nothing. Returns how many entries were new. Raises: StoreUnavailable (503)."""
        received = self._now()
        rows = [self._row(caller, service, entry, received) for entry in entries]
        with self._database.transaction() as connection:
            return self._database.insert_once(connection, FEEDBACK, rows)

    def _row(self, caller: str, service: str, entry: FeedbackEntry, received: datetime) -> dict[str, Any]:
        said = {
            "caller": caller,
            "service": service,
            "card": entry.card,
            "outcome": entry.outcome,
            "occurred": entry.occurred,
            "suggestions": list(entry.suggestions),
            "reason_system": _cut(entry.reason_system, LONGEST_SYSTEM),
            "reason_code": _cut(entry.reason_code, LONGEST_CODE),
            "commented": entry.commented,
        }
        text = json.dumps(said, sort_keys=True, default=str)
        return {**said, "received": received, "entry": sha256(text.encode()).hexdigest()}


def _cut(text: str | None, length: int) -> str | None:
    """A text as long as its column; NUL, which PostgreSQL does not store, goes."""
    return text.replace("\0", "")[:length] if text else None
