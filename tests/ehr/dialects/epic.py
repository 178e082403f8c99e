"""Epic-like: object identifiers as code systems, unit texts, opaque ids, Conditions by category, a warning for "none".

Searches of Observation need a category or a code, those of Condition a category. BodyStructure is not served, so
lesions have a site and no identity. Source: Epic's published FHIR specifications and error codes.
"""

from __future__ import annotations

import base64

from tests.ehr.dialects.shapes import (
    ICD_10_CM,
    LOINC,
    NO_IDENTITY,
    SNOMED,
    all_of,
    at_time,
    histology_into_size,
    local_coding_first,
    other_ids,
    sites_on_observations,
    systems,
    unit_texts,
)
from tests.ehr.personality import ANY_SEARCH, Personality
from tests.ehr.record import Record

OIDS = {
    SNOMED: "urn:oid:2.16.840.1.113883.6.96",
    LOINC: "urn:oid:2.16.840.1.113883.6.1",
    ICD_10_CM: "urn:oid:2.16.840.1.113883.6.90",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "urn:oid:2.16.840.1.113883.6.88",
}
WORDS = {"10*3/uL": "K/uL", "{INR}": "", "ug/L": "ug/L", "%": "% pred"}
MESSAGES = "urn:oid:1.2.840.114350.1.13.999.7.2.657369"


def message(code: str, text: str, severity: str = "warning") -> dict[str, object]:
    """One of the vendor's messages, as an OperationOutcome."""
    details = {"coding": [{"system": MESSAGES, "code": code, "display": text}], "text": text}
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": "processing", "details": details}],
    }


def _opaque(kind: str, name: str, number: int) -> str:
    return "e" + base64.urlsafe_b64encode(f"{kind}.{name}.{number}".encode()).decode().strip("=")


def shape(record: Record) -> Record:
    """The record as this vendor keeps it."""
    record = other_ids(_opaque)(sites_on_observations(histology_into_size(record)))
    own = "urn:oid:1.2.840.114350.1.13.999.2.7.2.696580"
    return record.mapped(all_of(systems(OIDS), local_coding_first(own), unit_texts(WORDS), at_time("14:30:00", 0)))


EPIC = Personality(
    "epic-like",
    parameters={kind: names for kind, names in ANY_SEARCH.items() if kind != "BodyStructure"},
    one_of={"Condition": ("category",), "Observation": ("category", "code")},
    no_results=message("4101", "Resource request returns no results."),
    loses=NO_IDENTITY,
    shape=shape,
)
