"""A site's local codes, read from FHIR R4 ConceptMap JSON: each stands for a code that the service knows."""

from __future__ import annotations

import re
from typing import Any

from cds_service.fhir.codings import canonical_system
from cds_service.terminology.code_tables import Key, key_of
from cds_service.terminology.value_sets import Fault, objects, required

#: The target means the same as the local code, or something more general. Only then is the local code surely one of it.
_SAFE = frozenset({"equal", "equivalent", "wider", "subsumes"})
#: No target is meant.
_NONE = frozenset({"unmatched", "disjoint"})
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9.-]+")
_LONGEST_ID = 64
_STATED = ("version", "name", "title", "description")
_STATUSES = frozenset({"draft", "active", "retired", "unknown"})


def read_concept_map(resource: dict[str, Any]) -> dict[Key, tuple[Key, ...]]:
    """Local system and code -> the codes that it stands for. Raises: Fault."""
    found: dict[Key, list[Key]] = {}
    for index, group in enumerate(objects(resource, "group")):
        try:
            source, target = (canonical_system(required(group, element)) for element in ("source", "target"))
            for element in objects(group, "element"):
                code = required(element, "code")
                targets = [key_of(target, item) for item in _targets(element, code)]
                found.setdefault(key_of(source, code), []).extend(targets)
        except Fault as fault:
            raise Fault(f"group[{index}]: {fault}") from None
    if not any(found.values()):
        raise Fault("it maps no code")
    return {key: tuple(dict.fromkeys(targets)) for key, targets in found.items() if targets}


def _targets(element: dict[str, Any], code: str) -> list[str]:
    found = []
    for target in objects(element, "target"):
        equivalence = target.get("equivalence", "equivalent")
        if not isinstance(equivalence, str):
            raise Fault(f"code {code}: equivalence is not a text")
        if equivalence in _NONE:
            continue
        if equivalence not in _SAFE:
            raise Fault(
                f"code {code}: equivalence '{equivalence}' is too vague to decide with; use equivalent or wider"
            )
        if "dependsOn" in target or "product" in target:
            raise Fault(f"code {code}: a target that depends on other elements cannot be evaluated here")
        found.append(required(target, "code"))
    return found


def published(resource: dict[str, Any], stem: str, base: str) -> dict[str, Any]:
    """The concept map as it is used here, as a ConceptMap of its own: what was not read is not published.

    ``stem``: the file's, which gives the id where the site gave none. A status that the site did not state is unknown.
    Raises: Fault. Made after :func:`read_concept_map`, so that the parts are of the right kind.
    """
    given = resource.get("id")
    name = _NOT_OF_AN_ID.sub("-", given if isinstance(given, str) else stem).strip("-.")[:_LONGEST_ID] or "local-codes"
    url, status = resource.get("url"), resource.get("status")
    stated = {key: text.strip() for key in _STATED if isinstance(text := resource.get(key), str) and text.strip()}
    return {
        "resourceType": "ConceptMap",
        "id": name,
        "url": url if isinstance(url, str) and url else f"{base}/ConceptMap/{name}",
        "status": status if isinstance(status, str) and status in _STATUSES else "unknown",
        **stated,
        "group": [
            {
                "source": required(group, "source"),
                "target": required(group, "target"),
                "element": [_published_element(element) for element in objects(group, "element")],
            }
            for group in objects(resource, "group")
        ],
    }


def _published_element(element: dict[str, Any]) -> dict[str, Any]:
    targets = [
        _coded(target) | {"equivalence": target.get("equivalence", "equivalent")}
        for target in objects(element, "target")
    ]
    return _coded(element) | ({"target": targets} if targets else {})


def _coded(item: dict[str, Any]) -> dict[str, Any]:
    found = {key: text.strip() for key in ("code", "display") if isinstance(text := item.get(key), str)}
    return {key: text for key, text in found.items() if text}
