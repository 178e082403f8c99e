"""Thermal ablation: radiofrequency, with microwave and cryoablation as variants (A-01 to A-10).

Lung disease (A-08) and a cardiac device (A-09) have no function: the rule names the comorbidity, and its result.
"""

from __future__ import annotations

from cds_service.knowledge import Rule
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Value
from cds_service.oncology.rulebook import Code, rule
from cds_service.oncology.therapy.shared import COUNT
from cds_service.oncology.therapy.verdict import (
    PASS,
    Outcome,
    Result,
    Verdict,
    blocks,
    caution,
    day,
    excludes,
    passes,
    says,
    undecided,
    worst_of_possibilities,
)

UNILATERAL, BILATERAL = Code("COUNT_OVER_LIMIT_ONE_SIDE"), Code("COUNT_OVER_LIMIT_BOTH_SIDES")
ONE_SIDE = Code("MANY_ON_ONE_SIDE")
LATERALITY = Code("LATERALITY")
PLATELETS, INR, HOLD_PLAN, FEVER = Code("PLATELETS"), Code("INR"), Code("HOLD_PLAN"), Code("FEVER")


@rule("A-01")
def count(case: Case, rule: Rule) -> Verdict:
    """A-01: up to three on one side; with both sides, up to five in all. Unknown sides: every way they could fall."""
    lesions = case.count
    words = {"count": lesions.words(), "n": lesions.words()}
    if lesions.n is None:
        if case.meets("rfa.maxBilateral", lesions.at_least).surely_not:
            return excludes(rule, BILATERAL if lesions.both_sides else COUNT, lesions.facts, **words)
        return undecided(rule, COUNT, lesions.facts, **words)
    ways = [(lesions.right + moved, lesions.left + lesions.unsided - moved) for moved in range(lesions.unsided + 1)]
    if lesions.both_sides:
        ways = [way for way in ways if all(way)] or ways
    outcomes = [_count_outcome(case, *way) for way in ways]
    result, code = worst_of_possibilities(outcomes, LATERALITY)
    if result is Result.NOT_ELIGIBLE and len({code for _, code in outcomes}) > 1:
        code = COUNT  # too many whichever side they are on
    if code is None:
        return passes(lesions.facts)
    side = "right" if lesions.right >= lesions.left else "left"
    return says(rule, result, code, lesions.facts, side=side, **words)


def _count_outcome(case: Case, right: int, left: int) -> Outcome:
    """What the rule says for so many lesions in each lung."""
    if right and left:
        if case.meets("rfa.maxBilateral", right + left).surely_not:
            return Result.NOT_ELIGIBLE, BILATERAL
        too_many = case.meets("rfa.maxUnilateral", max(right, left)).surely_not
        return (Result.CONDITIONAL, ONE_SIDE) if too_many else PASS
    fits = case.meets("rfa.maxUnilateral", right + left).surely
    return PASS if fits else (Result.NOT_ELIGIBLE, UNILATERAL)


@rule("A-04")
def platelets(case: Case, rule: Rule) -> Verdict:
    """A-04: too few platelets block until corrected; an old value that would block still blocks. Missing: a need."""
    value = case.findings.platelets
    if value is None:
        return passes().known_if(False)
    enough = case.meets("rfa.minPlatelets10e9L", value)
    if enough.surely:
        return passes((value.fact,)).known_if(value.current)
    return _value_verdict(rule, PLATELETS, value, blocked=enough.surely_not)


@rule("A-05")
def inr(case: Case, rule: Rule) -> Verdict:
    """A-05: INR up to ``rfa.inrPass`` passes, up to ``rfa.inrMax`` calls for caution, above blocks until corrected."""
    value = case.findings.inr
    if value is None:
        return passes().known_if(False)
    if case.meets("rfa.inrPass", value).surely:
        return passes((value.fact,)).known_if(value.current)
    return _value_verdict(rule, INR, value, blocked=case.meets("rfa.inrMax", value).surely_not)


def _value_verdict(rule: Rule, code: Code, value: Value, *, blocked: bool) -> Verdict:
    told = blocks if blocked else caution
    return told(rule, code, (value.fact,), value=str(value.measurement), date=day(value.on)).known_if(value.current)


@rule("A-06")
def drugs(case: Case, rule: Rule) -> Verdict:
    """A-06: an active anticoagulant or antiplatelet drug needs a plan for holding it."""
    found, known = case.findings.drugs, case.findings.complete.medications
    if not found:
        return passes().known_if(known)
    facts = tuple(fact for group in found.values() for fact in group)
    return caution(rule, HOLD_PLAN, facts, drugs=" and ".join(sorted(found))).known_if(known)


@rule("A-10")
def fever(case: Case, rule: Rule) -> Verdict:
    """A-10: fever blocks until it is dealt with, as an active infection and a malignant effusion do."""
    value = case.findings.fever
    if value and value.current and case.meets("ablation.feverAboveC", value).surely:
        return _value_verdict(rule, FEVER, value, blocked=True)
    return passes((value.fact,) if value else ())
