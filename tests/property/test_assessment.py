"""What never changes an assessment, and what taking data away may never do."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.hypothesis_profiles import examples
from tests.spec.core import explain
from tests.spec.patients import SEARCHED_KEYS, patient
from tests.spec.resources import ICD10CM, LOINC, SNOMED, concept, condition, observation, procedure, quantity

STEADY = examples(40)
USEFUL_KEYS = tuple(key for key in SEARCHED_KEYS if key != "conditions")
MODALITIES = ("surgery", "sbrt", "ablation")

lesion = st.fixed_dictionaries(
    {
        "mm": st.one_of(st.none(), st.integers(3, 60), st.sampled_from(["<6", "<30", ">50", "<=30", 30.4])),
        "side": st.sampled_from(["R", "L", None]),
        "zone": st.sampled_from(["peripheral", "middle", "medial", "central", "ultracentral", None]),
    },
    optional={
        "to_bronchi_mm": st.sampled_from([5, 10, 15, 20, 40]),
        "near": st.booleans(),
        "histology": st.sampled_from(["metastasis-confirmed", None]),
        "growth": st.sampled_from(["stable", "growing", "new"]),
    },
)
# Facts of which none is adverse once it is known: they are good, or not recorded.
benign = {
    "style": st.sampled_from(["mcode", "plain"]),
    "lesions": st.lists(lesion, max_size=7),
    "extra": st.sampled_from(["none", "treatable", "resolved", None]),
    "fev1": st.sampled_from([95, 60, None]),
    "dlco": st.sampled_from([90, None]),
    "plt": st.sampled_from([220, None]),
    "inr": st.sampled_from([1.0, None]),
    "ecog": st.sampled_from([0, 2, None]),
    "cea": st.sampled_from([3.0, 5.0, 8, "<10", None]),
    "primary": st.sampled_from(["r0-resected", "complete-response", "resectable", None]),
    "resected": st.sampled_from(["2022-01-10", None]),
    "nodes": st.sampled_from(["negative", None]),
    "lung": st.sampled_from(["2024-12-01", "2022-01-20", "2022", "2025-05"]),
    "dx": st.sampled_from(["2022-01-03", "2022", None]),
}
adverse = {
    "k": st.integers(0, 3),
    "prior_rt": st.sampled_from([None, "same_lobe", "other_lung", "unknown"]),
    "device": st.booleans(),
    "second_cancer": st.sampled_from([None, "C50.911"]),
    "anticoagulant": st.booleans(),
    "mdt_held": st.sampled_from([None, "2025-03-01"]),
    "mdt_requested": st.sampled_from([None, "2025-05-20"]),
    "ras": st.sampled_from([None, "p.Gly12Asp"]),
    "hospice": st.booleans(),
    "count": st.sampled_from([None, 2, 9, "multiple", "innumerable"]),
}
unremarkable = st.fixed_dictionaries(benign)
anyone = st.fixed_dictionaries({**benign, **adverse, "ecog": st.sampled_from([0, 2, 3, 4, None])})

IRRELEVANT = {
    "conditions": condition("noise-condition", concept(ICD10CM, "I10"), onset="2010-01-01"),
    "observations": observation(
        "noise-observation", concept(LOINC, "8867-4"), "2025-05-31", valueQuantity=quantity(72, "/min")
    ),
    "procedures": procedure("noise-procedure", concept(SNOMED, "73761001"), "2021-12-29"),
}


def without_counts(explanation: dict[str, Any]) -> dict[str, Any]:
    """The explanation without the number of resources that each source brought."""
    return {name: value for name, value in explanation.items() if name != "sources"}


def entries_of(request: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = request["prefetch"][key].setdefault("entry", [])
    return entries


@STEADY
@given(facts=anyone, data=st.data())
def test_order_of_entries_never_matters(facts: dict[str, Any], data: st.DataObject) -> None:
    first = patient(**facts)
    second = copy.deepcopy(first)
    for key in SEARCHED_KEYS:
        if "entry" in second["prefetch"][key]:
            bundle = second["prefetch"][key]
            bundle["entry"] = data.draw(st.permutations(bundle["entry"]))
    second["prefetch"] = dict(reversed(second["prefetch"].items()))
    assert json.dumps(explain(first)) == json.dumps(explain(second))


@STEADY
@given(facts=anyone, data=st.data())
def test_duplicates_never_matter(facts: dict[str, Any], data: st.DataObject) -> None:
    first = patient(**facts)
    second = copy.deepcopy(first)
    for key in SEARCHED_KEYS:
        if "entry" in second["prefetch"][key]:
            twice = data.draw(st.lists(st.sampled_from(entries_of(second, key)), max_size=3))
            second["prefetch"][key]["entry"] += copy.deepcopy(twice)
            second["prefetch"][key]["total"] += len(twice)
    assert without_counts(explain(first)) == without_counts(explain(second))


@STEADY
@given(facts=anyone, keys=st.sets(st.sampled_from(sorted(IRRELEVANT)), min_size=1))
def test_irrelevant_resources_never_matter(facts: dict[str, Any], keys: set[str]) -> None:
    first = patient(**facts)
    second = copy.deepcopy(first)
    for key in keys:
        entries_of(second, key).append({"resource": IRRELEVANT[key]})
        second["prefetch"][key]["total"] += 1
    assert without_counts(explain(first)) == without_counts(explain(second))


@STEADY
@given(facts=anyone)
def test_millimetres_and_centimetres_are_the_same(facts: dict[str, Any]) -> None:
    measured = [one for one in facts["lesions"] if isinstance(one["mm"], int)]
    in_cm = [one | {"mm": one["mm"] / 10, "unit": "cm"} for one in measured]
    assert explain(patient(**facts | {"lesions": measured})) == explain(patient(**facts | {"lesions": in_cm}))


@STEADY
@given(facts=unremarkable, gone=st.sets(st.sampled_from(USEFUL_KEYS), min_size=1))
def test_taking_a_source_away_never_improves_a_therapy(facts: dict[str, Any], gone: set[str]) -> None:
    """UNKNOWN never becomes an option, and CONDITIONAL never ELIGIBLE, because less is known."""
    whole = patient(**facts)
    less = copy.deepcopy(whole)
    for key in gone:
        del less["prefetch"][key]
    before, after = explain(whole)["therapies"], explain(less)["therapies"]
    for modality in MODALITIES if before and after else ():
        step = (before[modality]["result"], after[modality]["result"])
        assert step not in {("UNKNOWN", "CONDITIONAL"), ("UNKNOWN", "ELIGIBLE"), ("CONDITIONAL", "ELIGIBLE")}


@STEADY
@given(facts=anyone, gone=st.sets(st.sampled_from(USEFUL_KEYS), min_size=1))
def test_taking_a_source_away_never_makes_an_axis_known(facts: dict[str, Any], gone: set[str]) -> None:
    whole = patient(**facts)
    less = copy.deepcopy(whole)
    for key in gone:
        del less["prefetch"][key]
    before, after = explain(whole), explain(less)
    for axis in ("timing", "sequence", "spread", "thoracicNodes"):
        if before["classification"][axis]["value"] == "unknown":
            assert after["classification"][axis]["value"] == "unknown", axis
    for factor, value in before["prognosis"]["salah"]["factors"].items():
        if value == "unknown":
            assert after["prognosis"]["salah"]["factors"][factor] == "unknown", factor
    if before["classification"]["spread"]["value"] != "isolated":
        assert after["classification"]["spread"]["value"] != "isolated"


@STEADY
@given(facts=anyone, gone=st.sampled_from(USEFUL_KEYS))
def test_absence_is_never_concluded_from_a_source_that_was_not_read(facts: dict[str, Any], gone: str) -> None:
    """A source that was refused says as little as one that was never asked."""
    refused = patient(**facts)
    unasked = copy.deepcopy(refused)
    refused["prefetch"][gone] = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "forbidden"}],
    }
    del unasked["prefetch"][gone]
    one, other = explain(refused), explain(unasked)
    for part in ("classification", "therapies", "order", "mdt", "prognosis"):
        assert one[part] == other[part]
