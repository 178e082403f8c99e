"""Writing rows some moments later, by a thread of its own: a slow or absent database never delays an answer."""

from __future__ import annotations

import atexit
import os
import queue
import threading
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Table

from cds_service.errors import StoreUnavailable
from cds_service.monitoring import log
from cds_service.store.database import Database

Row = dict[str, Any]

_BATCH = 500
_PAUSE_S = 1.0  # before a failed batch is tried again
_AT_EXIT_S = 5.0


class Watcher(Protocol):
    """Who counts what waits and what is lost."""

    def waiting(self, what: str, number: int) -> None:
        """So many rows wait."""

    def lost(self, what: str, number: int) -> None:
        """So many rows were given up."""


class LateWriter:
    """Writes the rows of one table. One for a process and those forked from it; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        table: Table,
        *,
        most_waiting: int,
        watcher: Watcher | None = None,
        row_of: Callable[[Any], Row] = lambda item: item,
    ) -> None:
        """``row_of``: makes the row of what was put; what takes time is done there, by the thread."""
        self._starting = threading.Lock()
        self._thread: _Thread | None = None
        self._make: Callable[[], _Thread] = lambda: _Thread(database, table, most_waiting, watcher, row_of)

    def put(self, item: Any) -> None:
        """Write a row, soon. Never waits, never fails: a row that cannot be kept is counted in the log."""
        self._of_this_process().put(item)

    def flush(self) -> None:
        """Wait until everything that was put is written."""
        self._of_this_process().wait()

    def _of_this_process(self) -> _Thread:
        thread = self._thread
        if thread is None or thread.process != os.getpid():  # threads do not live on in a forked worker
            with self._starting:
                thread = self._thread
                if thread is None or thread.process != os.getpid():
                    thread = self._thread = self._make()
        return thread


class _Thread:
    """The thread of one process that writes rows."""

    def __init__(
        self,
        database: Database,
        table: Table,
        most_waiting: int,
        watcher: Watcher | None,
        row_of: Callable[[Any], Row],
    ) -> None:
        self.process = os.getpid()
        self._database = database
        self._table = table
        self._watcher = watcher
        self._row_of = row_of
        self._waiting: queue.Queue[Any] = queue.Queue(most_waiting)
        self._ending = threading.Event()
        threading.Thread(target=self._run, name=f"{table.name}-writer", daemon=True).start()
        atexit.register(self._end)

    def put(self, item: Any) -> None:
        try:
            self._waiting.put_nowait(item)
        except queue.Full:
            self._lost(1, "The database has been away for too long.")
        self._tell()

    def wait(self) -> None:
        self._waiting.join()

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            if rows := self._rows(batch):
                self._write(rows)
            for _ in batch:
                self._waiting.task_done()
            self._tell()

    def _rows(self, batch: list[Any]) -> list[Row]:
        """The rows of a batch. One that cannot be made is a defect of ours, and takes no other with it."""
        rows = []
        for item in batch:
            try:
                rows.append(self._row_of(item))
            except Exception as defect:
                log.log_defect(defect)
                self._lost(1, "The row could not be made.")
        return rows

    def _write(self, batch: list[Row]) -> None:
        """Until it went well; while the process ends, once."""
        told = False
        while True:
            try:
                with self._database.transaction() as connection:
                    self._database.insert_once(connection, self._table, batch)
                return
            except StoreUnavailable as fault:
                if not told:
                    log.log_defect(fault)
                    told = True
            except Exception as defect:
                self._give_up(batch, defect)
                return
            if self._ending.wait(_PAUSE_S):
                self._lost(len(batch), "The process ended.")
                return

    def _give_up(self, batch: list[Row], defect: Exception) -> None:
        """A row that the database will never take must not keep the others from it."""
        if len(batch) == 1:
            log.log_defect(defect)
            self._lost(1, "The database will never take the row.")
            return
        for row in batch:
            self._write([row])

    def _tell(self) -> None:
        if self._watcher is not None:
            self._watcher.waiting(self._table.name, self._waiting.unfinished_tasks)

    def _lost(self, number: int, text: str) -> None:
        log.log_warning("rows not kept", table=self._table.name, text=text, rows=number)
        if self._watcher is not None:
            self._watcher.lost(self._table.name, number)

    def _end(self) -> None:
        """At the end of the process: what waits is still written, if the database answers."""
        if self.process != os.getpid():
            return
        done = threading.Thread(target=self.wait, daemon=True)
        done.start()
        done.join(_AT_EXIT_S)
        self._ending.set()
