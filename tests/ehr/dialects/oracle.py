"""Oracle-Health-like: small pages that expire, no totals, local codes beside standard ones, moments with an offset.

Neither BodyStructure nor ImagingStudy is served, and Observations know no imaging category: what imaging found comes by
its LOINC code. Source: Oracle Health's published Millennium FHIR R4 documentation.
"""

from __future__ import annotations

from tests.ehr.dialects.shapes import (
    NO_IDENTITY,
    SNOMED,
    all_of,
    at_time,
    histology_into_size,
    local_coding_first,
    other_ids,
    sites_on_observations,
    unit_texts,
)
from tests.ehr.personality import ANY_SEARCH, Personality
from tests.ehr.record import Record, Resource

NOT_SERVED = ("BodyStructure", "ImagingStudy")
CODE_SET = "https://fhir.ehr.example/codeSet/72"


def _without_imaging_category(resource: Resource) -> Resource:
    if resource["resourceType"] == "Observation":
        kept = [item for item in resource.get("category", []) if item["coding"][0]["code"] != "imaging"]
        resource["category"] = kept or [{"text": "Radiology"}]
    return resource


def _size_by_loinc(resource: Resource) -> Resource:
    """A nodule is found by a LOINC code here, with its SNOMED CT code beside it."""
    codings = resource.get("code", {}).get("coding", [])
    if any(coding.get("system") == SNOMED and coding.get("code") == "427359005" for coding in codings):
        codings.append({"system": "http://loinc.org", "code": "21889-1"})
    return resource


def _reported(resource: Resource) -> Resource:
    """An examination that is known by its report, as no study is served."""
    if resource["resourceType"] != "ImagingStudy":
        return {name: value for name, value in resource.items() if name != "imagingStudy"}
    return {
        "resourceType": "DiagnosticReport",
        "id": resource["id"],
        "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}],
        "code": resource["procedureCode"][0],
        "subject": resource["subject"],
        "effectiveDateTime": resource["started"],
    }


def shape(record: Record) -> Record:
    """The record as this vendor keeps it."""
    record = sites_on_observations(histology_into_size(record.mapped(_reported)))
    record = other_ids(lambda kind, _, number: f"{kind[0]}-{197369000 + number}")(record)
    words = {"10*3/uL": "x10E3/uL", "{INR}": "INR", "ug/L": "mcg/L", "%": "percent"}
    return record.mapped(
        all_of(
            _without_imaging_category,
            _size_by_loinc,
            local_coding_first(CODE_SET),
            unit_texts(words),
            at_time("01:30:00", -6),
        )
    )


ORACLE = Personality(
    "oracle-like",
    parameters={kind: names for kind, names in ANY_SEARCH.items() if kind not in NOT_SERVED},
    one_of={"Observation": ("category", "code")},
    page_size=3,
    says_total=False,
    sessions_last=1,
    loses=NO_IDENTITY,
    shape=shape,
)
