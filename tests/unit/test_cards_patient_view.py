"""The cards of an opened chart: what they say, when, and when there are none."""

from __future__ import annotations

import tomllib
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from cds_service.cards import patient_view_cards
from cds_service.cards.parts import mdt_line
from cds_service.knowledge import load_knowledge
from cds_service.knowledge.entries import Content
from cds_service.knowledge.loader import HERE
from cds_service.oncology.report.assessment import Finding, Gate, Need, Problem, Result, SourceReport, Therapy
from cds_service.protocol.card import to_json
from cds_service.protocol.card_rules import check_response
from cds_service.truth import Truth
from cds_service.values import replace
from tests.spec.core import decision, site
from tests.spec.patients import patient
from tests.unit.card_cases import (
    BASE_URL,
    LESION,
    assessment,
    cards,
    context,
    detail,
    drafts,
    labels,
    shown,
    the_card,
    writer,
)

NO_TISSUE = {**LESION, "histology": None}
PATIENTS: dict[str, dict[str, Any]] = {
    "baseline": {},
    "three and a tiny one": {"lesions": [LESION, {**LESION, "mm": 18}, {**LESION, "mm": 12}, {**NO_TISSUE, "mm": 4}]},
    "five on both sides": {"lesions": [LESION] * 3 + [{**LESION, "side": "L", "lobe": "LUL"}] * 2, "extra": "unstated"},
    "codes alone": {"style": "icd10"},
    "no tissue, low platelets": {"lesions": [NO_TISSUE], "plt": 40},
    "another cancer": {"second_cancer": "C50.9"},
    "provisional": {"lung_certainty": "provisional", "lesions": [{**NO_TISSUE, "mm": 14}]},
    "provisional, two": {"lung_certainty": "provisional", "lesions": [{**NO_TISSUE, "mm": 14}] * 2},
    "provisional, small": {"lung_certainty": "provisional", "lesions": [{**NO_TISSUE, "mm": 8}]},
    "tiny": {"lesions": [{**NO_TISSUE, "mm": 5}]},
    "MDT requested": {"mdt_requested": "2025-05-20"},
    "MDT held": {"mdt_held": "2025-05-25"},
    "MDT held before a new lesion": {"mdt_held": "2025-03-01"},
    "hospice": {"hospice": True},
    "minor": {"birth": "2009-01-01"},
    "no primary": {"primary_known": False},
    "treated": {"ablated_on": "2025-05-20"},
    "early": {"lung": "2022-06-25"},
    "molecular": {"msi": "high", "braf": True, "ras": "p.Gly12Asp"},
    "liver, not treatable": {"extra": "untreatable"},
    "liver, treated": {"extra": "resolved"},
    "pregnant": {"pregnant": True, "palliative": True, "ecog": 3, "abdomen_ct": None},
    "51 mm": {"lesions": [{**LESION, "mm": 51}]},
    "innumerable": {"count": "innumerable", "lesions": []},
    "CEA 5.0": {"cea": 5.0},
    "CEA 12, function low": {"cea": 12, "fev1": 60, "dlco": 62},
    "twelve lesions": {"lesions": [{**LESION, "mm": 10 + number} for number in range(12)]},
}
FORBIDDEN = Content.model_validate(tomllib.loads((HERE / "knowledge.toml").read_text("utf-8"))).forbidden


@pytest.mark.parametrize("changes", PATIENTS.values(), ids=PATIENTS)
def test_every_card_keeps_the_rules_of_cds_hooks(changes: dict[str, Any]) -> None:
    found = decision(patient(**changes))
    assert check_response(found.response()) == []
    assert 1 <= len(found.cards) <= 2
    assert found.response() == decision(patient(**changes)).response()


@pytest.mark.parametrize("changes", PATIENTS.values(), ids=PATIENTS)
def test_no_card_says_what_must_not_be_said(changes: dict[str, Any]) -> None:
    for card in cards(**changes):
        text = " ".join((card.summary, detail(card), *labels(card))).lower()
        for phrase in (*FORBIDDEN.cards, *FORBIDDEN.everywhere):
            assert phrase.lower() not in text


