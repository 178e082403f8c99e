"""MDT referral: what counts as a change since the last discussion (M-04, M-05), and who is invited."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.history import MDT
from tests.spec.patients import patient
from tests.spec.resources import LOINC, SNOMED, Resource, concept, observation, quantity, service_request
from tests.spec.tables import STYLES
from tests.spec.vignettes import LESION, OLD_AND_NEW, ONE_FOLLOWED

HELD = "2025-03-01"


def followed(*sizes: tuple[str, object], now: object = 15) -> list[dict[str, Any]]:
    return [LESION | {"mm": now, "earlier": list(sizes)}]


CHANGES = [
    ("nothing", {"lesions": ONE_FOLLOWED}, None),
    ("grown, but within its category", {"lesions": followed(("2025-02-01", 12), now=29)}, None),
    ("new lesion", {"lesions": OLD_AND_NEW}, "new_lesion"),
    ("crossed 6 mm", {"lesions": followed(("2025-02-01", 5), now=8)}, "size"),
    ("crossed 30 mm", {"lesions": followed(("2025-02-01", 28), now=31)}, "size"),
    ("crossed 50 mm", {"lesions": followed(("2025-02-01", 44), now=55)}, "size"),
    (
        "liver metastasis",
        {"lesions": ONE_FOLLOWED, "extra": "treatable", "extra_since": "2025-04-01"},
        "extrapulmonary",
    ),
    ("liver metastasis known then", {"lesions": ONE_FOLLOWED, "extra": "treatable"}, None),
    ("CEA above 5", {"lesions": ONE_FOLLOWED, "cea": 6, "cea_before": [("2025-01-10", 3)]}, "cea"),
    ("CEA above 5 all along", {"lesions": ONE_FOLLOWED, "cea": 6, "cea_before": [("2025-01-10", 7)]}, None),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("changed", "trigger"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_change_since_the_mdt(changed: dict[str, Any], trigger: str | None, style: str) -> None:
    mdt = explain(patient(style=style, mdt_held=HELD, **changed))["mdt"]
    assert (mdt["suggest"], mdt["trigger"]) == (trigger is not None, trigger)
    assert mdt["suppressedBy"] == (None if trigger else "mdt_held")


def with_observation(request: dict[str, Any], found: Resource) -> dict[str, Any]:
    request["prefetch"]["observations"]["entry"].append({"resource": found})
    request["prefetch"]["observations"]["total"] += 1
    return request


def test_molecular_result_since_the_mdt() -> None:
    found = observation(
        "msi", concept(LOINC, "81695-9"), "2025-04-01", valueCodeableConcept=concept(LOINC, "LA26203-2", "MSI-H")
    )
    mdt = explain(with_observation(patient(lesions=ONE_FOLLOWED, mdt_held=HELD), found))["mdt"]
    assert (mdt["suggest"], mdt["trigger"]) == (True, "molecular")


def test_open_request_suppresses_even_after_a_change() -> None:
    mdt = explain(patient(lesions=OLD_AND_NEW, mdt_requested="2025-04-01"))["mdt"]
    assert (mdt["suggest"], mdt["suppressedBy"]) == (False, "mdt_requested")


REQUESTS = [
    ("draft", "2025-05-20", "mdt_requested"),
    ("on-hold", "2025-05-20", "mdt_requested"),
    ("completed", "2025-05-20", "mdt_held"),
    ("completed", "2025-03-01", None),
    ("revoked", "2025-05-20", None),
    ("entered-in-error", "2025-05-20", None),
]


@pytest.mark.parametrize(("status", "on", "suppressed"), REQUESTS)
def test_status_of_the_mdt_request(status: str, on: str, suppressed: str | None) -> None:
    """A completed request counts as held on its date."""
    request = patient(mdt_requested=on, lesions=OLD_AND_NEW if on == HELD else [LESION])
    request["prefetch"]["requests"]["entry"][0]["resource"]["status"] = status
    mdt = explain(request)["mdt"]
    assert (mdt["suggest"], mdt["suppressedBy"]) == (suppressed is None, suppressed)


def test_another_request_is_no_mdt() -> None:
    request = patient()
    other = service_request("ct", concept(LOINC, "24627-2"), on="2025-05-20")
    request["prefetch"]["requests"] = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": other}]}
    assert explain(request)["mdt"]["suggest"] is True


INVITED = [
    ("hepatobiliary", {"extra": "treatable"}, {}),
    ("palliative", {"palliative": True}, {}),
    ("palliative", {"ecog": 3}, {}),
    ("pulmon", {"fev1": 60}, {}),
]


@pytest.mark.parametrize(("like", "changed", "unchanged"), INVITED)
def test_invitees(like: str, changed: dict[str, Any], unchanged: dict[str, Any]) -> None:
    """Section 3: who is invited beyond the core team."""
    assert any(like in name for name in explain(patient(**changed))["mdt"]["invitees"])
    assert not any(like in name for name in explain(patient(**unchanged))["mdt"]["invitees"])


def test_thoracic_surgeon_and_ablation_specialist_are_always_invited() -> None:
    for changed in ({}, {"plt": 40}, {"extra": "untreatable"}, {"lesions": []}):
        invitees = explain(patient(**changed))["mdt"]["invitees"]
        assert "thoracic-surgery" in invitees
        assert any("interventional" in name for name in invitees)


def test_suggested_referral_is_a_draft_with_what_it_rests_on() -> None:
    """fhir-data, what we write: draft, proposal, priority, reason, supporting information, note."""
    card = explain(patient())["cards"][0]
    actions = [action for suggestion in card["suggestions"] for action in suggestion["actions"]]
    referral = next(
        action["resource"]
        for action in actions
        if action["type"] == "create" and action["resource"]["code"]["coding"][0]["code"] == MDT["coding"][0]["code"]
    )
    assert (referral["resourceType"], referral["status"], referral["intent"]) == ("ServiceRequest", "draft", "proposal")
    assert referral["code"]["coding"][0]["system"] == SNOMED
    assert referral["subject"] == {"reference": "Patient/canary-patient-01"}
    assert referral["priority"] == "routine"
    assert referral["reasonReference"] == [{"reference": "Condition/lung"}]
    support = {reference["reference"] for reference in referral["supportingInfo"]}
    assert {"ImagingStudy/ct-chest", "Observation/cea"} <= support
    assert referral["note"]
    assert referral["authoredOn"].startswith("2025-06-01")


def test_quantity_of_the_tables() -> None:
    """The builder itself: a comparator is kept apart from the number."""
    assert quantity("<5", "mm")["comparator"] == "<"
    assert quantity(">=5.5", "mm") == {
        "value": 5.5,
        "comparator": ">=",
        "unit": "mm",
        "system": "http://unitsofmeasure.org",
        "code": "mm",
    }
