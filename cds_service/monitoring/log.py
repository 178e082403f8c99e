"""JSON logs on stderr: one line for each call, and the few events of the service's life. Nothing else logs.

No line holds patient data, a token, or a URL as it was called. An exception's own message may carry any of these, so a
defect is logged as its type and the places in the code it passed through, without the message.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from cds_service import __version__
from cds_service.hooks.decide import Decision

_LOG = logging.getLogger("cds_service")
_FIELDS = "fields"
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_DEEPEST_FRAMES = 30


def request_id(sent: str | None) -> str:
    """The caller's ``X-Request-Id`` where it is a plain token of at most 64 characters, else a new one."""
    return sent if sent and _SANE_REQUEST_ID.fullmatch(sent) else uuid4().hex


@dataclass(slots=True)
class Call:
    """What the log says about one HTTP call. Filled step by step while it is answered."""

    request_id: str
    route: str = ""
    method: str = ""
    traceparent: str | None = None  # of the caller's trace, as it sent it; for traces alone
    service: str | None = None
    hook: str | None = None
    hook_instance: str | None = None
    code: str | None = None
    reason: str | None = None
    sources: dict[str, str] = field(default_factory=dict)
    decision: Decision | None = None
    sent: bool = False  # to a clinician; an explanation is not
    kept: str | None = None  # the id under which the decision's input is kept for audit
    feedback: dict[str, int] = field(default_factory=dict)  # entries acknowledged, by outcome
    issuer: str | None = None  # a listed one, and proven
    tenant: str | None = None
    milliseconds: dict[str, float] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)  # when each step began, as ``started``
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure one step, also when it fails."""
        begun = self.begun[name] = time.perf_counter()
        try:
            yield
        finally:
            self.milliseconds[name] = round((time.perf_counter() - begun) * 1000, 3)

    def outcome(self, status: int) -> str | None:
        """What came of the call in one word; None for one that decides nothing, such as discovery."""
        if status >= 400:
            return "failed" if status >= 500 else "refused"
        if self.decision is None:
            return None
        return "cards" if self.decision.cards else "withheld" if self.decision.repetition.withheld else "nothing"

    def finish(self, status: int, knowledge: str) -> float:
        """Write the line, and return the seconds that the call took.

        A call that failed for our own fault is an error, one that was refused a warning.
        """
        seconds = time.perf_counter() - self.started
        decision = self.decision
        level = logging.ERROR if status >= 500 else logging.WARNING if status >= 400 else logging.INFO
        _write(
            level,
            "call",
            requestId=self.request_id,
            method=self.method,
            route=self.route,
            status=status,
            code=self.code,
            reason=self.reason,
            service=self.service,
            hook=self.hook,
            hookInstance=self.hook_instance,
            outcome=self.outcome(status),
            sources=self.sources,
            cards=len(decision.cards) if decision else None,
            withheld=(len(decision.repetition.withheld) or None) if decision else None,
            assessment=decision.hash if decision else None,
            decision=self.kept,
            issuer=self.issuer,
            tenant=self.tenant,
            milliseconds=self.milliseconds | {"total": round(seconds * 1000, 3)},
            knowledge=knowledge,
            knowledgeHash=decision.assessment.knowledge.hash if decision else None,
            terminologyHash=decision.terminology if decision else None,
            version=__version__,
        )
        return seconds


def log_event(event: str, **values: Any) -> None:
    """Something in the life of the service, such as its start. The values must hold no patient data."""
    _write(logging.INFO, event, **values)


def log_warning(event: str, **values: Any) -> None:
    """Something that the operator should look at."""
    _write(logging.WARNING, event, **values)


def log_defect(error: BaseException, *, request_id: str | None = None, **values: Any) -> None:
    """A bug: the exception's type, what caused it, and the frames it passed through. Never its message."""
    _write(logging.ERROR, "defect", requestId=request_id, **values, exception=describe(error))


def describe(error: BaseException) -> list[dict[str, Any]]:
    """An exception and its causes as types and stack frames, the outermost first; the messages are left out."""
    chain: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)[-_DEEPEST_FRAMES:]
        kind = type(current)
        chain.append(
            {
                "type": f"{kind.__module__}.{kind.__qualname__}",
                "frames": [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames],
            }
        )
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def _write(level: int, event: str, **values: Any) -> None:
    _LOG.log(level, event, extra={_FIELDS: values})


class JsonFormatter(logging.Formatter):
    """One JSON object a line. Records of other libraries lose their arguments from warning up: they may be URLs."""

    def format(self, record: logging.LogRecord) -> str:
        ours: Mapping[str, Any] | None = getattr(record, _FIELDS, None)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if ours is not None:
            line["event"] = record.msg
            line |= {name: value for name, value in ours.items() if value not in (None, {}, "")}
        else:
            line["event"] = record.name
            line["message"] = record.getMessage() if record.levelno < logging.WARNING else str(record.msg)
            if record.exc_info and record.exc_info[1] is not None:
                line["exception"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class _Stderr(logging.Handler):
    """Writes to what ``sys.stderr`` is at that moment.

    A log that cannot be written (its disk is full, its reader is gone) breaks no answer. The first line that can be
    written again says how many could not.
    """

    def __init__(self) -> None:
        super().__init__()
        self._unwritten = 0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except OSError:
            self._unwritten += 1
            return
        if self._unwritten:
            lines, self._unwritten = self._unwritten, 0
            log_warning("log not written", text="The log could not be written for a while.", lines=lines)


def configure() -> None:
    """Send the service's log to stderr; silence the HTTP client's own log, which names URLs. May be called again."""
    attach(_LOG)
    quiet = logging.getLogger("urllib3")
    quiet.setLevel(logging.CRITICAL)
    quiet.propagate = False


def attach(logger: logging.Logger) -> None:
    """Let a logger (ours, or the WSGI server's) write JSON lines to stderr, and nowhere else."""
    handler = _Stderr()
    handler.setFormatter(JsonFormatter())
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
