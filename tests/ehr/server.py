"""The server itself: one patient's record over HTTP on loopback, with pages, faults, and a log of what was asked."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from tests.ehr.faults import Fault
from tests.ehr.personality import PLAIN, Personality
from tests.ehr.record import Record, Resource
from tests.ehr.search import Refused, matches

TOKEN = "the-token-of-the-ehr"
_PAGE = "_page"


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    query: str
    headers: dict[str, str]

    @property
    def kind(self) -> str:
        """The resource type that was asked for."""
        return self.path.removeprefix("/fhir/").partition("/")[0]

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The query."""
        return parse_qs(self.query)


@dataclass
class Ehr:
    """A FHIR server as a context manager. ``faults``: by resource type, what goes wrong with its answers."""

    record: Record
    personality: Personality = PLAIN
    faults: dict[str, Fault] = field(default_factory=dict)
    token: str | None = TOKEN
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Ehr:
        self.kept = self.personality.shape(self.record)
        self.pages: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.outlasted = threading.Event()
        """Somebody waited until a fault that has no end ended."""
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        """The base URL, as it stands in ``fhirServer``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/fhir"

    def authorization(self, **more: Any) -> dict[str, Any]:
        """``fhirServer`` and ``fhirAuthorization`` of a hook request."""
        granted = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300}
        granted |= {"scope": "patient/*.rs", "subject": "cds-service", "patient": self.record.patient_id}
        return {"fhirServer": self.base_url, "fhirAuthorization": granted | more}

    def of(self, kind: str) -> list[Asked]:
        """What was asked for one resource type."""
        return [one for one in self.asked if one.kind == kind]

    def fulfil(self, query: str) -> Resource | None:
        """What this EHR would send for a prefetch template; None, so that the key is left out, where it refuses."""
        path, _, search = query.partition("?")
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/fhir+json"}
        try:
            return self._document(Asked(f"/fhir/{path}", search, headers))
        except Refused:
            return None

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        """The good answer, or the refusal of a strict server."""
        try:
            status, document = 200, self._document(asked)
        except Refused as refused:
            status, document = refused.status, refused.outcome
        return status, {"Content-Type": self.personality.content_type}, orjson.dumps(document)

    def _document(self, asked: Asked) -> Resource:
        if self.token and asked.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(401, "login", "no token")
        if "application/fhir+json" not in asked.headers.get("Accept", ""):
            raise Refused(406, "not-supported", "only application/fhir+json is served")
        kind, _, name = asked.path.removeprefix("/fhir/").partition("/")
        if name:
            for resource in self.kept.of(kind):
                if resource["id"] == name:
                    return resource
            raise Refused(404, "not-found", "there is none")
        query, _, number = asked.query.partition(f"&{_PAGE}=")
        if number and self.personality.sessions_last is not None:
            with self.lock:
                page = f"{asked.path}?{asked.query}"
                self.pages[page] += 1
                if self.pages[page] > self.personality.sessions_last:
                    raise Refused(410, "not-found", "the search has expired")
        return self._bundle(kind, query, int(number or 0))

    def _bundle(self, kind: str, query: str, number: int) -> Resource:
        found = matches(self.kept, self.personality, kind, query)
        size = self.personality.page_size
        page = found[number * size : (number + 1) * size]
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "link": [], "entry": []}
        bundle["link"].append({"relation": "self", "url": f"{self.base_url}/{kind}?{query}"})
        if self.personality.says_total:
            bundle["total"] = len(found)
        if (number + 1) * size < len(found):
            bundle["link"].append({"relation": "next", "url": self.next_url(kind, query, number + 1)})
        for resource in page:
            address = f"{self.base_url}/{kind}/{resource['id']}"
            bundle["entry"].append({"fullUrl": address, "resource": resource, "search": {"mode": "match"}})
        if not found and self.personality.no_results:
            bundle["entry"].append({"resource": self.personality.no_results, "search": {"mode": "outcome"}})
        return {name: value for name, value in bundle.items() if value != []}

    def next_url(self, kind: str, query: str, number: int) -> str:
        """The address of a page, written as this server writes it."""
        tail = f"?{query}&{_PAGE}={number}"
        absolute = f"{self.base_url}/{kind}"
        return {"absolute": absolute, "relative": kind, "query": ""}[self.personality.next_style] + tail


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle of an answer is no failure of the server."""


def _handler(ehr: Ehr) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = Asked(parts.path, parts.query, dict(self.headers.items()))
            with ehr.lock:
                ehr.asked.append(asked)
            fault = ehr.faults.get(asked.kind)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            status, headers, body = ehr.answer(asked)
            if fault is None or not fault(self, ehr, asked, (status, headers, body)):
                self.send(status, headers, body)

        def send(self, status: int, headers: dict[str, str], body: bytes, *, length: int | None = None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what was asked is kept in ``asked``."""

    return Handler
