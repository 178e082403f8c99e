"""An EHR on loopback: its key set and its FHIR server, each with faults that are switched on while the service runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fhir_fixtures import Case, case
from tests.unit.signing import key_set

FETCHED = "mcode-rich-solitary"
"""The case that the FHIR server holds."""
HANGS_S = 240.0  # longer than any budget of these tests, so that a call that waited for it would be seen
_EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}
_HELD = {  # the first that is found in the path; which key asks for it
    "Patient/": "patient",
    "Condition?": "conditions",
    "category=imaging": "imaging-findings",
    "Observation?": "observations",
    "Procedure?": "procedures",
    "DiagnosticReport?": "reports",
    "ImagingStudy?": "imaging-studies",
    "BodyStructure?": "body-structures",
    "ServiceRequest?": "requests",
    "MedicationRequest?": "medications",
}
OBSERVING = ("observations", "imaging-findings")
"""The keys that fail when the FHIR server fails at Observation alone."""


class Ehr:
    """What the EHR's servers do at this moment. ``base``: their address."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.keys: tuple[str, ...] = ("ec",)
        self.keys_answer = 200
        self.held: Case = case(FETCHED)

    @property
    def jku(self) -> str:
        """The address of the key set."""
        return f"{self.base}/jwks.json"

    def fhir(self, fault: str) -> str:
        """The FHIR base under which the server has that fault: ``none``, ``hang``, ``garbage``, ``busy``, ``partly``.

        The fault is part of the address, so that one call meets one fault from its first request to its last.
        """
        return f"{self.base}/fhir/{fault}"


class _Answers(BaseHTTPRequestHandler):
    ehr: Ehr
    stopping: threading.Event
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/jwks.json":
            self._json(self.ehr.keys_answer, key_set(*self.ehr.keys))
            return
        fault, _, query = self.path.removeprefix("/fhir/").partition("/")
        key = next((key for part, key in _HELD.items() if part in query), None)
        with suppress(OSError):  # the client gave up
            getattr(self, f"_{fault}")(key)

    def _none(self, key: str) -> None:
        self._json(200, self.ehr.held.request["prefetch"].get(key) or _EMPTY)

    def _partly(self, key: str) -> None:
        if key in OBSERVING:
            self._json(500, {"resourceType": "OperationOutcome", "issue": []})
        else:
            self._none(key)

    def _busy(self, _: str) -> None:
        self._json(429, {"resourceType": "OperationOutcome", "issue": []}, **{"Retry-After": "30"})

    def _garbage(self, _: str) -> None:
        """Declared as FHIR, and half a Bundle."""
        self._send(200, b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Cond', {})

    def _hang(self, _: str) -> None:
        """Headers, then a byte now and then: neither an answer nor a broken connection."""
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Connection", "close")
        self.end_headers()
        until = time.monotonic() + HANGS_S
        while time.monotonic() < until and not self.stopping.wait(0.1):
            self.wfile.write(b" ")
        self.close_connection = True

    def _json(self, status: int, document: Any, **headers: str) -> None:
        self._send(status, json.dumps(document).encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json" if "/fhir/" in self.path else "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def running_ehr() -> Iterator[Ehr]:
    """An EHR until the block ends."""
    answers = type("Answers", (_Answers,), {"stopping": threading.Event()})
    with _Server(("127.0.0.1", 0), answers) as server:
        answers.ehr = ehr = Ehr(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield ehr
        finally:
            answers.stopping.set()  # type: ignore[attr-defined]
            server.shutdown()