@pytest.mark.parametrize("changes", PATIENTS.values(), ids=PATIENTS)
def test_few_suggestions_and_only_the_referral_is_recommended(changes: dict[str, Any]) -> None:
    for card in cards(**changes):
        assert len(card.suggestions) <= 6
        assert card.selection_behavior == ("any" if card.suggestions else None)
        assert all(reason.display for reason in card.override_reasons)
        assert bool(card.override_reasons) >= bool(card.suggestions)
        for place, suggestion in enumerate(card.suggestions):
            codes = [a.resource["code"].get("coding", [{}])[0].get("code") for a in suggestion.actions if a.resource]
            assert (suggestion.is_recommended is True) == (codes == ["720006006"])
            assert suggestion.is_recommended is None or place == 0


@pytest.mark.parametrize("changes", PATIENTS.values(), ids=PATIENTS)
def test_the_trial_is_named_wherever_surgery_is_an_option_and_nowhere_else(changes: dict[str, Any]) -> None:
    found = decision(patient(**changes))
    surgery = found.assessment.therapies.get("surgery")
    unknown = sum(found.assessment.therapies[name].result is Result.UNKNOWN for name in ("sbrt", "ablation") if surgery)
    open_to = surgery is not None and surgery.result in (Result.ELIGIBLE, Result.CONDITIONAL) and unknown < 2
    assert any("PulMiCC, 65 patients" in detail(card) for card in found.cards) == open_to


def test_a_typical_card_can_be_read_in_a_minute() -> None:
    lines = [line for line in (the_card().detail or "").splitlines() if line]
    assert len(lines) <= 35


def test_the_summary_has_the_finding_first_and_the_detail_its_parts_in_order() -> None:
    card = the_card()
    assert card.summary == "Solitary colorectal lung metastasis, metachronous: refer to MDT (surgery, ablation, SBRT)"
    text = detail(card)
    parts = ["**MDT:**", "**What we found**", "**Options to discuss**", "**What is missing**", "**Why**", "Rule set"]
    assert sorted(parts, key=text.index) == parts
    assert (card.indicator, card.source.topic and card.source.topic.code) == ("info", "mdt-referral")
    assert card.source.url == "https://doi.org/10.1186/s13045-019-0702-0"
    assert "[Li 2019, consensus on lung metastases](https://doi.org/10.1186/s13045-019-0702-0)" in text


def test_each_fact_has_its_date_and_its_resource() -> None:
    text = detail(the_card())
    assert "CEA 3.0 ng/mL (current), 2025-05-15 `Observation/cea`" in text
    assert "2022-01-10 `Procedure/primary-resection`" in text
    assert "RLL 15 mm peripheral" in text


def test_the_count_never_swallows_the_tiny_nodules() -> None:
    card = the_card(lesions=PATIENTS["three and a tiny one"]["lesions"])
    assert card.summary.startswith("3 colorectal lung metastases (+1 below 6 mm), one side, metachronous")
    assert "multiple: 3 (+1 below 6 mm)" in detail(card)
    assert "| RLL | 4 mm (2025-05-12) | peripheral | below 6 mm, not counted | – |" in detail(card)


def test_lesions_are_listed_largest_first_ten_at_most() -> None:
    text = detail(the_card(**PATIENTS["twelve lesions"]))
    rows = [line for line in text.splitlines() if line.startswith("| RLL |")]
    assert len(rows) == 10
    assert rows[0].startswith("| RLL | 21 mm")
    assert "And 2 more" in text


