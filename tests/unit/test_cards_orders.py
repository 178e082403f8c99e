"""The cards at order entry: one set for each rule, two cards at most, the gravest first."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.oncology.report.assessment import Finding, OrderReport
from cds_service.protocol.card import Card
from cds_service.protocol.card_rules import check_response
from cds_service.values import replace
from tests.spec.core import decision
from tests.spec.patients import patient
from tests.unit.card_cases import (
    ABLATION,
    CETUXIMAB,
    CT,
    FLUOROURACIL,
    LESION,
    LOBECTOMY,
    MDT,
    POTASSIUM,
    RADIOTHERAPY,
    WEDGE,
    assessment,
    cards,
    context,
    detail,
    drafts,
    labels,
    shown_orders,
)

FOUR = [LESION] * 4
KNOWN = {"mdt_held": "2025-05-25", "msi": "stable"}


def signing(*orders: dict[str, Any], **changes: Any) -> tuple[Card, ...]:
    return cards(hook="order-sign", orders=list(orders), **changes)


def spoken(rule: str, classes: tuple[str, ...], **changes: Any) -> Card:
    """The one card of a rule, whichever order sets it off."""
    found = assessment(hook="order-sign", orders=[ABLATION], **changes)
    order = OrderReport("MedicationRequest/drug-9", classes, (rule,), "Something ordered")
    (card,) = shown_orders(found, context(hook="order-sign", orders=[ABLATION]), orders=(order,))
    return card


ORDERS: dict[str, dict[str, Any]] = {
    "nothing wrong": {"orders": [WEDGE], **KNOWN},
    "blocked": {"orders": [ABLATION], "plt": 40},
    "not supported": {"orders": [ABLATION], "lesions": FOUR},
    "caution": {"orders": [WEDGE], "fev1": 60, "dlco": 62, **KNOWN},
    "everything": {"orders": [ABLATION, LOBECTOMY, RADIOTHERAPY, CETUXIMAB, FLUOROURACIL, CT], "lesions": FOUR},
    "radiotherapy again": {"orders": [RADIOTHERAPY], "prior_rt": "same_lobe"},
    "work-up": {"orders": [CT]},
    "drug": {"orders": [FLUOROURACIL], "plt": None, "inr": None},
}


@pytest.mark.parametrize("hook", ["order-sign", "order-select"])
@pytest.mark.parametrize("changes", ORDERS.values(), ids=ORDERS)
def test_every_card_keeps_the_rules_of_cds_hooks(changes: dict[str, Any], hook: str) -> None:
    found = decision(patient(hook=hook, **changes))
    assert check_response(found.response()) == []
    assert len(found.cards) <= 2
    assert [card.indicator for card in found.cards] == sorted((c.indicator for c in found.cards), reverse=True)
    drafted = {f"{order['resourceType']}/{order['id']}" for order in changes["orders"]}
    for card in found.cards:
        named = (card.extension or {})["org.example.crc-lung-metastasis.order"]["reference"]
        assert named in drafted
        assert len(card.suggestions) <= 6
        for suggestion in card.suggestions:
            deleted = [action for action in suggestion.actions if action.type == "delete"]
            created = [action for action in suggestion.actions if action.type == "create"]
            assert all(action.resource_id in drafted for action in deleted)
            assert len(created) >= len(deleted)
            assert suggestion.is_recommended is None or not deleted


def test_orders_of_other_things_get_no_card_but_a_full_explanation() -> None:
    found = decision(patient(hook="order-sign", orders=[POTASSIUM]))
    assert found.cards == ()
    assert found.explanation()["therapies"]["sbrt"]["result"] == "ELIGIBLE"
    assert signing(WEDGE, **KNOWN) == ()


def test_o01_blocked_names_what_blocks_the_alternatives_and_the_replacement() -> None:
    first, second = signing(ABLATION, plt=40)
    assert first.summary == "Radiofrequency ablation of lung: not until corrected, platelets"
    assert first.indicator == "warning"
    assert first.source.topic and first.source.topic.code == "safety"
    text = detail(first)
    assert "Platelets 40" in text
    assert "Options to discuss instead: surgery (option to discuss), SBRT (option to discuss)." in text
    assert "PulMiCC, 65 patients" in text
    assert labels(first) == [
        "Thoracic surgery consultation: assess for lung-sparing resection",
        "Radiation oncology consultation: assess for SBRT",
        "Replace by: thoracic surgery consultation",
        "Replace by: radiation oncology consultation",
    ]
    replacement = first.suggestions[2]
    assert [(action.type, action.resource_id) for action in replacement.actions] == [
        ("delete", "ServiceRequest/draft-1"),
        ("create", None),
    ]
    assert not any(suggestion.is_recommended for suggestion in first.suggestions)
    assert second.source.topic and second.source.topic.code == "mdt-referral"


def test_o01_not_supported_outranks_the_rest() -> None:
    first, _ = signing(ABLATION, lesions=FOUR)
    assert "not supported by the rule set" in first.summary
    assert "4 lesions on one side; the limit is 3" in detail(first)


def test_o01_with_caution_is_information() -> None:
    (card,) = signing(WEDGE, fev1=60, dlco=62, **KNOWN)
    assert card.indicator == "info"
    assert card.summary == "Wedge resection: option with caution, see reasons"
    assert "exercise test" in detail(card)


def test_o01_without_alternative_offers_the_mdt_in_its_place() -> None:
    first, second = signing(ABLATION, extra="untreatable")
    assert "No other local therapy is an option by the rule set: discuss at the MDT." in detail(first)
    assert "PulMiCC" not in detail(first)
    assert labels(first) == ["Replace by: MDT referral"]
    assert labels(second) == ["Refer to the MDT"]
    (known, *_) = signing(ABLATION, extra="untreatable", mdt_held="2025-05-25")
    assert known.suggestions == ()


@pytest.mark.parametrize("status", ["active", "on-hold"])
def test_only_a_draft_is_taken_back(status: str) -> None:
    first, _ = signing(ABLATION | {"status": status}, plt=40)
    assert not [label for label in labels(first) if label.startswith("Replace")]


def test_an_order_without_a_usable_id_is_named_and_never_pointed_to() -> None:
    nameless = {key: value for key, value in ABLATION.items() if key != "id"}
    underscored = decision(patient(hook="order-sign", orders=[nameless | {"id": "draft_1"}], plt=40))
    assert check_response(underscored.response()) == []
    assert not [label for label in labels(underscored.cards[0]) if label.startswith("Replace")]
    found = decision(patient(hook="order-sign", orders=[nameless | {"id": "a b"}], plt=40))
    assert not [name for name in found.cards[0].extension or () if name.endswith((".order", ".orders"))]
    assert not [label for label in labels(found.cards[0]) if label.startswith("Replace")]
    assert "Radiofrequency ablation of lung" in detail(found.cards[0])


def test_an_order_without_a_name_is_called_by_its_class() -> None:
    order = ABLATION | {"code": {"coding": ABLATION["code"]["coding"]}}
    first, _ = signing(order, plt=40)
    assert first.summary.startswith("Lung ablation: not until corrected")


def test_a_long_name_is_cut_in_the_summary_and_whole_in_the_detail() -> None:
    name = "Radiofrequency ablation of a lesion of the right lower lobe of the lung under CT guidance"
    first, _ = signing(ABLATION | {"code": ABLATION["code"] | {"text": name}}, plt=40)
    assert len(first.summary) < 140
    assert "…" in first.summary
    assert name in detail(first)


def test_o02_treatment_before_the_mdt() -> None:
    (card,) = signing(WEDGE, msi="stable")
    assert card.indicator == "warning"
    assert card.summary == "Wedge resection: colorectal lung metastasis not yet discussed at MDT"
    assert card.suggestions[0].is_recommended
    assert drafts(card)[0]["code"]["coding"][0]["code"] == "720006006"
    assert "Case: Solitary colorectal lung metastasis, metachronous." in detail(card)


def test_o02_is_said_once_for_all_orders() -> None:
    (card,) = signing(WEDGE, RADIOTHERAPY)
    assert card.summary.startswith("Wedge resection (+1): ")
    assert "Wedge resection; Stereotactic radiotherapy" in detail(card)
    assert (card.extension or {})["org.example.crc-lung-metastasis.orders"] == [
        {"reference": "ServiceRequest/draft-3"},
        {"reference": "ServiceRequest/draft-4"},
    ]


def test_o08_work_up_while_the_mdt_is_due() -> None:
    (card,) = signing(CT)
    assert card.indicator == "info"
    assert card.summary == "Solitary colorectal lung metastasis, metachronous: MDT not yet requested"
    assert "| Modality |" not in detail(card)
    assert labels(card) == ["Refer to the MDT"]


def test_o09_a_referral_among_the_drafts_is_enough() -> None:
    assert signing(WEDGE, MDT) == ()
    assert signing(CT, MDT) == ()
    selected = ["ServiceRequest/draft-3"]
    assert cards(hook="order-select", orders=[WEDGE, MDT], selections=selected) == ()


def test_only_the_selected_orders_count() -> None:
    found = cards(hook="order-select", orders=[ABLATION, CT], selections=["ServiceRequest/draft-6"], plt=40)
    assert [card.summary for card in found] == [
        "Solitary colorectal lung metastasis, metachronous: MDT not yet requested"
    ]


@pytest.mark.parametrize(
    ("changes", "indicator", "summary", "offered"),
    [
        ({"ras": "p.Gly12Asp"}, "warning", "RAS-mutant, anti-EGFR antibody not supported", []),
        (
            {},
            "warning",
            "RAS not tested; needed before an anti-EGFR antibody",
            ["Draft test: extended RAS (KRAS, NRAS)"],
        ),
    ],
)
def test_o03_anti_egfr(changes: dict[str, Any], indicator: str, summary: str, offered: list[str]) -> None:
    card = spoken("O-03", ("anti-egfr",), **changes)
    assert (card.indicator, labels(card)) == (indicator, offered)
    assert summary in card.summary


def test_o03_with_braf() -> None:
    found = assessment(hook="order-sign", orders=[CETUXIMAB])
    order = OrderReport("MedicationRequest/drug-1", ("anti-egfr",), ("O-03",), "cetuximab")
    profile = replace(found.molecular, ras="wild_type", braf="v600e")
    (card,) = shown_orders(found, context(), orders=(order,), molecular=profile)
    assert card.indicator == "info"
    assert "together with a BRAF inhibitor" in detail(card)


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"plt": None, "inr": None}, ["Draft tests: platelets and INR"]),
        ({"inr": None}, ["Draft test: INR"]),
        ({}, []),
    ],
)
def test_o04_coagulation(changes: dict[str, Any], offered: list[str]) -> None:
    card = spoken("O-04", ("lung-biopsy",), **changes)
    assert card.indicator == "info"
    assert "platelets or INR missing or outdated" in card.summary
    assert labels(card) == offered


def test_o05_lung_sparing_with_its_honesty() -> None:
    card = spoken("O-05", ("lobectomy-or-larger",))
    assert card.summary == "Something ordered: lung-sparing resection preferred when margins allow"
    assert "association, not proof" in detail(card)
    assert "PulMiCC, 65 patients" in detail(card)


@pytest.mark.parametrize(
    ("where", "indicator", "text"),
    [
        ("same_lobe", "warning", "Earlier radiotherapy of the same lung, or of an unrecorded site (2025-01-20)"),
        ("other_lung", "info", "Earlier radiotherapy of the other lung (2025-01-20)"),
    ],
)
def test_o06_radiotherapy_again(where: str, indicator: str, text: str) -> None:
    card = spoken("O-06", ("thoracic-radiotherapy",), prior_rt=where)
    assert card.indicator == indicator
    assert text in detail(card)
    assert "reports of toxicity differ" in detail(card)


def test_o06_without_a_date() -> None:
    found = assessment(hook="order-sign", orders=[RADIOTHERAPY], prior_rt="other_lung")
    order = OrderReport("ServiceRequest/draft-4", ("thoracic-radiotherapy",), ("O-06",), "SBRT")
    undated = (Finding("HISTORY", "Earlier radiotherapy.", None, ()),)
    (card,) = shown_orders(found, context(), orders=(order,), findings=undated)
    assert "(date not recorded)" in detail(card)


@pytest.mark.parametrize(
    ("rule", "summary", "offered"),
    [
        ("O-07", "no usable lung-function test on record", "Draft test: FEV1 and DLCO"),
        ("O-10", "MSI/MMR not tested", "Draft test: MSI/MMR"),
        ("O-11", "DPYD testing before fluoropyrimidine", "Draft test: DPYD"),
    ],
)
def test_rules_that_ask_for_a_test_offer_it(rule: str, summary: str, offered: str) -> None:
    card = spoken(rule, ("fluoropyrimidine",))
    assert card.indicator == "info"
    assert summary in card.summary
    assert labels(card) == [offered]
    assert f"({rule})" in detail(card)


def test_more_than_two_concerns_are_folded_into_the_gravest() -> None:
    first, second = signing(ABLATION, LOBECTOMY, CETUXIMAB, FLUOROURACIL, lesions=FOUR)
    assert "not supported by the rule set" in first.summary
    assert second.source.topic and second.source.topic.code == "mdt-referral"
    text = detail(first)
    assert "**Also for these orders**" in text
    assert "cetuximab: RAS not tested; needed before an anti-EGFR antibody. No RAS result is on record." in text
    assert "cetuximab (+1): MSI/MMR not tested." in text
    assert "Draft test: extended RAS (KRAS, NRAS)" in labels(first)
    assert "**Also for these orders**" not in detail(second)


def test_a_rule_that_nobody_speaks_for_and_an_order_that_fits_say_nothing() -> None:
    found = assessment(hook="order-sign", orders=[ABLATION])
    fitting = OrderReport("ServiceRequest/draft-1", ("lung-ablation",), ("O-01",), "RFA")
    unknown = OrderReport("ServiceRequest/draft-2", ("lung-ablation",), ("O-99",), "RFA")
    assert shown_orders(found, context(hook="order-sign", orders=[ABLATION]), orders=(fitting, unknown)) == ()


def test_no_card_where_a_gate_stops() -> None:
    assert signing(ABLATION, CT, hospice=True) == ()
    assert signing(ABLATION, CT, deceased=True) == ()
    assert signing(ABLATION, CT, lung_certainty="provisional") == ()


@pytest.mark.parametrize(
    ("name", "named"), [("Cryoablation of lung", "Cryoablation of lung"), (ABLATION["code"]["text"], "draft-9")]
)
def test_the_second_order_keeps_its_replacement(name: str, named: str) -> None:
    text = ABLATION["code"] | {"text": name}
    found = signing(ABLATION, *(ABLATION | {"id": f"draft-{n}", "code": text} for n in (8, 9)), plt=40)
    replaced = {
        action.resource_id: suggestion.label
        for suggestion in found[0].suggestions
        for action in suggestion.actions
        if action.type == "delete"
    }
    assert list(replaced) == ["ServiceRequest/draft-1", "ServiceRequest/draft-9"]
    assert named in replaced["ServiceRequest/draft-9"]
    assert len(set(labels(found[0]))) == len(found[0].suggestions)
