"""Which cards were sent to whom, about what, and which of them were set aside.

Cards are written by a thread of its own, some moments after they went out: a slow or absent database never delays an
answer to a clinician. Feedback, which is acknowledged, is written before it is acknowledged (``feedback.py``).
"""

from __future__ import annotations

import atexit
import math
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cds_service import telemetry
from cds_service.errors import StoreUnavailable
from cds_service.guidance.repetition import Digests, SetAside
from cds_service.store.database import Database
from cds_service.store.tables import CARDS, FEEDBACK

MOST_WAITING = 10_000  # cards; more than a database that is away for minutes leaves behind
_BATCH = 500
LEFT_ALONE_S = 5.0
_PAUSE_S = 1.0  # before a failed batch is tried again
_AT_EXIT_S = 5.0


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._most_waiting = most_waiting
        self._clock = clock
        self._away_until = -math.inf
        self._starting = threading.Lock()
        self._writer: _Writer | None = None

    def sent(self, cards: Sequence[SentCard]) -> None:
        """Remember cards, soon. Never waits, never fails: a card that cannot be remembered is counted in the log."""
        writer = self._of_this_process()
        for card in cards:
            writer.put(card.row())

    def set_aside(self, *, caller: str, patient: str, clinician: str, since: datetime) -> list[SetAside]:
        """The cards whose latest feedback, of their own caller, is that they were overridden, from ``since`` on.

        Raises: StoreUnavailable.
        """
        mine = FEEDBACK.c.card == CARDS.c.uuid, FEEDBACK.c.caller == CARDS.c.caller
        columns = (CARDS.c.uuid, CARDS.c.topic, CARDS.c.rules, CARDS.c.facts, FEEDBACK.c.outcome, FEEDBACK.c.received)
        asked = (
            select(*columns)
            .join_from(CARDS, FEEDBACK, mine[0] & mine[1])
            .where(CARDS.c.patient == patient, CARDS.c.clinician == clinician, CARDS.c.caller == caller)
            .order_by(FEEDBACK.c.occurred, FEEDBACK.c.id)
        )
        if self._clock() < self._away_until:
            raise StoreUnavailable("The database did not answer a moment ago.")
        try:
            with self._database.transaction() as connection:
                latest = {row.uuid: row for row in connection.execute(asked)}
        except StoreUnavailable:
            self._away_until = self._clock() + LEFT_ALONE_S
            raise
        return [
            SetAside(row.uuid, row.topic, _order_rule(row.rules), row.received, row.facts)
            for row in latest.values()
            if row.outcome == "overridden" and row.received >= since
        ]

    def flush(self) -> None:
        """Wait until everything that was sent is written."""
        self._of_this_process().wait()

    def _of_this_process(self) -> _Writer:
        writer = self._writer
        if writer is None or writer.process != os.getpid():  # threads do not live on in a forked worker
            with self._starting:
                writer = self._writer
                if writer is None or writer.process != os.getpid():
                    writer = self._writer = _Writer(self._database, self._most_waiting)
        return writer


def _order_rule(rules: Sequence[str]) -> str:
    return rules[0] if rules and rules[0].startswith("O-") else ""


class _Writer:
    """The thread of one process that writes cards."""

    def __init__(self, database: Database, most_waiting: int) -> None:
        self.process = os.getpid()
        self._database = database
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue(most_waiting)
        self._ending = threading.Event()
        threading.Thread(target=self._run, name="card-memory", daemon=True).start()
        atexit.register(self._end)

    def put(self, row: dict[str, Any]) -> None:
        try:
            self._waiting.put_nowait(row)
        except queue.Full:
            telemetry.log_warning("card not remembered", text="The database has been away for too long.")

    def wait(self) -> None:
        self._waiting.join()

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            self._write(batch)
            for _ in batch:
                self._waiting.task_done()

    def _write(self, batch: list[dict[str, Any]]) -> None:
        """Until it went well; while the process ends, once."""
        told = False
        while True:
            try:
                with self._database.transaction() as connection:
                    self._database.insert_once(connection, CARDS, batch)
                return
            except StoreUnavailable as fault:
                if not told:
                    telemetry.log_defect(fault)
                    told = True
            except Exception as defect:
                self._give_up(batch, defect)
                return
            if self._ending.wait(_PAUSE_S):
                telemetry.log_warning("cards not remembered", text="The process ended.", cards=len(batch))
                return

    def _give_up(self, batch: list[dict[str, Any]], defect: Exception) -> None:
        """A card that the database will never take must not keep the others from it."""
        if len(batch) == 1:
            telemetry.log_defect(defect)
            return
        for row in batch:
            self._write([row])

    def _end(self) -> None:
        """At the end of the process: what waits is still written, if the database answers."""
        if self.process != os.getpid():
            return
        done = threading.Thread(target=self.wait, daemon=True)
        done.start()
        done.join(_AT_EXIT_S)
        self._ending.set()
