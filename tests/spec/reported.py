"""Records as they were reported from real systems: one patient, and for each report what differs in her record.

``reported.json`` holds the patient (``base``) and, by the name of the report, the resources that are added (``new``),
those that are left out (``gone``), and the hook with its context where it is not patient-view.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.spec.resources import Resource

Request = dict[str, Any]
SUBJECT = {"reference": "Patient/pt-77"}
_FILE = Path(__file__).with_name("reported.json")
_CONTEXT = {"userId": "Practitioner/dr-9", "patientId": "pt-77"}


@cache
def _read() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return data


def names() -> list[str]:
    """The reports."""
    return sorted(_read()["cases"])


def reported(name: str) -> Request:
    """The hook request of a report."""
    case = copy.deepcopy(_read()["cases"][name])
    context = case.pop("context", {})
    return request(hook=case.pop("hook", "patient-view"), context=context, **case)


def request(*, hook: str = "patient-view", context: dict[str, Any] | None = None, **changed: Any) -> Request:
    """The hook request of the patient; ``changed``: by prefetch key (with ``_``), resources or a report's change."""
    changes = {key.replace("_", "-"): change for key, change in changed.items()}
    prefetch: dict[str, Any] = {}
    for key, listed in copy.deepcopy(_read()["base"]).items():
        if key == "patient":
            prefetch[key] = listed[0]
            continue
        change = changes.pop(key, {})
        change = {"new": change} if isinstance(change, list) else change
        new = change.get("new", [])
        gone = {*change.get("gone", []), *(item.get("id") for item in new)}
        kept = [item for item in listed if item["id"] not in gone]
        prefetch[key] = _bundle([*kept, *new]) | change.get("bundle", {})
    assert not changes, f"no such prefetch key: {changes}"
    whole: Request = {"hook": hook, "hookInstance": "7b1f6d52-0c40-4a4a-9a4e-0d6f5b9c2a11"}
    return whole | {"context": _CONTEXT | (context or {}), "prefetch": prefetch}


def _bundle(items: list[Resource]) -> dict[str, Any]:
    """A complete searchset; an item ``{"entry": ...}`` stands for itself."""
    entries = [
        item["entry"]
        if "entry" in item
        else {"fullUrl": f"https://ehr.example.net/r4/{item['resourceType']}/{item['id']}", "resource": item}
        for item in items
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
