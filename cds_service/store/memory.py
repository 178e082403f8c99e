"""Which cards were sent to whom, about what, and which of them were set aside.

Cards are written some moments after they went out (``writer.py``): a slow or absent database never delays an answer to
a clinician. Feedback, which is acknowledged, is written before it is acknowledged (``feedback.py``).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from cds_service.cards.repetition import Digests, SetAside, order_rule
from cds_service.errors import StoreUnavailable
from cds_service.store.database import Database
from cds_service.store.tables import CARDS, FEEDBACK
from cds_service.store.writer import LateWriter, Watcher

MOST_WAITING = 10_000  # cards; more than a database that is away for minutes leaves behind
LEFT_ALONE_S = 5.0
_JUDGED = (  # the cards of one clinician about one patient that have feedback of their own caller, the latest last
    select(CARDS.c.uuid, CARDS.c.topic, CARDS.c.rules, CARDS.c.facts, FEEDBACK.c.outcome, FEEDBACK.c.received)
    .join_from(CARDS, FEEDBACK, (FEEDBACK.c.card == CARDS.c.uuid) & (FEEDBACK.c.caller == CARDS.c.caller))
    .where(
        CARDS.c.patient == bindparam("patient"),
        CARDS.c.clinician == bindparam("clinician"),
        CARDS.c.caller == bindparam("caller"),
    )
    .order_by(FEEDBACK.c.occurred, FEEDBACK.c.id)
)


@dataclass(frozen=True, slots=True)
class SentCard:
    """A card that went out. ``patient``, ``clinician``: pseudonyms. The first of ``rules`` is what it is about."""

    uuid: str
    caller: str
    service: str
    hook: str
    topic: str
    indicator: str
    rules: Sequence[str]
    knowledge_version: str
    knowledge_hash: str
    service_version: str
    sent: datetime
    patient: str
    clinician: str
    facts: Digests

    def row(self) -> dict[str, Any]:
        """The row of the table."""
        row = {name: getattr(self, name) for name in self.__slots__}
        return row | {"rules": list(self.rules), "facts": dict(self.facts)}


class CardMemory:
    """Remembers cards for all workers. One for a process and those forked from it; safe to share between threads.

    After a failure the database is left alone for some seconds: while it is away, not every clinician waits for it.
    """

    def __init__(
        self,
        database: Database,
        *,
        most_waiting: int = MOST_WAITING,
        watcher: Watcher | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._away_until = -math.inf
        self._writer = LateWriter(database, CARDS, most_waiting=most_waiting, watcher=watcher)

    def sent(self, cards: Sequence[SentCard]) -> None:
        """Remember cards, soon. Never waits, never fails: a card that cannot be remembered is counted in the log."""
        for card in cards:
            self._writer.put(card.row())

    def set_aside(self, *, caller: str, patient: str, clinician: str, since: datetime) -> list[SetAside]:
        """The cards whose latest feedback, of their own caller, is that they were overridden, from ``since`` on.

        Raises: StoreUnavailable.
        """
        if self._clock() < self._away_until:
            raise StoreUnavailable("The database did not answer a moment ago.")
        try:
            with self._database.transaction() as connection:
                names = {"caller": caller, "patient": patient, "clinician": clinician}
                latest = {row.uuid: row for row in connection.execute(_JUDGED, names)}
        except StoreUnavailable:
            self._away_until = self._clock() + LEFT_ALONE_S
            raise
        return [
            SetAside(row.uuid, row.topic, order_rule(row.rules), row.received, row.facts)
            for row in latest.values()
            if row.outcome == "overridden" and row.received >= since
        ]

    def flush(self) -> None:
        """Wait until everything that was sent is written."""
        self._writer.flush()
