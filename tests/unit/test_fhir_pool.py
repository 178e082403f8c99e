"""The pool: the patient's usable resources, found however they are referred to, whatever order they came in."""

from __future__ import annotations

import pytest

from cds_service.fhir.pool import pool
from cds_service.fhir.references import local_reference
from cds_service.fhir.source import Entry, Source, SourceState

PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:mrn", "value": "77"}]}
OURS = {"reference": "Patient/p1"}


def resource(kind="Condition", name="c1", **more):
    return {"resourceType": kind, "id": name, "subject": OURS, **more}


def pooled(*resources, urls=None):
    urls = urls or {}
    entries = tuple(Entry(item, urls.get(item.get("id")), local_reference(item)) for item in resources)
    return pool([Source("any", SourceState.FOUND, entries)], patient_id="p1")


def problems(found):
    return [(item.resource, item.problem) for item in found.problems]


def ids(found, kind="Condition"):
    return [item["id"] for item in found.of(kind)]


def test_resources_are_pooled_by_type_and_sorted():
    found = pooled(resource(name="c2"), resource("Observation", "o1"), resource(name="c10"), resource(name="c1"))
    assert ids(found) == ["c1", "c10", "c2"]
    assert ids(found, "Observation") == ["o1"]
    assert found.of("Procedure") == ()
    assert found.of("Condition") is found.of("Condition")
    assert problems(found) == []


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p1"},
        {"reference": "Patient/p1/_history/4"},
        {"reference": "https://ehr.example/fhir/Patient/p1"},
        {"reference": "urn:uuid:p1"},
        {"reference": "urn:uuid:0001"},
        {"identifier": {"system": "urn:mrn", "value": "77"}},
        {"reference": "#me"},
    ],
)
def test_a_reference_to_the_patient_counts_in_every_form(subject):
    me = {"resourceType": "Patient", "id": "me", "identifier": {"system": "urn:mrn", "value": "77"}}
    item = resource(subject=subject, contained=[None, {"id": "x"}, me])
    found = pooled(PATIENT, item, urls={"p1": "urn:uuid:0001"})
    assert ids(found) == ["c1"]
    assert problems(found) == []


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p2"},
        {"reference": "Group/p1"},
        {"reference": "p1"},
        {"reference": ["Patient/p1"]},
        {"reference": "urn:uuid:0002"},
        {"reference": "Patient/p2", "identifier": {"system": "urn:mrn", "value": "77"}},
        {"identifier": {"system": "urn:mrn", "value": "78"}},
        {"identifier": {"value": "77"}},
        {"identifier": 77},
        {"reference": "#me"},
        {"reference": "#you"},
    ],
)
def test_a_resource_of_another_patient_is_never_used(subject):
    me = {"resourceType": "Patient", "id": "me", "identifier": [{"system": "urn:mrn", "value": "78"}]}
    found = pooled(PATIENT, resource(subject=subject, contained=[me]), urls={"p1": "urn:uuid:0001"})
    assert ids(found) == []
    assert problems(found) == [("Condition/c1", "OTHER_PATIENT")]


@pytest.mark.parametrize("subject", [None, {}, {"display": "Jane"}, "Patient/p1", 5, []])
def test_a_resource_without_subject_is_used_and_reported(subject):
    found = pooled(resource(subject=subject))
    assert ids(found) == ["c1"]
    assert problems(found) == [("Condition/c1", "SUBJECT_MISSING")]


def test_a_body_structure_names_its_patient_in_its_own_element():
    lesion = {"resourceType": "BodyStructure", "id": "b1", "patient": {"reference": "Patient/p2"}}
    assert problems(pooled(lesion)) == [("BodyStructure/b1", "OTHER_PATIENT")]
    assert ids(pooled({**lesion, "patient": OURS}), "BodyStructure") == ["b1"]


def test_a_medication_belongs_to_nobody():
    found = pooled({"resourceType": "Medication", "id": "m1"})
    assert ids(found, "Medication") == ["m1"]
    assert problems(found) == []


def test_another_patients_chart_is_not_pooled():
    found = pooled(PATIENT, {"resourceType": "Patient", "id": "p2"}, {"resourceType": "Patient", "active": True})
    assert [item.get("id") for item in found.of("Patient")] == [None, "p1"]
    assert [problem for _, problem in problems(found)] == ["SUBJECT_MISSING", "OTHER_PATIENT"]


def test_types_that_are_not_read_are_reported():
    found = pooled({"resourceType": "Appointment", "id": "a"}, {"id": "x"}, {"resourceType": ["Condition"], "id": "y"})
    assert [problem for _, problem in problems(found)] == ["TYPE_UNEXPECTED"] * 3


def status(code):
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": code}]}


@pytest.mark.parametrize(
    ("item", "used"),
    [
        (resource("Observation", status="final"), True),
        (resource("Observation", status="entered-in-error"), False),
        (resource("Observation", status="cancelled"), False),
        (resource("Observation", status=["final"]), False),
        (resource("Procedure", status="not-done"), True),
        (resource("Procedure", status="nonsense"), True),
        (resource(verificationStatus=status("confirmed")), True),
        (resource(verificationStatus=status("refuted")), False),
        (resource(verificationStatus=status("entered-in-error")), False),
        (resource(verificationStatus="refuted"), False),
        (resource(verificationStatus={"text": "refuted"}), True),
        (resource(verificationStatus={"coding": [None, {"code": 5}]}), True),
        (resource(verificationStatus=5), True),
    ],
)
def test_withdrawn_resources_are_not_used(item, used):
    found = pooled(item)
    assert bool(found.of(item["resourceType"])) is used
    assert problems(found) == ([] if used else [(f"{item['resourceType']}/c1", "STATUS_NOT_USABLE")])


