"""Changes of shape that several dialects share. Each keeps the facts and changes only how they are written."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.ehr.record import Record, Resource, with_codings, with_references

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
OWN = "https://crc-lung-metastasis.example.org/fhir/CodeSystem/imaging-finding"
LATERALITY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier"
TRACKING_UID = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "112040"}
_DAY = 10  # characters of a date to the day

#: What is lost where nothing follows a lesion from one examination to the next, by case.
NO_IDENTITY = {
    "two-primaries-and-gaps": "a lesion that the latest CT does not show is told from an earlier size by identity alone"
}

Change = Callable[[Resource], Resource]


def all_of(*changes: Change) -> Change:
    """Several changes one after the other."""

    def every(resource: Resource) -> Resource:
        for change in changes:
            resource = change(resource)
        return resource

    return every


def systems(names: Mapping[str, str]) -> Change:
    """Code systems under other names."""
    return lambda resource: with_codings(
        resource, lambda coding: coding | {"system": names.get(coding["system"], coding["system"])}
    )


def local_coding_first(system: str) -> Change:
    """A code of the EHR's own before the standard one in every code and site, as vendors send it."""

    def change(resource: Resource) -> Resource:
        for element in ("code", "bodySite"):
            concepts = resource.get(element)
            for concept in concepts if isinstance(concepts, list) else [concepts]:
                if concept and concept.get("coding"):
                    number = str(sum(map(ord, concept["coding"][0]["code"])))
                    concept["coding"].insert(0, {"system": system, "code": number, "userSelected": True})
                    concept.setdefault("text", concept["coding"][-1].get("display", "as entered"))
        return resource

    return change


def quantities(change: Change) -> Change:
    """Every quantity of an Observation, wherever it stands."""

    def every(resource: Resource) -> Resource:
        for holder in (resource, *resource.get("component", [])):
            if "valueQuantity" in holder:
                holder["valueQuantity"] = change(holder["valueQuantity"])
        return resource

    return every


def unit_texts(words: Mapping[str, str]) -> Change:
    """Units as the words of a laboratory, without a UCUM code."""

    def change(quantity: Resource) -> Resource:
        unit = quantity.get("code") or quantity.get("unit", "")
        kept = {name: value for name, value in quantity.items() if name not in ("code", "system", "unit")}
        text = words.get(unit, unit)
        return kept | ({"unit": text} if text else {})

    return quantities(change)


def in_cm(quantity: Resource) -> Resource:
    """Millimetres as centimetres."""
    if quantity.get("code") != "mm" and quantity.get("unit") != "mm":
        return quantity
    return quantity | {"value": quantity["value"] / 10, "unit": "cm", "code": "cm", "system": UCUM}


def at_time(clock: str, offset_hours: int) -> Change:
    """Days of results and reports as moments whose day in UTC stays the same, written in another zone."""
    zone = timezone(timedelta(hours=offset_hours))

    def change(resource: Resource) -> Resource:
        for element in ("effectiveDateTime", "performedDateTime", "started", "authoredOn"):
            day = resource.get(element)
            if isinstance(day, str) and len(day) == _DAY:
                moment = datetime.fromisoformat(f"{day}T{clock}+00:00").astimezone(zone)
                resource[element] = moment.isoformat()
        return resource

    return change


def other_ids(name: Callable[[str, str, int], str]) -> Callable[[Record], Record]:
    """The record with the server's own ids, from type, id and number; the patient keeps that of the hook's context."""

    def change(record: Record) -> Record:
        ordered = sorted((item["resourceType"], item["id"]) for item in record.resources)
        names = {
            f"{kind}/{id_}": name(kind, id_, number)
            for number, (kind, id_) in enumerate(ordered, start=1)
            if kind != "Patient"
        }

        def renamed(resource: Resource) -> Resource:
            kind = resource["resourceType"]
            changed: Resource = with_references(
                resource, lambda text: f"{text.partition('/')[0]}/{names[text]}" if text in names else text
            )
            return changed | {"id": names.get(f"{kind}/{resource['id']}", resource["id"])}

        return record.mapped(renamed)

    return change


