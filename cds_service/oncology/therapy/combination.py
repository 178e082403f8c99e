"""Combination and order of modalities: order for a solitary lesion (Z-01), hybrid treatment (H-01), IMRT (I-01)."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.zones import therapy_zone
from cds_service.oncology.patient.model import Facts
from cds_service.oncology.rulebook import Code, rule
from cds_service.oncology.therapy.lesion import TOO_LARGE, lesion_result, name
from cds_service.oncology.therapy.verdict import Reason, Result, Therapy, reason_of

HYBRID, HYBRID_MANY, IMRT_FOR_SIZE = Code("HYBRID"), Code("HYBRID_MANY"), Code("IMRT_FOR_SIZE")

_OPTIONS = (Result.ELIGIBLE, Result.CONDITIONAL)
_PREFERENCE = {"peripheral": (("ablation",), ("sbrt",)), "medial": (("sbrt",), ("ablation",))}
_NOT_OFFERED = Therapy(Result.NOT_OFFERED)


@rule("Z-01")
def order(case: Case, therapies: Mapping[str, Therapy]) -> tuple[tuple[str, ...], ...]:
    """Z-01: ranks of SBRT and ablation for a solitary lesion; for more lesions there is no overall order.

    ELIGIBLE always comes before CONDITIONAL. Within one result a declined modality comes last (G-10), then the zone
    decides; in the middle zone, and where the zone is not known, both share a rank.
    """
    if not case.solitary:
        return ()
    ranks: list[tuple[str, ...]] = []
    for result in _OPTIONS:
        fitting = [modality for modality in ("ablation", "sbrt") if therapies[modality].result is result]
        willing = [modality for modality in fitting if modality not in case.findings.declined]
        ranks += _by_zone(case, willing)
        ranks += [(modality,) for modality in fitting if modality not in willing]
    return tuple(ranks)


def _by_zone(case: Case, modalities: list[str]) -> list[tuple[str, ...]]:
    lesions = case.count.counted
    preferred = _PREFERENCE.get(therapy_zone(case.zones_of(lesions[0])) or "") if lesions else None
    if preferred is None:
        return [tuple(modalities)] if modalities else []
    return [rank for rank in preferred if rank[0] in modalities]


@rule("H-01")
def hybrid(case: Case, surgery: Therapy, sbrt: Therapy, ablation: Therapy) -> Therapy:
    """H-01: resection of some lesions and ablation of others, where no single modality is ELIGIBLE for all."""
    count = case.count
    if count.n is None or Result.ELIGIBLE in (surgery.result, sbrt.result, ablation.result):
        return _NOT_OFFERED
    fits = case.meets("hybrid.minCount", count.n).surely and case.meets("hybrid.maxCount", count.n).surely
    blocked = any(reason.result is Result.BLOCKED for reason in ablation.reasons)
    suitable = [item for item in count.counted if lesion_result(case, item, "ablation") is Result.ELIGIBLE]
    if not fits or blocked or not suitable or surgery.result not in _OPTIONS:
        return _NOT_OFFERED
    reasons = [_reason(case, "H-01", HYBRID, suitable[0].facts, lesion=name(suitable[0]))]
    if case.meets("hybrid.cautionAbove", count.n).surely:
        reasons.append(_reason(case, "H-01", HYBRID_MANY, count.facts, n=count.words()))
    return Therapy(Result.CONDITIONAL, tuple(reasons))


@rule("I-01")
def imrt(case: Case, sbrt: Therapy) -> Therapy:
    """I-01: only for few lesions, where size alone speaks against SBRT. A technique, not a rival of SBRT."""
    against = [reason for reason in sbrt.reasons if reason.result is Result.NOT_ELIGIBLE]
    by_size = bool(against) and all(reason.code == TOO_LARGE for reason in against)
    few = case.count.n is not None and case.meets("imrt.maxCount", case.count.n).surely
    if not (by_size and few):
        return _NOT_OFFERED
    facts = tuple(fact for reason in against for fact in reason.facts)
    return Therapy(Result.CONDITIONAL, (_reason(case, "I-01", IMRT_FOR_SIZE, facts, n=case.count.words()),))


def _reason(case: Case, rule: str, code: Code, facts: Facts, **words: str) -> Reason:
    return reason_of(case.knowledge.rule(rule), Result.CONDITIONAL, code, facts, **words)
