"""Prefetch templates: tokens are filled safely, and a template that an EHR may not understand is found."""

from __future__ import annotations

import pytest

from cds_service.protocol.request import read_request
from cds_service.protocol.service import Service
from cds_service.protocol.templates import expand, lint
from cds_service.values import replace
from tests.contract.requirements import proves

REQUEST = read_request(
    {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"patientId": "p-1.x", "userId": "Practitioner/u1"},
    }
)


def service(**prefetch: str) -> Service:
    return Service(id="s", hook="patient-view", title="t", description="d", prefetch=prefetch)


@pytest.mark.parametrize(
    ("template", "expanded"),
    [
        ("Patient/{{context.patientId}}", "Patient/p-1.x"),
        ("Condition?patient={{ context.patientId }}", "Condition?patient=p-1.x"),
        ("{{context.userId}}", "Practitioner/u1"),
        ("Practitioner/{{userPractitionerId}}", "Practitioner/u1"),
        ("Patient?_count=1", "Patient?_count=1"),
        ("Patient/{{userPatientId}}", None),
        ("Encounter/{{context.encounterId}}", None),
        ("Patient/{{context.unknown}}", None),
        ("Patient/{{today()}}", None),
    ],
)
def test_tokens_are_filled(template: str, expanded: str | None) -> None:
    assert expand(template, REQUEST) == expanded


@pytest.mark.parametrize("patient_id", ["..", ".", "../Practitioner", "1&code=x", "1?x", "a b", "", "Patient/.."])
def test_a_value_cannot_change_what_is_asked(patient_id: str) -> None:
    assert (
        expand("Condition?patient={{context.patientId}}", REQUEST.model_copy(update={"patient_id": patient_id})) is None
    )


@pytest.mark.parametrize(
    "template",
    [
        "Patient/{{context.patientId}}",
        "{{context.userId}}",
        "Condition?patient={{context.patientId}}",
        "Observation?patient={{context.patientId}}&code=http://loinc.org|2039-6,http://loinc.org|21889-1&_count=50",
    ],
)
def test_what_the_weakest_ehr_can_answer_passes(template: str) -> None:
    assert lint(service(key=template)) == []


@proves("USER-05")
@pytest.mark.parametrize(
    "template",
    [
        "https://ehr.example.org/Patient/{{context.patientId}}",
        "/Patient/{{context.patientId}}",
        "Patient",
        "Patient/{{context.selections}}",
        "Patient/{{today()}}",
        "Patient/{{context.patientId}",
        "Condition?patient={{context.patientId}}&patient=2",
        "Condition?patient={{context.patientId}}&_sort=-date",
        "Condition?patient={{context.patientId}}&_include=Condition:subject",
        "Condition?patient:missing=true",
        "Condition?subject.name=x",
        "Condition?patient=",
    ],
)
def test_what_it_cannot_is_found(template: str) -> None:
    faults = lint(service(key=template))
    assert faults
    assert all(fault.startswith("key: ") for fault in faults)


def test_a_needed_key_must_have_a_template() -> None:
    assert lint(replace(service(a="Patient/{{context.patientId}}"), needs=("b",))) == [
        "b: is needed but has no prefetch template"
    ]


def test_the_expected_type_is_what_the_template_begins_with() -> None:
    described = service(patient="Patient/{{context.patientId}}", sizes="Observation?patient={{context.patientId}}")
    assert described.types == {"patient": "Patient", "sizes": "Observation"}
    with pytest.raises(ValueError, match="resource type"):
        _ = service(user="{{context.userId}}").types


def test_the_descriptor_leaves_out_what_has_no_value() -> None:
    descriptor = replace(service(), title="").descriptor()
    assert descriptor == {"hook": "patient-view", "id": "s", "description": "d", "version": "3.0.0"}
