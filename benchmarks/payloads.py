"""Hook requests of a wanted size: one clinical core, and around it what a real chart is full of.

The same size and seed give the same bytes. The filler of an ordinary chart (vital signs, laboratory results, other
diagnoses, prescriptions, reports with text, encounters brought along by the search) never changes what is decided.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import orjson

from benchmarks.patient import (
    ICD10CM,
    LOINC,
    PATIENT,
    SNOMED,
    SUBJECT,
    Resource,
    concept,
    observation,
    quantity,
    record,
)

SIZES = {
    "10 kB": 10_000,
    "36 kB": 36_000,
    "100 kB": 100_000,
    "347 kB": 347_000,
    "1 MB": 1_000_000,
    "6 MB": 6_000_000,
}

VITALS = (("8867-4", "/min", 50, 110), ("9279-1", "/min", 10, 24), ("29463-7", "kg", 55, 95), ("8310-5", "Cel", 36, 37))
LABS = (("718-7", "g/dL", 10, 16), ("2160-0", "mg/dL", 1, 2), ("2951-2", "mmol/L", 132, 146), ("1742-6", "U/L", 8, 60))
ONCOLOGY_LABS = (
    ("2039-6", "ng/mL", 1, 4),
    ("777-3", "10*3/uL", 180, 260),
    ("6301-6", "{INR}", 0.9, 1.1),
    ("20152-5", "%", 85, 99),
    ("19911-7", "%", 85, 99),
)
DIAGNOSES = ("I10", "E11.9", "E78.5", "M17.9", "K21.9", "J30.2", "H52.4")
DRUGS = ("860975", "314076", "617310", "198211")  # RxNorm: metformin, lisinopril, atorvastatin, simvastatin
SENTENCES = (
    "Clinically stable since the last visit.",
    "The patient reports no new symptoms and sleeps well.",
    "Medication reviewed, no change.",
    "Wound healed, abdomen soft, no tenderness.",
    "Next appointment arranged with the outpatient department.",
)


def hook_request(size: int, *, seed: int = 1, affected: bool = True, rich: bool = False) -> bytes:
    """A complete request of at least ``size`` bytes, by one resource more at most; never less than the core.

    ``affected``: without it the patient has no cancer, like nearly everyone whose chart is opened. ``rich``: the chart
    is one of oncology, as mCODE has it: most of what fills it has to be read closely.
    """
    generator = random.Random(seed)
    keys = record() if affected else record() | {"conditions": [], "imaging-findings": [], "body-structures": []}
    length = len(orjson.dumps(_request(keys)))
    number = 0
    while length < size:
        number += 1
        key, resource = _filler(generator, number, _ONCOLOGY if rich else _ORDINARY)
        keys[key].append(resource)
        length += len(orjson.dumps(_entry(resource))) + 1
    for resources in keys.values():
        generator.shuffle(resources)
    return orjson.dumps(_request(keys))


def _request(keys: dict[str, list[Resource]]) -> Resource:
    bundles = {key: _bundle(resources) for key, resources in keys.items()}
    patient = {"resourceType": "Patient", "id": PATIENT, "gender": "male", "birthDate": "1960-03-14"}
    return {
        "hook": "patient-view",
        "hookInstance": "3b1f1f52-6f3c-4c79-9d9b-1d2f3c4b5a69",
        "context": {"userId": "Practitioner/example", "patientId": PATIENT},
        "prefetch": {"patient": patient, **bundles},
    }


def _bundle(resources: list[Resource]) -> Resource:
    found: Resource = {"resourceType": "Bundle", "type": "searchset"}
    return found | ({"entry": [_entry(resource) for resource in resources]} if resources else {"total": 0})


def _entry(resource: Resource) -> Resource:
    mode = "include" if resource["resourceType"] == "Encounter" else "match"
    full_url = f"https://ehr.example.org/fhir/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": full_url, "resource": resource, "search": {"mode": mode}}


def _filler(generator: random.Random, number: int, kinds: Kinds) -> tuple[str, Resource]:
    """One resource of a chart, and the prefetch key under which a search would bring it."""
    on = (date(2025, 5, 31) - timedelta(days=generator.randrange(3000))).isoformat()
    make = generator.choices(list(kinds), list(kinds.values()))[0]
    key, resource = make(generator, f"filler-{number}", on)
    stamp = {"versionId": "1", "lastUpdated": f"{on}T08:30:00.000+00:00", "source": "#ehr"}
    return key, {"resourceType": resource.pop("resourceType"), "id": resource.pop("id"), "meta": stamp, **resource}


def _measurement(generator: random.Random, id_: str, on: str) -> tuple[str, Resource]:
    kind, (loinc, unit, low, high) = generator.choice(
        [("vital-signs", v) for v in VITALS] + [("laboratory", v) for v in LABS]
    )
    value = quantity(round(generator.uniform(low, high), 1), unit)
    category = concept("http://terminology.hl7.org/CodeSystem/observation-category", kind, kind)
    bounds = {"low": quantity(low, unit), "high": quantity(high, unit)}
    extra: dict[str, Any] = {"category": [category], "valueQuantity": value, "issued": f"{on}T09:00:00.000+00:00"}
    extra |= {"encounter": {"reference": f"Encounter/{id_}"}, "performer": [{"reference": "Practitioner/example"}]}
    return "observations", observation(id_, loinc, on, **extra, referenceRange=[bounds])


def _diagnosis(generator: random.Random, id_: str, on: str) -> tuple[str, Resource]:
    code = concept(ICD10CM, generator.choice(DIAGNOSES))
    status = concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active")
    category = [concept("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item")]
    resource = {"resourceType": "Condition", "id": id_, "clinicalStatus": status, "category": category, "code": code}
    return "conditions", resource | {"subject": SUBJECT, "recordedDate": on, "note": [{"text": _text(generator, 2)}]}


def _prescription(generator: random.Random, id_: str, on: str) -> tuple[str, Resource]:
    drug = concept("http://www.nlm.nih.gov/research/umls/rxnorm", generator.choice(DRUGS))
    resource = {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "completed",
        "intent": "order",
        "subject": SUBJECT,
    }
    return "medications", resource | {
        "medicationCodeableConcept": drug,
        "authoredOn": on,
        "dosageInstruction": [{"text": "1-0-1"}],
    }


def _report(generator: random.Random, id_: str, on: str) -> tuple[str, Resource]:
    code = concept(LOINC, "11506-3", "Progress note")
    resource = {"resourceType": "DiagnosticReport", "id": id_, "status": "final", "code": code, "subject": SUBJECT}
    return "reports", resource | {"effectiveDateTime": on, "conclusion": _text(generator, 12)}


def _encounter(generator: random.Random, id_: str, on: str) -> tuple[str, Resource]:
    setting = generator.choice(("AMB", "IMP", "EMER"))
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": setting}
    resource = {"resourceType": "Encounter", "id": id_, "status": "finished", "class": kind, "subject": SUBJECT}
    reason = [concept(SNOMED, "185349003", "Encounter for check up")]
    return "observations", resource | {"type": reason, "period": {"start": on, "end": on}}


def _lesion_size(generator: random.Random, id_: str, on: str) -> tuple[str, Resource]:
    part = {"code": concept(LOINC, "33728-7"), "valueQuantity": quantity(generator.randrange(8, 15), "mm")}
    focus = [{"reference": "BodyStructure/lesion-1"}]
    return "imaging-findings", observation(id_, "21889-1", _earlier(on), focus=focus, component=[part])


def _oncology_result(generator: random.Random, id_: str, on: str) -> tuple[str, Resource]:
    loinc, unit, low, high = generator.choice(ONCOLOGY_LABS)
    value = quantity(round(generator.uniform(low, high), 1), unit)
    return "observations", observation(id_, loinc, _earlier(on), valueQuantity=value)


def _earlier(on: str) -> str:
    """Before everything in the core: the newest of each result stays the core's."""
    return min(on, "2025-03-01")


Make = Callable[[random.Random, str, str], tuple[str, Resource]]
Kinds = Mapping[Make, int]
_ORDINARY: Kinds = {_measurement: 12, _diagnosis: 2, _prescription: 2, _report: 2, _encounter: 1}
_ONCOLOGY: Kinds = {_oncology_result: 10, _lesion_size: 6, _prescription: 2, _report: 1}


def _text(generator: random.Random, sentences: int) -> str:
    return " ".join(generator.choice(SENTENCES) for _ in range(sentences))
