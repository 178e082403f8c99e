"""Resectability (C-07): a dated statement first, else a screen that always needs thoracic-surgical judgement."""

from __future__ import annotations

from cds_service.oncology.disease.axes import Resectability
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.spread import Elsewhere
from cds_service.oncology.rulebook import rule
from cds_service.oncology.therapy.lung_function import VO2_PROHIBITIVE, gives

_STATED = {
    "resectable": "stated_resectable",
    "potentially-resectable": "stated_potentially_resectable",
    "unresectable-technical": "stated_unresectable",
    "unresectable-medical": "stated_unresectable",
}


@rule("C-07")
def resectability(case: Case) -> Resectability:
    """The statement when it is recent, else the screen."""
    statement = case.findings.resectability
    if statement and statement.current:
        return Resectability(_STATED[statement.value], "stated")
    return Resectability(_screen(case), "screen")


def _screen(case: Case) -> str:
    findings, count, knowledge = case.findings, case.count, case.knowledge
    status = findings.primary.status
    too_many = count.diffuse or knowledge.holds("surgery.maxCount", count.at_least).surely_not
    against = (
        status in {"uncontrolled", "unresectable"},
        case.elsewhere is Elsewhere.UNTREATABLE,
        too_many,
        bool(findings.has("malignant-effusion")),
        gives(case, VO2_PROHIBITIVE),
    )
    if any(against):
        return "screen_unresectable"
    undecided = case.elsewhere in {Elsewhere.UNKNOWN, Elsewhere.UNKNOWN_UNTREATABLE, Elsewhere.TREATABILITY_UNKNOWN}
    if status is None or undecided or count.n is None:
        return "unknown"
    few = knowledge.holds("resect.screenMaxCount", count.n).surely
    return "screen_resectable" if few else "screen_potentially_resectable"
