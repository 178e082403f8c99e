"""The pure call: what it refuses to be silent about."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cds_service.errors import PrefetchMissing
from tests.spec.core import decision
from tests.spec.patients import patient


def _half(request: dict[str, Any], *, without: str) -> dict[str, Any]:
    """The request with one Condition on a page that never came."""
    cut = copy.deepcopy(request)
    bundle = cut["prefetch"]["conditions"]
    bundle["entry"] = [entry for entry in bundle["entry"] if without not in entry["resource"]["id"]]
    bundle["link"] = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
    return cut


def test_half_of_the_conditions_without_the_disease_is_no_silence() -> None:
    with pytest.raises(PrefetchMissing) as refusal:
        decision(_half(patient(), without="primary"))
    assert refusal.value.expression == ("prefetch.conditions",)


def test_half_of_the_conditions_with_the_disease_is_used() -> None:
    half = patient()
    half["prefetch"]["conditions"]["link"] = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
    found = decision(half).assessment
    assert found.population == "in"
    assert found.classification.sequence.value == "unknown"


def test_the_dead_stay_in_peace_whatever_came() -> None:
    request = _half(patient(), without="primary")
    request["prefetch"]["patient"]["deceasedBoolean"] = True
    assert decision(request).cards == ()


def test_the_conditions_of_another_patient_are_no_silence() -> None:
    request = copy.deepcopy(patient())
    for entry in request["prefetch"]["conditions"]["entry"]:
        entry["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    with pytest.raises(PrefetchMissing) as refusal:
        decision(request)
    assert refusal.value.expression == ("prefetch.conditions",)
    assert "patientId" in refusal.value.message


def test_conditions_entered_in_error_are_an_answer() -> None:
    request = copy.deepcopy(patient())
    for entry in request["prefetch"]["conditions"]["entry"]:
        entry["resource"]["verificationStatus"] = {"coding": [{"code": "entered-in-error"}]}
    assert decision(request).cards == ()


def dispatched(reference: str) -> dict[str, Any]:
    request = patient(plt=49)
    request["hook"] = "order-dispatch"
    request["context"] = {
        "patientId": request["context"]["patientId"],
        "dispatchedOrders": [reference],
        "performer": "Organization/imaging",
    }
    return request


@pytest.mark.parametrize(
    ("reference", "key"), [("ServiceRequest/nope", "requests"), ("MedicationRequest/nope", "medications")]
)
def test_a_dispatched_order_that_was_never_seen_is_no_silence(reference: str, key: str) -> None:
    request = dispatched(reference)
    request["prefetch"].pop(key, None)
    with pytest.raises(PrefetchMissing) as refusal:
        decision(request)
    assert refusal.value.expression == (f"prefetch.{key}",)


def test_a_dispatched_order_that_a_complete_source_does_not_hold_is_reported() -> None:
    request = dispatched("ServiceRequest/nope")
    request["prefetch"]["requests"] = None
    made = decision(request)
    assert made.cards == ()
    assert "REFERENCE_DANGLING" in {item.problem for item in made.assessment.data_quality}


def test_a_dispatched_order_of_another_kind_is_silence() -> None:
    assert decision(dispatched("NutritionOrder/nope")).cards == ()


@pytest.mark.parametrize("total", ["5", -1, 1.5, True, []])
def test_a_total_that_cannot_be_read_leaves_a_source_incomplete(total: object) -> None:
    request = patient()
    request["prefetch"]["procedures"] |= {"total": total}
    assert decision(request).assessment.sources["procedures"].state == "incomplete"
