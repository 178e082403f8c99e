"""Keeping the input of decisions after they were answered. What fails here fails no answer, and is counted."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from cds_service import __version__
from cds_service.audit.minimal import Input, minimal
from cds_service.errors import StoreUnavailable
from cds_service.hooks.decide import Decision
from cds_service.monitoring import log
from cds_service.oncology.report.assessment import to_json
from cds_service.store import Database, DecisionStore
from cds_service.store.decisions import KeptDecision
from cds_service.store.writer import Watcher

if TYPE_CHECKING:
    from cds_service.audit.sealing import Keys

_FORGET_EVERY_S = 3600.0
_JUMP_S = 60.0  # more than a clock is moved by when it is kept right little by little


@dataclass(frozen=True, slots=True)
class _Made:
    """A decision that was answered, and what it was made of."""

    id: str
    request_id: str
    at: datetime
    decision: Decision
    given: Input


class Keeping:
    """Keeps decisions for a time. One for a process and those forked from it; safe to share between threads."""

    def __init__(
        self,
        store: DecisionStore,
        keys: Keys,
        kept_for: timedelta,
        *,
        watcher: Watcher | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """``now``: the clock that people set. ``ticks``: seconds that nobody can set."""
        self._store = store
        self._keys = keys
        self._kept_for = kept_for
        self._now = now
        self._ticks = ticks
        self._next = -math.inf  # when it is time to forget, in ticks
        self._ahead: float | None = None  # by how much ``now`` stood before the ticks then
        self._writer = store.writer(self._row, watcher)

    def keep(self, decision: Decision, given: Input, request_id: str) -> str:
        """Keep a decision, soon, and return the id under which. Never waits, never fails."""
        made = _Made(uuid4().hex, request_id, self._now(), decision, given)
        self._writer.put(made)
        return made.id

    def flush(self) -> None:
        """Wait until everything is written."""
        self._writer.flush()

    def _row(self, made: _Made) -> dict[str, Any]:
        """The line of a decision, by the writer's thread, which also takes away what is past its time."""
        self._forget()
        return sealed(made.decision, made.given, self._keys, id=made.id, request_id=made.request_id, at=made.at).row()

    def _forget(self) -> None:
        """Take away what is past its time, hourly.

        What is taken away does not come back, so a clock that has jumped is believed only when it still stands the
        same an hour later: one that was wrong for a moment takes nothing away.
        """
        now, ticks = self._now(), self._ticks()
        if ticks < self._next:
            return
        self._next = ticks + _FORGET_EVERY_S
        before, self._ahead = self._ahead, now.timestamp() - ticks
        if before is not None and abs(self._ahead - before) > _JUMP_S:
            log.log_warning("clock jumped", text="Nothing is deleted by this clock for an hour.")
            return
        try:
            self._store.forget(now - self._kept_for)
        except StoreUnavailable as fault:  # the next hour tries again
            log.log_defect(fault)


def sealed(decision: Decision, given: Input, keys: Keys, *, id: str, request_id: str, at: datetime) -> KeptDecision:
    """The line that is kept of a decision."""
    assessment, cards = to_json(decision.assessment), decision.response()["cards"]
    line = KeptDecision(
        id=id,
        request=request_id,
        hook_instance=given.request.hook_instance,
        decided=at.astimezone(UTC),
        hook=given.request.hook,
        assessment_hash=decision.hash,
        answer_hash=answer_hash(cards),
        knowledge_version=decision.assessment.knowledge.version,
        knowledge_hash=decision.assessment.knowledge.hash,
        service_version=__version__,
        terminology_hash=decision.terminology,
    )
    document = {"input": minimal(given), "assessment": assessment, "cards": cards}
    values = line.row() | {"sealed": keys.seal(orjson.dumps(document), line.open_part)}
    return KeptDecision(**values)


def answer_hash(cards: list[dict[str, Any]]) -> str:
    """``sha256:`` and the hash of the cards as they were decided."""
    return f"sha256:{sha256(orjson.dumps(cards, option=orjson.OPT_SORT_KEYS)).hexdigest()}"


def load_keeping(database: Database, days: int, key_file: Path | None, watcher: Watcher | None) -> Keeping | None:
    """What the settings name; None where nothing is kept. Raises: StoreUnusable for a file without keys."""
    if not days or key_file is None:
        return None
    from cds_service.audit.sealing import load_keys  # noqa: PLC0415 - it brings a cryptography library

    return Keeping(DecisionStore(database), load_keys(key_file), timedelta(days=days), watcher=watcher)