def test_a_size_that_is_not_exact_keeps_its_comparator() -> None:
    found = assessment(lesions=[LESION, LESION])
    bounded = replace(found.lesions[0], largest_diameter_mm=None, diameter_comparator="<8")
    bare = replace(found.lesions[1], largest_diameter_mm=None, zone=None, lobe=None, results={})
    text = detail(shown(found, lesions=(bounded, bare)))
    assert "&lt;8 mm (2025-05-12)" in text
    assert "| right | not known (2025-05-12) | not known | – | – |" in text


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "Solitary peripheral lesion: ablation before SBRT (consensus preference, low-level evidence)."),
        ({"lesions": [{**LESION, "zone": "middle"}]}, "Middle zone: no order between SBRT and ablation."),
        ({"lesions": [{**LESION, "zone": None}]}, "Zone not known: no order between SBRT and ablation."),
        ({"lesions": [{**LESION, "mm": 31}]}, "An option without caution stands before one with caution."),
        ({"lesions": [LESION, LESION]}, "Several lesions: each is judged by itself, no overall order."),
        ({"lesions": [LESION, {**LESION, "mm": 31}]}, "The result for SBRT and ablation is that of the worst lesion."),
        ({"fev1": 60, "dlco": 62}, "Lung-function limits were made for lobectomy and pneumonectomy in lung cancer."),
        ({"prior_rt": "same_lobe"}, "Repeat thoracic radiotherapy: reports of toxicity differ"),
        ({"lesions": [{**LESION, "mm": 51}]}, "IMRT is a technique by which SBRT itself may be given, not its rival."),
        ({}, "There is no randomised comparison of SBRT, ablation and surgery."),
        ({"cea": 5.0}, "CEA of exactly 5 ng/mL: not raised by the consensus, adverse in the Salah model."),
        ({"cea": 12}, "raised (above 5 ng/mL, the edge of the consensus)"),
        ({"extra": "resolved"}, "isolated to the lung (earlier disease elsewhere was treated)"),
        ({"extra": "unstated"}, "with active disease outside the lung (liver)"),
        ({"palliative": True}, "discuss goals of care"),
        ({"birth": None}, "The birth date is not recorded"),
        ({"msi": "high"}, "Molecular information is from memory"),
        ({"lesions": [{**LESION, "side": "L", "lobe": "LUL"}, LESION]}, "both sides"),
    ],
)
def test_what_has_to_be_admitted_is_admitted(changes: dict[str, Any], line: str) -> None:
    assert line in detail(the_card(**changes))


def test_medial_lesions_put_sbrt_first() -> None:
    found = assessment(lesions=[{**LESION, "zone": "medial"}])
    same = {name: Therapy(Result.CONDITIONAL) for name in ("surgery", "sbrt", "ablation")}
    text = detail(shown(found, therapies={**found.therapies, **same}))
    assert "SBRT before ablation (consensus preference, low-level evidence)" in text


def test_what_was_declined_comes_last_and_is_not_offered() -> None:
    found = assessment()
    reason = assessment(fev1=None).therapies["surgery"].reasons[0]
    refused = Therapy(Result.CONDITIONAL, (replace(reason, code="PATIENT_DECLINED", text="The patient has declined."),))
    also = Therapy(Result.CONDITIONAL, (reason,))
    card = shown(found, therapies={**found.therapies, "surgery": refused})
    assert card.summary.endswith("(ablation, SBRT, surgery)")
    assert not [label for label in labels(card) if "Thoracic surgery" in label]
    card = shown(
        found, therapies={**found.therapies, "ablation": refused, "sbrt": also}, order=(("sbrt",), ("ablation",))
    )
    assert "low-level evidence" not in detail(card)


def test_the_definition_of_synchronous_is_named_and_so_is_the_disagreement() -> None:
    assert "late metachronous (definition: EGOSLIM)" in detail(the_card())
    text = detail(the_card(lung="2022-06-25"))
    assert "Synchronous means: found at or before diagnosis of the primary" in text
    assert "within 6 months of diagnosis: synchronous" in text
    timing = assessment(lung="2022-06-25").classification.timing
    found = assessment(lung="2022-06-25")
    axes = replace(found.classification, timing=replace(timing, labels={}))
    assert "Other definitions in use give another answer." in detail(shown(found, classification=axes))


def test_a_fixed_date_and_the_rule_set_are_said() -> None:
    assert "Evaluated as of 2025-06-01 (fixed date for validation)." in detail(the_card())
    free = patient_view_cards(assessment(), context())[0]
    assert "Evaluated as of" not in detail(free)
    assert f"Rule set {site().knowledge.version}." in detail(free)


def test_values_of_the_site_are_named() -> None:
    knowledge = load_knowledge()
    local = {**knowledge.parameters, "rfa.inrMax": replace(knowledge.parameters["rfa.inrMax"], local=True)}
    call = replace(context(), knowledge=replace(knowledge, parameters=local))
    named = "Local policy: INR up to which ablation can be discussed with caution: "
    assert named in detail(patient_view_cards(assessment(), call)[0])


