"""References: the same resource is found however the reference is written."""

from __future__ import annotations

import pytest

from cds_service.fhir.references import canonical_json, local_reference, reference_keys, resource_keys

UUID = "urn:uuid:4f1f6a2e-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"reference": "Condition/c1"}, ("Condition/c1",)),
        ({"reference": "Condition/c1/_history/3"}, ("Condition/c1",)),
        ({"reference": "https://ehr.example/r4/Condition/c1"}, ("Condition/c1",)),
        ({"reference": "https://ehr.example/r4/Condition/c1/_history/3"}, ("Condition/c1",)),
        ({"reference": "/Condition/c1/"}, ("Condition/c1",)),
        ({"reference": "Condition/c1#part"}, ("Condition/c1",)),
        ({"reference": "Condition/c1|2"}, ("Condition/c1",)),
        ({"reference": UUID}, (UUID,)),
        ({"reference": "#lesion"}, ("#lesion",)),
        ("Condition/c1", ("Condition/c1",)),
        ({"identifier": {"system": "urn:mrn", "value": "7"}}, ("identifier|urn:mrn|7",)),
        ({"identifier": {"value": "7"}}, ("identifier||7",)),
        ({"reference": "Condition/c1", "identifier": {"value": "7"}}, ("Condition/c1", "identifier||7")),
    ],
)
def test_every_form_of_a_reference_gives_its_keys(reference, expected):
    assert reference_keys(reference) == expected


@pytest.mark.parametrize(
    "reference",
    [
        None,
        5,
        [],
        {},
        "",
        "c1",
        "condition/c1",
        "Condition/",
        "https://ehr.example/Condition?identifier=x/Y/1",
        "Condition/c 1",
        "Condition/" + "x" * 5000,
        {"reference": None},
        {"reference": ["Condition/c1"]},
        {"identifier": "7"},
        {"identifier": {"value": ""}},
        {"identifier": {"value": 7}},
        {"display": "Jane"},
    ],
)
def test_what_is_no_reference_has_no_key(reference):
    assert reference_keys(reference) == ()


def test_a_long_row_of_slashes_is_read_in_no_time():
    assert reference_keys("A/" * 1000) == ()


def test_a_resource_is_found_by_id_address_and_identifiers():
    resource = {"resourceType": "Condition", "id": "c1", "identifier": [{"system": "urn:x", "value": "7"}, None, {}]}
    assert resource_keys(resource, UUID) == ("Condition/c1", UUID, "identifier|urn:x|7")
    assert resource_keys(resource, "https://ehr.example/Condition/c1") == ("Condition/c1", "identifier|urn:x|7")
    assert resource_keys({"resourceType": "Bundle", "id": "b", "identifier": {"value": "1"}}, None) == (
        "Bundle/b",
        "identifier||1",
    )


def test_a_resource_without_id_is_named_by_its_content():
    one = {"resourceType": "Observation", "status": "final", "valueInteger": 1}
    same = {"valueInteger": 1, "status": "final", "resourceType": "Observation"}
    other = {**one, "valueInteger": 2}
    assert local_reference(one) == local_reference(same) != local_reference(other)
    assert local_reference(one).startswith("Observation/?")
    assert len(local_reference(one)) == len("Observation/?") + 8


@pytest.mark.parametrize("resource", [{}, {"resourceType": 5, "id": "x"}, {"id": "x"}, {"resourceType": ""}])
def test_a_resource_without_type_still_has_a_name(resource):
    assert local_reference(resource).startswith("Resource/?")


def test_an_id_that_is_no_text_is_no_id():
    assert local_reference({"resourceType": "Condition", "id": 5}).startswith("Condition/?")


def test_content_of_any_depth_has_a_name():
    deep: dict = {"resourceType": "Condition", "b": [1, "x", None], "a": True}
    for _ in range(5000):
        deep = {"resourceType": "Condition", "deep": deep, "list": [deep.get("x"), 1]}
    other = {**deep, "list": [None, 2]}
    assert local_reference(deep).startswith("Condition/?")
    assert canonical_json(deep) != canonical_json(other)
