"""MDT referral: what counts as a change since the last discussion (M-04, M-05), and who is invited."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.history import MDT, RXNORM
from tests.spec.patients import patient
from tests.spec.resources import (
    HL7,
    LOINC,
    SNOMED,
    Resource,
    concept,
    medication_request,
    observation,
    quantity,
    service_request,
)
from tests.spec.tables import STYLES
from tests.spec.vignettes import LESION, OLD_AND_NEW, ONE_FOLLOWED

HELD = "2025-03-01"


def followed(*sizes: tuple[str, object], now: object = 15) -> list[dict[str, Any]]:
    return [LESION | {"mm": now, "earlier": list(sizes)}]


CHANGES = [
    ("nothing", {"lesions": ONE_FOLLOWED}, None),
    ("grown, but within its category", {"lesions": followed(("2025-02-01", 12), now=29)}, "progression"),
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


def relapsing(**changed: Any) -> dict[str, Any]:
    """A patient whose metastasis was on record before the MDT, with changes to its Condition."""
    request = patient(lesions=[], lung="2024-12-01", mdt_held=HELD)
    entries = request["prefetch"]["conditions"]["entry"]
    lung = next(entry["resource"] for entry in entries if entry["resource"]["id"] == "lung")
    again = {**lung, "id": "lung-again", **changed}
    entries.append({"resource": again})
    request["prefetch"]["conditions"]["total"] = len(entries)
    return request


RELAPSE = {"clinicalStatus": {"coding": [{"system": f"{HL7}/condition-clinical", "code": "relapse"}]}}
RELAPSES = [
    ("called a relapse, after the MDT", RELAPSE | {"onsetDateTime": "2025-03-02"}, "recurrence"),
    ("called a relapse, on the day of the MDT", RELAPSE | {"onsetDateTime": "2025-03-01"}, None),
    ("called a relapse, in the month of the MDT", RELAPSE | {"onsetDateTime": "2025-03"}, "recurrence"),
    (
        "relapse charted 31 days after the MDT",
        RELAPSE | {"onsetDateTime": None, "recordedDate": "2025-04-01"},
        "recurrence",
    ),
    ("relapse charted 30 days after the MDT", RELAPSE | {"onsetDateTime": None, "recordedDate": "2025-03-31"}, None),
    ("relapse without a date", RELAPSE | {"onsetDateTime": None}, None),
    ("charted a second time, and not over before", {"onsetDateTime": "2025-04-01"}, None),
]


@pytest.mark.parametrize(("changed", "trigger"), [case[1:] for case in RELAPSES], ids=[case[0] for case in RELAPSES])
def test_recurrence_since_the_mdt(changed: dict[str, Any], trigger: str | None) -> None:
    request = relapsing(**changed)
    if "onsetDateTime" not in changed:
        del request["prefetch"]["conditions"]["entry"][-1]["resource"]["onsetDateTime"]
    mdt = explain(request)["mdt"]
    assert (mdt["suggest"], mdt["trigger"]) == (trigger is not None, trigger)


@pytest.mark.parametrize(("ended", "trigger"), [("2025-02-01", "recurrence"), ("2025-04-01", None), ("2025-04", None)])
def test_a_metastasis_that_began_after_one_had_ended_is_a_recurrence(ended: str, trigger: str | None) -> None:
    request = relapsing(onsetDateTime="2025-04-01")
    first = next(e["resource"] for e in request["prefetch"]["conditions"]["entry"] if e["resource"]["id"] == "lung")
    first["clinicalStatus"] = {"coding": [{"system": f"{HL7}/condition-clinical", "code": "resolved"}]}
    first["abatementDateTime"] = ended
    assert explain(request)["mdt"]["trigger"] == trigger


DRUGS = {"oxaliplatin": "32592", "irinotecan": "51499"}
ORDERED = [
    ("a new drug, 91 days after", [("oxaliplatin", "2024-12-20"), ("irinotecan", "2025-05-31")], "systemic_line"),
    ("a new drug, 90 days after", [("oxaliplatin", "2024-12-20"), ("irinotecan", "2025-05-30")], None),
    ("the next cycle of the same drug", [("oxaliplatin", "2024-12-20"), ("oxaliplatin", "2025-05-31")], None),
    ("the first cycle was the result", [("oxaliplatin", "2025-03-20"), ("oxaliplatin", "2025-05-31")], None),
    ("the first order is not dated", [("oxaliplatin", None), ("oxaliplatin", "2025-05-31")], None),
    ("some day of the month", [("irinotecan", "2025-05")], "systemic_line"),
    ("before the MDT", [("irinotecan", "2025-01-05")], None),
    ("without a date", [("irinotecan", None)], None),
]


@pytest.mark.parametrize(("given", "trigger"), [case[1:] for case in ORDERED], ids=[case[0] for case in ORDERED])
def test_systemic_line_since_the_mdt(given: list[tuple[str, str | None]], trigger: str | None) -> None:
    request = patient(lesions=ONE_FOLLOWED, mdt_held=HELD)
    orders = []
    for number, (name, on) in enumerate(given):
        order = medication_request(f"{name}-{number}", concept(RXNORM, DRUGS[name], name), on=on or "2025-01-01")
        orders.append({key: value for key, value in order.items() if on or key != "authoredOn"})
    entries = [{"resource": order} for order in orders]
    request["prefetch"]["medications"] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    mdt = explain(request)["mdt"]
    assert (mdt["suggest"], mdt["trigger"]) == (trigger is not None, trigger)


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
    assert referral["priority"] == "urgent"
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