def test_links_lead_to_our_pages_only_where_these_can_be_reached() -> None:
    assert the_card().links == ()
    card = patient_view_cards(assessment(fev1=None, extra="unstated"), context(base=BASE_URL))[0]
    assert [link.url for link in card.links] == [
        "https://cds.example.org/evidence/li-2019",
        "https://cds.example.org/rules",
    ]
    assert "[S-04](https://cds.example.org/rules#S-04)" in detail(card)
    assert "[Ye 2018](https://cds.example.org/evidence/ye-2018)" in detail(card)
    assert check_response({"cards": [to_json(card)]}) == []


def test_the_dead_and_those_without_the_disease_get_no_card() -> None:
    assert cards(deceased=True) == ()
    assert cards(lung=None, lesions=[]) == ()
    assert cards(lung=None, lesions=[], hospice=True) == ()
    assert cards(lung=None, lesions=[], birth="2015-01-01") == ()


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"hospice": True}, "Hospice care is active: no treatment suggestion"),
        ({"hospice": True, "birth": "2009-01-01"}, "Hospice care is active: no treatment suggestion"),
        ({"birth": "2009-01-01"}, "rule set valid for adults only"),
        ({"primary_known": False}, "no colorectal primary is documented"),
        ({"primary_icd": "C21.1"}, "outside this rule set"),
        ({"ablated_on": "2025-05-20"}, "All recorded lung lesions are treated"),
    ],
)
def test_where_a_gate_stops_there_is_one_short_card_without_suggestions(changes: dict[str, Any], summary: str) -> None:
    (card,) = cards(**changes)
    assert summary in card.summary
    assert (card.indicator, card.suggestions, card.override_reasons) == ("info", (), ())
    assert "option" not in detail(card)


def test_a_metastasis_that_another_cancer_explains_is_not_missed_its_primary() -> None:
    assert cards(primary_known=False, second_cancer="C50.9") == ()
    found = assessment(primary_known=False)
    nodule = replace(found.findings[0], code="LUNG_SUSPECTED")
    others = tuple(item for item in found.findings if item.code != "LUNG_METASTASIS")
    assert patient_view_cards(replace(found, findings=(nodule, *others)), context()) == ()


def test_too_few_data_mean_mdt_and_needs_and_no_list() -> None:
    (card,) = cards(style="icd10")
    assert card.source.topic and card.source.topic.code == "data-needed"
    assert "key data missing" in card.summary
    assert "| Modality |" not in detail(card)
    assert "Too few data to name local therapies" in detail(card)
    assert labels(card)[0] == "Refer to the MDT"
    assert not [label for label in labels(card) if "consultation" in label]
    assert len(card.suggestions) == 6


def test_too_few_data_with_the_mdt_asked_already() -> None:
    found = assessment(style="icd10")
    mdt = replace(found.mdt, suggest=False, suppressed_by="mdt_held", held_on="2025-05-25", priority=None)
    card = shown(found, mdt=mdt)
    assert card.summary.endswith("key data missing")
    assert "MDT discussed on 2025-05-25." in detail(card)


@pytest.mark.parametrize(
    ("changes", "line", "topic"),
    [
        ({"mdt_requested": "2025-05-20"}, "MDT requested on 2025-05-20.", "local-therapy-options"),
        ({"mdt_held": "2025-05-25"}, "MDT discussed on 2025-05-25.", "local-therapy-options"),
        ({"mdt_held": "2025-05-25", "extra": "untreatable"}, "MDT discussed on 2025-05-25.", "classification"),
    ],
)
def test_an_mdt_that_is_known_is_not_suggested_again(changes: dict[str, Any], line: str, topic: str) -> None:
    card = the_card(**changes)
    assert line in detail(card)
    assert card.source.topic and card.source.topic.code == topic
    assert not [label for label in labels(card) if "MDT" in label]
    assert "refer to" not in card.summary


def test_a_change_since_the_mdt_is_named() -> None:
    card = the_card(mdt_held="2025-03-01")
    assert card.summary.endswith("MDT again, changed: new lesion")
    assert "Changed since the MDT of 2025-03-01: new lesion." in detail(card)
    assert labels(card)[0] == "Refer to the MDT again"
    found = assessment(mdt_requested="2025-05-20")
    again = replace(found.mdt, trigger="cea")
    assert "MDT requested on 2025-05-20; changed since: CEA." in detail(shown(found, mdt=again))
    drafted = replace(found.mdt, requested_on=None)
    assert "An MDT referral is among the draft orders." in detail(shown(found, mdt=drafted))


