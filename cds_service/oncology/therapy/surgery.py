"""Pulmonary metastasectomy (S-01 to S-11). No age limit (S-11), no numeric ceiling in the guidelines: S-03 cautions."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.knowledge import Rule
from cds_service.oncology.disease.case import Case
from cds_service.oncology.rulebook import Code, rule
from cds_service.oncology.therapy.shared import COUNT
from cds_service.oncology.therapy.verdict import (
    PASS,
    Outcome,
    Result,
    Verdict,
    caution,
    day,
    excludes,
    passes,
    says,
    undecided,
    worst_of_possibilities,
)

PRIMARY, PRIMARY_STATUS = Code("PRIMARY"), Code("PRIMARY_STATUS")
DIFFUSE, MANY_LESIONS = Code("DIFFUSE"), Code("MANY_LESIONS")
THIRD, FOURTH, HISTORY_UNKNOWN = Code("THIRD_METASTASECTOMY"), Code("FOURTH_METASTASECTOMY"), Code("HISTORY_UNKNOWN")
STATED_UNRESECTABLE, STATED_POTENTIALLY = Code("STATED_UNRESECTABLE"), Code("STATED_POTENTIALLY_RESECTABLE")
STATEMENT_STALE = Code("STATEMENT_STALE")


@rule("S-01")
def primary(case: Case, rule: Rule) -> Verdict:
    """S-01: the primary is resected, in complete response, or resectable."""
    tumour = case.findings.primary
    if tumour.status is None:
        return undecided(rule, PRIMARY_STATUS, tumour.facts)
    if tumour.status in {"uncontrolled", "unresectable"}:
        return excludes(rule, PRIMARY, tumour.status_facts, status=tumour.status)
    return passes(tumour.status_facts)


@rule("S-03")
def count(case: Case, rule: Rule) -> Verdict:
    """S-03: few lesions pass, many call for caution, diffuse disease excludes."""
    lesions = case.count
    words = {"count": lesions.words(), "n": lesions.words()}
    if lesions.diffuse:
        return excludes(rule, DIFFUSE, lesions.facts, **words)
    possible = [_count_outcome(case, n) for n in lesions.possible(case.limit("surgery.maxCount"))]
    result, code = worst_of_possibilities(possible, COUNT)
    return says(rule, result, code, lesions.facts, **words) if code else passes(lesions.facts)


def _count_outcome(case: Case, n: int) -> Outcome:
    if case.meets("surgery.maxCount", n).surely_not:
        return Result.NOT_ELIGIBLE, DIFFUSE
    return (Result.CONDITIONAL, MANY_LESIONS) if case.meets("surgery.cautionCountFrom", n).surely else PASS


@rule("S-07")
def repeated_metastasectomy(case: Case, rule: Rule) -> Iterator[Verdict]:
    """S-07: a second metastasectomy is reasonable, a third calls for caution. Procedures not read: not known."""
    findings = case.findings
    done = [item for item in findings.treatments if item.kind == "resection"]
    facts, known = tuple(item.fact for item in done), findings.complete.procedures
    episodes = len({item.on.text if item.on else item.fact for item in done})
    yield passes(tuple(item.fact for item in findings.treatments)).known_if(known)
    if case.meets("surgery.cautionPriorResections", episodes).surely:
        strong = case.meets("surgery.strongCautionPriorResections", episodes).surely
        yield caution(rule, FOURTH if strong else THIRD, facts, k=str(episodes))
    elif not known:
        yield caution(rule, HISTORY_UNKNOWN, facts)


@rule("S-09")
def statement(case: Case, rule: Rule) -> Verdict:
    """S-09: an explicit, dated statement of surgeon or MDT."""
    stated = case.findings.resectability
    if stated is None:
        return passes().known_if(False)
    if stated.value == "resectable":
        return passes(stated.facts).known_if(stated.current)
    when = day(stated.on)
    if not stated.current:
        return caution(rule, STATEMENT_STALE, stated.facts, date=when)
    if stated.value == "potentially-resectable":
        return caution(rule, STATED_POTENTIALLY, stated.facts, date=when)
    return excludes(rule, STATED_UNRESECTABLE, stated.facts, date=when)
