"""A site's local codes, read from FHIR R4 ConceptMap JSON: each stands for a code that the service knows."""

from __future__ import annotations

from typing import Any

from cds_service.fhir.codings import canonical_system
from cds_service.terminology.code_tables import Key, key_of
from cds_service.terminology.value_sets import Fault, objects, required

#: The target means the same as the local code, or something more general. Only then is the local code surely one of it.
_SAFE = frozenset({"equal", "equivalent", "wider", "subsumes"})
#: No target is meant.
_NONE = frozenset({"unmatched", "disjoint"})


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
