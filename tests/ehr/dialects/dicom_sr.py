"""Derived from DICOM SR: each lesion a measurement group with a tracking UID, and members that carry one value each.

Place, date and identity stand on the group alone. Source: DICOM PS3.16 (TID 1500, 1411), DICOM SR to FHIR mapping.
"""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from tests.ehr.dialects.shapes import TRACKING_UID, histology_into_size, is_lesion, members, sites_on_observations
from tests.ehr.personality import Personality
from tests.ehr.record import Record, Resource

DCM = "http://dicom.nema.org/resources/ontology/DCM"
GROUP = {"coding": [{"system": DCM, "code": "125007", "display": "Measurement Group"}]}


def _uid(name: str) -> str:
    return f"2.25.{crc32(name.encode())}"


def shape(record: Record) -> Record:
    """The record as it comes out of structured reports."""
    record = histology_into_size(record)
    followed = {
        item["id"]: focus["reference"]
        for item in record.of("Observation")
        for focus in item.get("focus", [])
        if focus.get("reference", "").startswith("BodyStructure/")
    }
    record = sites_on_observations(record)
    found: list[Resource] = []
    for resource in record.mapped(lambda one: one).resources:
        if not is_lesion(resource):
            found.append(resource)
            continue
        if resource["id"] in followed:
            uid = _uid(followed[resource["id"]])
            resource["identifier"] = [{"type": {"coding": [TRACKING_UID]}, "system": "urn:dicom:uid", "value": uid}]
        found += members(resource, code=GROUP, keep=("effectiveDateTime", "bodySite"))
    return replace(record, resources=tuple(found))


DICOM_SR = Personality("dicom-sr", page_size=10, shape=shape)
