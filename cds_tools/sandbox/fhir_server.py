"""A FHIR server as a tester uses it: what it is, reading, searching, writing, and what it says when it refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from cds_service.errors import InputNotReadable
from cds_service.protocol.origins import encrypted_or_local, same_origin
from cds_tools.caller import Answer, outcome_words
from cds_tools.sandbox.errors import NotFhirR4, ServerRefused
from cds_tools.sandbox.servers import BUSY, Server, base_address

SPOKEN = ("4.0", "4.3")  # R4, and R4B, which is R4 in all that is used here
MAX_PAGES = 50
_FHIR_JSON = "application/fhir+json"
_LOCATION = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?$")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_NO_TRANSACTIONS = frozenset({404, 405, 501})
_NOT_THIS_ONE = frozenset({400, 413, 422})
_GONE = frozenset({404, 410})
_CREATED, _FAILS = 201, 500
_GOOD = ("2", "304")  # 304: what was to be created is there

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A resource after it was put. ``new``: false where the server found that it was there, and left it."""

    reference: str
    new: bool


@dataclass(frozen=True, slots=True)
class About:
    """What a server says of itself. ``transactions``: false when it lists what it can do, and they are not among it."""

    name: str
    version: str
    transactions: bool


class TransactionRefused(Exception):
    """The server does not take this transaction, or none at all (``any_``). Nothing was put."""

    def __init__(self, why: str, *, any_: bool) -> None:
        super().__init__(why)
        self.why, self.any = why, any_


def read_token(path: Path | None) -> str | None:
    """The bearer token in a file. Raises: InputNotReadable, which never repeats what the file holds."""
    if path is None:
        return None
    try:
        token = path.read_text(encoding="utf-8").strip().removeprefix("Bearer ").strip()
    except (OSError, UnicodeDecodeError):
        raise InputNotReadable(f"The token file {path} cannot be read.") from None
    if not _TOKEN.fullmatch(token):
        raise InputNotReadable(f"The token file {path} does not hold one bearer token.")
    return token


