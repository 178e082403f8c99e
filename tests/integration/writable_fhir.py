"""A strict FHIR R4 server in memory that can be written to, on loopback, and refuses on demand.

It takes transactions (all or nothing, references resolved), conditional creates, updates and deletes, keeps referential
integrity both ways, searches by tag, identifier, patient, code and category, and pages. What it does not know is 400.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Resource = dict[str, Any]
PAGE = 20


class Refusal(Exception):
    """An answer that is not 2xx, with the words of its OperationOutcome."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass
class Store:
    """What the server holds, how it is set, and what it was asked."""

    version: str = "4.0.1"
    takes_transactions: bool = True
    most_entries: int | None = None  # of a transaction
    takes_writes: bool = True
    token: str | None = None
    searches_by_tag: bool = True
    breaks_at_write: int | None = None  # the write with this number fails with 500
    busy_times: int = 0  # so many calls are answered 429 first
    refused_types: frozenset[str] = frozenset()  # types that may not be read
    metadata: bytes | None = None  # sent instead of the CapabilityStatement, as HTML
    held: dict[str, Resource] = field(default_factory=dict)
    writes: int = 0
    asked: list[str] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    base: str = ""
    _next: int = 100
    _texts: dict[str, tuple[Resource, str]] = field(default_factory=dict)

    def put(self, kind: str, resource: Resource, reference: str | None = None) -> str:
        """Store under the given reference, or under a new id."""
        self.writes += 1
        if self.breaks_at_write == self.writes:
            raise Refusal(500, "the disk is full")
        if reference is None:
            self._next += 1
            reference = f"{kind}/{self._next}"
        before = self.held.get(reference, {}).get("meta", {}).get("versionId", "0")
        meta = resource.get("meta", {}) | {"versionId": str(int(before) + 1), "lastUpdated": "2026-01-01T00:00:00Z"}
        self.held[reference] = resource | {"id": reference.partition("/")[2], "meta": meta}
        return reference

    def search(self, kind: str, query: str) -> list[Resource]:
        wanted = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
        found = [resource for reference, resource in self.held.items() if reference.startswith(f"{kind}/")]
        for name, text in wanted.items():
            if name in ("_count", "page") or (name == "_tag" and not self.searches_by_tag):
                continue
            found = [resource for resource in found if any(_matches(resource, name, one) for one in text.split(","))]
        return found

    def transact(self, bundle: Resource) -> Resource:
        """All or nothing: a failure leaves everything as it was."""
        before = dict(self.held), self._next
        try:
            return {"resourceType": "Bundle", "type": "transaction-response", "entry": self._entries(bundle)}
        except Refusal:
            self.held, self._next = before
            raise

    def _entries(self, bundle: Resource) -> list[Resource]:
        places: dict[str, str] = {}
        answers, todo = [], []
        for entry in bundle["entry"]:
            request, resource = entry["request"], entry["resource"]
            kind = resource["resourceType"]
            if request["method"] == "POST":
                assert request["url"] == kind
                existing = self.only(kind, request["ifNoneExist"])
                place = existing or self.put(kind, {"resourceType": kind})
                status = "200 OK" if existing else "201 Created"
            else:
                assert request["method"] == "PUT"
                assert request["url"] == f"{kind}/{resource['id']}"
                existing, place, status = None, request["url"], "200 OK"
            places[entry["fullUrl"]] = place
            answers.append({"response": {"status": status, "location": f"{place}/_history/1"}})
            if existing is None:
                todo.append((place, resource))
        for place, resource in todo:
            placed = json.loads(
                re.sub(r"urn:uuid:[0-9a-f-]{36}", lambda m: places.get(m[0], m[0]), json.dumps(resource))
            )
            self.check_references(placed)
            meta = placed.get("meta", {}) | {"versionId": "1"}
            self.held[place] = placed | {"id": place.partition("/")[2], "meta": meta}
        return answers

    def only(self, kind: str, query: str) -> str | None:
        found = self.search(kind, query)
        if len(found) > 1:
            raise Refusal(412, "more than one resource matches")
        return f"{kind}/{found[0]['id']}" if found else None

    def check_references(self, resource: Resource) -> None:
        for reference in references(resource):
            if not reference.startswith("#") and reference not in self.held:
                raise Refusal(422, f"{reference} is not there")

    def text(self, name: str, resource: Resource) -> str:
        """A resource as JSON, written once for each state of it, as every delete looks through all."""
        known = self._texts.get(name)
        if known is None or known[0] is not resource:
            known = self._texts[name] = (resource, json.dumps(resource))
        return known[1]

    def delete(self, reference: str) -> None:
        literal = f'"{reference}"'
        pointing = [name for name, item in self.held.items() if name != reference and literal in self.text(name, item)]
        if pointing:
            raise Refusal(409, f"{pointing[0]} still points to {reference}")
        if self.held.pop(reference, None) is None:
            raise Refusal(404, "not there")


def references(value: Any) -> set[str]:
    if isinstance(value, list):
        return {found for item in value for found in references(item)}
    if not isinstance(value, dict):
        return set()
    here = {value["reference"]} if isinstance(value.get("reference"), str) else set()
    return here | {found for item in value.values() for found in references(item)}