def test_where_nothing_is_an_option_the_mdt_still_is() -> None:
    card = the_card(extra="untreatable")
    assert "no local option by the rule set" in card.summary
    assert "whether or not it can be removed" in detail(card)
    assert labels(card)[0] == "Refer to the MDT"


def test_no_ct_is_drafted_in_pregnancy_and_no_test_for_what_is_not_supported() -> None:
    assert "Draft imaging: CT of abdomen and pelvis" in labels(the_card(abdomen_ct=None, extra=None))
    assert not [label for label in labels(the_card(pregnant=True, abdomen_ct=None, extra=None)) if "CT" in label]
    assert "Draft test: platelets" in labels(the_card(plt=None))
    assert "Draft tests: platelets and INR" in labels(the_card(plt=None, inr=None))
    assert not [label for label in labels(the_card(plt=None, lesions=[{**LESION, "mm": 51}])) if "platelets" in label]
    assert not [label for label in labels(the_card(fev1=None, primary="unresectable")) if "FEV1" in label]


def test_only_the_markers_that_are_missing_are_drafted() -> None:
    requested = [item["code"]["text"] for item in drafts(the_card(msi="high", braf=True, ras="p.Gly12Asp"))]
    assert "HER2 status" in requested
    assert not [text for text in requested if "RAS" in text or "BRAF" in text or "MSI" in text]


def test_a_single_lesion_without_tissue_carries_the_warning_on_both_cards() -> None:
    summary, caution = cards(lesions=[NO_TISSUE])
    assert caution.indicator == "warning"
    assert "second primary lung cancer must be excluded" in caution.summary
    assert "consider biopsy or PET-CT" in detail(caution)
    assert "second primary lung cancer must be excluded" in detail(summary)
    assert caution.source.topic and caution.source.topic.code == "diagnostic-caution"


def test_a_blocked_ablation_is_a_matter_of_safety() -> None:
    _, caution = cards(plt=40, inr=9.0)
    assert caution.summary == "Ablation not until corrected: INR, platelets" or "platelets, INR" in caution.summary
    assert caution.source.topic and caution.source.topic.code == "safety"
    assert "`Observation/platelets`" in detail(caution)
    _, both = cards(lesions=[NO_TISSUE], plt=40)
    assert "second primary" in both.summary
    assert "below 50" in detail(both)
    assert len(cards(plt=40, lesions=[{**LESION, "mm": 51}])) == 1


def test_another_cancer_makes_the_origin_uncertain() -> None:
    summary, caution = cards(second_cancer="C50.9")
    assert "origin uncertain (another cancer)" in summary.summary
    assert "biopsy and MDT come before any local therapy" in detail(summary)
    assert caution.summary.startswith("Another active cancer on record")


@pytest.mark.parametrize(
    ("changes", "summary", "indicator"),
    [
        (PATIENTS["provisional"], "Suspected single lung metastasis", "warning"),
        (PATIENTS["provisional, two"], "Suspected lung metastasis of colorectal cancer: MDT or radiology", "info"),
        (PATIENTS["provisional, small"], "Small lung nodule, indeterminate", "warning"),
        (PATIENTS["tiny"], "Lung nodules below 6 mm, indeterminate", "info"),
        ({**PATIENTS["provisional"], "second_cancer": "C50.9"}, "Another active cancer", "warning"),
        ({**PATIENTS["provisional, two"], "mdt_requested": "2025-05-20"}, "MDT requested or held", "info"),
    ],
)
def test_what_is_not_confirmed_is_called_suspected_and_gets_no_list(
    changes: dict[str, Any], summary: str, indicator: str
) -> None:
    (card,) = cards(**changes)
    assert summary in card.summary
    assert card.indicator == indicator
    assert "option to discuss" not in detail(card)
    assert not [label for label in labels(card) if "consultation" in label]
    if "mdt_requested" not in changes:
        assert labels(card)[0] == "Refer for MDT radiology review (suspected lesion)"
        assert "suspected" in drafts(card)[0]["note"][0]["text"]


