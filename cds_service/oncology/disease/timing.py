"""Synchronous or metachronous (C-01), and the disease-free interval.

Partial dates are judged at both ends of their range; where the answers differ, the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product

from cds_service.fhir.dates import PartialDate, add_days, add_months, whole_months
from cds_service.knowledge import Knowledge
from cds_service.oncology.disease.axes import Timing
from cds_service.oncology.patient.model import Findings
from cds_service.oncology.rulebook import rule
from cds_service.truth import Truth, agree

PRESETS = ("egoslim", "eahpba2023", "six_months", "twelve_months")
_WORDS = {Truth.TRUE: "synchronous", Truth.FALSE: "metachronous", Truth.UNKNOWN: "unknown"}


def at_both_ends(test: Callable[..., bool], *dates: PartialDate | None) -> Truth:
    """Apply ``test`` to every combination of the earliest and latest day of the dates.

    Unknown if the results differ or a date is missing.
    """
    if any(day is None for day in dates):
        return Truth.UNKNOWN
    ranges = [(day.earliest, day.latest) for day in dates if day is not None]
    return agree({test(*days) for days in product(*ranges)})


def _in_staging(findings: Findings, knowledge: Knowledge) -> Truth:
    """At or before diagnosis, or found during initial staging: within the window and not after the first treatment."""
    primary, lung = findings.primary, findings.lung.detected
    window = knowledge.limit("sync.stagingWindowDays")
    treated = primary.first_treatment
    if treated is None:
        return at_both_ends(lambda found, known: found <= add_days(known, window), lung, primary.diagnosed)

    def staged(found: date, known: date, first: date) -> bool:
        return found <= known or (found <= add_days(known, window) and found <= first)

    return at_both_ends(staged, lung, primary.diagnosed, treated)


def synchronous(findings: Findings, knowledge: Knowledge, policy: str) -> Truth:
    """C-01: synchronous under the preset ``policy``. Every window is inclusive."""
    if policy in {"egoslim", "eahpba2023"}:
        return _in_staging(findings, knowledge)
    parameter = {"six_months": "sync.fixedMonths", "twelve_months": "sync.twelveMonths"}[policy]
    months = knowledge.limit(parameter)
    return at_both_ends(
        lambda found, known: found <= add_months(known, months), findings.lung.detected, findings.primary.diagnosed
    )


@rule("C-01")
def timing(findings: Findings, knowledge: Knowledge) -> Timing:
    """C-01: the label under the preset in force, the labels of all presets, and whether known labels disagree."""
    policy = str(knowledge.parameter("sync.policy").value)
    labels = {preset: _WORDS[synchronous(findings, knowledge, preset)] for preset in PRESETS}
    known = set(labels.values()) - {"unknown"}
    subtype = _subtype(findings, knowledge, policy) if labels[policy] == "metachronous" else None
    return Timing(labels[policy], subtype, policy, len(known) > 1, labels)


def _subtype(findings: Findings, knowledge: Knowledge, policy: str) -> str | None:
    """Early or late metachronous: counted from resection (EGOSLIM) or from diagnosis (E-AHPBA 2023)."""
    start = {"egoslim": findings.primary.resected, "eahpba2023": findings.primary.diagnosed}.get(policy)
    months = knowledge.limit("sync.earlyMetachronousMonths")
    early = at_both_ends(lambda found, begin: found <= add_months(begin, months), findings.lung.detected, start)
    return {Truth.TRUE: "early", Truth.FALSE: "late", Truth.UNKNOWN: None}[early]


def interval_below(findings: Findings, knowledge: Knowledge, parameter: str) -> Truth:
    """Compare the disease-free interval with ``parameter`` (months). Exactly that many months is not shorter."""
    months = knowledge.limit(parameter)
    return at_both_ends(
        lambda found, resected: found < add_months(resected, months), findings.lung.detected, findings.primary.resected
    )


def interval_months(findings: Findings, knowledge: Knowledge) -> int | None:
    """Completed months from resection of the primary to the lung metastasis.

    0 when it was there before, and in synchronous disease whose primary is not resected (P-01).
    """
    found, resected = findings.lung.detected, findings.primary.resected
    if found is None or resected is None:
        policy = str(knowledge.parameter("sync.policy").value)
        return 0 if synchronous(findings, knowledge, policy).surely else None
    answers = {
        max(0, whole_months(begin, end))
        for begin, end in product((resected.earliest, resected.latest), (found.earliest, found.latest))
    }
    return answers.pop() if len(answers) == 1 else None
