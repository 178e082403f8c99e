"""O-01: a local therapy is ordered that does not fit this patient, or fits with caution."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.cards.caution import blocked_items
from cds_service.cards.concern import INFORMATION, Concern, Orders, order_name
from cds_service.cards.context import CardContext
from cds_service.cards.evidence_notes import pulmicc
from cds_service.cards.markdown import escape, few
from cds_service.cards.offers import Offer, creates
from cds_service.cards.service_requests import Drafter, is_literal
from cds_service.cards.words import LOCAL, capital, declined, options
from cds_service.fhir.references import local_reference
from cds_service.oncology.report.assessment import Assessment, OrderReport, Result
from cds_service.protocol.card import Action

_MODALITY = {"lung-resection": "surgery", "thoracic-radiotherapy": "sbrt", "lung-ablation": "ablation"}
_SPOKEN = {Result.NOT_ELIGIBLE: "warning", Result.BLOCKED: "blocked", Result.CONDITIONAL: "info"}
_WORST_FIRST = tuple(_SPOKEN)


def therapy_concern(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-01: a local therapy that does not fit, or fits with caution; the others that are options, as alternatives."""
    assessment, site = drafter.assessment, drafter.site
    (order,) = orders
    ordered = [_MODALITY[name] for name in order.classes if name in _MODALITY]
    doubtful = [name for name in ordered if assessment.therapies[name].result in _SPOKEN]
    if not doubtful:
        return
    modality = min(doubtful, key=lambda name: _WORST_FIRST.index(assessment.therapies[name].result))
    therapy = assessment.therapies[modality]
    word = _SPOKEN[therapy.result]
    others = [name for name in options(assessment) if name in LOCAL and name not in ordered]
    named = ", ".join(_with_result(name, assessment, site) for name in others)
    reasons = " ".join(few([reason.text for reason in therapy.reasons]))
    finding = site.text(f"order.O-01-{word}", therapy=capital(site.text(f"therapy.{modality}")), reasons=reasons)
    instead = site.text("order.O-01-alternatives", options=named) if named else site.text("order.O-01-no_alternative")
    trial = (pulmicc(site),) if "surgery" in (*ordered, *others) else ()
    yield Concern(
        rule="O-01",
        orders=(order,),
        gravity={"warning": 0, "blocked": 1, "info": INFORMATION}[word],
        topic="safety" if word == "blocked" else "order-check",
        summary=site.text(f"summary.O-01-{word}", order=order_name(order, site), items=blocked_items(assessment, site)),
        blocks=(escape(finding), escape(instead), *trial),
        offers=tuple(_alternatives(order, others, drafter)),
        behind=tuple(dict.fromkeys(reason.rule for reason in therapy.reasons)),
    )


def _with_result(name: str, assessment: Assessment, site: CardContext) -> str:
    return f"{site.text(f'therapy_short.{name}')} ({site.text(f'result.{assessment.therapies[name].result.value}')})"


def _alternatives(order: OrderReport, others: list[str], drafter: Drafter) -> Iterator[Offer]:
    """A consultation for each alternative, alone and in place of the order; with none, the MDT in its place."""
    site, therapies = drafter.site, drafter.assessment.therapies
    willing = [name for name in others if not declined(therapies[name])]
    for name in willing:
        yield creates([name], drafter, label=f"suggestion.{name}")
    deletion = _deletion(order, site)
    if deletion is None:
        return
    if not others and drafter.assessment.mdt.suggest:
        willing = ["mdt"]
    for name in willing:
        instead = creates([name], drafter, label=f"suggestion.alternate_{name}")
        yield Offer(instead.label, (deletion, *instead.actions), order=order_name(order, site))


def _deletion(order: OrderReport, site: CardContext) -> Action | None:
    """Taking the order back: only a draft of this call can be, and only one of the type that takes its place."""
    drafts = {local_reference(item): item.get("status") for item in site.request.draft_orders}
    if not order.reference.startswith("ServiceRequest/") or drafts.get(order.reference) != "draft":
        return None
    if not is_literal(order.reference) or "_" in order.reference:  # no FHIR id: the action would not be valid
        return None
    return Action("delete", site.text("action.delete", order=order_name(order, site)), resource_id=order.reference)
