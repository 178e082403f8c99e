"""The caution card: second primary not excluded (N-04), another cancer (G-08), ablation blocked (A-04, A-05, A-10)."""

from __future__ import annotations

from cds_service.cards.evidence import closing, why
from cds_service.cards.markdown import bullets, escape, few
from cds_service.cards.parts import found
from cds_service.cards.writer import CardWriter
from cds_service.oncology.report.assessment import Reason, Result, Therapy
from cds_service.protocol.card import Card


def caution_card(writer: CardWriter) -> tuple[Card, ...]:
    """At most one card with every caution; the gravest names it."""
    lines, rules = doubts(writer)
    stopped = _blocking(writer.assessment.therapies.get("ablation"))
    lines += [reason.text for reason in stopped]
    rules += [reason.rule for reason in stopped]
    if not lines:
        return ()
    if writer.origin_uncertain:
        summary = writer.text("summary.origin")
    elif writer.single_without_histology:
        summary = writer.text("summary.second_primary")
    else:
        summary = writer.text("summary.blocked", items=blocked_items(writer))
    only_blocked = len(lines) == len(stopped)
    card = writer.compose(
        topic="safety" if only_blocked else "diagnostic-caution",
        rules=rules,
        summary=summary,
        indicator="warning",
        blocks=(
            bullets(few([escape(line) for line in lines])),
            found(writer, groups=("fitness",) if only_blocked else ("lung",)),
            why(writer, rules),
            closing(writer),
        ),
    )
    return (card,)


def doubts(writer: CardWriter) -> tuple[list[str], list[str]]:
    """The lines that question the diagnosis, and the rules behind them."""
    lines, rules = [], []
    if writer.origin_uncertain:
        lines += [writer.text("gate.G-08"), writer.text("line.origin")]
        rules.append("G-08")
    if writer.single_without_histology:
        lines += [writer.text("line.second_primary"), writer.text("line.not_cancer")]
        rules.append("N-04")
    return lines, rules


def blocked_items(writer: CardWriter) -> str:
    """``platelets, INR``: what blocks ablation, as a summary names it."""
    stopped = _blocking(writer.assessment.therapies.get("ablation"))
    return ", ".join(dict.fromkeys(writer.short(reason) for reason in stopped))


def _blocking(ablation: Therapy | None) -> list[Reason]:
    """What has to be corrected before ablation; empty where ablation is not supported anyway."""
    if ablation is None or ablation.result is not Result.BLOCKED:
        return []
    return [reason for reason in ablation.reasons if reason.result is Result.BLOCKED]