def test_the_doubt_of_a_normal_cea_is_said_only_where_it_is_normal() -> None:
    assert "A normal CEA does not exclude metastasis." in detail(the_card(**PATIENTS["provisional"]))
    assert "A normal CEA" not in detail(the_card(**PATIENTS["provisional"], cea=12))


def test_the_series_of_cea_is_put_into_words() -> None:
    found = assessment(cea=12)
    cea = replace(found.cea, trend="rising", persistent=Truth.TRUE)
    text = detail(shown(found, cea=cea))
    assert "CEA is rising." in text
    assert "CEA is persistently raised." in text


def test_prognosis_is_shown_only_while_resection_is_an_option() -> None:
    assert "five-year survival 68.2 % in operated patients" in detail(the_card())
    assert "0-1 of 3 adverse factors" in detail(the_card(cea=None, lung="2025-01-10"))
    assert "more than one lesion" in detail(the_card(lesions=[LESION, LESION]))
    assert "Salah" not in detail(the_card(ecog=3))
    found = assessment()
    silent = replace(found.prognosis, salah=replace(found.prognosis.salah, group=None))
    assert "Salah model (operated patients): 1 of 3 adverse factors." in detail(shown(found, prognosis=silent))


def test_what_could_not_be_read_is_said() -> None:
    found = assessment()
    sources = {
        **found.sources,
        "reports": SourceReport("not_allowed", 0, "HTTP 403"),
        "requests": SourceReport("incomplete", 1, None),
    }
    problems = (Problem("Observation/x", "UNIT_UNKNOWN", "The unit is not understood."),)
    text = detail(
        shown(found, sources=sources, data_quality=problems, flags=("COUNT_CONFLICT", "PRIOR_EXTRAPULMONARY"))
    )
    assert "reports (could not be read: HTTP 403), requests (read in part)" in text
    assert "Entries of the record that could not be used: 1." in text
    assert "Please check: The stated number of lesions differs from the list; the larger was used." in text
    assert "Earlier disease outside the lung was treated, without" not in text


def test_nothing_missing_is_said_too() -> None:
    assert "Nothing that the rules ask for." in detail(shown(assessment(), needs=()))


def test_a_finding_of_a_new_kind_is_not_lost() -> None:
    found = assessment()
    extra = Finding("NEW_KIND", "Something new.", "2025-05-01", ("Observation/new",))
    assert "Something new, 2025-05-01 `Observation/new`" in detail(shown(found, findings=(*found.findings, extra)))
    undated = Finding("NEW_KIND", "Seen 2025-05-01.", "2025-05-01", ())
    assert "**Other:** Seen 2025-05-01\n" in detail(shown(found, findings=(undated,)))


def test_what_is_not_known_of_the_classification_is_named() -> None:
    found = assessment(style="icd10")
    timing = replace(found.classification.timing, value="unknown", subtype=None)
    text = detail(shown(found, classification=replace(found.classification, timing=timing)))
    assert "not known: number, timing, spread, complete removal" in text
    several = replace(found.classification.number, n_at_least=2, value="multiple")
    card = shown(found, classification=replace(found.classification, number=several))
    assert card.summary.startswith("At least 2 colorectal lung metastases")


def test_oligometastatic_is_said_when_it_is_settled() -> None:
    found = assessment()
    state = replace(found.classification.oligometastatic, value=Truth.TRUE)
    assert "; oligometastatic; " in detail(
        shown(found, classification=replace(found.classification, oligometastatic=state))
    )
    open_ = replace(state, value=Truth.UNKNOWN, by_count=Truth.UNKNOWN)
    assert "oligometastatic" not in detail(
        shown(found, classification=replace(found.classification, oligometastatic=open_))
    )


def test_solitary_with_tiny_ones_beside() -> None:
    assert the_card(lesions=[LESION, {**NO_TISSUE, "mm": 4}]).summary.startswith(
        "Solitary colorectal lung metastasis (+1 below 6 mm)"
    )


