"""The shapes of FHIR R4 resources that the test patients are made of. Every person in them is invented."""

from __future__ import annotations

from typing import Any

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
UCUM = "http://unitsofmeasure.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
OWN = "https://crc-lung-metastasis.example.org/fhir"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition"
HL7 = "http://terminology.hl7.org/CodeSystem"

PATIENT_ID = "canary-patient-01"
SUBJECT = {"reference": f"Patient/{PATIENT_ID}"}

Resource = dict[str, Any]


def coding(system: str, code: str, display: str | None = None) -> Resource:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(system: str, code: str, display: str | None = None, text: str | None = None) -> Resource:
    """A CodeableConcept with one coding."""
    return {"coding": [coding(system, code, display)]} | ({"text": text} if text else {})


LIVER = concept(SNOMED, "10200004", "Liver structure")


def own(code: str) -> Resource:
    """A concept of the service's own code system for what has no standard code."""
    return concept(f"{OWN}/CodeSystem/imaging-finding", code)


def own_value(code_system: str, code: str) -> Resource:
    """A value of one of the service's own code systems, as ``valueCodeableConcept``."""
    return {"valueCodeableConcept": concept(f"{OWN}/CodeSystem/{code_system}", code)}


def quantity(value: object, unit: str | None) -> Resource:
    """A Quantity in a UCUM unit; ``"<5"`` has a comparator; without ``unit`` it is a bare number."""
    text = str(value)
    sign = text[: len(text) - len(text.lstrip("<>="))]
    number: Resource = {"value": float(text[len(sign) :])} if sign else {"value": value}
    if sign:
        number["comparator"] = sign
    return number | ({"unit": unit, "system": UCUM, "code": unit} if unit else {})


def patient_resource(*, birth: str | None, deceased: bool | str | None) -> Resource:
    """The canary: a name, number, telephone and address that would stand out wherever they leaked to."""
    person: Resource = {
        "resourceType": "Patient",
        "id": PATIENT_ID,
        "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "CANARY-MRN-000123"}],
        "name": [{"use": "official", "family": "CANARY-Zyxwell", "given": ["Canaria"]}],
        "telecom": [{"system": "phone", "value": "+99-555-CANARY-01"}],
        "address": [{"line": ["1 Canary-Cage Lane"], "city": "CANARYVILLE"}],
        "gender": "female",
    }
    if birth:
        person["birthDate"] = birth
    if deceased is not None:
        person["deceasedDateTime" if isinstance(deceased, str) else "deceasedBoolean"] = deceased
    return person


def condition(
    id_: str,
    code: Resource,
    *,
    onset: str | None,
    clinical: str | None = "active",
    verification: str | None = "confirmed",
) -> Resource:
    resource: Resource = {
        "resourceType": "Condition",
        "id": id_,
        "category": [concept(f"{HL7}/condition-category", "problem-list-item")],
        "code": code,
        "subject": SUBJECT,
    }
    if verification:
        resource["verificationStatus"] = concept(f"{HL7}/condition-ver-status", verification)
    if clinical:
        resource["clinicalStatus"] = concept(f"{HL7}/condition-clinical", clinical)
    if onset:
        resource["onsetDateTime"] = onset
    return resource


def observation(id_: str, code: Resource, on: str, *, category: str = "laboratory", **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [concept(f"{HL7}/observation-category", category)],
        "code": code,
        "subject": SUBJECT,
        "effectiveDateTime": on,
        **more,
    }


def procedure(id_: str, code: Resource, on: str | None, *, status: str = "completed", **more: Any) -> Resource:
    when = {"performedDateTime": on} if on else {}
    return {"resourceType": "Procedure", "id": id_, "status": status, "code": code, "subject": SUBJECT, **when, **more}


def service_request(id_: str, code: Resource, *, on: str | None, status: str = "active", **more: Any) -> Resource:
    when = {"authoredOn": on} if on else {}
    fixed = {"resourceType": "ServiceRequest", "id": id_, "status": status, "intent": "order", "code": code}
    return fixed | {"subject": SUBJECT} | when | more


def medication_request(id_: str, medication: Resource, *, on: str, status: str = "active") -> Resource:
    fixed = {"resourceType": "MedicationRequest", "id": id_, "status": status, "intent": "order"}
    return fixed | {"medicationCodeableConcept": medication, "subject": SUBJECT, "authoredOn": on}


def chest_ct(on: str) -> Resource:
    """A CT of the chest as its ImagingStudy."""
    modality = coding(DICOM, "CT")
    body_site = coding(SNOMED, "51185008", "Thoracic structure")
    return {
        "resourceType": "ImagingStudy",
        "id": "ct-chest",
        "status": "available",
        "subject": SUBJECT,
        "started": on,
        "modality": [modality],
        "procedureCode": [concept(LOINC, "24627-2", "CT Chest")],
        "series": [{"uid": "2.25.202505120001", "modality": modality, "bodySite": body_site}],
    }


def abdomen_pelvis_ct(on: str) -> Resource:
    """A CT of abdomen and pelvis as its report."""
    return {
        "resourceType": "DiagnosticReport",
        "id": "ct-abdomen-pelvis",
        "status": "final",
        "category": [concept(f"{HL7}/v2-0074", "RAD")],
        "code": concept(LOINC, "44115-4", "CT Abdomen and Pelvis"),
        "subject": SUBJECT,
        "effectiveDateTime": on,
        "issued": f"{on}T15:00:00Z",
    }


def bundle(resources: list[Resource]) -> Resource:
    """A complete searchset."""
    entries = [
        {
            "fullUrl": f"https://ehr.example.org/fhir/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in resources
    ]
    found: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(resources)}
    return found | ({"entry": entries} if entries else {})
