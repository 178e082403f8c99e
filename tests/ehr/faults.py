"""What goes wrong between a FHIR server and its caller. Each fault spoils the answers for one resource type.

A fault is called in the place of the good answer; it answers itself and returns true, or returns false and lets the
good answer go out.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
Fault = Callable[[Any, Any, Any, Answer], bool]  # handler, Ehr, Asked, the good answer

FOREVER_S = 60.0
_OUTCOME = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}'
_JSON = "application/fhir+json"


def once(fault: Fault) -> Fault:
    """The fault strikes the first answer only."""
    struck = threading.Event()

    def first(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
        if struck.is_set():
            return False
        struck.set()
        return fault(handler, ehr, asked, good)

    return first


def status(code: int, *, body: bytes = _OUTCOME, **headers: str) -> Fault:
    """Another status with an OperationOutcome; header names are written with underscores."""
    named = {"Content-Type": _JSON} | {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
        handler.send(code, named, body)
        return True

    return answer


def instead(body: bytes, content_type: str) -> Fault:
    """Status 200 with something else in it."""
    return status(200, body=body, Content_Type=content_type)


def truncated_json(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
    """Half of the JSON, honestly measured."""
    code, headers, body = good
    handler.send(code, headers, body[: len(body) // 2])
    return True


def broken_off(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
    """The whole was announced; the connection ends half-way."""
    code, headers, body = good
    handler.send(code, headers, body[: len(body) // 2], length=len(body))
    _reset(handler)
    return True


def hung_up(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
    """The connection is reset before a byte of answer."""
    _reset(handler)
    return True


def hung(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
    """The request is taken, and nothing comes until the test is over."""
    if not ehr.closing.wait(FOREVER_S):
        ehr.outlasted.set()
    handler.close_connection = True
    return True


def slow(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
    """A few bytes now and then, for longer than anybody waits."""
    code, headers, body = good
    handler.send(code, headers, b"", length=len(body))
    for byte in body:
        if ehr.closing.wait(0.05):
            break
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
    else:
        ehr.outlasted.set()
    handler.close_connection = True
    return True


def late(seconds: float) -> Fault:
    """The good answer, but late."""

    def wait(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
        ehr.closing.wait(seconds)
        return False

    return wait


def next_page_at(url: str) -> Fault:
    """Every page says that the next one lies elsewhere."""

    def answer(handler: Any, ehr: Any, asked: Any, good: Answer) -> bool:
        code, headers, body = good
        link = b'"link":[{"relation":"next","url":"' + url.encode() + b'"},'
        handler.send(code, headers, body.replace(b'"link":[', link, 1))
        return True

    return answer


def _reset(handler: Any) -> None:
    handler.close_connection = True
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
