"""Absence is concluded from sources that were read to the end, and from no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.tables import STYLES

Request = dict[str, Any]
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "incomplete"}]}
INFORMATION = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}


def more_than_came(bundle: Request) -> None:
    bundle["total"] = 9


def another_page(bundle: Request) -> None:
    bundle["link"] = [{"relation": "next", "url": "https://ehr.example.org/fhir/page/2"}]


def outcome(bundle: Request) -> None:
    bundle.setdefault("entry", []).append({"resource": OUTCOME, "search": {"mode": "outcome"}})


CUT_SHORT = [more_than_came, another_page, outcome]


def cut(key: str, how: Callable[[Request], None], **changed: Any) -> Request:
    request = patient(**changed)
    how(request["prefetch"][key])
    return request


@pytest.mark.parametrize("how", CUT_SHORT, ids=lambda how: how.__name__)
@pytest.mark.parametrize("key", ["conditions", "imaging-findings", "observations", "procedures", "reports"])
def test_source_that_was_cut_short_is_named(key: str, how: Callable[[Request], None]) -> None:
    assert explain(cut(key, how))["sources"][key]["state"] == "incomplete"


def test_informational_outcome_does_not_make_a_source_incomplete() -> None:
    request = patient()
    request["prefetch"]["procedures"]["entry"].append({"resource": INFORMATION, "search": {"mode": "outcome"}})
    assert explain(request)["sources"]["procedures"]["state"] == "found"


@pytest.mark.parametrize("how", CUT_SHORT, ids=lambda how: how.__name__)
@pytest.mark.parametrize("style", STYLES)
def test_one_lesion_on_the_first_page_is_not_solitary(style: str, how: Callable[[Request], None]) -> None:
    """C-04: there may be more on the next page."""
    explanation = explain(cut("imaging-findings", how, style=style))
    number = explanation["classification"]["number"]
    assert (number["value"], number["n"], number["nAtLeast"]) == ("unknown", None, 1)
    assert explanation["order"] == []
    assert explanation["prognosis"]["salah"]["group"] is None
    assert "COUNT" in {need["code"] for need in explanation["needs"]}


def test_a_tumour_without_any_measurement_source_is_not_solitary() -> None:
    """C-04: one BodyStructure, and neither key that brings lesions was read."""
    request = patient()
    del request["prefetch"]["imaging-findings"], request["prefetch"]["observations"]
    number = explain(request)["classification"]["number"]
    assert (number["value"], number["n"]) == ("unknown", None)


@pytest.mark.parametrize("how", CUT_SHORT, ids=lambda how: how.__name__)
def test_isolation_is_not_concluded_from_some_of_the_conditions(how: Callable[[Request], None]) -> None:
    """C-02, C-03."""
    classification = explain(cut("conditions", how))["classification"]
    assert (classification["spread"]["value"], classification["sequence"]["value"]) == ("unknown", "unknown")


@pytest.mark.parametrize("how", CUT_SHORT, ids=lambda how: how.__name__)
def test_history_is_not_concluded_from_some_of_the_procedures(how: Callable[[Request], None]) -> None:
    """S-07."""
    reasons = explain(cut("procedures", how))["therapies"]["surgery"]["reasons"]
    assert "HISTORY_UNKNOWN" in {reason["code"] for reason in reasons}


def test_null_means_asked_and_nothing_there() -> None:
    request = patient()
    request["prefetch"]["procedures"] = None
    explanation = explain(request)
    assert explanation["sources"]["procedures"]["state"] == "empty"
    assert explanation["therapies"]["surgery"]["result"] == "ELIGIBLE"


@pytest.mark.parametrize(
    "reported", [True, False], ids=["the source says that more may exist", "the source is complete"]
)
def test_a_measured_lesion_whose_body_structure_did_not_come_leaves_the_number_open(reported: bool) -> None:
    """C-04: it may lie in the lung too."""
    request = patient(lesions=[{"mm": 15, "side": "R", "zone": "peripheral"}, {"mm": 9, "side": "L", "zone": "middle"}])
    structures = request["prefetch"]["body-structures"]
    structures["entry"] = structures["entry"][:1]
    structures["total"] = 2 if reported else 1
    explanation = explain(request)
    assert explanation["classification"]["number"]["value"] == "unknown"
    assert explanation["classification"]["number"]["nAtLeast"] == 1
    assert "COUNT" in {need["code"] for need in explanation["needs"]}
