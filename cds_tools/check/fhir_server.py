"""A FHIR server on this machine that holds one invented patient and notes who asks, and with which token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import orjson

from cds_tools.ehr import Record

_FORBIDDEN = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A caller that hangs up is no fault of ours, and nothing to print."""


@dataclass(slots=True)
class FhirServer:
    """What it answers, and what it was asked. ``asked`` holds, for each call, whether it brought the token."""

    record: Record
    token: str
    denies: bool = False
    base_url: str = ""
    asked: list[bool] = field(default_factory=list)

    def answer(self, query: str, authorization: str | None) -> tuple[int, Any]:
        """Status and document for a read or search relative to the base."""
        with_token = authorization == f"Bearer {self.token}"
        self.asked.append(with_token)
        if self.denies or not with_token:
            return (403 if self.denies else 401), _FORBIDDEN
        if query == "metadata":
            return 200, {"resourceType": "CapabilityStatement", "status": "active", "fhirVersion": "4.0.1"}
        found = self.record.answer(query)
        return (200, found) if found is not None else (404, _FORBIDDEN)


@contextmanager
def fhir_server(record: Record, token: str, *, denies: bool = False) -> Iterator[FhirServer]:
    """The server, listening on a free loopback port until it is left."""
    state = FhirServer(record, token, denies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parts.path.removeprefix("/fhir/") + (f"?{parts.query}" if parts.query else "")
            self._say(*state.answer(query, self.headers.get("Authorization")))

        def do_POST(self) -> None:
            """A search by POST has its parameters in the body."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
            path = urlsplit(self.path).path.removeprefix("/fhir/").removesuffix("/_search")
            self._say(*state.answer(f"{path}?{body}", self.headers.get("Authorization")))

        def _say(self, status: int, document: Any) -> None:
            body = orjson.dumps(document)
            self.send_response(status)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listener = _Listener(("127.0.0.1", 0), Handler)
    state.base_url = f"http://127.0.0.1:{listener.server_port}/fhir"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(timeout=5)