def test_ids_depend_on_the_call_and_nothing_else() -> None:
    request = patient()
    other = {**request, "hookInstance": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
    first, again, second = decision(request).cards, decision(patient(cea=12)).cards, decision(other).cards
    assert [card.uuid for card in first] == [card.uuid for card in again]
    assert [card.uuid for card in first] != [card.uuid for card in second]
    ids = [card.uuid for card in first] + [item.uuid for card in first for item in card.suggestions]
    assert Counter(ids).most_common(1)[0][1] == 1


def test_the_fingerprint_changes_with_the_case_and_not_with_the_day() -> None:
    later = decision(patient(), on="2025-06-02").cards[0]
    own = "org.example.crc-lung-metastasis"
    today, tomorrow, other = (card.extension or {} for card in (the_card(), later, the_card(cea=None)))
    assert today[f"{own}.fingerprint"] != other[f"{own}.fingerprint"]
    assert {name for name in today if today[name] != tomorrow[name]} == {f"{own}.assessment"}  # its day is in the hash


def test_a_card_tells_machines_its_rules_and_the_content_that_decided() -> None:
    extension = the_card().extension or {}
    assert extension["org.example.crc-lung-metastasis.rules"][0] == "M-01"
    assert extension["org.example.crc-lung-metastasis.knowledge"] == {
        "version": load_knowledge().version,
        "hash": load_knowledge().hash,
    }


def test_gates_that_only_inform_stand_at_the_top() -> None:
    found = assessment()
    gates = (Gate("G-10", "note", "The patient has declined a modality; it is shown last."),)
    text = detail(shown(found, gates=gates))
    assert text.index("declined a modality") < text.index("**What we found**")


def test_histology_is_not_asked_of_several_lesions() -> None:
    found = assessment()
    assert len(patient_view_cards(replace(found, needs=(Need("CEA", "Repeat CEA."),)), context())) == 1


def test_numbers_of_a_size_are_written_as_a_person_writes_them() -> None:
    found = assessment(lesions=[LESION, LESION])
    lesions = (replace(found.lesions[0], largest_diameter_mm=Decimal("20.0"), measured_on=None), found.lesions[1])
    assert "| RLL | 20 mm | peripheral |" in detail(shown(found, lesions=lesions))
    left = replace(found.lesions[0], lobe=None, side="left", flags=("TREATED",), counted=False)
    assert "| left | 20 mm (2025-05-12) | peripheral | treated, not counted |" in detail(
        shown(found, lesions=(left, found.lesions[1]))
    )


def test_a_gate_leaves_the_mdt_line_empty() -> None:
    assert mdt_line(writer(assessment(hospice=True))) == ""


def lesion_rows(text: str) -> list[str]:
    """The table of lesions, title first."""
    return [line for line in text.split("**Lesions**")[1].splitlines() if line.startswith("| ")]


def test_a_lesion_is_judged_by_size_and_place_alone_and_in_other_words_than_the_patient() -> None:
    text = detail(the_card(lesions=[LESION, {**LESION, "mm": 18, "zone": None}, {**LESION, "mm": 31}]))
    title, _, large, _, unknown = lesion_rows(text)
    assert "| SBRT: size and place alone | Ablation: size and place alone |" in title
    assert "| fits | does not fit |" in large
    assert "| with caution: zone not known | with caution: zone not known |" in unknown
    assert not [row for row in lesion_rows(text) if "option" in row]


def test_no_column_for_a_modality_that_fails_for_the_number_of_lesions() -> None:
    rows = lesion_rows(detail(the_card(lesions=[LESION] * 4)))
    assert "SBRT: size and place alone" in rows[0]
    assert "Ablation" not in rows[0]
    rows = lesion_rows(detail(the_card(lesions=[*[LESION] * 6, {**NO_TISSUE, "mm": 4}])))
    assert "alone" not in rows[0]
    assert rows[-1].startswith("| RLL: below 6 mm, not counted | 4 mm")
    rows = lesion_rows(detail(the_card(lesions=[*[LESION] * 6, {**LESION, "mm": 51}])))
    assert "| does not fit | does not fit |" in rows[2]


def test_facts_and_sentences_are_joined_cleanly() -> None:
    found = assessment(cea=12)
    cea = replace(found.cea, trend="possible_rise", persistent=Truth.TRUE)
    line = next(line for line in detail(shown(found, cea=cea)).splitlines() if "**Markers:**" in line)
    assert line.endswith(
        "`Observation/cea`. CEA is raised (above 5 ng/mL, the edge of the consensus)."
        " Possible rise of CEA (two values only). CEA is persistently raised."
    )
    assert ".;" not in line
