"""Marks: what one Observation says about one lesion: identity, site, size, and coded attributes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.quantities import LENGTH_MM, Measurement
from cds_service.fhir.references import local_reference, reference_keys
from cds_service.oncology.patient.chart import Chart, Resource, objects
from cds_service.oncology.patient.conditions import SITES
from cds_service.oncology.patient.sites import NO_SITE, Site, disease_sets, laterality, organ, site_at
from cds_service.truth import Truth, truth
from cds_service.values import ValueObject, replace

_SIZES = frozenset({"lesion-size", "lesion-longest-dimension", "lesion-other-dimension"})
_ATTRIBUTES = frozenset(
    {
        "own-lesion-zone",
        "own-distance-to-bronchial-tree",
        "own-distance-to-vessel",
        "own-near-vessel-or-bronchus",
        "own-lesion-histology",
        "own-lesion-growth",
    }
)
_DISTANCES = {"distance-to-bronchial-tree": "bronchial_distance_mm", "distance-to-vessel": "vessel_distance_mm"}
_NODULE = "lung-nodule-observation"
_ABOUT_LESIONS = _SIZES | _ATTRIBUTES | {_NODULE}
_TRACKING_UID = "112040"  # DICOM code of "Tracking Unique Identifier"
_RELATED_CONDITION = "mcode-related-condition"
_LUNG_DISEASE = frozenset({"lung-metastasis", "lung-nodule"})
_DISEASE_ELSEWHERE = frozenset({"colorectal-primary", "primary-out-of-scope", *SITES})


class Said(ValueObject, frozen=True):
    """Our own coded facts about a lesion; None where the Observation does not say."""

    zone: str | None = None
    growth: str | None = None
    histology: str | None = None
    bronchial_distance_mm: Measurement | None = None
    vessel_distance_mm: Measurement | None = None
    near_vessel_or_bronchus: Truth | None = None

    def joined(self, other: Said) -> Said:
        """These attributes, with those of ``other`` where this has none."""
        mine = {name: getattr(self, name) for name in self.__struct_fields__}
        return Said(**{name: getattr(other, name) if value is None else value for name, value in mine.items()})


class Mark(ValueObject, frozen=True):
    """What one Observation says about one lesion. ``key`` is None when nothing identifies the lesion."""

    observation: Resource
    fact: str
    facts: tuple[str, ...]  # the Observation, and those of its panel that it speaks for
    on: PartialDate | None
    key: str | None
    body: Resource | None
    site: Site
    measures: bool  # a size or a nodule, not only an attribute
    diameter_mm: Measurement | None
    unit_fault: bool
    said: Said
    organ: str | None = None  # where it lies outside lung and colorectum, as one name for one organ


def bodies_of(chart: Chart, resource: Resource) -> list[Resource]:
    """Every BodyStructure that a resource points to, by focus or by extension, wherever the reference stands."""
    found = {}
    for reference in _references(resource):
        target = chart.pool.get(reference, container=resource)
        if target is not None and target.get("resourceType") == "BodyStructure":
            found[local_reference(target)] = target
    return [found[key] for key in sorted(found)]


def _references(resource: Resource, depth: int = 6) -> list[Resource]:
    """Everything in a resource that has the form of a Reference, level by level."""
    found: list[Resource] = []
    level: list[Any] = [resource]
    for _ in range(depth + 1):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                if isinstance(item.get("reference"), str) or isinstance(item.get("identifier"), dict):
                    found.append(item)
                below += item.values()
            elif isinstance(item, list):
                below += item
        level = below
    return found


def body_key(body: Resource) -> str:
    """The identity of a lesion that has a BodyStructure: its first identifier, else its id."""
    for identifier in objects(body.get("identifier") or []):
        if isinstance(identifier.get("value"), str):
            return f"identifier|{identifier.get('system', '')}|{identifier['value']}"
    return local_reference(body)


def body_site(chart: Chart, body: Resource) -> Site:
    """Side and lobe of a BodyStructure from location and locationQualifier; lung by its related Condition, at need."""
    site = site_at(chart.terminology, [body.get("location")], objects(body.get("locationQualifier") or []))
    if site.lung is not None:
        return site
    related = _related(chart, body)
    if _LUNG_DISEASE & related:
        return Site(True, site.side, None)
    return Site(False) if _DISEASE_ELSEWHERE & related else site


def is_tumour(chart: Chart, body: Resource) -> bool:
    """True if the BodyStructure is described as a tumour, not merely as a place."""
    profiles = (body.get("meta") or {}).get("profile") if isinstance(body.get("meta"), dict) else None
    return (
        bool(body.get("morphology"))
        or any("mcode-tumor" in str(profile) for profile in profiles or [])
        or bool(_LUNG_DISEASE & _related(chart, body))
    )


def _related(chart: Chart, resource: Resource) -> frozenset[str]:
    """Value sets of the Conditions that a resource is related to."""
    related = [
        item.get("valueReference")
        for item in objects(resource.get("extension") or [])
        if str(item.get("url", "")).endswith(_RELATED_CONDITION)
    ]
    return _diseases(chart, related, resource)


def _diseases(chart: Chart, references: Iterable[object], container: Resource) -> frozenset[str]:
    """Value sets of the Conditions among some references, their body sites read."""
    targets = [chart.pool.get(reference, container=container) for reference in references if reference]
    found = [item for item in targets if item is not None and item.get("resourceType") == "Condition"]
    return frozenset().union(*(disease_sets(chart.terminology, item) for item in found))


def site_of(chart: Chart, observation: Resource, body: Resource | None, names: frozenset[str]) -> Site:
    """The lesion's place: its BodyStructure, else the Observation's bodySite, else the Condition in focus."""
    if body is not None and (site := body_site(chart, body)).lung is not None:
        return site
    site = NO_SITE
    if isinstance(place := observation.get("bodySite"), dict):
        site = site_at(chart.terminology, [place], laterality(place))
        if _NODULE in names and not site.lung:
            return Site(True, site.side, site.lobe, site.conflict)
    if site.lung is not None:
        return site
    about = _diseases(chart, objects(observation.get("focus") or []), observation)
    if _NODULE in names or _LUNG_DISEASE & about:
        return Site(True, site.side)
    return Site(False) if _DISEASE_ELSEWHERE & about else site


def _organ_elsewhere(chart: Chart, observation: Resource, body: Resource | None, site: Site) -> str | None:
    places = [place for place in (body.get("location") if body else None, observation.get("bodySite")) if place]
    if site.lung is not False or not places or "colorectal-site" in chart.sets(places):
        return None
    return organ(chart.terminology, places[0])


def named_body(observation: Resource) -> str | None:
    """The BodyStructure in focus that did not come with the record: its reference still names the lesion."""
    for reference in objects(observation.get("focus") or []):
        for key in reference_keys(reference):
            if key.startswith("BodyStructure/") or (
                key.startswith("identifier|") and reference.get("type") == "BodyStructure"
            ):
                return key
    return None


def tracking_key(observation: Resource) -> str | None:
    """The identity that a DICOM tracking UID gives, from an Observation's identifiers or components."""
    for identifier in objects(observation.get("identifier") or []):
        kind = identifier.get("type")
        codings = objects(kind.get("coding") or []) if isinstance(kind, dict) else iter(())
        is_uid = identifier.get("system") == "urn:dicom:uid" or any(c.get("code") == _TRACKING_UID for c in codings)
        if is_uid and isinstance(identifier.get("value"), str):
            return f"identifier|{identifier.get('system', '')}|{identifier['value']}"
    for component in objects(observation.get("component") or []):
        code = component.get("code")
        codings = objects(code.get("coding") or []) if isinstance(code, dict) else iter(())
        if any(c.get("code") == _TRACKING_UID for c in codings) and isinstance(component.get("valueString"), str):
            return f"identifier|urn:dicom:uid|{component['valueString']}"
    return None


