"""HL7 Europe: WHO ICD-10, editions of SNOMED CT, UCUM codes without a unit text, references by identifier alone.

Source: HL7 Europe Base, Laboratory and Imaging guides; the International Patient Summary.
"""

from __future__ import annotations

from typing import Any

from tests.ehr.dialects.icd import LOSSES, as_who
from tests.ehr.dialects.shapes import SNOMED, all_of, quantities, systems
from tests.ehr.personality import Personality
from tests.ehr.record import Record, Resource

EDITION = "http://snomed.info/sct/11000318109/version/20250315"
NAMES = "https://registry.example.org/diagnoses"
PLATELETS = {"10*3/uL": "10*9/L"}


def _ucum_only(quantity: Resource) -> Resource:
    code = quantity.get("code") or {"µg/L": "ug/L"}.get(quantity.get("unit", ""), quantity.get("unit"))
    if not code:
        return quantity
    kept = {name: value for name, value in quantity.items() if name != "unit"}
    return kept | {"system": "http://unitsofmeasure.org", "code": PLATELETS.get(code, code)}


def _named(resource: Resource) -> Resource:
    """Each Condition has a number in a registry, by which other resources call it."""
    if resource["resourceType"] == "Condition":
        resource["identifier"] = [{"system": NAMES, "value": resource["id"]}]
    return resource


def _by_name(patient: Resource) -> Any:
    """References by identifier alone: reasons by the registry's number, the patient by the hospital's."""
    person = patient["identifier"][0]

    def change(resource: Resource) -> Resource:
        for reference in (*resource.get("reasonReference", []), *resource.get("focus", [])):
            kind, _, name = reference.get("reference", "").partition("/")
            if kind == "Condition":
                del reference["reference"]
                reference |= {"type": "Condition", "identifier": {"system": NAMES, "value": name}}
        ours = resource.get("subject", {}).get("reference", "").endswith(f"Patient/{patient['id']}")
        if resource["resourceType"] == "Procedure" and ours:
            number = {"system": person["system"], "value": person["value"]}
            resource["subject"] = {"type": "Patient", "identifier": number}
        return resource

    return change


def shape(record: Record) -> Record:
    """The record as it crosses a border."""
    (patient,) = record.of("Patient")
    return record.mapped(
        all_of(
            as_who("http://hl7.org/fhir/sid/icd-10"),
            _named,
            _by_name(patient),
            quantities(_ucum_only),
            systems({SNOMED: EDITION}),
        )
    )


EUROPE = Personality(
    "hl7-europe", content_type="application/json+fhir", says_total=False, page_size=4, loses=LOSSES, shape=shape
)
