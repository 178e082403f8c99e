"""Order entry (O-01 to O-11): which order calls for which rule, at order-select and order-sign."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.protocol.card_rules import check_response
from tests.spec.core import decision, explain
from tests.spec.orders import ORDERS
from tests.spec.patients import patient
from tests.spec.tables import Row, changes, rows, words

RULES = rows("""
    order              | changes                       | rules          | never
    -------------------+-------------------------------+----------------+----------------
    ablation           | plt=49                        | O-01 O-02      |
    ablation           | mdt_requested=2025-05-20      |                | O-01 O-02
    ablation           | plt=49; mdt_requested=2025-05-20 | O-01        | O-02
    ablation           | device=true                   | O-01 O-02      |
    ablation           | plt=null                      | O-04 O-02      | O-01
    ablation           | coag_on=2025-05-01            | O-04           | O-01
    ablation elsewhere | plt=49                        |                | O-01 O-02 O-04
    wedge              |                               | O-02           | O-01 O-05 O-07
    wedge              | ecog=3                        | O-01 O-02      |
    wedge              | fev1=null; dlco=null          | O-01 O-07      |
    wedge              | inr=null                      | O-04           |
    lobectomy          |                               | O-02 O-05      |
    lobectomy          | mdt_requested=2025-05-20      | O-05           | O-02
    radiotherapy       |                               | O-02           | O-01 O-06
    radiotherapy       | prior_rt=same_lobe            | O-01 O-06      |
    radiotherapy       | extra=untreatable             | O-01 O-02      |
    radiotherapy elsewhere | extra=untreatable         |                | O-01 O-02 O-06
    named lung ablation | plt=49                       | O-01 O-02      |
    named something    | plt=49                        |                | O-01 O-02 O-04
    cetuximab          | ras=p.Gly12Asp                | O-03 O-02      |
    cetuximab          |                               | O-03 O-02      |
    fluorouracil       |                               | O-02 O-11      | O-03
    pembrolizumab      |                               | O-10 O-02      | O-11
    pembrolizumab      | msi=stable                    | O-02           | O-10
    amlodipine         |                               |                | O-02 O-10 O-11
    mdt                |                               |                | O-02 O-08
    chest ct           |                               | O-08           | O-02
    chest ct           | mdt_requested=2025-05-20      |                | O-08
    potassium          |                               |                | O-02 O-08
    ablation           | hospice=true                  |                | O-01 O-02 O-04
    ablation           | deceased=true                 |                | O-01 O-02 O-04
""")


def fired(explanation: dict[str, Any]) -> set[str]:
    return {rule for order in explanation["orders"] for rule in order["rules"]}


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("row", RULES, ids=lambda row: f"{row['order']} {row['changes']}")
def test_rules_of_an_order(row: Row, hook: str) -> None:
    explanation = explain(patient(hook=hook, orders=[ORDERS[row["order"]]], **changes(row["changes"])))
    assert set(words(row["rules"])) <= fired(explanation)
    assert not set(words(row["never"])) & fired(explanation)
    assert bool(explanation["cards"]) is bool(fired(explanation))
    assert len(explanation["cards"]) <= 2


@pytest.mark.parametrize("row", RULES, ids=lambda row: f"{row['order']} {row['changes']}")
def test_cards_of_an_order_keep_the_rules_of_the_standard(row: Row) -> None:
    made = decision(patient(hook="order-sign", orders=[ORDERS[row["order"]]], **changes(row["changes"])))
    assert check_response(made.response()) == []


INDICATORS = rows("""
    order        | changes                                         | indicator
    -------------+-------------------------------------------------+----------
    ablation     | plt=49; mdt_requested=2025-05-20                | warning
    ablation     | device=true; mdt_requested=2025-05-20           | info
    radiotherapy | extra=untreatable; mdt_requested=2025-05-20     | warning
    wedge        | mdt_requested=2025-05-20; fev1=60               | info
    cetuximab    | mdt_requested=2025-05-20; ras=p.Gly12Asp        | warning
    chest ct     |                                                 | info
    lobectomy    | mdt_requested=2025-05-20                        | info
    fluorouracil |                                                 | warning
""")


@pytest.mark.parametrize("row", INDICATORS, ids=lambda row: f"{row['order']} {row['changes']}")
def test_gravity_of_the_first_card(row: Row) -> None:
    explanation = explain(patient(hook="order-sign", orders=[ORDERS[row["order"]]], **changes(row["changes"])))
    assert explanation["cards"][0]["indicator"] == row["indicator"]


def test_only_selected_orders_count_at_order_select() -> None:
    orders = [ORDERS["ablation"], ORDERS["potassium"]]
    facts = {"plt": 49, "orders": orders, "hook": "order-select"}
    assert fired(explain(patient(**facts, selections=["ServiceRequest/potassium"]))) == set()
    assert "O-01" in fired(explain(patient(**facts, selections=["ServiceRequest/ablation"])))


def test_all_drafts_count_at_order_sign() -> None:
    orders = [ORDERS["potassium"], ORDERS["ablation"], ORDERS["appointment"]]
    assert "O-01" in fired(explain(patient(hook="order-sign", plt=49, orders=orders)))


def test_mdt_among_the_drafts_is_enough() -> None:
    """O-09."""
    explanation = explain(patient(hook="order-sign", orders=[ORDERS["wedge"], ORDERS["mdt"]]))
    assert "O-02" not in fired(explanation)
    assert explanation["mdt"]["suggest"] is False


def test_alternative_is_offered_and_never_recommended() -> None:
    """O-01: delete the draft and create a consultation, not by default."""
    card = explain(patient(hook="order-sign", plt=49, orders=[ORDERS["ablation"]]))["cards"][0]
    exchanges = [
        suggestion
        for suggestion in card["suggestions"]
        if {action["type"] for action in suggestion["actions"]} == {"create", "delete"}
    ]
    assert exchanges
    for suggestion in exchanges:
        assert not suggestion.get("isRecommended")
        deleted = [action for action in suggestion["actions"] if action["type"] == "delete"]
        assert [action["resourceId"] for action in deleted] == ["ServiceRequest/ablation"]


def test_nothing_created_is_a_treatment() -> None:
    """Section 11, 9: drafts of referral, consultation and tests, and nothing else."""
    for name in ("ablation", "wedge", "lobectomy", "radiotherapy", "cetuximab", "fluorouracil"):
        explanation = explain(patient(hook="order-sign", orders=[ORDERS[name]], plt=49, prior_rt="same_lobe"))
        created = [
            action["resource"]
            for card in explanation["cards"]
            for suggestion in card.get("suggestions", ())
            for action in suggestion["actions"]
            if action["type"] == "create"
        ]
        for resource in created:
            assert (resource["resourceType"], resource["status"], resource["intent"]) == (
                "ServiceRequest",
                "draft",
                "proposal",
            )
