"""Changing a fact of a request: each change shows what it is there to show, and changes nothing else."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.hooks.services import HOOKS
from cds_service.web.playground.changes import CHANGES, apply_changes
from cds_service.web.playground.choice import FIRST_CASE
from cds_service.web.playground.hooks import ORDERS, under_hook
from fhir_fixtures import EVALUATED_ON, case
from tests.hypothesis_profiles import examples
from tests.spec.core import explain
from tests.spec.resources import OWN
from tests.spec.tables import rows

ON = date.fromisoformat(EVALUATED_ON)
REQUEST = case(FIRST_CASE).request

SHOWS = rows("""
    change            | what                           | before        | after
    ------------------+--------------------------------+---------------+-------------
    one-lesion-more   | classification.number.n        | 1             | 2
    five-lesions-more | classification.number.n        | 1             | 6
    largest-31-mm     | therapies.ablation.result      | ELIGIBLE      | CONDITIONAL
    largest-51-mm     | therapies.sbrt.result          | ELIGIBLE      | NOT_ELIGIBLE
    ultracentral      | therapies.sbrt.result          | ELIGIBLE      | CONDITIONAL
    zone-not-recorded | lesions.0.zone                 | peripheral    | None
    size-without-unit | therapies.sbrt.result          | ELIGIBLE      | UNKNOWN
    cea-5-1           | cea.elevated                   | false         | true
    platelets-49      | therapies.ablation.result      | ELIGIBLE      | BLOCKED
    inr-1-9           | therapies.ablation.result      | ELIGIBLE      | BLOCKED
    ecog-3            | therapies.surgery.result       | ELIGIBLE      | NOT_ELIGIBLE
    fev1-35           | therapies.surgery.result       | ELIGIBLE      | CONDITIONAL
    anticoagulant     | therapies.ablation.result      | ELIGIBLE      | CONDITIONAL
    hospice           | mdt.suggest                    | True          | False
    liver-metastasis  | classification.spread.value    | isolated      | non_isolated
    nodes-proven      | classification.thoracicNodes.value | unknown   | proven
    msi-high          | molecular.msi                  | unknown       | high
    mdt-held          | mdt.suppressedBy               | None          | mdt_held
""")


def at(document: Any, path: str) -> str:
    for step in path.split("."):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return str(document)


def test_every_change_has_its_row():
    assert [row["change"] for row in SHOWS] == [change.id for change in CHANGES]


@pytest.mark.parametrize("row", SHOWS, ids=lambda row: row["change"])
def test_a_change_shows_what_it_is_there_for(row):
    untouched = deepcopy(REQUEST)
    changed = apply_changes(REQUEST, [row["change"]], on=ON, own=OWN)
    assert at(explain(untouched), row["what"]) == row["before"]
    assert at(explain(changed), row["what"]) == row["after"]
    assert untouched == REQUEST


def test_nothing_chosen_changes_nothing_and_unknown_changes_are_ignored():
    assert apply_changes(REQUEST, ["no-such-change"], on=ON, own=OWN) is REQUEST


def test_a_new_lesion_is_seen_on_the_latest_ct_and_not_on_one_of_its_own():
    changed = explain(apply_changes(REQUEST, ["one-lesion-more"], on=ON, own=OWN))
    assert "LESION_NOT_IN_LATEST_CT" not in changed["flags"]
    assert {lesion["measuredOn"] for lesion in changed["lesions"]} == {"2025-05-12"}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("order", ["", *(order.id for order in ORDERS)])
def test_a_request_can_be_met_under_any_hook_with_any_order(hook: str, order: str):
    untouched = deepcopy(REQUEST)
    made = under_hook(REQUEST, hook, order, on=ON, own=OWN)
    explained = explain(made)
    assert untouched == REQUEST
    assert (made["hook"], explained["hook"]) == (hook, hook)
    assert len(explained["orders"]) == (hook != "patient-view" and order != "potassium")


def test_an_order_of_the_request_itself_is_kept_under_another_hook():
    ablation = case("order-ablation-low-platelets").request
    assert under_hook(ablation, "order-select", "", on=ON, own=OWN) is ablation
    sent = explain(under_hook(ablation, "order-dispatch", "", on=ON, own=OWN))
    assert "ServiceRequest/draft-ablation" in [order["reference"] for order in sent["orders"]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["Bundle", "21889-1", "mm"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["resource", "entry", "code", "coding", "component", "valueQuantity", "value", "resourceType", "id"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
ANY_REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "hook": JSON,
        "context": JSON | st.fixed_dictionaries({"patientId": JSON, "draftOrders": JSON}),
        "prefetch": JSON | st.dictionaries(st.sampled_from(["imaging-findings", "conditions", "observations"]), JSON),
    },
)


@given(ANY_REQUEST, st.sampled_from(tuple(HOOKS)))
@examples(150)
def test_whatever_was_pasted_no_change_and_no_hook_fails(request: dict[str, Any], hook: str):
    untouched = deepcopy(request)
    changed = apply_changes(request, [change.id for change in CHANGES], on=ON, own=OWN)
    under_hook(changed, hook, "", on=ON, own=OWN)
    assert request == untouched
