"""Disease outside the lung: sequence (C-02), spread (C-03), oligometastatic (C-05), input of S-02, R-08, A-12."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from cds_service.fhir.dates import add_days
from cds_service.knowledge import Knowledge
from cds_service.oncology.disease.axes import Oligometastatic, Sequence, Spread
from cds_service.oncology.disease.count import LesionCount
from cds_service.oncology.disease.timing import at_both_ends
from cds_service.oncology.patient.model import Facts, Findings
from cds_service.oncology.rulebook import rule
from cds_service.truth import Truth, agree, all_of, any_of


class Elsewhere(StrEnum):
    """Extrapulmonary disease as the therapy rules ask for it (S-02, R-08, A-12)."""

    NONE = "none or no evidence of disease"
    TREATABLE = "active, treatable"
    UNTREATABLE = "active, not treatable"
    TREATABILITY_UNKNOWN = "active, treatability not stated"
    UNKNOWN = "not known"
    UNKNOWN_UNTREATABLE = "not known whether active; not treatable if it is"


def imaging_is_recent(findings: Findings, knowledge: Knowledge) -> bool:
    """True if abdomen or pelvis was imaged within ``ct.abdomenPelvisDays``."""
    on = findings.abdomen_pelvis
    return on is not None and knowledge.holds("ct.abdomenPelvisDays", (findings.on - on.earliest).days).surely


def active_elsewhere(findings: Findings) -> Truth:
    """Active distant disease outside the lung; false only where all Conditions were read."""
    known = any_of(*(item.active for item in findings.extrapulmonary))
    if known.surely_not and (findings.unsited_metastasis or not findings.complete.conditions):
        return Truth.UNKNOWN
    return known


@rule("C-02")
def sequence(findings: Findings, knowledge: Knowledge) -> Sequence:
    """C-02: whether the lung metastasis or other distant disease came first, by the earliest extrapulmonary date."""
    others = findings.extrapulmonary
    if not others:
        settled = findings.complete.conditions and not findings.unsited_metastasis
        return Sequence("initial" if settled else "unknown")
    window = knowledge.limit("initial.concurrencyDays")

    def earlier(lung: date, other: date) -> bool:
        return other < add_days(lung, -window)

    def concurrent(lung: date, other: date) -> bool:
        return add_days(lung, -window) <= other <= add_days(lung, window)

    lung = findings.lung.detected
    before = any_of(*(at_both_ends(earlier, lung, item.detected) for item in others))
    together = any_of(*(at_both_ends(concurrent, lung, item.detected) for item in others))
    if before.surely:
        return Sequence("non_initial")
    if before.unknown or together.unknown or not findings.complete.conditions:
        return Sequence("unknown")
    return Sequence("initial_concurrent" if together.surely else "initial")


@rule("C-03")
def spread(findings: Findings, knowledge: Knowledge) -> Spread:
    """C-03: isolated only when nothing outside the lung is active *and* abdomen or pelvis was imaged recently."""
    active = active_elsewhere(findings)
    if active.surely_not and not imaging_is_recent(findings, knowledge):
        active = Truth.UNKNOWN
    value = {Truth.TRUE: "non_isolated", Truth.FALSE: "isolated", Truth.UNKNOWN: "unknown"}[active]
    prior = any(item.active.surely_not for item in findings.extrapulmonary)
    sites = sorted({item.site for item in findings.extrapulmonary if item.active is not Truth.FALSE})
    return Spread(value, prior, tuple(sites))


def elsewhere(findings: Findings, spread: Spread) -> tuple[Elsewhere, Facts]:
    """Extrapulmonary disease in the words of the therapy rules, with the Conditions or imaging behind it."""
    value = spread.value
    active = [item for item in findings.extrapulmonary if item.active.surely]
    facts = tuple(fact for item in active for fact in item.facts)
    if any(item.treatable.surely_not for item in active):
        return Elsewhere.UNTREATABLE, facts
    if value == "isolated":
        cleared = tuple(fact for item in findings.extrapulmonary for fact in item.facts)
        return Elsewhere.NONE, (*cleared, *findings.abdomen_pelvis_facts)
    if value == "unknown":
        open_facts = tuple(fact for item in findings.extrapulmonary if item.active.unknown for fact in item.facts)
        behind = (*facts, *open_facts, *findings.unsited_metastasis, *findings.abdomen_pelvis_facts)
        perhaps = any(item.active.unknown and item.treatable.surely_not for item in findings.extrapulmonary)
        return (Elsewhere.UNKNOWN_UNTREATABLE if perhaps else Elsewhere.UNKNOWN), behind
    if any(item.treatable.unknown for item in active):
        return Elsewhere.TREATABILITY_UNKNOWN, facts
    return Elsewhere.TREATABLE, facts


@rule("C-05")
def oligometastatic(findings: Findings, count: LesionCount, spread: Spread, knowledge: Knowledge) -> Oligometastatic:
    """C-05: one to five active lesions over all sites, each of them treatable. Not concluded from the count alone."""
    by_count = _by_count(findings, count, spread, knowledge)
    if by_count.surely_not:
        return Oligometastatic(Truth.FALSE, Truth.FALSE)
    statement = findings.resectability
    lung_treatable = Truth.UNKNOWN
    if statement and statement.current and statement.value == "resectable":
        lung_treatable = Truth.TRUE
    others = [item.treatable for item in findings.extrapulmonary if item.active.surely]
    return Oligometastatic(all_of(by_count, lung_treatable, *others), by_count)


def _by_count(findings: Findings, count: LesionCount, spread: Spread, knowledge: Knowledge) -> Truth:
    limit = "oligo.maxLesions"
    highest = knowledge.limit(limit)
    counts = set(count.possible(highest))
    value = spread.value
    if value == "non_isolated":
        elsewhere_count = sum(findings.extrapulmonary_lesions.values())
        counts = {n + elsewhere_count for n in counts}
        sites = {item.site for item in findings.extrapulmonary if item.active.surely}
        if len(findings.extrapulmonary_lesions) < len(sites):  # an organ whose lesions nobody counted
            beyond = all(knowledge.holds(limit, n).surely_not for n in counts)
            return Truth.FALSE if beyond else Truth.UNKNOWN
    answer = agree({knowledge.holds(limit, n).surely for n in counts})
    return Truth.UNKNOWN if value == "unknown" and answer.surely else answer
