"""Pulmonary metastasectomy (S-01 to S-11). No age limit (S-11), no numeric ceiling in the guidelines: S-03 cautions."""

from __future__ import annotations

from cds_service.oncology.disease.case import Case
from cds_service.oncology.report.assessment import Reason, Result, Therapy
from cds_service.oncology.therapy.lung_function import lung_function_rules
from cds_service.oncology.therapy.rulebook import PASS, Outcome, combine, day, settle
from cds_service.oncology.therapy.shared import (
    extrapulmonary_rule,
    imaging_age_rule,
    node_rule,
    patient_rules,
    performance_rule,
)
from cds_service.truth import Truth


def surgery(case: Case) -> Therapy:
    """The result for lung resection, with all reasons."""
    return combine(
        [
            primary_rule(case),
            extrapulmonary_rule(case, "S-02"),
            count_rule(case),
            *lung_function_rules(case),
            performance_rule(case, "S-05"),
            node_rule(case, "S-06"),
            repeat_rule(case),
            single_lung_rule(case),
            statement_rule(case),
            imaging_age_rule(case, "S-10"),
            *patient_rules(case, "surgery"),
        ]
    )


def primary_rule(case: Case) -> Reason | None:
    """S-01: the primary is resected, in complete response, or resectable."""
    primary = case.findings.primary
    if primary.status is None:
        return case.book.reason("PRIMARY_STATUS", "S-01", Result.UNKNOWN, primary.facts)
    if primary.status in {"uncontrolled", "unresectable"}:
        return case.book.reason("PRIMARY", "S-01", Result.NOT_ELIGIBLE, primary.status_facts, status=primary.status)
    return None


def count_rule(case: Case) -> Reason | None:
    """S-03: few lesions pass, many call for caution, diffuse disease excludes."""
    count, book = case.count, case.book

    def outcome(n: int) -> Outcome:
        if book.holds("surgery.maxCount", n) is Truth.FALSE:
            return Result.NOT_ELIGIBLE, "DIFFUSE"
        if book.holds("surgery.cautionCountFrom", n) is Truth.TRUE:
            return Result.CONDITIONAL, "MANY_LESIONS"
        return PASS

    if count.diffuse:
        return book.reason("DIFFUSE", "S-03", Result.NOT_ELIGIBLE, count.facts, count=count.words())
    possible = [outcome(n) for n in count.possible(book.limit("surgery.maxCount"))]
    result, code = settle(possible, "COUNT")
    if code is None:
        return None
    return book.reason(code, "S-03", result, count.facts, count=count.words(), n=count.words())


def repeat_rule(case: Case) -> Reason | None:
    """S-07: a second metastasectomy is reasonable, a third calls for caution. Procedures not read: not known."""
    findings, book = case.findings, case.book
    done = [item for item in findings.treatments if item.kind == "resection"]
    facts = tuple(item.fact for item in done)
    episodes = len({item.on.text if item.on else item.fact for item in done})
    if book.holds("surgery.cautionPriorResections", episodes) is Truth.TRUE:
        strong = book.holds("surgery.strongCautionPriorResections", episodes) is Truth.TRUE
        wording = "FOURTH_METASTASECTOMY" if strong else None
        code = "THIRD_METASTASECTOMY"
        return book.reason(code, "S-07", Result.CONDITIONAL, facts, wording=wording, k=str(episodes))
    if not findings.complete.procedures:
        return book.reason("HISTORY_UNKNOWN", "S-07", Result.CONDITIONAL, facts)
    return None


def single_lung_rule(case: Case) -> Reason | None:
    """S-08: after a pneumonectomy only a small wedge may be thinkable."""
    facts = case.findings.pneumonectomy
    return case.book.reason("SINGLE_LUNG", "S-08", Result.CONDITIONAL, facts) if facts else None


def statement_rule(case: Case) -> Reason | None:
    """S-09: an explicit, dated statement of surgeon or MDT."""
    statement = case.findings.resectability
    if statement is None or statement.value == "resectable":
        return None
    when = day(statement.on)
    if not statement.current:
        return case.book.reason("STATEMENT_STALE", "S-09", Result.CONDITIONAL, statement.facts, date=when)
    if statement.value == "potentially-resectable":
        code, result = "STATED_POTENTIALLY_RESECTABLE", Result.CONDITIONAL
    else:
        code, result = "STATED_UNRESECTABLE", Result.NOT_ELIGIBLE
    return case.book.reason(code, "S-09", result, statement.facts, date=when)
