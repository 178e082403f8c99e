"""Gates, MDT, cards and single remarks of the vignettes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.lesion_words import lesions
from tests.spec.patients import patient
from tests.spec.tables import STYLES
from tests.spec.vignettes import LESION, OLD_AND_NEW, ONE_FOLLOWED, TINY, UNITLESS, UNPROVEN, card_text


@pytest.mark.parametrize("style", STYLES)
def test_new_lesion_since_the_mdt_asks_for_another(style: str) -> None:
    """Vignette 37: the change since the last MDT is named."""
    mdt = explain(patient(style=style, lesions=OLD_AND_NEW, mdt_held="2025-03-01"))["mdt"]
    assert (mdt["suggest"], mdt["trigger"], mdt["priority"]) == (True, "new_lesion", "urgent")


@pytest.mark.parametrize("style", STYLES)
def test_known_lesion_since_the_mdt_asks_for_none(style: str) -> None:
    """The counterpart of vignette 37: the one lesion was there before the MDT and crossed no size."""
    facts = {"lesions": ONE_FOLLOWED, "mdt_held": "2025-03-01", "cea": 3.0}
    mdt = explain(patient(style=style, **facts))["mdt"]
    assert (mdt["suggest"], mdt["suppressedBy"]) == (False, "mdt_held")


@pytest.mark.parametrize("style", STYLES)
def test_small_nodule_without_histology_is_indeterminate(style: str) -> None:
    """Vignette 33."""
    explanation = explain(patient(style=style, lesions=[LESION | {"mm": 5, "histology": None}]))
    classification = explanation["classification"]
    assert (explanation["population"], classification["certainty"]) == ("suspected", "indeterminate")
    assert classification["number"]["nIndeterminate"] == 1
    assert (explanation["mdt"]["suggest"], explanation["mdt"]["priority"]) == (True, "routine")
    assert not any("metastas" in card["summary"].lower() for card in explanation["cards"])


@pytest.mark.parametrize("style", STYLES)
def test_unconfirmed_condition_is_suspected_disease(style: str) -> None:
    """Vignette 34: the work-up card and the MDT, no therapy list."""
    facts = {"lung_certainty": "provisional", "smoker": True, "dx": "2019-03-01", "resected": "2019-03-20"}
    explanation = explain(patient(style=style, lesions=UNPROVEN, **facts))
    assert (explanation["population"], explanation["classification"]["certainty"]) == ("suspected", "suspected")
    assert explanation["order"] == []
    assert explanation["mdt"]["suggest"] is True
    assert any("second primary" in card_text(card) for card in explanation["cards"])


@pytest.mark.parametrize("style", STYLES)
def test_solitary_lesion_without_histology_keeps_the_warning(style: str) -> None:
    """Vignette 35 (N-04): option to discuss, and second primary lung cancer raised."""
    explanation = explain(patient(style=style, lesions=UNPROVEN))
    assert "HISTOLOGY" in {need["code"] for need in explanation["needs"]}
    assert any(card["indicator"] == "warning" and "second primary" in card_text(card) for card in explanation["cards"])


@pytest.mark.parametrize("style", STYLES)
def test_deceased_has_no_card_at_all(style: str) -> None:
    """Vignette 39."""
    explanation = explain(patient(style=style, deceased="2025-05-30"))
    assert (explanation["cards"], explanation["therapies"], explanation["order"]) == ([], {}, [])
    assert ("G-01", "stop") in {(gate["id"], gate["result"]) for gate in explanation["gates"]}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("gate", "changed"), [("G-03", {"hospice": True}), ("G-02", {"birth": "2009-01-01"})], ids=["hospice", "minor"]
)
def test_stopped_patient_has_at_most_one_info_card(gate: str, changed: dict[str, Any], style: str) -> None:
    """Vignettes 38 and 40."""
    explanation = explain(patient(style=style, **changed))
    assert (gate, "stop") in {(one["id"], one["result"]) for one in explanation["gates"]}
    assert explanation["population"] == "in"
    assert len(explanation["cards"]) <= 1
    assert all(card["indicator"] == "info" and not card.get("suggestions") for card in explanation["cards"])


@pytest.mark.parametrize("style", STYLES)
def test_ecog_3_invites_palliative_care(style: str) -> None:
    """Vignette 43."""
    assert any("palliative" in name for name in explain(patient(style=style, ecog=3))["mdt"]["invitees"])


@pytest.mark.parametrize("style", STYLES)
def test_molecular_findings(style: str) -> None:
    """Vignettes 45 and 46."""
    both = explain(patient(style=style, braf=True, msi="high"))
    assert (both["molecular"]["braf"], both["molecular"]["msi"]) == ("v600e", "high")
    assert "MSI" in both["systemic"][0]["text"]
    mutant = explain(patient(style=style, ras="p.Gly12Asp"))
    assert mutant["molecular"]["ras"] == "mutant"
    assert any("anti-EGFR" in note["text"] for note in mutant["systemic"])


@pytest.mark.parametrize("style", STYLES)
def test_missing_unit_is_said(style: str) -> None:
    """Vignette 50."""
    explanation = explain(patient(style=style, lesions=UNITLESS))
    assert explanation["lesions"][0]["largestDiameterMm"] is None
    assert "UNIT" in {need["code"] for need in explanation["needs"]}
    assert "UNIT_MISSING" in {problem["problem"] for problem in explanation["dataQuality"]}


@pytest.mark.parametrize("style", STYLES)
def test_nodules_below_6_mm_are_shown_beside_the_count(style: str) -> None:
    """Vignette 54: ``3 (+2 below 6 mm)``, never a silent five."""
    explanation = explain(patient(style=style, lesions=[*[LESION | {"mm": 20}] * 3, TINY, TINY]))
    number = explanation["classification"]["number"]
    assert (number["n"], number["nIndeterminate"]) == (3, 2)
    assert any("+2" in card_text(card) for card in explanation["cards"])


@pytest.mark.parametrize("style", STYLES)
def test_central_lesion_is_noted_for_stereotactic_radiotherapy(style: str) -> None:
    """Vignette 3."""
    explanation = explain(patient(style=style, lesions=lesions("15 R medial@15")))
    notes = {(reason["code"], reason["result"]) for reason in explanation["therapies"]["sbrt"]["reasons"]}
    assert ("CENTRAL_RISK", "ELIGIBLE") in notes


@pytest.mark.parametrize("style", STYLES)
def test_lesions_are_judged_one_by_one(style: str) -> None:
    """Vignette 12: the 12 mm lesion passes alone."""
    explanation = explain(patient(style=style, lesions=lesions("31 R peripheral + 12 R peripheral")))
    assert {lesion["largestDiameterMm"]: lesion["results"]["ablation"] for lesion in explanation["lesions"]} == {
        31: "NOT_ELIGIBLE",
        12: "ELIGIBLE",
    }
