"""Rules that look at one lesion: size and place, for SBRT (R-02, R-03) and for ablation (A-02, A-03).

Each rule is written for known values; :func:`settle` says what remains when a value is only partly known.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from cds_service.fhir.quantities import Measurement
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.zones import Zone, possible_zones
from cds_service.oncology.patient.model import Lesion
from cds_service.oncology.report.assessment import Reason, Result
from cds_service.oncology.therapy.rulebook import PASS, Outcome, settle, worst
from cds_service.truth import Truth

#: What a size rule says for one known size and one known number of lesions.
SizeOutcome = Callable[[Measurement, int], Outcome]

_UNKNOWN_LESION = Lesion(id="")


def described(case: Case) -> tuple[Lesion, ...]:
    """The lesions to look at: those that count, and one stand-in for lesions that were counted but not described.

    None in diffuse disease, where no single lesion decides.
    """
    count = case.count
    if count.diffuse or (count.n is not None and case.book.holds("surgery.maxCount", count.n) is Truth.FALSE):
        return ()
    return count.counted + ((_UNKNOWN_LESION,) if count.unlisted and count.counted else ())


def name(lesion: Lesion) -> str:
    """A lesion as a card names it: its lobe or side and its diameter."""
    place = lesion.lobe or lesion.side or "lesion"
    return f"{place} {lesion.diameter_mm} mm" if lesion.diameter_mm else f"{place}, size not known"


def sbrt_size(case: Case, lesion: Lesion) -> Reason | None:
    """R-02: up to ``sbrt.maxDiameterMm``."""

    def outcome(size: Measurement, _: int) -> Outcome:
        fits = case.book.holds("sbrt.maxDiameterMm", size) is Truth.TRUE
        return PASS if fits else (Result.NOT_ELIGIBLE, "SIZE_GT50")

    return _size_reason(case, lesion, "R-02", outcome, ("sbrt.maxDiameterMm",))


def ablation_size(case: Case, lesion: Lesion) -> Reason | None:
    """A-02: up to ``rfa.maxDiameterMm``; a solitary lesion up to ``rfa.maxSolitaryConditionalMm`` with caution."""

    def outcome(size: Measurement, n: int) -> Outcome:
        if case.book.holds("rfa.maxDiameterMm", size) is Truth.TRUE:
            return PASS
        if case.book.holds("rfa.maxSolitaryConditionalMm", size) is Truth.FALSE:
            return Result.NOT_ELIGIBLE, "SIZE_GT50"
        return (Result.CONDITIONAL, "LARGE_SOLITARY") if n == 1 else (Result.NOT_ELIGIBLE, "SIZE_GT30_MULTIPLE")

    return _size_reason(case, lesion, "A-02", outcome, ("rfa.maxDiameterMm", "rfa.maxSolitaryConditionalMm"))


def _size_reason(case: Case, lesion: Lesion, rule: str, outcome: SizeOutcome, limits: tuple[str, ...]) -> Reason | None:
    book = case.book
    if lesion.diameter_mm is None:
        return book.reason("SIZE", rule, Result.UNKNOWN, lesion.facts, lesion=name(lesion), diameter="not known")
    edges: list[Decimal] = [book.knowledge.parameter(limit).number for limit in limits]
    sizes = [Measurement(value) for value in lesion.diameter_mm.representatives(edges)]
    counts = case.count.possible(1)
    by_count = {n: settle([outcome(size, n) for size in sizes], "SIZE") for n in counts}
    missing = "SIZE" if any(code == "SIZE" for _, code in by_count.values()) else "COUNT"
    result, code = settle(list(by_count.values()), missing)
    if code is None:
        return None
    diameter = f"{lesion.diameter_mm} mm"
    count = case.count.words()
    return book.reason(code, rule, result, lesion.facts, lesion=name(lesion), diameter=diameter, count=count, n=count)


def sbrt_place(case: Case, lesion: Lesion) -> Reason | None:
    """R-03: central passes with a note, ultracentral calls for caution, an unknown zone too."""

    def outcome(zone: Zone) -> Outcome:
        if zone.risk == "ultracentral":
            return Result.CONDITIONAL, "ULTRACENTRAL"
        if zone.risk == "central":
            return Result.ELIGIBLE, "CENTRAL_RISK"
        return PASS if zone.therapy or zone.beyond_central else (Result.CONDITIONAL, "ZONE_UNKNOWN")

    return _place_reason(case, lesion, "R-03", [outcome(zone) for zone in possible_zones(lesion, case.book)])


def ablation_place(case: Case, lesion: Lesion) -> Reason | None:
    """A-03: peripheral or middle passes; medial, or near a vessel or bronchus, calls for caution: prefer SBRT."""

    def outcome(zone: Zone) -> Outcome:
        if zone.therapy == "medial":
            return Result.CONDITIONAL, "HEAT_SINK_OR_AIRWAY"
        return PASS if zone.therapy else (Result.CONDITIONAL, "ZONE_UNKNOWN")

    return _place_reason(case, lesion, "A-03", [outcome(zone) for zone in possible_zones(lesion, case.book)])


def _place_reason(case: Case, lesion: Lesion, rule: str, outcomes: list[Outcome]) -> Reason | None:
    result, code = settle(outcomes, "ZONE_UNKNOWN")
    codes = {code for _, code in outcomes}
    if len(codes) > 1 and result is Result.CONDITIONAL:
        code = "ZONE_UNKNOWN"
    if code is None:
        return None
    return case.book.reason(code, rule, result, lesion.facts, lesion=name(lesion))


def sbrt_lesion(case: Case, lesion: Lesion) -> list[Reason | None]:
    """All lesion-level rules of SBRT."""
    return [sbrt_size(case, lesion), sbrt_place(case, lesion)]


def ablation_lesion(case: Case, lesion: Lesion) -> list[Reason | None]:
    """All lesion-level rules of ablation."""
    return [ablation_size(case, lesion), ablation_place(case, lesion)]


def lesion_result(reasons: list[Reason | None]) -> Result:
    """The result for one lesion alone."""
    return worst(reason.result for reason in reasons if reason)


def no_lesion_described(case: Case, rule: str) -> list[Reason]:
    """When nobody described a lesion, its size is missing; in diffuse disease no single size is asked for."""
    count = case.count
    beyond = count.n is not None and case.book.holds("surgery.maxCount", count.n) is Truth.FALSE
    if count.counted or count.diffuse or beyond:
        return []
    return [
        case.book.reason(
            "SIZE", rule, Result.UNKNOWN, count.facts, lesion="no lesion is described", diameter="not known"
        )
    ]
