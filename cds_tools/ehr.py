"""An EHR that is played: it fills prefetch templates, searches one patient's record, and serves it as a FHIR server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from cds_service.protocol.templates import USER_TOKENS

Resource = dict[str, Any]

CLINICIAN: Resource = {"resourceType": "Practitioner", "id": "canary-clinician", "active": True}
_TOKEN = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_ELEMENTS = {
    "code": "code",
    "category": "category",
    "clinical-status": "clinicalStatus",
    "verification-status": "verificationStatus",
    "status": "status",
    "_id": "id",
}
_ID = re.compile(r"(?:[A-Z][A-Za-z]+/)?[A-Za-z0-9\-.]{1,64}")
_FORBIDDEN = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
_TOKEN_LIFE_S = 300


@dataclass(frozen=True, slots=True)
class Record:
    """One patient. Searches understand the parameters of ``_ELEMENTS``; every other one is taken to match."""

    patient: Resource
    others: tuple[Resource, ...]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The patient, the clinician, and everything else."""
        return (self.patient, CLINICIAN, *self.others)

    def prefetch(self, templates: Mapping[str, str], context: Mapping[str, Any]) -> dict[str, Any]:
        """What a client sends for a service's templates. A key that it cannot answer is left out."""
        queries = {key: expanded(template, context) for key, template in templates.items()}
        return {key: self.answer(query) for key, query in queries.items() if query is not None}

    def answer(self, query: str) -> Resource | None:
        """What a FHIR server answers to a read or search relative to its base; None to a read that finds nothing."""
        path, _, parameters = query.partition("?")
        kind, _, id_ = path.partition("/")
        if id_:
            return next((one for one in self.resources if (one["resourceType"], one["id"]) == (kind, id_)), None)
        found = [one for one in self.resources if one["resourceType"] == kind and _matches(one, parameters)]
        return searchset(
            [{"fullUrl": f"urn:check:{one['resourceType']}/{one['id']}", "resource": one} for one in found]
        )


def record_of(request: Mapping[str, Any]) -> Record:
    """The record that the prefetch of a complete request holds."""
    found: dict[tuple[str, str], Resource] = {}
    for value in request["prefetch"].values():
        for resource in _resources(value):
            found.setdefault((resource["resourceType"], resource["id"]), resource)
    patient = found.pop(("Patient", request["context"]["patientId"]))
    return Record(patient, tuple(found.values()))


def expanded(template: str, context: Mapping[str, Any]) -> str | None:
    """The prefetch template with its tokens filled from a hook's context.

    None when a token has no value there of the form of an id, which can neither end a parameter nor leave the base.
    """
    values = [_value(match[1], context) for match in _TOKEN.finditer(template)]
    if None in values:
        return None
    filled = iter(values)
    return _TOKEN.sub(lambda _: next(filled) or "", template)


def _value(token: str, context: Mapping[str, Any]) -> str | None:
    if token in USER_TOKENS:
        user_type, _, user_id = str(context.get("userId", "")).partition("/")
        value: object = user_id if user_type == USER_TOKENS[token] else None
    else:
        place, _, name = token.partition(".")
        value = context.get(name) if place == "context" else None
    if not isinstance(value, str) or not _ID.fullmatch(value) or value.rpartition("/")[2] in (".", ".."):
        return None
    return value


def searchset(entries: Sequence[Resource]) -> Resource:
    """The Bundle that answers a search. No element of FHIR is empty, so without entries it has none."""
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return bundle | ({"entry": list(entries)} if entries else {})


def access(base_url: str, token: str | None, *, patient: str, subject: str, scope: str) -> dict[str, Any]:
    """The fields of a hook request that let the service fetch. ``token``: None where the server asks for none."""
    if token is None:
        return {"fhirServer": base_url}
    authorization = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": _TOKEN_LIFE_S,
        "scope": scope,
        "subject": subject,
        "patient": patient,
    }
    return {"fhirServer": base_url, "fhirAuthorization": authorization}


def _resources(value: Any) -> Iterator[Resource]:
    if not isinstance(value, dict):
        return
    if value.get("resourceType") != "Bundle":
        yield value
    for entry in value.get("entry", ()):
        yield entry["resource"]


def _matches(resource: Resource, parameters: str) -> bool:
    for name, wanted in parse_qsl(parameters):
        element = _ELEMENTS.get(name)
        if element is not None and not _has(resource.get(element), unquote(wanted).split(",")):
            return False
    return True


def _has(value: Any, wanted: list[str]) -> bool:
    found: set[str] = set()
    for concept in value if isinstance(value, list) else [value]:
        if isinstance(concept, dict):
            for coding in concept.get("coding", ()):
                code = str(coding.get("code"))
                found |= {code, f"{coding.get('system', '')}|{code}"}
        elif isinstance(concept, str):
            found.add(concept)
    return not found.isdisjoint(wanted)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A caller that hangs up is no fault of ours, and nothing to print."""


@dataclass(slots=True)
class PlayedServer:
    """What is answered from a record, and what was asked. ``asked``: for each call, whether it brought the token.

    ``denies``: every call is answered 403.
    """

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
def played_server(record: Record, token: str, *, denies: bool = False) -> Iterator[PlayedServer]:
    """The server, listening on a free loopback port until it is left."""
    state = PlayedServer(record, token, denies)

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