class FhirServer:
    """One server under one base address."""

    def __init__(self, base_url: str, token: str | None = None) -> None:
        """Raises: InputNotReadable for what is no address, or where others could read the token on its way."""
        self.base_url = base_address(base_url)
        if token and not encrypted_or_local(self.base_url):
            raise InputNotReadable(
                "A token is sent over https only, or to this machine.", hint="Give an https address."
            )
        self.token = token
        self._server = Server("FHIR server", media_type=_FHIR_JSON)

    def about(self) -> About:
        """Look whether R4 is spoken here. Raises: NotFhirR4, ServerUnreachable, AccessRefused."""
        reply = self._call("GET", "metadata")
        if reply.status >= _FAILS or reply.status in BUSY:
            raise self._refused(reply, "GET metadata")
        statement = reply.document if isinstance(reply.document, dict) else {}
        kind = statement.get("resourceType")
        if not reply.good or kind not in ("CapabilityStatement", "Conformance"):
            found = f"it answers {reply.status}" + ("" if reply.document else ", and not with JSON")
            raise NotFhirR4(
                f"{self.base_url} is not the base address of a FHIR server: {found} to /metadata.",
                hint="The base address is what stands before /metadata, such as http://127.0.0.1:8080/fhir.",
            )
        version = str(statement.get("fhirVersion", "of an unknown version"))
        if kind == "Conformance" or not version.startswith(SPOKEN):
            raise NotFhirR4(
                f"{self.base_url} speaks FHIR {version}; R4 (4.0) is needed.",
                hint="Many servers have another address for each version of FHIR.",
            )
        software = statement.get("software")
        name = software.get("name") if isinstance(software, dict) else None
        listed = [item.get("code") for rest in statement.get("rest", ()) for item in rest.get("interaction", ())]
        return About(str(name or "a FHIR server"), version, not listed or "transaction" in listed)

    def read(self, kind: str, name: str) -> Resource | None:
        """One resource; None when there is none, or no more. Raises: SandboxStopped."""
        if not _ID.fullmatch(name):
            return None
        reply = self._call("GET", f"{kind}/{name}")
        if reply.status in _GONE:
            return None
        return self._document(reply, f"GET {kind}/{name}")

    def search(self, query: str) -> tuple[list[dict[str, Any]], bool]:
        """The entries of all pages, and whether that is all there is. Raises: SandboxStopped."""
        entries: list[dict[str, Any]] = []
        url, doing = f"{self.base_url}/{query}", f"GET {query.partition('?')[0]}"
        seen: set[str] = set()
        while True:
            seen.add(url)
            bundle = self._document(self._call("GET", url), doing)
            entries += [entry for entry in bundle.get("entry", ()) if isinstance(entry.get("resource"), dict)]
            links = {link.get("relation"): link.get("url") for link in bundle.get("link", ())}
            following = links.get("next")
            if following is None:
                total = bundle.get("total")
                return entries, not isinstance(total, int) or total <= len(entries)
            url = urljoin(url, following)
            if url in seen or len(seen) >= MAX_PAGES or not same_origin(url, self.base_url):
                return entries, False

    def transact(self, entries: Sequence[dict[str, Any]]) -> list[Made]:
        """Put all or nothing. What became of each entry, in order.

        Raises: TransactionRefused, after which resources may still be put one by one; SandboxStopped otherwise, also
        when the server took some entries and refused others, as one does that takes every Bundle for a batch.
        """
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
        reply = self._call("POST", "", bundle)
        if reply.status in _NO_TRANSACTIONS | _NOT_THIS_ONE:
            said = f"{reply.status}{f': {reply.words}' if reply.words else ''}"
            raise TransactionRefused(said, any_=reply.status in _NO_TRANSACTIONS)
        answer = self._document(reply, "a transaction")
        answered = answer.get("entry", ())
        for entry in answered:
            if (status := _status(entry)) and not status.startswith(_GOOD):
                said = outcome_words((entry.get("response") or {}).get("outcome"))
                raise self._server.refused(int(status[:3]), said, "an entry of the transaction, which it took apart")
        references = [reference for entry in answered if (reference := _reference(entry)) is not None]
        if len(references) != len(entries) or len(answered) != len(entries):
            raise ServerRefused("The FHIR server took the transaction, but does not say which ids it gave.")
        there = [
            "ifNoneExist" in entry["request"] and _was_there(said)
            for entry, said in zip(entries, answered, strict=True)
        ]
        return [Made(reference, not was) for reference, was in zip(references, there, strict=True)]

    def create(self, resource: Resource, unless: str) -> Made:
        """Put one resource unless the search ``unless`` finds one. Raises: SandboxStopped."""
        kind = resource["resourceType"]
        reply = self._call("POST", kind, resource, If_None_Exist=unless, Prefer="return=representation")
        made = _reference({"response": {"location": reply.headers.get("Location")}, "resource": reply.document})
        if not reply.good:
            raise self._refused(reply, f"POST {kind}")
        if made is None:
            raise ServerRefused(f"The FHIR server took a {kind}, but does not say which id it gave.")
        return Made(made, reply.status == _CREATED)

    def update(self, reference: str, resource: Resource) -> None:
        """Replace one resource. Raises: SandboxStopped."""
        reply = self._call("PUT", reference, resource | {"id": reference.partition("/")[2]})
        if not reply.good:
            raise self._refused(reply, f"PUT {reference}")

    def delete(self, reference: str) -> None:
        """Take one resource away; it may be gone already. Raises: SandboxStopped."""
        reply = self._call("DELETE", reference)
        if not reply.good and reply.status not in _GONE:
            raise self._refused(reply, f"DELETE {reference}")

    def _call(self, method: str, path: str, document: object = None, **headers: str) -> Answer:
        url = path if path.startswith("http") else f"{self.base_url}/{path}".rstrip("/")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if method == "GET":
            sent["Cache-Control"] = "no-cache"  # some servers answer a search from memory
        return self._server.call(method, url, document, sent)

    def _document(self, answer: Answer, doing: str) -> Resource:
        if not answer.good:
            raise self._refused(answer, doing)
        document = answer.document
        if not isinstance(document, dict):
            raise ServerRefused(f"The FHIR server answers {doing} with something that is not JSON.")
        return document

    def _refused(self, answer: Answer, doing: str) -> ServerRefused:
        return self._server.refused(answer.status, answer.words, doing)


def _reference(entry: dict[str, Any]) -> str | None:
    """``Type/id`` from the location that a server gave, else from the resource that it sent back."""
    response, resource = entry.get("response") or {}, entry.get("resource")
    if match := _LOCATION.search(response.get("location") or ""):
        return f"{match[1]}/{match[2]}"
    if isinstance(resource, dict) and isinstance(resource.get("id"), str):
        return f"{resource.get('resourceType')}/{resource['id']}"
    return None


def _was_there(entry: dict[str, Any]) -> bool:
    return not _status(entry).startswith(str(_CREATED))


def _status(entry: dict[str, Any]) -> str:
    """The status of one entry, such as ``201 Created``; empty where the server gave none."""
    status = (entry.get("response") or {}).get("status")
    return status if isinstance(status, str) and status[:3].isdecimal() else ""
