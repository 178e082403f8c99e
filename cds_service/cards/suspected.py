"""The card of an unconfirmed lesion: what is suspected, what else it may be, no therapy (N rules, M-02)."""

from __future__ import annotations

from cds_service.cards.caution import doubts
from cds_service.cards.drafts import Drafter
from cds_service.cards.evidence import closing, why
from cds_service.cards.markdown import bullets, escape
from cds_service.cards.parts import found, mdt_line, missing
from cds_service.cards.writer import CardWriter
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card
from cds_service.truth import Truth

_LINES = {
    "N-01": ("small_nodules", "small_nodule_facts"),
    "N-02": ("uncertain_nodule", "small_nodule_facts"),
    "G-06": ("suspected",),
}
_IMAGING = ("CT_CHEST", "CT_ABDOMEN_PELVIS")
_AFTER_DIAGNOSIS = frozenset(
    ["COUNT", "NODES", "MOLECULAR", "PFT", "CPET", "PLATELETS", "INR", "TREATABILITY", "ZONE", "RT_HISTORY"]
)  # needs that do not matter before the diagnosis


def suspected_card(writer: CardWriter) -> Card:
    """One card; a warning where a second primary or another cancer is not excluded."""
    assessment, drafter = writer.assessment, Drafter(writer)
    warnings, doubted = doubts(writer)
    rule = _rule(assessment)
    rules = [*doubted, rule, "M-02"]
    said = [*warnings, *(writer.text(f"line.{name}") for name in _LINES[rule])]
    if assessment.cea.elevated is Truth.FALSE:
        said.append(writer.text("cea.normal"))
    return writer.compose(
        topic="diagnostic-caution",
        rules=rules,
        summary=writer.text(_summary(assessment, rule, doubted)),
        indicator="warning" if warnings else "info",
        blocks=(
            mdt_line(writer),
            bullets(map(escape, said)),
            found(writer),
            missing(writer, passed_over=_AFTER_DIAGNOSIS),
            why(writer, rules),
            closing(writer, "line.no_treatment_orders"),
        ),
        offers=[*drafter.mdt(), *drafter.missing_tests(_IMAGING)],
    )


def _rule(assessment: Assessment) -> str:
    """What makes it uncertain: only tiny nodules (N-01), one small nodule (N-02), or the word of the chart (G-06)."""
    if assessment.classification.certainty != "indeterminate":
        return "G-06"
    return "N-01" if assessment.classification.number.n is None else "N-02"


def _summary(assessment: Assessment, rule: str, doubted: list[str]) -> str:
    """The wording key of the summary, the gravest doubt first."""
    if "G-08" in doubted:
        return "summary.origin"
    if rule != "G-06":
        return {"N-01": "summary.indeterminate", "N-02": "summary.indeterminate_small"}[rule]
    if "N-04" in doubted:
        return "card_summary.suspected_single"
    return "summary.suspected" if assessment.mdt.suggest else "card_summary.suspected_known"
