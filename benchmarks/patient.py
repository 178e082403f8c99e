"""The one patient behind every measured request: what mCODE would carry about a colorectal lung metastasis.

A synthetic person. The evaluation date of all measurements is :data:`EVALUATED_ON`; links on cards begin with
:data:`BASE_URL`.
"""

from __future__ import annotations

from typing import Any

EVALUATED_ON = "2025-06-01"
BASE_URL = "https://cds.example.org"
PATIENT = "bench-1"
SUBJECT = {"reference": f"Patient/{PATIENT}"}
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"

Resource = dict[str, Any]


def concept(system: str, code: str, display: str | None = None) -> Resource:
    """A CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def quantity(value: float, unit: str) -> Resource:
    """A Quantity whose unit is the UCUM code."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def observation(id_: str, loinc: str, on: str, **value: Any) -> Resource:
    """A final Observation of the patient."""
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": concept(LOINC, loinc),
        "subject": SUBJECT,
        "effectiveDateTime": on,
        **value,
    }


def condition(id_: str, icd: str, onset: str) -> Resource:
    """An active, confirmed Condition of the patient."""
    kind = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resourceType": "Condition",
        "id": id_,
        "clinicalStatus": concept(kind + "clinical", "active"),
        "verificationStatus": concept(kind + "ver-status", "confirmed"),
        "code": concept(ICD10CM, icd),
        "subject": SUBJECT,
        "onsetDateTime": onset,
    }


def study(id_: str, loinc: str, on: str, region: Resource) -> tuple[Resource, Resource]:
    """A CT as its report and its imaging study."""
    report = {"resourceType": "DiagnosticReport", "id": f"report-{id_}", "status": "final"}
    report |= {"code": concept(LOINC, loinc), "subject": SUBJECT, "effectiveDateTime": on, "issued": f"{on}T12:00:00Z"}
    images = {"resourceType": "ImagingStudy", "id": f"study-{id_}", "status": "available", "subject": SUBJECT}
    modality = {"system": DICOM, "code": "CT"}
    series = [{"uid": f"2.25.{len(id_)}", "modality": modality, "bodySite": region["coding"][0]}]
    return report, images | {"started": on, "modality": [modality], "series": series}


def record() -> dict[str, list[Resource]]:
    """The patient's clinical core, by prefetch key. One peripheral lesion of 15 mm, everything current."""
    chest, chest_images = study("chest", "24627-2", "2025-05-12", concept(SNOMED, "39607008"))
    abdomen, abdomen_images = study("abdomen", "44115-4", "2025-05-10", concept(SNOMED, "818983003"))
    size = observation("size-1", "21889-1", "2025-05-12", focus=[{"reference": "BodyStructure/lesion-1"}])
    size["component"] = [{"code": concept(LOINC, "33728-7"), "valueQuantity": quantity(15, "mm")}]
    lesion = {"resourceType": "BodyStructure", "id": "lesion-1", "patient": SUBJECT}
    lesion["location"] = concept(SNOMED, "266005", "Structure of lower lobe of right lung")
    lesion["identifier"] = [{"system": "urn:dicom:uid", "value": "2.25.71"}]
    resection = {"resourceType": "Procedure", "id": "resection", "status": "completed", "subject": SUBJECT}
    resection |= {"code": concept(SNOMED, "43075005"), "performedDateTime": "2022-01-10"}
    resection["reasonReference"] = [{"reference": "Condition/primary"}]
    return {
        "conditions": [condition("primary", "C18.7", "2022-01-03"), condition("lung", "C78.01", "2024-12-01")],
        "observations": [
            observation("cea-1", "2039-6", "2025-05-15", valueQuantity=quantity(3.0, "ng/mL")),
            observation("ecog-1", "89247-1", "2025-05-20", valueInteger=1),
            observation("fev1-1", "20152-5", "2025-04-20", valueQuantity=quantity(95, "%")),
            observation("dlco-1", "19911-7", "2025-04-20", valueQuantity=quantity(90, "%")),
            observation("platelets-1", "777-3", "2025-05-20", valueQuantity=quantity(220, "10*3/uL")),
            observation("inr-1", "6301-6", "2025-05-20", valueQuantity=quantity(1.0, "{INR}")),
        ],
        "imaging-findings": [size],
        "procedures": [resection],
        "reports": [chest, abdomen],
        "imaging-studies": [chest_images, abdomen_images],
        "body-structures": [lesion],
        "requests": [],
        "medications": [],
    }
