"""Records that look better than they are: what must not reassure, must not exclude, and must not be counted twice."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.spec.changing import add, classification
from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.resources import HL7, ICD10CM, LOINC, SNOMED, Resource, concept, condition, observation, procedure

Request = dict[str, Any]
MM = {"system": "http://unitsofmeasure.org", "code": "mm", "unit": "mm"}


def found(request: Request, key: str, id_: str) -> Resource:
    return next(
        entry["resource"] for entry in request["prefetch"][key]["entry"] if entry["resource"]["id"].startswith(id_)
    )


def result(request: Request, modality: str) -> str:
    answer: str = explain(request)["therapies"][modality]["result"]
    return answer


def codes(request: Request, modality: str) -> set[str]:
    return {reason["code"] for reason in explain(request)["therapies"][modality]["reasons"]}


def needs(request: Request) -> set[str]:
    return {need["code"] for need in explain(request)["needs"]}


def again(request: Request, key: str, id_: str, **changes: Any) -> Request:
    """The request with a second Observation like an existing one."""
    second = {**copy.deepcopy(found(request, key, id_)), "id": f"{id_}-again", **changes}
    return add(request, key, second)


def quantity(request: Request, id_: str, value: float) -> dict[str, Any]:
    return {**found(request, "observations", id_)["valueQuantity"], "value": value}


def test_the_later_platelets_of_a_day_count() -> None:
    request = patient()
    found(request, "observations", "platelets")["effectiveDateTime"] = "2025-05-20T08:00:00Z"
    low = quantity(request, "platelets", 45)
    later = again(request, "observations", "platelets", effectiveDateTime="2025-05-20T16:00:00Z", valueQuantity=low)
    assert result(later, "ablation") == "BLOCKED"


def test_the_worse_of_two_values_of_a_day_counts() -> None:
    request = patient()
    worse = again(request, "observations", "fev1", valueQuantity=quantity(request, "fev1", 60))
    assert codes(worse, "surgery") == {"NEEDS_CPET"}


def test_a_newer_value_that_cannot_be_read_hides_an_older_good_one() -> None:
    request = patient()
    unread = again(request, "observations", "platelets", effectiveDateTime="2025-05-28", valueQuantity={"value": 40})
    assert {"PLATELETS", "UNIT"} <= needs(unread)


@pytest.mark.parametrize(
    ("value", "hides"),
    [
        ({"valueString": "45"}, True),
        ({"valueString": "<50 Tsd."}, True),
        ({"valueInteger": 45}, True),
        ({"valueRange": {"low": {"value": 40}}}, True),
        ({"valueString": "see note"}, False),
        ({}, False),
    ],
)
def test_a_newer_number_that_is_no_quantity_hides_an_older_good_one_and_a_note_does_not(
    value: dict[str, Any], hides: bool
) -> None:
    request = patient()
    newer = {**found(request, "observations", "platelets"), "id": "platelets-text", "effectiveDateTime": "2025-05-28"}
    del newer["valueQuantity"]
    assert ({"PLATELETS", "UNIT"} <= needs(add(request, "observations", newer | value))) is hides


def test_an_older_value_that_blocks_still_blocks_beside_one_that_cannot_be_read() -> None:
    request = patient(plt=49)
    unread = again(request, "observations", "platelets", effectiveDateTime="2025-05-28", valueQuantity={"value": 300})
    assert result(unread, "ablation") == "BLOCKED"


def test_a_result_from_the_future_is_not_saved_by_its_issue_date() -> None:
    request = patient()
    future = found(request, "observations", "platelets")
    future |= {"effectiveDateTime": "2025-07-01", "issued": "2025-05-20T10:00:00Z"}
    future["valueQuantity"]["value"] = 30
    assert "PLATELETS" not in codes(request, "ablation")


def test_surgery_of_another_organ_for_the_primary_is_no_resection_of_it() -> None:
    liver = procedure(
        "hepatectomy",
        concept(SNOMED, "387713003"),
        "2023-05-01",
        bodySite=[concept(SNOMED, "10200004")],
        reasonReference=[{"reference": "Condition/primary"}],
    )
    assert codes(add(patient(resected=None, primary=None), "procedures", liver), "surgery") == {"PRIMARY_STATUS"}


def test_a_recurrence_outweighs_a_statement_of_control() -> None:
    request = patient()
    found(request, "conditions", "primary")["clinicalStatus"] = concept(f"{HL7}/condition-clinical", "recurrence")
    assert codes(request, "surgery") == {"PRIMARY"}
    assert codes(request, "sbrt") == {"PRIMARY_UNCONTROLLED"}


def test_an_unconfirmed_metastasis_elsewhere_is_not_read_as_none() -> None:
    liver = condition("liver", concept(ICD10CM, "C78.7"), onset="2025-05-01", verification="provisional")
    request = add(patient(), "conditions", liver)
    assert classification(request)["spread"]["value"] == "unknown"
    assert codes(request, "sbrt") == {"EXTRAPULMONARY_UNKNOWN"}


def test_unconfirmed_thoracic_nodes_are_suspected() -> None:
    nodes = condition("nodes", concept(ICD10CM, "C77.1"), onset="2025-05-01", verification="provisional")
    request = add(patient(), "conditions", nodes)
    assert classification(request)["thoracicNodes"]["value"] == "suspected"
    assert codes(request, "surgery") == {"NODE_SUSPECTED"}


@pytest.mark.parametrize("state", [{"clinical": "resolved"}, {"verification": "provisional"}])
def test_a_resolved_or_unconfirmed_condition_gives_no_side(state: dict[str, str]) -> None:
    request = patient(lung_icd="C78.01")
    other = condition("other-side", concept(ICD10CM, "C78.02"), onset="2023-01-01", **state)
    axes = classification(add(request, "conditions", other))
    assert (axes["sides"]["value"], axes["number"]["n"]) == ("unilateral", 1)


def test_a_malignant_effusion_is_disease_outside_the_lung() -> None:
    effusion = condition("effusion", concept(ICD10CM, "J91.0"), onset="2025-05-01")
    request = add(patient(), "conditions", effusion)
    assert classification(request)["spread"]["value"] == "non_isolated"
    assert result(request, "ablation") == "BLOCKED"


def test_treatment_before_the_diagnosis_was_for_something_else() -> None:
    request = patient(lung="2022-01-20", resected="2022-02-10")
    breast = procedure("breast", concept(SNOMED, "108290001"), "2010-03-01")
    assert classification(add(request, "procedures", breast))["timing"]["value"] == "synchronous"


def member(id_: str, code: str, **more: Any) -> Resource:
    return observation(id_, concept(LOINC, code), "2025-05-12", **more)


def panel(id_: str, code: Resource, *members: str, **more: Any) -> Resource:
    references = [{"reference": f"Observation/{name}"} for name in members]
    return observation(id_, code, "2025-05-12", hasMember=references, **more)


RLL = {"bodySite": concept(SNOMED, "266005", "Right lower lobe")}
NODULE = concept(SNOMED, "427359005")


def size(id_: str, mm: int, **more: Any) -> Resource:
    return member(id_, "21889-1", valueQuantity={"value": mm, **MM}, **more)


@pytest.mark.parametrize("name", ["a-panel", "z-panel"])
def test_a_panel_about_one_lesion_is_one_lesion_with_its_size(name: str) -> None:
    request = add(patient(lesions=()), "imaging-findings", size("m1", 15), panel(name, NODULE, "m1", **RLL))
    lesions = explain(request)["lesions"]
    assert [(one["largestDiameterMm"], one["lobe"]) for one in lesions] == [(15, "RLL")]
    assert {"Observation/m1", f"Observation/{name}"} <= set(lesions[0]["facts"])


def test_a_panel_of_three_sizes_is_three_lesions() -> None:
    sizes = [size(f"m{number}", 10 + number, **RLL) for number in range(3)]
    request = add(patient(lesions=()), "imaging-findings", *sizes, panel("p", NODULE, "m0", "m1", "m2", **RLL))
    assert classification(request)["number"]["n"] == 3


def test_a_panel_lends_its_place() -> None:
    whole = panel("p", concept(LOINC, "18748-4"), "m1", **RLL)
    request = add(patient(lesions=()), "imaging-findings", size("m1", 15), whole)
    assert classification(request)["number"]["n"] == 1


def test_a_focus_that_did_not_come_still_names_the_lesion() -> None:
    sightings = [
        size("a1", 15, focus=[{"reference": "BodyStructure/a"}], **RLL),
        {**size("a0", 14, focus=[{"reference": "BodyStructure/a"}], **RLL), "effectiveDateTime": "2025-03-01"},
        {**size("b0", 9, focus=[{"reference": "BodyStructure/b"}], **RLL), "effectiveDateTime": "2025-03-01"},
    ]
    request = add(patient(lesions=()), "imaging-findings", *sightings)
    explanation = explain(request)
    assert explanation["classification"]["number"]["n"] == 2
    assert "LESION_NOT_IN_LATEST_CT" in explanation["flags"]


def count(id_: str, n: int, on: str, **more: Any) -> Resource:
    own = concept("https://crc-lung-metastasis.example.org/fhir/CodeSystem/imaging-finding", "lesion-count")
    return observation(id_, own, on, valueInteger=n, **more)


@pytest.mark.parametrize(
    ("later", "suppressed_by", "trigger"), [(3, "mdt_held", None), (4, None, "count")], ids=["the same", "one more"]
)
def test_only_a_count_that_changed_after_the_mdt_is_a_change(
    later: int, suppressed_by: str | None, trigger: str | None
) -> None:
    request = patient(lesions=(), mdt_held="2025-03-01")
    counts = (count("c1", 3, "2024-12-01"), count("c2", later, "2025-05-12"))
    mdt = explain(add(request, "imaging-findings", *counts))["mdt"]
    assert (mdt["suppressedBy"], mdt["trigger"]) == (suppressed_by, trigger)


def test_lesions_of_several_organs_are_summed() -> None:
    liver = condition("liver", concept(ICD10CM, "C78.7"), onset="2024-12-10")
    bone = condition("bone", concept(ICD10CM, "C79.51"), onset="2024-12-10")
    request = add(patient(), "conditions", liver, bone)
    in_liver = count("liver-count", 3, "2025-05-10", bodySite=concept(SNOMED, "10200004"))
    in_bone = count("bone-count", 3, "2025-05-10", bodySite=concept(SNOMED, "272673000"))
    only_liver = classification(add(request, "imaging-findings", in_liver))
    both = classification(add(request, "imaging-findings", in_liver, in_bone))
    assert only_liver["oligometastatic"]["byCount"] == "unknown"
    assert both["oligometastatic"]["byCount"] == "false"


def test_a_stale_cea_has_no_trend() -> None:
    before = (("2024-08-01", 6), ("2024-10-01", 8))
    markers = explain(patient(cea=12, cea_date="2024-12-01", cea_before=before))["cea"]
    assert (markers["trend"], markers["persistent"]) == ("unknown", "unknown")


def test_an_entry_sent_twice_changes_nothing() -> None:
    request = patient()
    doubled = copy.deepcopy(request)
    for bundle in doubled["prefetch"].values():
        if bundle and bundle.get("entry"):
            bundle["entry"] = [*bundle["entry"], *copy.deepcopy(bundle["entry"])]
            bundle.pop("total", None)
    assert explain(doubled) == explain(request)


def test_a_source_of_another_patient_is_no_source() -> None:
    request = patient()
    for entry in request["prefetch"]["procedures"]["entry"]:
        entry["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    explanation = explain(request)
    assert explanation["sources"]["procedures"]["state"] == "incomplete"
    assert "HISTORY_UNKNOWN" in codes(request, "surgery")


@pytest.mark.parametrize("code", [None, {"text": "lung metastasis"}, "C78.00", []])
def test_a_condition_without_a_code_is_reported(code: object) -> None:
    uncoded = condition("uncoded", concept(ICD10CM, "C78.7"), onset="2025-01-01")
    uncoded["code"] = code
    reported = explain(add(patient(), "conditions", uncoded))["dataQuality"]
    assert ("Condition/uncoded", "CODE_MISSING") in {(item["resource"], item["problem"]) for item in reported}
