"""The hooks: what they ask for, what they decide on, and the one pure call behind them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from cds_service.errors import PrefetchMissing
from cds_service.fhir.pool import pool
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.source import read_source
from cds_service.hooks.decide import decide, decide_request
from cds_service.hooks.prefetch import observation_codes, prefetch
from cds_service.hooks.services import HOOKS, service_of, services
from cds_service.protocol.card import to_json
from cds_service.protocol.card_rules import check_response
from cds_service.protocol.request import REQUESTS, read_request
from cds_service.protocol.templates import lint
from cds_service.terminology import load_terminology
from tests.contract.requirements import proves
from tests.spec.core import RESOURCE_TYPES, decision, site
from tests.spec.patients import EVALUATED_ON, PATIENT_ID, patient
from tests.unit.card_cases import ABLATION, CT, RADIOTHERAPY, cards, detail

DAY = date.fromisoformat(EVALUATED_ON)
TERMINOLOGY = site().terminology
OWN = "https://crc-lung-metastasis.example.org/fhir/CodeSystem/imaging-finding"


def test_the_registry_in_its_order() -> None:
    found = services(TERMINOLOGY)
    assert [service.hook for service in found] == ["patient-view", "order-select", "order-sign", "order-dispatch"]
    assert [service.id for service in found] == [f"crc-lung-metastasis-{service.hook}" for service in found]
    assert {service.id for service in services(TERMINOLOGY, shared_id=True)} == {"crc-lung-metastasis"}


@pytest.mark.parametrize("service", services(TERMINOLOGY), ids=lambda service: service.hook)
def test_each_service_announces_itself_and_asks_only_what_every_ehr_can_answer(service: Any) -> None:
    assert lint(service) == []
    assert service.needs == ("patient", "conditions")
    assert dict(service.types) == RESOURCE_TYPES
    entry = service.descriptor()
    assert entry["version"] == "3.0.0"
    assert {"id", "hook", "title", "description", "prefetch", "hookVersion"} <= entry.keys()
    assert json.loads(json.dumps(entry)) == entry


def test_the_templates() -> None:
    templates = prefetch(TERMINOLOGY)
    code = templates.pop("observations").partition("&code=")
    assert code[0] == "Observation?patient={{context.patientId}}"
    assert templates == {
        "patient": "Patient/{{context.patientId}}",
        "conditions": "Condition?patient={{context.patientId}}",
        "imaging-findings": "Observation?patient={{context.patientId}}&category=imaging",
        "procedures": "Procedure?patient={{context.patientId}}",
        "reports": "DiagnosticReport?patient={{context.patientId}}",
        "imaging-studies": "ImagingStudy?patient={{context.patientId}}",
        "body-structures": "BodyStructure?patient={{context.patientId}}",
        "requests": "ServiceRequest?patient={{context.patientId}}",
        "medications": "MedicationRequest?patient={{context.patientId}}",
    }
    assert code[2].split(",") == observation_codes(TERMINOLOGY)


def test_the_observation_codes_are_loinc_and_our_own_each_once() -> None:
    codes = observation_codes(TERMINOLOGY)
    assert len(codes) == len(set(codes))
    for code in ("2039-6", "83085-1", "21889-1", "89247-1", "20152-5", "19911-7", "777-3", "6301-6", "21702-6"):
        assert f"http://loinc.org|{code}" in codes
    for code in ("lesion-zone", "lesion-count", "primary-status", "predicted-postoperative-fev1"):
        assert f"{OWN}|{code}" in codes
    assert all(code.startswith(("http://loinc.org|", f"{OWN}|")) for code in codes)


def test_our_own_codes_follow_the_canonical_base() -> None:
    terminology = load_terminology(canonical_base="https://fhir.hospital.example/cds")
    own = "https://fhir.hospital.example/cds/CodeSystem/imaging-finding|lesion-zone"
    assert own in observation_codes(terminology)


def test_a_request_of_every_hook_can_be_read_and_of_no_other() -> None:
    assert HOOKS.keys() == REQUESTS.keys()


def test_every_service_listens_to_the_hook_of_its_declaration() -> None:
    assert [service.hook for service in services(TERMINOLOGY)] == list(HOOKS)
    for name in HOOKS:
        assert service_of(name, TERMINOLOGY).hook == name


def test_a_call_that_brings_its_data_along_is_decided_on_as_at_the_route() -> None:
    request = patient()
    assert decide_request(read_request(request), site(), on=DAY) == decision(request)


def test_a_call_without_a_needed_key_is_refused_where_nothing_is_fetched() -> None:
    request = patient()
    del request["prefetch"]["conditions"]
    with pytest.raises(PrefetchMissing) as refused:
        decide_request(read_request(request), site(), on=DAY)
    assert refused.value.expression == ("prefetch.conditions",)


@proves("OWN-08")
def test_the_explanation_holds_the_very_cards_of_the_response() -> None:
    found = decision(patient())
    explained = found.explanation()
    assert explained["cards"] == found.response()["cards"] == [to_json(card) for card in found.cards]
    assert explained["service"] == "crc-lung-metastasis-patient-view"
    assert explained["evaluatedOn"] == EVALUATED_ON
    json.dumps(explained)


def test_what_was_set_aside_on_reading_is_reported_once_and_in_order() -> None:
    request = patient()
    hook_request = read_request(request)
    sources = {
        key: read_source(key, request["prefetch"][key], expected=expected)[0]
        for key, expected in RESOURCE_TYPES.items()
    }
    problem = DataProblem("Observation/zz", "ENTRY_UNREADABLE", "The entry is not an object.")
    service = services(TERMINOLOGY)[0]
    found = decide(service, hook_request, sources, [problem, problem], site=site(), on=date.fromisoformat(EVALUATED_ON))
    listed = [(item.resource, item.problem) for item in found.assessment.data_quality]
    assert listed.count(("Observation/zz", "ENTRY_UNREADABLE")) == 1
    assert listed == sorted(listed)
    assert "could not be used: 1." in detail(found.cards[0])


def dispatch(field: str, value: object, *, orders: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    request = patient(**changes)
    request["hook"] = "order-dispatch"
    request["context"] = {"patientId": PATIENT_ID, field: value, "performer": "Organization/radiology"}
    request["prefetch"]["requests"]["entry"] = [{"resource": order | {"status": "active"}} for order in orders]
    request["prefetch"]["requests"]["total"] = len(orders)
    return request


@pytest.mark.parametrize(
    ("field", "value"), [("dispatchedOrders", ["ServiceRequest/draft-1"]), ("order", "ServiceRequest/draft-1")]
)
def test_dispatched_orders_are_read_from_the_record(field: str, value: object) -> None:
    found = decision(dispatch(field, value, orders=[ABLATION, RADIOTHERAPY], plt=40))
    assert [order.reference for order in found.assessment.orders] == ["ServiceRequest/draft-1"]
    assert check_response(found.response()) == []
    assert "not until corrected" in found.cards[0].summary
    assert not [item for item in found.cards[0].suggestions if item.label.startswith("Replace")]


def test_a_dispatched_order_that_is_not_on_record_is_reported() -> None:
    found = decision(dispatch("dispatchedOrders", ["ServiceRequest/gone"], orders=[]))
    assert found.cards == ()
    assert "REFERENCE_DANGLING" in {item.problem for item in found.assessment.data_quality}


def test_at_signing_all_orders_count_and_at_selection_the_selected() -> None:
    both = [ABLATION, CT]
    request = read_request(patient(hook="order-select", orders=both, selections=["ServiceRequest/draft-6"]))
    nothing = pool((), patient_id=PATIENT_ID)
    chosen = {name: [order["id"] for order in hook.orders(request, nothing)] for name, hook in HOOKS.items()}
    assert chosen["order-select"] == ["draft-6"]
    assert chosen["order-sign"] == ["draft-1", "draft-6"]
    assert chosen["patient-view"] == []
    assert len(cards(hook="order-sign", orders=both, plt=40)) == 2
