"""Completing the record: what is fetched, from whom, within which time, and what is missing in the end."""

from __future__ import annotations

import threading

import pytest

from cds_service.fhir.references import local_reference
from cds_service.hooks.sources import from_prefetch
from cds_service.protocol.request import FhirAuthorization, HookRequest
from cds_service.record import AllowList, complete
from tests.contract.requirements import proves
from tests.integration.fhir_double import (
    CONDITION,
    PATIENT,
    SERVICE,
    TOKEN,
    Ehr,
    bundle,
    fetcher,
    missing,
    request,
    sources,
    states,
)

FOREVER = 60.0  # seconds; reached only when something hangs that must not


def token(expires_in: int, scope: str) -> FhirAuthorization:
    return FhirAuthorization(access_token=TOKEN, token_type="Bearer", expires_in=expires_in, scope=scope)


@proves("FHIR-02", "PRE-03", "FHIR-08")
def test_everything_absent_is_fetched_with_the_token(ehr: Ehr) -> None:
    found = sources(request())
    assert states(found) == {
        "patient": "found",
        "conditions": "found",
        "observations": "empty",
        "procedures": "empty",
    }
    assert list(found) == list(SERVICE.prefetch)
    assert {asked.headers["Authorization"] for asked in ehr.asked} == {f"Bearer {TOKEN}"}
    assert "application/fhir+json" in ehr.asked[0].headers["Accept"]
    assert ehr.queries("Observation") == [{"patient": ["p1"], "code": ["http://loinc.org|2039-6"]}]


@proves("PRE-10", "PRE-03", "TMPL-05")
def test_what_was_sent_is_not_fetched(ehr: Ehr) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    sent = {"patient": PATIENT, "conditions": bundle(CONDITION), "observations": None, "procedures": outcome}
    assert states(sources(request(sent))) == {
        "patient": "found",
        "conditions": "found",
        "observations": "empty",
        "procedures": "not_allowed",
    }
    assert ehr.asked == []


def test_without_a_token_an_open_server_is_asked_without_one(ehr: Ehr) -> None:
    sources(request(authorization=None))
    assert len(ehr.asked) == 4
    assert all("Authorization" not in asked.headers for asked in ehr.asked)


def test_keys_that_were_not_asked_for_are_not_read(ehr: Ehr) -> None:
    sent = {
        "patient": PATIENT,
        "conditions": None,
        "observations": None,
        "procedures": None,
        "other": bundle(CONDITION),
    }
    assert "other" not in sources(request(sent))


def test_keys_are_fetched_at_the_same_time(ehr: Ehr) -> None:
    together = threading.Barrier(4, timeout=FOREVER)

    def wait_for_the_others(_: object) -> tuple[int, object]:
        together.wait()
        return 200, bundle()

    for path in ("Condition", "Observation", "Procedure"):
        ehr.on(f"/fhir/{path}", wait_for_the_others)
    ehr.on("/fhir/Patient/p1", lambda _: (together.wait(), (200, PATIENT))[1])
    assert states(sources(request(), fetcher(10_000)))["conditions"] == "empty"


@pytest.mark.parametrize(
    ("asked", "note"),
    [
        (request(fhir_server=None, authorization=None), "no fhirServer"),
        (request(fhir_server="https://evil.example.org/fhir"), "allow-list"),
        (request(fhir_server="https://ehr.example.org/other-tenant"), "allow-list"),
        (request(fhir_server="http://ehr.example.org/fhir"), "allow-list"),
        (request(fhir_server="https://ehr.example.org:444/fhir"), "allow-list"),
        (request(fhir_server="http://127.0.0.1/fhir"), "allow-list"),
        (request(authorization=token(0, "")), "expired"),
    ],
)
def test_a_server_that_may_not_be_called_is_not(ehr: Ehr, asked: HookRequest, note: str) -> None:
    refused = missing(asked)
    assert ehr.asked == []
    assert note in refused.message
    assert refused.expression == ("prefetch.conditions", "prefetch.patient")


def test_the_allow_list_overlooks_case_default_port_and_slash(ehr: Ehr) -> None:
    listed = ("HTTPS://EHR.example.org:443/fhir/",)
    assert states(sources(request(), fetcher(allowed=listed)))["patient"] == "found"


@pytest.mark.parametrize("base", ["http://localhost:8080/fhir", "http://127.0.0.1", "https://[::1]:9/r4"])
def test_loopback_is_allowed_only_where_the_operator_says_so(base: str) -> None:
    assert AllowList((), loopback=True).permits(base)
    assert not AllowList((), loopback=False).permits(base)
    assert not AllowList((), loopback=True).permits("http://localhost.example.org/fhir")