def _matches(resource: Resource, name: str, text: str) -> bool:
    if name == "patient":
        return any(
            resource.get(element, {}).get("reference") == f"Patient/{text.removeprefix('Patient/')}"
            for element in ("subject", "patient")
        )
    system, bar, code = text.rpartition("|")
    if name == "_tag":
        codings = resource.get("meta", {}).get("tag", [])
    elif name == "identifier":
        codings = [{"system": item.get("system"), "code": item.get("value")} for item in resource.get("identifier", [])]
    elif name in ("code", "category"):
        concepts = resource.get(name, [])
        concepts = concepts if isinstance(concepts, list) else [concepts]
        codings = [coding for concept in concepts for coding in concept.get("coding", [])]
    else:
        raise Refusal(400, f"the parameter {name} is not known")
    return any(coding.get("code") == code and (not bar or coding.get("system") == system) for coding in codings)


class _Handler(BaseHTTPRequestHandler):
    store: Store
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        store = self.store
        path = self.path.removeprefix("/fhir").lstrip("/")
        store.asked.append(f"{self.command} {path}")
        store.tokens.add(self.headers["Authorization"])
        try:
            if store.busy_times:
                store.busy_times -= 1
                raise Refusal(429, "later")
            if store.token and self.headers["Authorization"] != f"Bearer {store.token}":
                raise Refusal(401, "who are you?")
            if path == "metadata" and store.metadata is not None:
                self._send(200, store.metadata, "text/html")
                return
            status, document, location = self._answer(path, body)
        except Refusal as refusal:
            issue = {"severity": "error", "code": "processing", "diagnostics": refusal.words}
            status, document, location = refusal.status, {"resourceType": "OperationOutcome", "issue": [issue]}, None
        raw = b"" if document is None else json.dumps(document).encode()
        self._send(status, raw, "application/fhir+json;charset=utf-8", location, "0" if status == 429 else None)

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def _send(self, status: int, raw: bytes, kind: str, location: str | None = None, retry: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        if location:
            self.send_header("Location", location)
        if retry:
            self.send_header("Retry-After", retry)
        self.end_headers()
        self.wfile.write(raw)

    def _answer(self, path: str, body: Any) -> tuple[int, Resource | None, str | None]:
        store = self.store
        parts = urlsplit(path)
        kind, _, name = parts.path.partition("/")
        if path == "metadata":
            return 200, self._capabilities(), None
        if self.command == "GET":
            if kind in store.refused_types:
                raise Refusal(403, f"{kind} is not for you")
            return (200, self._read(f"{kind}/{name}"), None) if name else (200, self._page(kind, parts.query), None)
        if not store.takes_writes:
            raise Refusal(403, "this server is for reading")
        if self.command == "POST" and not path:
            if not store.takes_transactions:
                raise Refusal(405, "no transactions")
            assert self.headers["Content-Type"] == "application/fhir+json"
            if store.most_entries is not None and len(body["entry"]) > store.most_entries:
                raise Refusal(400, "too many entries")
            return 200, store.transact(body), None
        if self.command == "POST":
            existing = store.only(kind, self.headers["If-None-Exist"])
            store.check_references(body)
            place = existing or store.put(kind, body)
            return 200 if existing else 201, store.held[place], f"{store.base}/{place}/_history/1"
        if self.command == "PUT":
            store.check_references(body)
            return 200, store.held[store.put(kind, body, path)], None
        store.delete(path)
        return 204, None, None

    def _read(self, reference: str) -> Resource:
        if reference not in self.store.held:
            raise Refusal(404, "not there")
        return self.store.held[reference]

    def _page(self, kind: str, query: str) -> Resource:
        found = self.store.search(kind, query)
        page = int(dict(parse_qsl(query)).get("page", "0"))
        entries = [
            {"fullUrl": f"{self.store.base}/{kind}/{item['id']}", "resource": item, "search": {"mode": "match"}}
            for item in found[page * PAGE : (page + 1) * PAGE]
        ]
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
        if len(found) > (page + 1) * PAGE:
            following = re.sub(r"&page=\d+", "", query) + f"&page={page + 1}"
            bundle["link"] = [{"relation": "next", "url": f"{self.store.base}/{kind}?{following}"}]
        return bundle | ({"entry": entries} if entries else {})

    def _capabilities(self) -> Resource:
        system = ["transaction"] if self.store.takes_transactions else []
        return {
            "resourceType": "CapabilityStatement",
            "fhirVersion": self.store.version,
            "software": {"name": "Writable FHIR double"},
            "rest": [{"mode": "server", "interaction": [{"code": code} for code in (*system, "search-system")]}],
        }

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def writable_fhir(**settings: Any) -> Iterator[Store]:
    """A running server; ``store.base`` is its base address."""
    store = Store(**settings)
    handler = type("Handler", (_Handler,), {"store": store})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    store.base = f"http://127.0.0.1:{running.server_port}/fhir"
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield store
    finally:
        running.shutdown()
        running.server_close()