def sites_on_observations(record: Record) -> Record:
    """A record without BodyStructures: place and side stand on each Observation, and nothing follows a lesion."""
    bodies = {f"BodyStructure/{item['id']}": item for item in record.of("BodyStructure")}

    def change(resource: Resource) -> Resource:
        pointed = [item for item in resource.get("focus", []) if item.get("reference") in bodies]
        if not pointed:
            return resource
        body = bodies[pointed[0]["reference"]]
        rest = [item for item in resource["focus"] if item not in pointed]
        site = copy.deepcopy(body.get("location", {}))
        for qualifier in body.get("locationQualifier", []):
            extension = {"url": LATERALITY, "valueCodeableConcept": copy.deepcopy(qualifier)}
            site.setdefault("extension", []).append(extension)
        changed = {name: value for name, value in resource.items() if name != "focus"}
        return changed | {"bodySite": site} | ({"focus": rest} if rest else {})

    changed = record.mapped(change)
    return replace(changed, resources=tuple(r for r in changed.resources if r["resourceType"] != "BodyStructure"))


def histology_into_size(record: Record) -> Record:
    """What was coded about a lesion as a component of its latest size, where nothing else could tie them together."""
    told: dict[str, Resource] = {}
    for item in record.of("Observation"):
        if _is(item, OWN, "lesion-histology") and item.get("focus"):
            told[item["focus"][0]["reference"]] = item
    latest: dict[str, Resource] = {}
    for item in record.of("Observation"):
        for focus in item.get("focus", []):
            name = focus["reference"]
            if name in told and item is not told[name]:
                latest[name] = max(latest.get(name, item), item, key=lambda one: one.get("effectiveDateTime", ""))
    homeless = [item for name, item in told.items() if name not in latest]
    moved = {item["id"] for item in told.values() if item not in homeless}

    def change(resource: Resource) -> Resource:
        for name, item in latest.items():
            if item["id"] == resource["id"] and resource["resourceType"] == "Observation":
                part = {"code": told[name]["code"], "valueCodeableConcept": told[name]["valueCodeableConcept"]}
                resource.setdefault("component", []).append(part)
        return resource

    changed = record.mapped(change)
    kept = tuple(r for r in changed.resources if r["resourceType"] != "Observation" or r["id"] not in moved)
    return replace(changed, resources=kept)


def members(resource: Resource, *, code: Resource, keep: tuple[str, ...]) -> list[Resource]:
    """An imaging Observation as a panel: each component a member of its own; ``keep`` stays on the panel alone."""
    parts = list(resource.get("component", []))
    if "valueQuantity" in resource:
        parts.insert(0, {"code": resource["code"], "valueQuantity": resource["valueQuantity"]})
    panel = {name: value for name, value in resource.items() if name not in ("component", "valueQuantity")}
    panel |= {"code": code, "hasMember": []}
    found = [panel]
    common = {name: resource[name] for name in ("resourceType", "status", "category", "subject")}
    for number, part in enumerate(parts):
        name = f"{resource['id']}-{number}"
        shared = {n: v for n, v in panel.items() if n in ("effectiveDateTime", "focus", "bodySite") and n not in keep}
        found.append(common | shared | {"id": name} | part)
        panel["hasMember"].append({"reference": f"Observation/{name}"})
    return found


def is_lesion(resource: Resource) -> bool:
    """Is this an Observation of the size of a lesion?"""
    return resource["resourceType"] == "Observation" and (
        _is(resource, LOINC, "21889-1") or _is(resource, SNOMED, "427359005")
    )


def _is(resource: Resource, system: str, code: str) -> bool:
    codings: list[dict[str, Any]] = resource.get("code", {}).get("coding", [])
    return any(coding.get("system") == system and coding.get("code") == code for coding in codings)