def version(text=None, number=None, **more):
    meta = {key: value for key, value in (("lastUpdated", text), ("versionId", number)) if value is not None}
    return resource(meta=meta, **more)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (version("2024-01-01T00:00:00Z"), version("2024-01-02T00:00:00Z")),
        (version("2024-01-01T12:00:00+02:00"), version("2024-01-01T11:00:00Z")),
        (version("2024-01-01T00:00:00Z", "9"), version("2024-01-01T00:00:00Z", "10")),
        (version(None, "1"), version("2024-01-01")),
        (version("not a date", "1"), version(None, "2")),
        (version(None, "x" * 50), version(None, "1")),
        (version(note="a"), version(note="b")),
        (resource(meta=5, note="a"), resource(meta=[], note="b")),
    ],
)
def test_of_two_versions_the_one_updated_last_counts_in_either_order(older, newer):
    for pair in ((older, newer), (newer, older)):
        found = pooled(*pair)
        assert found.of("Condition") == (newer,)
        assert problems(found) == [("Condition/c1", "DUPLICATE_CONFLICT")]


def test_a_withdrawn_resource_does_not_come_back_in_an_older_version():
    older = version("2024-01-01T00:00:00Z")
    newer = version("2024-02-01T00:00:00Z", verificationStatus=status("entered-in-error"))
    for pair in ((older, newer), (newer, older)):
        found = pooled(*pair)
        assert found.of("Condition") == ()
        assert problems(found) == [("Condition/c1", "DUPLICATE_CONFLICT"), ("Condition/c1", "STATUS_NOT_USABLE")]


def test_the_same_resource_under_two_keys_is_one():
    item = resource()
    assert pooled(item, item).of("Condition") == (item,)
    assert pooled(item, {**item}).problems == ()


def test_content_nested_beyond_recursion_is_compared_too():
    def deep():
        value = {}
        for _ in range(100_000):
            value = {"x": value}
        return resource(note=value)

    found = pooled(deep(), deep())
    assert len(found.of("Condition")) == 1
    assert found.problems == ()


def holder(reference, **more):
    return resource("Observation", "o1", focus=[reference], **more)


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Condition/c1"},
        {"reference": "Condition/c1/_history/1"},
        {"reference": "https://ehr.example/fhir/Condition/c1"},
        {"reference": "urn:uuid:0003"},
        {"reference": "urn:uuid:9999", "identifier": {"system": "urn:tumour", "value": "T1"}},
        {"identifier": {"system": "urn:tumour", "value": "T1"}},
        {"reference": "Condition/c1", "type": "Condition"},
        {"reference": "Condition/c1", "type": "Unheard"},
        "Condition/c1",
    ],
)
def test_a_resource_is_found_however_it_is_referred_to(reference):
    target = resource(identifier=[{"system": "urn:tumour", "value": "T1"}])
    found = pooled(target, urls={"c1": "urn:uuid:0003"})
    assert found.get(reference) is target
    assert found.problems == ()


def test_every_address_of_a_resource_that_came_twice_leads_to_it():
    item = resource()
    sources = [
        Source(key, SourceState.FOUND, (Entry({**item}, url, local_reference(item)),))
        for key, url in (("a", "urn:uuid:a"), ("b", "urn:uuid:b"), ("c", None))
    ]
    found = pool(sources, patient_id="p1")
    assert found.get({"reference": "urn:uuid:a"}) == found.get({"reference": "urn:uuid:b"}) == item


def test_a_contained_resource_is_found_in_its_container():
    body = {"resourceType": "BodyStructure", "id": "#lesion"}
    item = holder({"reference": "#lesion"}, contained=[body, None, {"id": 5}])
    found = pooled(item)
    assert found.get({"reference": "#lesion"}, container=item) is body
    assert found.get({"reference": "#lesion"}, container=item) is body
    assert found.get({"reference": "#"}, container=item) is item
    assert found.get({"reference": "#lesion"}) is None
    assert found.get({"reference": "#lesion"}, container=resource(contained="x")) is None
    assert problems(found) == [("Condition/c1", "REFERENCE_DANGLING"), ("Reference", "REFERENCE_DANGLING")]


@pytest.mark.parametrize(
    ("reference", "reported"),
    [
        ({"reference": "Condition/gone"}, True),
        ({"reference": "urn:uuid:gone", "type": "Condition"}, True),
        ({"reference": "Condition/c1", "type": "Procedure"}, True),
        ({"reference": "Practitioner/d1"}, False),
        ({"reference": "urn:uuid:gone"}, False),
        ({"identifier": {"value": "gone"}}, False),
        ({"display": "a tumour"}, False),
        (None, False),
    ],
)
def test_a_reference_that_leads_nowhere_is_reported_if_it_matters(reference, reported):
    item = holder(reference)
    found = pooled(item, resource())
    assert found.get(reference, container=item) is None
    assert problems(found) == ([("Observation/o1", "REFERENCE_DANGLING")] if reported else [])


def test_of_two_resources_with_one_identifier_the_first_by_name_is_found():
    shared = [{"system": "urn:x", "value": "1"}]
    one, two = resource(name="a", identifier=shared), resource(name="b", identifier=shared)
    for pair in ((one, two), (two, one)):
        found = pooled(*pair)
        assert found.get({"identifier": shared[0]}) is found.get({"identifier": shared[0]}) is one


def test_an_address_that_only_repeats_the_id_adds_nothing():
    found = pooled(resource(), urls={"c1": "https://ehr.example/Condition/c1"})
    assert found.get({"reference": "urn:uuid:none"}) is None
    assert found.get({"reference": "urn:uuid:none"}) is None
    assert found.get({"reference": "Condition/c1"}) == resource()
