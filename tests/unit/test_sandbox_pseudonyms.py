"""A recording says nothing about who it was, and still says what rules are decided on."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_tools.sandbox.fixture_records import IDENTIFIER_SYSTEM
from cds_tools.sandbox.pseudonyms import Pseudonyms
from fhir_fixtures import case

SCT = "http://snomed.info/sct"
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "secret-1",
    "meta": {"source": "secret", "lastUpdated": "2026-01-01T00:00:00Z", "profile": ["http://hl7.org/p"]},
    "text": {"status": "generated", "div": "<div>secret</div>"},
    "identifier": [{"system": "https://secret.example/mrn", "value": "SECRET-7", "assigner": {"display": "Secret"}}],
    "name": [{"use": "official", "text": "Jane Secretson", "family": "Secretson", "given": ["Jane"], "prefix": ["Dr"]}],
    "telecom": [{"system": "phone", "use": "home", "value": "+41 secret"}],
    "address": [{"use": "home", "line": ["Secret Road 1"], "city": "Secretville", "postalCode": "SEC-8001"}],
    "photo": [{"contentType": "image/png", "data": "c2VjcmV0"}],
    "contact": [{"name": {"family": "Secretson"}, "telecom": [{"system": "email", "value": "secret@secret.example"}]}],
    "gender": "female",
    "birthDate": "1960-02-03",
    "_birthDate": {"extension": [{"url": "http://hl7.org/t", "valueDateTime": "1960-02-03T01:02:03Z"}]},
    "extension": [{"url": "http://hl7.org/maiden", "valueString": "Secret"}],
    "generalPractitioner": [{"reference": "Practitioner/secret-9", "display": "Dr Secret"}],
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "secret-2",
    "status": "final",
    "code": {"coding": [{"system": SCT, "code": "1", "display": "Size of Secretson nodule"}], "text": "secret text"},
    "subject": {"reference": "https://secret.example/fhir/Patient/secret-1", "display": "Jane Secretson"},
    "effectiveDateTime": "2025",
    "valueQuantity": {"value": 15, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"},
    "note": [{"text": "called Jane on the phone, 2025", "authorString": "Dr Secret"}],
    "focus": [{"reference": "urn:uuid:11111111-1111-4111-8111-111111111111"}],
    "contained": [{"resourceType": "Device", "id": "secret-d", "deviceName": [{"name": "secret", "type": "other"}]}],
    "device": {"reference": "#secret-d"},
    "component": [
        {"code": {"coding": [{"system": SCT, "code": "2", "display": "Count"}]}, "valueString": "innumerable"},
        {"code": {"coding": [{"system": SCT, "code": "3", "display": "Text"}]}, "valueString": "secret words"},
        {"code": {"coding": [{"system": SCT, "code": "4", "display": "UID"}]}, "valueString": "1.2.840.99.1"},
    ],
}
BODY: dict[str, Any] = {
    "resourceType": "BodyStructure",
    "id": "secret-3",
    "identifier": [
        {"system": "urn:dicom:uid", "value": "urn:oid:1.2.840.99.1"},
        {"system": IDENTIFIER_SYSTEM, "value": "case/BodyStructure/secret"},
    ],
    "patient": {"reference": "Patient/secret-1"},
}


def request(**changes: Any) -> dict[str, Any]:
    entries = [
        {"fullUrl": "https://secret.example/fhir/Observation/secret-2", "resource": OBSERVATION},
        {"fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111", "resource": BODY},
    ]
    bundle = {
        "resourceType": "Bundle",
        "id": "secret",
        "type": "searchset",
        "total": 2,
        "link": [{"relation": "self", "url": "https://secret.example/fhir/Observation?patient=secret-1"}],
        "entry": entries,
    }
    return {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "https://secret.example/fhir",
        "fhirAuthorization": {"access_token": "secret"},
        "context": {"userId": "Practitioner/secret-9", "patientId": "secret-1", "encounterId": "secret-e"},
        "prefetch": {"patient": PATIENT, "observations": bundle, "reports": None},
        **changes,
    }


@pytest.fixture(scope="module")
def replaced() -> dict[str, Any]:
    return Pseudonyms("new").request(request())


def observation(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["prefetch"]["observations"]["entry"][0]["resource"]
    return found


def test_no_secret_stays_anywhere(replaced: dict[str, Any]) -> None:
    written = json.dumps(replaced).lower()
    for word in ("secret", "jane", "sec-8001", "+41", "1.2.840", "11111111", "c2vjcmv0", "<div"):
        assert word not in written
    assert "hookInstance" in replaced
    assert replaced["hookInstance"] != request()["hookInstance"]
    assert uuid.UUID(replaced["hookInstance"]).version == 4


def test_what_rules_are_decided_on_stays(replaced: dict[str, Any]) -> None:
    person, found = replaced["prefetch"]["patient"], observation(replaced)
    assert (person["birthDate"], person["gender"]) == ("1960-02-03", "female")
    assert person["meta"] == {"profile": ["http://hl7.org/p"]}
    assert found["valueQuantity"] == OBSERVATION["valueQuantity"]
    assert (found["status"], found["effectiveDateTime"]) == ("final", "2025")
    assert [part["code"]["coding"][0]["display"] for part in found["component"]] == ["Count", "Text", "UID"]
    assert found["component"][0]["valueString"] == "innumerable"
    assert replaced["prefetch"]["reports"] is None
    assert replaced["prefetch"]["observations"]["total"] == 2


def test_ids_and_references_still_meet(replaced: dict[str, Any]) -> None:
    person, found = replaced["prefetch"]["patient"], observation(replaced)
    body = replaced["prefetch"]["observations"]["entry"][1]
    assert replaced["context"]["patientId"] == person["id"] == "canary-new"
    assert found["subject"]["reference"] == "https://ehr.example.org/fhir/Patient/canary-new"
    assert body["resource"]["patient"]["reference"] == "Patient/canary-new"
    assert found["focus"][0]["reference"] == f"BodyStructure/{body['resource']['id']}"
    assert body["fullUrl"] == f"https://ehr.example.org/fhir/BodyStructure/{body['resource']['id']}"
    assert found["device"]["reference"] == f"#{found['contained'][0]['id']}"
    assert replaced["context"]["userId"] == person["generalPractitioner"][0]["reference"]


def test_the_same_is_replaced_by_the_same(replaced: dict[str, Any]) -> None:
    person, found = replaced["prefetch"]["patient"], observation(replaced)
    assert person["name"][0]["family"] == person["contact"][0]["name"]["family"]
    assert person["name"][0]["given"] != [person["name"][0]["family"]]
    (identifier,) = replaced["prefetch"]["observations"]["entry"][1]["resource"]["identifier"]
    assert identifier["system"] == "urn:dicom:uid"  # and ours is no part of the record
    assert identifier["value"] == f"urn:oid:{found['component'][2]['valueString']}"


def test_a_display_that_names_the_patient_is_replaced(replaced: dict[str, Any]) -> None:
    assert observation(replaced)["code"]["coding"][0]["display"].startswith("CANARY-Text-")


def test_a_patient_without_a_name_gets_one_that_would_be_recognised() -> None:
    bare = request(prefetch={"patient": {"resourceType": "Patient", "id": "secret-1"}})
    person = Pseudonyms("new").request(bare)["prefetch"]["patient"]
    for text in (person["name"][0]["family"], person["identifier"][0]["value"], *person["address"][0]["line"]):
        assert text == "CANARY-new"


def test_words_that_stand_elsewhere_too_are_counted() -> None:
    local = {"system": "https://secretville.example/codes", "code": "CEA", "display": "CEA"}
    found = OBSERVATION | {"code": {"coding": [local]}}
    pseudonyms = Pseudonyms("new")
    changed = pseudonyms.request(request(prefetch={"patient": PATIENT, "observations": found}))
    assert pseudonyms.remaining(json.dumps(changed)) == 1
    assert pseudonyms.remaining("CANARY-Name-1 of new") == 0


def test_another_patient_stays_another() -> None:
    other = OBSERVATION | {"subject": {"reference": "Patient/secret-2"}}
    changed = Pseudonyms("new").request(request(prefetch={"observations": other}))
    assert changed["prefetch"]["observations"]["subject"]["reference"] == "Patient/patient-1"


def test_orders_and_selections_go_by_their_new_ids() -> None:
    original = case("order-ablation-low-platelets").request
    changed = Pseudonyms("new").request(original)["context"]
    drafts = [entry["resource"] for entry in changed["draftOrders"]["entry"]]
    assert changed["selections"] == [f"ServiceRequest/{drafts[0]['id']}"]
    assert drafts[0]["authoredOn"] == "2025-06-01"
    assert drafts[0]["code"]["text"].startswith("CANARY-Text-")


ELEMENTS = st.sampled_from(
    ["description", "conclusion", "comment", "patientInstruction", "valueString", "text", "title", "authorString",
     "family", "city", "value", "display", "reasonText", "valueMarkdown", "valueUri", "url", "unknownElement"]
)  # fmt: skip


@given(element=ELEMENTS, text=st.text(min_size=4).filter(lambda text: text.strip()), deep=st.booleans())
def test_a_text_anywhere_is_replaced(element: str, text: str, deep: bool) -> None:
    marked = f"Zq{text}qZ"
    value: Any = {element: marked}
    if deep:
        value = {"extension": [{"url": "http://hl7.org/x", "valueAnnotation": value}]}
    resource = {"resourceType": "Observation", "id": "1", **value}
    changed = Pseudonyms("new").request(request(prefetch={"observations": resource}))
    assert marked not in json.dumps(changed, ensure_ascii=False)
    assert json.dumps(marked)[1:-1] not in json.dumps(changed)
