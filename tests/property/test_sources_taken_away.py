"""Each case with its sources taken away, in every way a source can fail: nothing unknown becomes met."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.errors import PrefetchMissing
from fhir_fixtures import Case, cases
from tests.property.test_assessment import MODALITIES, STEADY, USEFUL_KEYS
from tests.spec.core import explain

CASES = {one.id: one for one in cases() if one.expected["status"] == 200}
Request = dict[str, Any]
Way = Callable[[Request, str], None]


def not_sent(request: Request, key: str) -> None:
    request["prefetch"].pop(key, None)


def refused(request: Request, key: str) -> None:
    request["prefetch"][key] = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}


def cut_short(request: Request, key: str) -> None:
    """Every second entry came, and the server says that there are more."""
    value = request["prefetch"].get(key)
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        value["entry"] = value.get("entry", [])[::2]
        value["total"] = len(value["entry"]) + 1
        value["link"] = [{"relation": "next", "url": "https://ehr.example.org/fhir/more"}]
    else:
        not_sent(request, key)


def of_somebody_else(request: Request, key: str) -> None:
    value = request["prefetch"].get(key)
    for entry in (value or {}).get("entry", []) if isinstance(value, dict) else []:
        entry["resource"].pop("patient", None)
        entry["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    if not isinstance(value, dict) or not value.get("entry"):
        not_sent(request, key)


WAYS: tuple[Way, ...] = (not_sent, refused, cut_short, of_somebody_else)


@cache
def whole(id_: str) -> dict[str, Any]:
    return explain(CASES[id_].request)


def less(one: Case, keys: set[str], way: Way) -> dict[str, Any] | None:
    """The explanation without the keys; None when the service says that it needs them (412)."""
    request = copy.deepcopy(one.request)
    for key in keys:
        way(request, key)
    try:
        return explain(request)
    except PrefetchMissing:
        return None


def became_met(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Everything that was unknown and now counts as known to be good."""
    found = []
    for axis in ("timing", "sequence", "spread", "thoracicNodes", "number", "sides", "oligometastatic"):
        was, now = (one["classification"][axis]["value"] for one in (before, after))
        if was == "unknown" and now != "unknown":
            found.append(f"{axis}: {now}")
    for factor, was in before["prognosis"]["salah"]["factors"].items():
        if was == "unknown" and (now := after["prognosis"]["salah"]["factors"][factor]) != "unknown":
            found.append(f"{factor}: {now}")
    for modality in MODALITIES if before["therapies"] and after["therapies"] else ():
        was, now = (one["therapies"][modality]["result"] for one in (before, after))
        if was == "UNKNOWN" and now in ("CONDITIONAL", "ELIGIBLE"):
            found.append(f"{modality}: {now}")
    for marker, was in before["molecular"].items():
        if was == "unknown" and (now := after["molecular"][marker]) != "unknown":
            found.append(f"{marker}: {now}")
    return found


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("key", USEFUL_KEYS)
def test_taking_one_source_away_makes_nothing_met(key: str, way: Way) -> None:
    for id_, one in CASES.items():
        if (after := less(one, {key}, way)) is not None:
            assert became_met(whole(id_), after) == [], id_


@STEADY
@given(
    id_=st.sampled_from(sorted(CASES)),
    keys=st.sets(st.sampled_from(USEFUL_KEYS), min_size=2),
    way=st.sampled_from(WAYS),
)
def test_taking_several_sources_away_makes_nothing_met(id_: str, keys: set[str], way: Way) -> None:
    if (after := less(CASES[id_], keys, way)) is not None:
        assert became_met(whole(id_), after) == []
