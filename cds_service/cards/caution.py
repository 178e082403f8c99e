"""The caution card: second primary not excluded (N-04), another cancer (G-08), ablation blocked (A-04, A-05, A-10)."""

from __future__ import annotations

from cds_service.cards.compose import compose
from cds_service.cards.context import CardContext
from cds_service.cards.evidence import closing, why
from cds_service.cards.markdown import bullets, escape, few
from cds_service.cards.parts import found
from cds_service.oncology.report.assessment import Assessment, Reason, Result
from cds_service.protocol.card import Card


def origin_uncertain(assessment: Assessment) -> bool:
    """Another active cancer is on record (G-08)."""
    return any(gate.id == "G-08" for gate in assessment.gates)


def single_without_histology(assessment: Assessment) -> bool:
    """One lesion counts and nobody has seen tissue of it (N-04)."""
    return any(need.code == "HISTOLOGY" for need in assessment.needs)


def blocking(assessment: Assessment) -> list[Reason]:
    """What has to be corrected before ablation; empty where ablation is not supported anyway."""
    ablation = assessment.therapies.get("ablation")
    if ablation is None or ablation.result is not Result.BLOCKED:
        return []
    return [reason for reason in ablation.reasons if reason.result is Result.BLOCKED]


def blocked_items(assessment: Assessment, site: CardContext) -> str:
    """``platelets, INR``: what blocks, as a summary names it."""
    return ", ".join(dict.fromkeys(site.short(reason) for reason in blocking(assessment)))


def doubts(assessment: Assessment, site: CardContext) -> tuple[list[str], list[str]]:
    """The lines that question the diagnosis, and the rules behind them."""
    lines, rules = [], []
    if origin_uncertain(assessment):
        lines += [site.text("gate.G-08"), site.text("line.origin")]
        rules.append("G-08")
    if single_without_histology(assessment):
        lines += [site.text("line.second_primary"), site.text("line.not_cancer")]
        rules.append("N-04")
    return lines, rules


def caution_card(assessment: Assessment, site: CardContext) -> tuple[Card, ...]:
    """At most one card with every caution; the gravest names it."""
    lines, rules = doubts(assessment, site)
    stopped = blocking(assessment)
    lines += [reason.text for reason in stopped]
    rules += [reason.rule for reason in stopped]
    if not lines:
        return ()
    if origin_uncertain(assessment):
        summary = site.text("summary.origin")
    elif single_without_histology(assessment):
        summary = site.text("summary.second_primary")
    else:
        summary = site.text("summary.blocked", items=blocked_items(assessment, site))
    only_blocked = len(lines) == len(stopped)
    card = compose(
        site,
        topic="safety" if only_blocked else "diagnostic-caution",
        rules=rules,
        summary=summary,
        indicator="warning",
        blocks=(
            bullets(few([escape(line) for line in lines])),
            found(assessment, site, groups=("fitness",) if only_blocked else ("lung",)),
            why(rules, site),
            closing(site),
        ),
    )
    return (card,)
