"""The service and a second program, written from the rule base alone, agree about many patients nobody thought of."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.hypothesis_profiles import examples
from tests.spec import reference_program as reference
from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.vignettes import codes, letters


def at(limit: str) -> tuple[Any, float]:
    """The limit itself, and a value just above it."""
    value = reference.LIMITS[limit]
    return value, round(value + 0.01 if isinstance(value, float) else value + 0.1, 2)


LESION = st.fixed_dictionaries(
    {
        "mm": st.sampled_from([9, 20, *at("rfa.maxDiameterMm"), 31, *at("sbrt.maxDiameterMm"), 60, None]),
        "side": st.sampled_from(["R", "R", "R", "L", "L", None]),
        "zone": st.sampled_from(["peripheral"] * 3 + ["middle", "medial", "central", "ultracentral", None]),
    }
)


def mostly(usual: object, *others: object) -> st.SearchStrategy[Any]:
    """The baseline three times out of four."""
    return st.one_of(st.just(usual), st.just(usual), st.just(usual), st.sampled_from(others))


LIMITS = reference.LIMITS
LOW = LIMITS["sbrt.lowFunctionPct"]
PATIENT = st.fixed_dictionaries(
    {
        "lesions": st.lists(LESION, min_size=1, max_size=7) | st.lists(LESION, min_size=10, max_size=12),
        "primary": mostly("r0-resected", "complete-response", "resectable", "unresectable", "uncontrolled", None),
        "extra": mostly("none", "treatable", "untreatable", "unstated", "resolved", None),
        "fev1": mostly(95, LOW - 0.1, LOW, *at("surgery.fev1PassAbovePct"), None),
        "dlco": mostly(90, LOW - 0.1, LOW, *at("surgery.dlcoPassAbovePct"), None),
        "ecog": mostly(1, 0, 2, 3, 4, None),
        "nodes": mostly(None, "negative", "suspected", "positive"),
        "k": mostly(0, 1, 2, 3),
        "plt": mostly(220, LIMITS["rfa.minPlatelets10e9L"] - 1, LIMITS["rfa.minPlatelets10e9L"], None),
        "inr": mostly(1.0, *at("rfa.inrPass"), *at("rfa.inrMax"), None),
        "device": mostly(False, True),
        "anticoagulant": mostly(False, True),
        "prior_rt": mostly(None, "same_lobe", "other_lobe", "other_lung", "unknown"),
    }
)


@examples(400)
@given(PATIENT)
def test_two_programs_agree(p: dict[str, Any]) -> None:
    resected = {"resected": "2022-01-10"} if p["primary"] in ("r0-resected", "uncontrolled") else {"resected": None}
    explanation = explain(patient(**p, **resected))
    expected = [reference.surgery(p), reference.sbrt(p), reference.ablation(p)]
    assert letters(explanation) == "".join(map(reference.worst, expected))
    for name, reasons in zip(("surgery", "sbrt", "ablation"), expected, strict=True):
        assert codes(explanation, name) == {code for _, code in reasons}, name
    offered = {name: explanation["therapies"][name]["result"] == "CONDITIONAL" for name in ("hybrid", "imrt")}
    assert offered == {"hybrid": reference.hybrid(p), "imrt": reference.imrt(p)}
    assert [sorted(rank) for rank in explanation["order"]] == reference.order(p)
