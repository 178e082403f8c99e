"""Stereotactic body radiotherapy (R-01 to R-09). No age limit (R-05), no minimum of lung function (R-06)."""

from __future__ import annotations

from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import LocalTreatment
from cds_service.oncology.report.assessment import Reason, Result, Therapy
from cds_service.oncology.therapy.lesion import described, no_lesion_described, sbrt_lesion
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


def sbrt(case: Case) -> Therapy:
    """The result for SBRT, with all reasons; the worst lesion decides (X-04)."""
    return combine(
        [
            count_rule(case),
            *no_lesion_described(case, "R-02"),
            *(reason for lesion in described(case) for reason in sbrt_lesion(case, lesion)),
            reirradiation_rule(case),
            *lung_rules(case),
            performance_rule(case, "R-07"),
            extrapulmonary_rule(case, "R-08"),
            node_rule(case, "X-01"),
            primary_control_rule(case),
            imaging_age_rule(case, "X-03"),
            *patient_rules(case, "sbrt"),
        ]
    )


def count_rule(case: Case) -> Reason | None:
    """R-01: one to three pass, four and five call for caution, more only in a trial."""
    count, book = case.count, case.book

    def outcome(n: int) -> Outcome:
        if book.holds("sbrt.maxCountEligible", n) is Truth.TRUE:
            return PASS
        if book.holds("sbrt.maxCountConditional", n) is Truth.TRUE:
            return Result.CONDITIONAL, "N_4_5"
        return Result.NOT_ELIGIBLE, "N_GT5"

    possible = [outcome(n) for n in count.possible(book.limit("sbrt.maxCountConditional"))]
    result, code = settle(possible, "COUNT")
    if code is None:
        return None
    return book.reason(code, "R-01", result, count.facts, count=count.words(), n=count.words())


def reirradiation_rule(case: Case) -> Reason | None:
    """R-04: earlier radiotherapy of the same lung, or of the thorax without a site, needs a plan sum.

    Radiotherapy of the other lung passes with a note. A course whose site is not recorded at all is only a need
    (RT_HISTORY).
    """
    courses = [item for item in case.findings.treatments if item.kind == "radiotherapy" and item.lung]
    concerning = [item for item in courses if _may_overlap(case, item)]
    if not concerning:
        return _other_lung(case, courses)
    where = ", ".join(sorted({item.lobe or item.side or "site not recorded" for item in concerning}))
    facts, when = tuple(item.fact for item in concerning), day(concerning[0].on)
    return case.book.reason("REIRRADIATION", "R-04", Result.CONDITIONAL, facts, where=where, date=when)


def _other_lung(case: Case, courses: list[LocalTreatment]) -> Reason | None:
    """Radiotherapy of the other lung passes with a note."""
    if not courses:
        return None
    facts, when = tuple(item.fact for item in courses), day(courses[0].on)
    return case.book.reason("REIRRADIATION_OTHER_LUNG", "R-04", Result.ELIGIBLE, facts, date=when)


def _may_overlap(case: Case, course: LocalTreatment) -> bool:
    sides = {lesion.side for lesion in case.count.counted}
    return course.side is None or None in sides or course.side in sides or not sides


def lung_rules(case: Case) -> list[Reason | None]:
    """R-06: interstitial lung disease, or FEV1 or DLCO below ``sbrt.lowFunctionPct``, calls for caution."""
    findings, book = case.findings, case.book
    reasons: list[Reason | None] = []
    if fibrosis := findings.has("interstitial-lung-disease"):
        reasons.append(book.reason("ILD", "R-06", Result.CONDITIONAL, fibrosis))
    for value in (findings.function.fev1_percent, findings.function.dlco_percent):
        if value and value.current and book.holds("sbrt.lowFunctionPct", value.measurement) is Truth.TRUE:
            shown = f"{value.measurement} %"
            reasons.append(book.reason("LOW_LUNG_FUNCTION", "R-06", Result.CONDITIONAL, (value.fact,), value=shown))
    return reasons