@proves("FHIR-04")
def test_a_type_that_the_scope_leaves_out_is_not_asked_for(ehr: Ehr) -> None:
    scope = "openid patient/Patient.r patient/Condition.rs patient/Observation.read patient/Procedure.c"
    found = sources(request(authorization=token(300, scope)))
    assert states(found) == {
        "patient": "found",
        "conditions": "found",
        "observations": "empty",
        "procedures": "not_allowed",
    }
    assert "scope" in str(found["procedures"].note)
    assert ehr.queries("Procedure") == []


def test_a_scope_that_names_no_resources_covers_nothing(ehr: Ehr) -> None:
    refused = missing(request(authorization=token(300, "openid launch")))
    assert "names no FHIR resources" in refused.message
    assert ehr.asked == []


def test_a_scope_with_a_query_of_its_own_is_used_and_nothing_is_concluded_from_it(ehr: Ehr) -> None:
    scope = "patient/Patient.r patient/Condition.rs?category=problem-list-item patient/Procedure.rs?status=completed"
    found = sources(request(authorization=token(300, scope)))
    assert states(found) == {
        "patient": "found",
        "conditions": "incomplete",
        "observations": "not_allowed",
        "procedures": "incomplete",
    }
    assert [entry.resource for entry in found["conditions"].entries] == [CONDITION]
    assert "only a part" in str(found["conditions"].note)


@proves("FHIR-06", "USER-10")
def test_the_budget_is_kept_whatever_the_server_does(ehr: Ehr) -> None:
    released = threading.Event()
    answered = threading.Event()

    def late(_: object) -> tuple[int, object]:
        released.wait(FOREVER)
        answered.set()
        return 200, bundle()

    ehr.on("/fhir/Observation", late)
    found = sources(request(), fetcher(1500))
    assert not answered.is_set()  # nobody waited for it
    released.set()
    assert states(found) == {
        "patient": "found",
        "conditions": "found",
        "observations": "incomplete",
        "procedures": "empty",
    }
    assert "time budget" in str(found["observations"].note)


@proves("USER-10")
def test_a_needed_key_that_does_not_come_in_time_is_412(ehr: Ehr) -> None:
    released = threading.Event()
    ehr.on("/fhir/Condition", lambda _: (released.wait(FOREVER), (200, bundle()))[1])
    refused = missing(request(), fetcher(200))
    released.set()
    assert "time budget" in refused.message


def test_no_conditions_is_an_answer() -> None:
    sent = {"patient": PATIENT, "conditions": None}
    assert states(sources(request(sent, fhir_server=None, authorization=None)))["conditions"] == "empty"


@pytest.mark.parametrize(
    ("patient", "why"),
    [
        (None, "null or empty"),
        (bundle(), "null or empty"),
        ({"resourceType": "OperationOutcome"}, "OperationOutcome"),
        ("CANARY", "not a FHIR resource"),
        (CONDITION, "Patient was expected"),
        ({"resourceType": "Patient", "id": "CANARY"}, "not the one of context.patientId"),
    ],
)
def test_no_usable_patient_is_412_and_says_why(ehr: Ehr, patient: object, why: str) -> None:
    refused = missing(request({"patient": patient, "conditions": None}))
    assert refused.expression == ("prefetch.patient",)
    assert why in refused.message
    assert "CANARY" not in refused.message


def test_a_patient_without_id_is_taken_as_the_one(ehr: Ehr) -> None:
    assert states(sources(request({"patient": {"resourceType": "Patient"}, "conditions": None})))["patient"] == "found"


def test_without_a_fetcher_what_is_absent_is_not_asked() -> None:
    found, problems = from_prefetch(request({"patient": PATIENT, "conditions": None}), SERVICE)
    assert states(found)["observations"] == "not_asked"
    assert problems == ()


def test_problems_of_the_data_are_reported_sorted(ehr: Ehr) -> None:
    ehr.on("/fhir/Procedure", bundle({"resourceType": "Condition"}, 5))
    _, problems = complete(request({"observations": bundle(CONDITION)}), SERVICE, fetcher())
    assert [problem.resource for problem in problems] == [
        local_reference({"resourceType": "Condition"}),
        "Condition/c1",
        "prefetch.procedures",
    ]


def test_an_id_that_would_climb_out_of_the_base_is_not_asked_for(ehr: Ehr) -> None:
    assert "not sent" in missing(request(patient_id="..")).message
    assert ehr.asked == []
