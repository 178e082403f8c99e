"""Thermal ablation: radiofrequency, with microwave and cryoablation as variants (A-01 to A-12)."""

from __future__ import annotations

from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Value
from cds_service.oncology.report.assessment import Reason, Result, Therapy
from cds_service.oncology.therapy.lesion import ablation_lesion, described, no_lesion_described
from cds_service.oncology.therapy.rulebook import PASS, Outcome, combine, day, settle
from cds_service.oncology.therapy.shared import (
    extrapulmonary_rule,
    imaging_age_rule,
    node_rule,
    patient_rules,
    performance_rule,
    primary_control_rule,
)
from cds_service.truth import Truth

_LUNG_CAUTIONS = {
    "emphysema": "EMPHYSEMA",
    "interstitial-lung-disease": "ILD",
    "home-oxygen": "HOME_OXYGEN",
    "pulmonary-hypertension": "PULMONARY_HYPERTENSION",
}


def ablation(case: Case) -> Therapy:
    """The result for thermal ablation, with all reasons; the worst lesion decides (X-04)."""
    return combine(
        [
            count_rule(case),
            *no_lesion_described(case, "A-02"),
            *(reason for lesion in described(case) for reason in ablation_lesion(case, lesion)),
            platelet_rule(case),
            inr_rule(case),
            *patient_cautions(case),
            *infection_rules(case),
            performance_rule(case, "A-11"),
            extrapulmonary_rule(case, "A-12"),
            node_rule(case, "X-01"),
            primary_control_rule(case),
            imaging_age_rule(case, "X-03"),
            *patient_rules(case, "ablation"),
        ]
    )


def count_rule(case: Case) -> Reason | None:
    """A-01: up to three on one side; with both sides, up to five in all. Unknown sides: every way they could fall."""
    count, book = case.count, case.book
    if count.n is None:
        return _count_unknown(case)

    def outcome(right: int, left: int) -> Outcome:
        total, most = right + left, max(right, left)
        if right and left:
            if book.holds("rfa.maxBilateral", total) is Truth.FALSE:
                return Result.NOT_ELIGIBLE, "BILATERAL_GT5"
            many = book.holds("rfa.maxUnilateral", most) is Truth.FALSE
            return (Result.CONDITIONAL, "GT3_ONE_SIDE") if many else PASS
        fits = book.holds("rfa.maxUnilateral", total) is Truth.TRUE
        return PASS if fits else (Result.NOT_ELIGIBLE, "UNILATERAL_GT3")

    ways = [(count.right + moved, count.left + count.unsided - moved) for moved in range(count.unsided + 1)]
    if count.both_sides:
        ways = [way for way in ways if all(way)] or ways
    outcomes = [outcome(*way) for way in ways]
    result, code = settle(outcomes, "LATERALITY")
    if result is Result.NOT_ELIGIBLE and len({code for _, code in outcomes}) > 1:
        code = "COUNT"  # too many whichever side they are on
    if code is None:
        return None
    side = "right" if count.right >= count.left else "left"
    words = count.words()
    return book.reason(code, "A-01", result, count.facts, count=words, n=words, side=side)


def _count_unknown(case: Case) -> Reason:
    count, book = case.count, case.book
    words = count.words()
    if book.holds("rfa.maxBilateral", count.at_least) is Truth.FALSE:
        code, result = ("BILATERAL_GT5" if count.both_sides else "COUNT"), Result.NOT_ELIGIBLE
    else:
        code, result = "COUNT", Result.UNKNOWN
    return book.reason(code, "A-01", result, count.facts, count=words, n=words)


def platelet_rule(case: Case) -> Reason | None:
    """A-04: too few platelets block until corrected; an old value that would block still blocks. Missing: a need."""
    value = case.findings.platelets
    if value is None:
        return None
    enough = case.book.holds("rfa.minPlatelets10e9L", value.measurement)
    if enough is Truth.TRUE:
        return None
    result = Result.BLOCKED if enough is Truth.FALSE else Result.CONDITIONAL
    return _blood_reason(case, "PLATELETS", "A-04", result, value)


def inr_rule(case: Case) -> Reason | None:
    """A-05: INR up to ``rfa.inrPass`` passes, up to ``rfa.inrMax`` calls for caution, above blocks until corrected."""
    value = case.findings.inr
    if value is None or case.book.holds("rfa.inrPass", value.measurement) is Truth.TRUE:
        return None
    correctable = case.book.holds("rfa.inrMax", value.measurement)
    result = Result.BLOCKED if correctable is Truth.FALSE else Result.CONDITIONAL
    return _blood_reason(case, "INR", "A-05", result, value)


def _blood_reason(case: Case, code: str, rule: str, result: Result, value: Value) -> Reason:
    return case.book.reason(code, rule, result, (value.fact,), value=str(value.measurement), date=day(value.on))


def patient_cautions(case: Case) -> list[Reason | None]:
    """A-06 to A-09: anticoagulants, a single lung, lung disease, a pacemaker."""
    findings, book = case.findings, case.book
    reasons: list[Reason | None] = []
    if findings.drugs:
        facts = tuple(fact for group in findings.drugs.values() for fact in group)
        drugs = " and ".join(sorted(findings.drugs))
        reasons.append(book.reason("HOLD_PLAN", "A-06", Result.CONDITIONAL, facts, drugs=drugs))
    if findings.pneumonectomy:
        reasons.append(book.reason("SINGLE_LUNG", "A-07", Result.CONDITIONAL, findings.pneumonectomy))
    for condition, code in _LUNG_CAUTIONS.items():
        if facts := findings.has(condition):
            reasons.append(book.reason(code, "A-08", Result.CONDITIONAL, facts))
    if device := findings.has("cardiac-device"):
        reasons.append(book.reason("CARDIAC_DEVICE", "A-09", Result.CONDITIONAL, device))
    return reasons


def infection_rules(case: Case) -> list[Reason | None]:
    """A-10: an active infection, fever or a malignant effusion blocks until it is dealt with."""
    findings, book = case.findings, case.book
    reasons: list[Reason | None] = []
    if infection := findings.has("active-infection"):
        reasons.append(book.reason("INFECTION", "A-10", Result.BLOCKED, infection))
    fever = findings.fever
    if fever and fever.current and book.holds("ablation.feverAboveC", fever.measurement) is Truth.TRUE:
        reasons.append(_blood_reason(case, "INFECTION", "A-10", Result.BLOCKED, fever))
    if effusion := findings.has("malignant-effusion"):
        reasons.append(book.reason("MALIGNANT_EFFUSION", "A-10", Result.BLOCKED, effusion))
    return reasons
