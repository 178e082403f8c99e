"""A record from files: a hook request, a FHIR Bundle, or a folder of resources, as one hook request.

A Bundle or a folder is taken as the whole record: what is not in it does not exist, so every prefetch key is complete.
Where the files themselves say that something is missing (a further page, a total above what came, an OperationOutcome,
an answer that failed), the keys that it may concern are not.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from cds_service.errors import InputNotReadable
from cds_service.fhir.bundles import Unfolded, is_partial, unfold
from cds_service.fhir.resource_types import READ_TYPES
from cds_service.fhir.source import is_grave
from cds_service.protocol.request import REQUESTS, HookRequest, read_request
from cds_service.protocol.service import Service

_HOOK_INSTANCE = "00000000-0000-4000-8000-000000000001"  # always the same, so that the same record gives the same bytes
_USER = "Practitioner/command-line"
_ORDER_TYPES = ("ServiceRequest", "MedicationRequest")
_SUFFIXES = (".json", ".ndjson")

_INCOMPLETE = {
    "resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "incomplete"}]},
    "search": {"mode": "outcome"},
}

Entry = dict[str, Any]


def read_hook_request(path: Path) -> HookRequest | None:
    """The hook request in a file, or in a folder's ``request.json``; None when the input is something else.

    Raises: InputNotReadable (CLM-3001); EnvelopeInvalid, HookMismatch, ContextUnusable for a faulty hook request.
    """
    file = path / "request.json" if path.is_dir() else path
    if not file.is_file() or file.suffix == ".ndjson":
        return None
    document = _document(file)
    return read_request(document) if isinstance(document, dict) and "hook" in document else None


def read_record(path: Path, service: Service, *, patient_id: str | None = None) -> HookRequest:
    """The record of one patient, wrapped as a request of the service's hook.

    ``patient_id``: which patient, when there are several. At an order hook the draft requests are the draft orders.
    Raises: InputNotReadable (CLM-3001) naming the file at fault; ContextUnusable when there is no draft order.
    """
    parts = [part for file in _files(path) for part in _parts(file)]
    whole = Unfolded(
        [entry for part in parts for entry in part.entries],
        deleted={key: when for part in parts for key, when in part.deleted.items()},
    )
    entries = whole.without_deleted()
    person, name = _the_patient(entries, patient_id)
    context: dict[str, Any] = {"userId": _USER, "patientId": name}
    drafts = [entry["resource"] for entry in entries if _is_draft(entry["resource"])]
    context |= REQUESTS[service.hook].context_about(drafts)
    if "draftOrders" in context:
        entries = [entry for entry in entries if not _is_draft(entry["resource"])]
    request = {"hook": service.hook, "hookInstance": _HOOK_INSTANCE, "context": context}
    prefetch = _prefetch(entries, person, service)
    for key in {key for part in parts if part.missing for key in _concerned(part, service)}:
        prefetch[key]["entry"].append(_INCOMPLETE)
    return read_request(request | {"prefetch": prefetch})


def _concerned(part: Unfolded, service: Service) -> list[str]:
    """The keys from which something may be missing: those of the one type that the part holds, else all."""
    kinds = {entry["resource"]["resourceType"] for entry in part.entries}
    keys = [key for key, kind in service.types.items() if kinds == {kind}]
    return keys or list(service.types)


def _prefetch(entries: list[Entry], person: Entry, service: Service) -> dict[str, Any]:
    """Each key with the resources of its type; other types that the service reads come along with the last key."""
    by_type: dict[str, list[Entry]] = {}
    for entry in entries:
        by_type.setdefault(entry["resource"]["resourceType"], []).append(entry)
    by_type["Patient"] = [person]
    keys = {key: list(by_type.get(kind, ())) for key, kind in service.types.items()}
    asked = set(service.types.values())
    *_, last = keys
    for kind in sorted(READ_TYPES.keys() & by_type.keys() - asked):
        keys[last] += [entry | {"search": {"mode": "include"}} for entry in by_type[kind]]
    return {key: {"resourceType": "Bundle", "type": "searchset", "entry": found} for key, found in keys.items()}


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputNotReadable(f"There is no file or folder {path}.")
    files = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
    if not files:
        raise InputNotReadable(f"The folder {path} holds no .json or .ndjson file.")
    return files


def _parts(file: Path) -> Iterator[Unfolded]:
    """What each document of a file brings: a Bundle, an answer of a server, or one resource; one a line in NDJSON."""
    if file.suffix != ".ndjson":
        yield _part(_resource(_document(file), file), file)
        return
    for number, line in enumerate(_read(file).splitlines(), start=1):
        if line.strip():
            yield _part(_resource(_parse(line, f"{file}, line {number},"), file), file)


def _part(document: dict[str, Any], file: Path) -> Unfolded:
    if document["resourceType"] != "Bundle":
        return _usable(Unfolded([{"resource": document}]))
    if not isinstance(document.get("entry", []), list):
        raise InputNotReadable(f"The Bundle in {file} has no list of entries.")
    found = unfold(document)
    found.missing = found.missing or is_partial(document)
    return _usable(found)


def _usable(found: Unfolded) -> Unfolded:
    """The resources with their addresses; an OperationOutcome among them may say that something is missing."""
    kept = []
    for entry in found.entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            continue
        if resource["resourceType"] == "OperationOutcome":
            found.missing = found.missing or is_grave(resource)
            continue
        kept.append({name: entry[name] for name in ("resource", "fullUrl", "response") if name in entry})
    found.entries = kept
    return found


def _resource(document: object, file: Path) -> dict[str, Any]:
    if isinstance(document, dict) and isinstance(document.get("resourceType"), str):
        return document
    raise InputNotReadable(
        f"{file} holds neither a hook request nor a FHIR resource.",
        hint="Give a hook request, a FHIR Bundle, or a folder of FHIR resources (.json, .ndjson).",
    )


def _document(file: Path) -> object:
    return _parse(_read(file), str(file))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes().removeprefix(BOM_UTF8)
    except OSError as fault:
        raise InputNotReadable(f"{file} cannot be read: {fault.strerror}.") from None


def _parse(text: bytes, where: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise InputNotReadable(f"{where} is not JSON (line {fault.lineno}, column {fault.colno}).") from None


def _the_patient(entries: list[Entry], wanted: str | None) -> tuple[Entry, str]:
    """The Patient and the id to call it by: its own, or what its address ends with."""
    people = [entry for entry in entries if entry["resource"]["resourceType"] == "Patient"]
    named = [(entry, _id(entry)) for entry in people]
    chosen = [(entry, name) for entry, name in named if wanted is None or name == wanted]
    if not people:
        raise InputNotReadable("The record holds no Patient.")
    if not chosen:
        raise InputNotReadable("The record holds no Patient of that id.")
    if len({name for _, name in chosen}) > 1:
        raise InputNotReadable(f"The record holds {len(people)} patients.", hint="Choose one with --patient ID.")
    return chosen[0]


def _id(entry: Entry) -> str:
    name = entry["resource"].get("id")
    if isinstance(name, str) and name:
        return name
    return str(entry.get("fullUrl", "")).replace(":", "/").rpartition("/")[2] or "unknown"


def _is_draft(resource: dict[str, Any]) -> bool:
    return resource["resourceType"] in _ORDER_TYPES and resource.get("status") == "draft"
