"""Stereotactic body radiotherapy (R-01 to R-09). No age limit (R-05), no minimum of lung function (R-06)."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.knowledge import Rule
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import LocalTreatment
from cds_service.oncology.rulebook import Code, rule
from cds_service.oncology.therapy.shared import COUNT
from cds_service.oncology.therapy.verdict import (
    PASS,
    Outcome,
    Result,
    Verdict,
    caution,
    day,
    note,
    passes,
    says,
    worst_of_possibilities,
)

SEVERAL, TOO_MANY = Code("COUNT_CAUTION"), Code("COUNT_OVER_LIMIT")
REIRRADIATION, OTHER_LUNG = Code("REIRRADIATION"), Code("REIRRADIATION_OTHER_LUNG")
LOW_LUNG_FUNCTION = Code("LOW_LUNG_FUNCTION")


@rule("R-01")
def count(case: Case, rule: Rule) -> Verdict:
    """R-01: one to three pass, four and five call for caution, more only in a trial."""
    lesions = case.count
    possible = [_count_outcome(case, n) for n in lesions.possible(case.limit("sbrt.maxCountConditional"))]
    result, code = worst_of_possibilities(possible, COUNT)
    if code is None:
        return passes(lesions.facts)
    return says(rule, result, code, lesions.facts, count=lesions.words(), n=lesions.words())


def _count_outcome(case: Case, n: int) -> Outcome:
    if case.meets("sbrt.maxCountEligible", n).surely:
        return PASS
    fits = case.meets("sbrt.maxCountConditional", n).surely
    return (Result.CONDITIONAL, SEVERAL) if fits else (Result.NOT_ELIGIBLE, TOO_MANY)


@rule("R-04")
def reirradiation(case: Case, rule: Rule) -> Verdict:
    """R-04: earlier radiotherapy of the same lung, or of the thorax without a site, needs a plan sum.

    Radiotherapy of the other lung passes with a note. A course whose site is not recorded at all is only a need
    (RT_HISTORY).
    """
    findings = case.findings
    radiotherapy = [item for item in findings.treatments if item.kind == "radiotherapy"]
    known = findings.complete.procedures and all(item.lung for item in radiotherapy)
    courses = [item for item in radiotherapy if item.lung]
    concerning = [item for item in courses if _may_overlap(case, item)]
    if concerning:
        where = ", ".join(sorted({item.lobe or item.side or "site not recorded" for item in concerning}))
        facts, when = tuple(item.fact for item in concerning), day(concerning[0].on)
        return caution(rule, REIRRADIATION, facts, where=where, date=when).known_if(known)
    if courses:
        return note(rule, OTHER_LUNG, tuple(item.fact for item in courses), date=day(courses[0].on)).known_if(known)
    return passes(tuple(item.fact for item in findings.treatments)).known_if(known)


def _may_overlap(case: Case, course: LocalTreatment) -> bool:
    sides = {lesion.side for lesion in case.count.counted}
    return course.side is None or None in sides or course.side in sides or not sides


@rule("R-06")
def lung_function(case: Case, rule: Rule) -> Iterator[Verdict]:
    """R-06: FEV1 or DLCO below ``sbrt.lowFunctionPct`` calls for caution; there is no minimum."""
    tests = case.findings.function
    measured = (tests.fev1_percent, tests.dlco_percent)
    known = all(value is not None and value.current for value in measured)
    on_record = (*measured, tests.vo2_ml_kg_min, tests.vo2_percent)
    yield passes(tuple(value.fact for value in on_record if value)).known_if(known)
    for value in measured:
        if value and value.current and case.meets("sbrt.lowFunctionPct", value).surely:
            yield caution(rule, LOW_LUNG_FUNCTION, (value.fact,), value=f"{value.measurement} %")
