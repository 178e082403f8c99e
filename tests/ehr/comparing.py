"""One patient, many ways in: what must be the same of an assessment, whatever way and shape the facts came in."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from cds_service.hooks.prefetch import prefetch
from fhir_fixtures import Case
from tests.ehr.server import Ehr
from tests.spec.core import site

Explanation = dict[str, Any]
_LESIONS = re.compile(r"(Lung lesions: .*?)\(([^+].*)\)\.")
_PATIENT = "{{context.patientId}}"
#: Names of resources and counts of them differ from one EHR to the next; what was concluded does not.
_NAMES = frozenset(
    {
        "facts",
        "fact",
        "resources",
        "resource",
        "supporting",
        "lungMetastasis",
        "sources",
        "dataQuality",
        "cards",
        "id",
        "assessmentHash",
        "terminology",
    }
)


def asking(case: Case, ehr: Ehr, *, sent: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The hook request of a case with access to an EHR, which fulfils some of our prefetch templates itself."""
    request = copy.deepcopy(case.request)
    templates = {key: one for key, one in prefetch(site().terminology).items() if key in sent}
    found = {key: ehr.fulfil(one.replace(_PATIENT, ehr.record.patient_id)) for key, one in templates.items()}
    request["prefetch"] = {key: document for key, document in found.items() if document is not None}
    return request | ehr.authorization()


def concluded(explanation: Explanation) -> Any:
    """What was concluded: everything but the names of resources, their counts, and the cards that name them."""
    found = _without(explanation, _NAMES)
    found["lesions"] = sorted(found["lesions"], key=json.dumps)
    for fact in found["findings"]:  # lists the lesions in the order of their names
        if (listed := _LESIONS.fullmatch(fact["text"])) is not None:
            fact["text"] = f"{listed[1]}({'; '.join(sorted(listed[2].split('; ')))})."
    return _numbers(found)


def whole(explanation: Explanation) -> Any:
    """Everything but how many resources each source brought."""
    states = {key: source["state"] in ("found", "empty") for key, source in explanation["sources"].items()}
    return _without(explanation, frozenset({"sources"})) | {"complete": states}


def _numbers(value: Any) -> Any:
    """Texts with ``3.0`` as ``3``: servers in JavaScript do not keep the difference."""
    if isinstance(value, dict):
        return {name: _numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return re.sub(r"(\d)\.0+(?= ng/mL)", r"\1", value) if isinstance(value, str) else value


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(item, names) for name, item in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(item, names) for item in value]
    return value


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two documents differ, by path, for people."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            text
            for name in sorted({*one, *other})
            for text in differences(one.get(name), other.get(name), f"{at}.{name}" if at else name)
        ]
    if isinstance(one, list) and isinstance(other, list):
        only = [f"{at}: only one has {item!r}" for item in (*one, *other) if (item in one) is not (item in other)]
        if len(one) != len(other):
            return only
        pairs = enumerate(zip(one, other, strict=True))
        return [text for index, (a, b) in pairs for text in differences(a, b, f"{at}[{index}]")]
    return [] if one == other else [f"{at}: {one!r} is {other!r} here"]