def _size(chart: Chart, observation: Resource, names: frozenset[str]) -> tuple[Measurement | None, bool]:
    """The longest readable dimension in mm, and whether a dimension was there that could not be read."""
    quantities: list[object] = []
    longest: list[object] = []
    for component in objects(observation.get("component") or []):
        kinds = chart.sets(component.get("code")) & _SIZES
        if kinds and component.get("valueQuantity") is not None:
            (longest if "lesion-longest-dimension" in kinds else quantities).append(component["valueQuantity"])
    if names & (_SIZES | {_NODULE}) and observation.get("valueQuantity") is not None:
        quantities.append(observation["valueQuantity"])
    read = [chart.quantity(observation, value, LENGTH_MM) for value in longest or quantities]
    known = [item for item in read if item is not None]
    return max(known, key=lambda item: item.value, default=None), len(known) < len(read)


def _said(chart: Chart, observation: Resource, names: frozenset[str]) -> Said:
    """What was coded about a lesion, on the Observation itself and in its components."""
    said = Said()
    holders = [(names, observation)]
    holders += [(chart.sets(item.get("code")), item) for item in objects(observation.get("component") or [])]
    for kinds, holder in holders:
        for name in sorted(kinds & _ATTRIBUTES):
            question = name.removeprefix("own-")
            change = _read_attribute(chart, observation, question, holder)
            if not change:
                chart.report(observation, "VALUE_INVALID", f"{question} has no value that is known here.")
            said = replace(said, **change)
    return said


def _read_attribute(chart: Chart, observation: Resource, question: str, holder: Resource) -> dict[str, Any]:
    if field := _DISTANCES.get(question):
        distance = chart.quantity(observation, holder.get("valueQuantity"), LENGTH_MM)
        return {} if distance is None else {field: distance}
    if question == "near-vessel-or-bronchus":
        flag = holder.get("valueBoolean")
        return {"near_vessel_or_bronchus": truth(flag)} if isinstance(flag, bool) else {}
    answer = holder.get("valueCodeableConcept")
    if answer is None and isinstance(text := holder.get("valueString"), str):  # the bare code of our own code system
        answer = {"system": f"{chart.terminology.canonical_base}/CodeSystem/{question}", "code": text.strip()}
    value = chart.terminology.own_value(answer, question)
    return {} if value is None else {question.removeprefix("lesion-"): value}


def read_marks(chart: Chart) -> list[Mark]:
    """Read a mark from every Observation about a lesion, but for sizes of removed specimens."""
    about = {local_reference(item): item for name in sorted(_ABOUT_LESIONS) for item, _ in chart.answers(name)}
    marks = []
    for reference, observation in sorted(about.items()):
        if observation.get("specimen"):
            continue
        names = chart.sets(observation.get("code"))
        parts = frozenset().union(*(chart.sets(c.get("code")) for c in objects(observation.get("component") or [])))
        bodies = bodies_of(chart, observation)
        body = bodies[0] if len(bodies) == 1 else None
        site = site_of(chart, observation, body, names)
        diameter, unit_fault = _size(chart, observation, names)
        marks.append(
            Mark(
                observation=observation,
                fact=reference,
                facts=(reference,),
                on=chart.observed(observation),
                key=body_key(body) if body else (named_body(observation) or tracking_key(observation)),
                body=body,
                site=site,
                measures=bool((names | parts) & (_SIZES | {_NODULE})),
                diameter_mm=diameter,
                unit_fault=unit_fault,
                said=_said(chart, observation, names),
                organ=_organ_elsewhere(chart, observation, body, site),
            )
        )
    return marks
