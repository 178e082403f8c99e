"""mCODE-rich: profiles, tumours as BodyStructures, asserted dates, sizes in centimetres, related conditions.

Source: HL7 mCODE STU4 (hl7.fhir.us.mcode 4.0.0).
"""

from __future__ import annotations

from tests.ehr.dialects.shapes import LOINC, all_of, in_cm, quantities
from tests.ehr.personality import Personality
from tests.ehr.record import Record, Resource

PROFILES = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
_MARKERS = {"2039-6"}
_CANCERS = ("primary", "lung", "liver")


def _asserted(resource: Resource) -> Resource:
    """The dates of cancers as dates of assertion, in an extension."""
    if resource["resourceType"] == "Condition" and resource["id"].startswith(_CANCERS) and "onsetDateTime" in resource:
        asserted = {"url": ASSERTED, "valueDateTime": resource.pop("onsetDateTime")}
        resource["extension"] = [*resource.get("extension", []), asserted]
    return resource


def _marker(resource: Resource) -> Resource:
    coding = (resource.get("code", {}).get("coding") or [{}])[0]
    if resource["resourceType"] == "Observation" and coding.get("system") == LOINC and coding["code"] in _MARKERS:
        resource["meta"] = {"profile": [f"{PROFILES}mcode-tumor-marker-test"]}
        resource["focus"] = [{"reference": "Condition/primary"}]
    return resource


def _related(resource: Resource) -> Resource:
    if resource["resourceType"] == "BodyStructure":
        related = {"url": f"{PROFILES}mcode-related-condition", "valueReference": {"reference": "Condition/lung"}}
        resource["extension"] = [*resource.get("extension", []), related]
    return resource


def shape(record: Record) -> Record:
    """The record as mCODE has it."""
    return record.mapped(all_of(_asserted, _marker, _related, quantities(in_cm)))


MCODE = Personality("mcode-rich", page_size=5, next_style="relative", shape=shape)
