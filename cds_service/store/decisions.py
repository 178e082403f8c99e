"""Decisions that are kept for audit: what is said of each in the open, and its input, sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from cds_service.store.database import Database
from cds_service.store.tables import DECISIONS
from cds_service.store.writer import LateWriter, Watcher
from cds_service.values import ValueObject

MOST_WAITING = 100
"""Decisions that wait with their whole input in memory; more are given up, and counted."""

_PAGE = 200


class KeptDecision(ValueObject, frozen=True):
    """One line. ``sealed`` is bound to the rest of it. ``terminology_hash``: none in lines from before it was kept."""

    id: str
    request: str
    hook_instance: str
    decided: datetime
    hook: str
    assessment_hash: str
    answer_hash: str
    knowledge_version: str
    knowledge_hash: str
    service_version: str
    terminology_hash: str | None = None
    sealed: bytes = b""

    @property
    def open_part(self) -> bytes:
        """What the sealed part is bound to: every other column that holds something."""
        columns = (getattr(self, name) for name in self.__struct_fields__ if name != "sealed")
        parts = (part.isoformat() if isinstance(part, datetime) else part for part in columns if part is not None)
        return "\0".join(parts).encode()

    def row(self) -> dict[str, Any]:
        """The row of the table."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


class DecisionStore:
    """Reads, writes and deletes kept decisions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def writer(self, row_of: Callable[[Any], dict[str, Any]], watcher: Watcher | None) -> LateWriter:
        """Writes decisions after they were answered."""
        return LateWriter(self._database, DECISIONS, most_waiting=MOST_WAITING, watcher=watcher, row_of=row_of)

    def under(self, name: str) -> list[KeptDecision]:
        """The decisions with this id, request id or hookInstance, the earliest first. Raises: StoreUnavailable."""
        columns = DECISIONS.c
        named = (columns.id == name) | (columns.request == name) | (columns.hook_instance == name)
        with self._database.transaction() as connection:
            rows = connection.execute(select(DECISIONS).where(named).order_by(columns.decided, columns.id)).all()
        return [KeptDecision(**row._mapping) for row in rows]

    def since(self, moment: datetime | None) -> Iterator[KeptDecision]:
        """Every decision from a moment on, by its id, a page at a time. Raises: StoreUnavailable."""
        last = ""
        while True:
            asked = select(DECISIONS).where(DECISIONS.c.id > last).order_by(DECISIONS.c.id).limit(_PAGE)
            if moment is not None:
                asked = asked.where(DECISIONS.c.decided >= moment)
            with self._database.transaction() as connection:
                rows = connection.execute(asked).all()
            yield from (KeptDecision(**row._mapping) for row in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1].id

    def forget(self, before: datetime) -> int:
        """Delete decisions from before a moment. Returns how many. Raises: StoreUnavailable."""
        with self._database.transaction() as connection:
            return connection.execute(delete(DECISIONS).where(DECISIONS.c.decided < before)).rowcount
