"""How the lesions of a test patient are written down: as mCODE tumours, or as plain Observations.

A lesion is a dict with any of ``mm`` (a number, a text with comparator such as ``"<6"``, or None), ``unit`` (default
``mm``; None leaves it out), ``side`` (``R``, ``L``), ``lobe``, ``zone``, ``to_bronchi_mm``, ``to_vessel_mm``, ``near``,
``histology`` (default confirmed metastasis; None is not recorded), ``growth``, ``date`` and ``earlier`` (a list of
earlier measurements, each a date and a size in mm).
"""

from __future__ import annotations

from typing import Any

from tests.spec.resources import HL7, LOINC, MCODE, OWN, SNOMED, SUBJECT, Resource, concept, observation, own, quantity

CT_DATE = "2025-05-12"
LOBES = {
    "RUL": ("42400003", "Structure of upper lobe of right lung"),
    "RML": ("72481006", "Structure of middle lobe of right lung"),
    "RLL": ("266005", "Structure of lower lobe of right lung"),
    "LUL": ("44714003", "Structure of upper lobe of left lung"),
    "LLL": ("41224006", "Structure of lower lobe of left lung"),
}
SIDES = {"R": ("24028007", "Right"), "L": ("7771000", "Left")}
WHOLE_LUNG = ("39607008", "Lung structure")
CT_METHOD = concept(SNOMED, "77477000", "Computed tomography")
LARGEST = "33728-7"


def lesion_resources(lesions: list[dict[str, Any]], style: str) -> dict[str, list[Resource]]:
    """The Observations (``imaging-findings``) and BodyStructures of the lesions, by prefetch key."""
    write = {"mcode": _mcode, "plain": _plain}[style]
    structures: list[Resource] = []
    observations: list[Resource] = []
    for number, lesion in enumerate(lesions, start=1):
        write(f"lesion-{number}", lesion, observations, structures)
    return {"imaging-findings": observations, "body-structures": structures}


def count_observation(count: object, on: str = CT_DATE, *, organ: Resource | None = None) -> Resource:
    """A stated number of lesions of the lung or of another organ: a number, ``multiple`` or ``innumerable``."""
    value = {"valueInteger": count} if isinstance(count, int) else {"valueString": count}
    if organ is not None:
        value["bodySite"] = organ
    id_ = "lesion-count" if organ is None else "lesion-count-elsewhere"
    return observation(id_, own("lesion-count"), on, category="imaging", **value)


def _mcode(name: str, lesion: dict[str, Any], observations: list[Resource], structures: list[Resource]) -> None:
    """TumorSize with focus on a Tumor BodyStructure; side as a qualifier; histology as its own Observation."""
    focus = [{"reference": f"BodyStructure/{name}"}]
    structure: Resource = {
        "resourceType": "BodyStructure",
        "id": name,
        "meta": {"profile": [f"{MCODE}/mcode-tumor"]},
        "identifier": [{"system": "https://ehr.example.org/tumors", "value": name}],
        "morphology": concept(SNOMED, "1240414004", "Malignant neoplasm"),
        "location": concept(SNOMED, *LOBES.get(lesion.get("lobe", ""), WHOLE_LUNG)),
        "patient": SUBJECT,
    }
    if side := lesion.get("side"):
        structure["locationQualifier"] = [concept(SNOMED, *SIDES[side])]
    structures.append(structure)
    for on, size, current in _measurements(lesion):
        largest = {"code": concept(LOINC, LARGEST, "Size.maximum dimension in Tumor")} | _size(size, lesion)
        size_of = observation(f"{name}-size-{on}", concept(LOINC, "21889-1", "Size Tumor"), on, category="imaging")
        size_of |= {"meta": {"profile": [f"{MCODE}/mcode-tumor-size"]}, "focus": focus, "method": CT_METHOD}
        size_of["component"] = [largest, *(_marks(lesion) if current else [])]
        observations.append(size_of)
    if histology := lesion.get("histology", "metastasis-confirmed"):
        value = concept(f"{OWN}/CodeSystem/lesion-histology", histology)
        proof = observation(f"{name}-histology", own("lesion-histology"), "2024-12-05", valueCodeableConcept=value)
        observations.append(proof | {"focus": focus})


def _plain(name: str, lesion: dict[str, Any], observations: list[Resource], structures: list[Resource]) -> None:
    """One Observation of the tumour's size with the lobe as body site; everything else as components."""
    lobe = lesion.get("lobe") or {"R": "RLL", "L": "LLL"}.get(lesion.get("side") or "", "")
    for on, size, current in _measurements(lesion):
        size_of = observation(f"{name}-{on}", concept(LOINC, "21889-1"), on, category="imaging")
        size_of |= {"bodySite": concept(SNOMED, *LOBES.get(lobe, WHOLE_LUNG))} | _size(size, lesion)
        if lesion.get("earlier"):
            size_of["identifier"] = [{"system": "urn:dicom:uid", "value": f"urn:oid:2.25.77{name[-1]}"}]
        components = _marks(lesion) if current else []
        if current and (histology := lesion.get("histology", "metastasis-confirmed")):
            value = concept(f"{OWN}/CodeSystem/lesion-histology", histology)
            components.append({"code": own("lesion-histology"), "valueCodeableConcept": value})
        if components:
            size_of["component"] = components
        observations.append(size_of)


def _measurements(lesion: dict[str, Any]) -> list[tuple[str, object, bool]]:
    """Each measurement: its date, its size in mm, and whether it is the latest."""
    earlier = [(on, size, False) for on, size in lesion.get("earlier", ())]
    return [*earlier, (lesion.get("date", CT_DATE), lesion.get("mm"), True)]


def _size(size: object, lesion: dict[str, Any]) -> Resource:
    if size is None:
        return {"dataAbsentReason": concept(f"{HL7}/data-absent-reason", "unknown")}
    return {"valueQuantity": quantity(size, lesion.get("unit", "mm"))}


def _marks(lesion: dict[str, Any]) -> list[Resource]:
    """Place and growth of a lesion as components in the service's own codes."""
    marks: list[Resource] = []
    if zone := lesion.get("zone"):
        value = concept(f"{OWN}/CodeSystem/lesion-zone", zone)
        marks.append({"code": own("lesion-zone"), "valueCodeableConcept": value})
    for name, code in (("to_bronchi_mm", "distance-to-bronchial-tree"), ("to_vessel_mm", "distance-to-vessel")):
        if (distance := lesion.get(name)) is not None:
            marks.append({"code": own(code), "valueQuantity": quantity(distance, "mm")})
    if (near := lesion.get("near")) is not None:
        marks.append({"code": own("near-vessel-or-bronchus"), "valueBoolean": near})
    if growth := lesion.get("growth"):
        value = concept(f"{OWN}/CodeSystem/lesion-growth", growth)
        marks.append({"code": own("lesion-growth"), "valueCodeableConcept": value})
    return marks
