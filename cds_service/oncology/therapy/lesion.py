"""Rules that look at one lesion: size and place, for SBRT (R-02, R-03) and for ablation (A-02, A-03).

Each rule is written for known values; :func:`worst_of_possibilities` says what remains when one is only partly known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from cds_service.fhir.quantities import Measurement
from cds_service.knowledge import Rule
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.zones import Zone
from cds_service.oncology.patient.model import Facts, Lesion
from cds_service.oncology.rulebook import Code, rule
from cds_service.oncology.therapy.shared import COUNT
from cds_service.oncology.therapy.verdict import (
    PASS,
    Outcome,
    Result,
    Verdict,
    passes,
    says,
    undecided,
    worst,
    worst_of_possibilities,
)

SIZE, TOO_LARGE = Code("SIZE"), Code("SIZE_OVER_LIMIT")
LARGE_SOLITARY, TOO_LARGE_OF_SEVERAL = Code("LARGE_SOLITARY"), Code("SIZE_OVER_LIMIT_OF_SEVERAL")
ZONE_UNKNOWN, HEAT_SINK = Code("ZONE_UNKNOWN"), Code("HEAT_SINK_OR_AIRWAY")
ULTRACENTRAL, CENTRAL_RISK = Code("ULTRACENTRAL"), Code("CENTRAL_RISK")

#: What a rule about one lesion answers.
OfOneLesion = Callable[[Case, Rule, Lesion], Verdict]

_UNKNOWN_LESION = Lesion(id="")


def lesions_to_judge(case: Case) -> tuple[Lesion, ...]:
    """The lesions to judge: those that count, and one of unknown size and site for those counted but not described.

    None in diffuse disease, where no single lesion decides.
    """
    count = case.count
    if _beyond_single_lesions(case):
        return ()
    return count.counted + ((_UNKNOWN_LESION,) if count.unlisted and count.counted else ())


def _beyond_single_lesions(case: Case) -> bool:
    count = case.count
    return count.diffuse or (count.n is not None and case.meets("surgery.maxCount", count.n).surely_not)


def name(lesion: Lesion) -> str:
    """A lesion as a card names it: its lobe or side and its diameter."""
    place = lesion.lobe or lesion.side or "lesion"
    return f"{place} {lesion.diameter_mm} mm" if lesion.diameter_mm else f"{place}, size not known"


# ------------------------------------------------------------------------------------------------------------- size


@rule("R-02")
def sbrt_size(case: Case, rule: Rule) -> Iterator[Verdict]:
    """R-02: each lesion up to ``sbrt.maxDiameterMm``."""
    return _sizes(case, rule, _sbrt_size)


@rule("A-02")
def ablation_size(case: Case, rule: Rule) -> Iterator[Verdict]:
    """A-02: up to ``rfa.maxDiameterMm``; a solitary lesion up to ``rfa.maxSolitaryConditionalMm`` with caution."""
    return _sizes(case, rule, _ablation_size)


def _sbrt_size(case: Case, rule: Rule, lesion: Lesion) -> Verdict:
    def outcome(size: Measurement, _: int) -> Outcome:
        return PASS if case.meets("sbrt.maxDiameterMm", size).surely else (Result.NOT_ELIGIBLE, TOO_LARGE)

    return _size(case, rule, lesion, outcome, ("sbrt.maxDiameterMm",))


def _ablation_size(case: Case, rule: Rule, lesion: Lesion) -> Verdict:
    def outcome(size: Measurement, n: int) -> Outcome:
        if case.meets("rfa.maxDiameterMm", size).surely:
            return PASS
        if case.meets("rfa.maxSolitaryConditionalMm", size).surely_not:
            return Result.NOT_ELIGIBLE, TOO_LARGE
        return (Result.CONDITIONAL, LARGE_SOLITARY) if n == 1 else (Result.NOT_ELIGIBLE, TOO_LARGE_OF_SEVERAL)

    return _size(case, rule, lesion, outcome, ("rfa.maxDiameterMm", "rfa.maxSolitaryConditionalMm"))


def _size(
    case: Case, rule: Rule, lesion: Lesion, outcome: Callable[[Measurement, int], Outcome], limits: tuple[str, ...]
) -> Verdict:
    """What the rule says of one lesion, over every size and every number of lesions that the record allows."""
    if lesion.diameter_mm is None:
        return undecided(rule, SIZE, lesion.facts, lesion=name(lesion), diameter="not known")
    edges: list[Decimal] = [case.knowledge.parameter(limit).number for limit in limits]
    sizes = [Measurement(value) for value in lesion.diameter_mm.representatives(edges)]
    by_count = [worst_of_possibilities([outcome(size, n) for size in sizes], SIZE) for n in case.count.possible(1)]
    result, code = worst_of_possibilities(by_count, SIZE if any(code == SIZE for _, code in by_count) else COUNT)
    if code is None:
        return passes(lesion.facts)
    count = case.count.words()
    diameter = f"{lesion.diameter_mm} mm"
    return says(rule, result, code, lesion.facts, lesion=name(lesion), diameter=diameter, count=count, n=count)


def _sizes(case: Case, rule: Rule, judge: OfOneLesion) -> Iterator[Verdict]:
    """Each lesion; where nobody described one, its size is missing, but in diffuse disease no single size is asked."""
    count = case.count
    yield from _each(case, rule, judge)
    if not count.counted and not _beyond_single_lesions(case):
        yield undecided(rule, SIZE, count.facts, lesion="no lesion is described", diameter="not known")


# ------------------------------------------------------------------------------------------------------------ place


@rule("R-03")
def sbrt_place(case: Case, rule: Rule) -> Iterator[Verdict]:
    """R-03: central passes with a note, ultracentral calls for caution, an unknown zone too."""
    return _each(case, rule, _sbrt_place)


@rule("A-03")
def ablation_place(case: Case, rule: Rule) -> Iterator[Verdict]:
    """A-03: peripheral or middle passes; medial, or near a vessel or bronchus, calls for caution: prefer SBRT."""
    return _each(case, rule, _ablation_place)


def _sbrt_place(case: Case, rule: Rule, lesion: Lesion) -> Verdict:
    def outcome(zone: Zone) -> Outcome:
        if zone.risk == "ultracentral":
            return Result.CONDITIONAL, ULTRACENTRAL
        if zone.risk == "central":
            return Result.ELIGIBLE, CENTRAL_RISK
        return PASS if zone.therapy or zone.beyond_central else (Result.CONDITIONAL, ZONE_UNKNOWN)

    return _place(rule, lesion, [outcome(zone) for zone in case.zones_of(lesion)])


def _ablation_place(case: Case, rule: Rule, lesion: Lesion) -> Verdict:
    def outcome(zone: Zone) -> Outcome:
        if zone.therapy == "medial":
            return Result.CONDITIONAL, HEAT_SINK
        return PASS if zone.therapy else (Result.CONDITIONAL, ZONE_UNKNOWN)

    return _place(rule, lesion, [outcome(zone) for zone in case.zones_of(lesion)])


def _place(rule: Rule, lesion: Lesion, outcomes: list[Outcome]) -> Verdict:
    result, code = worst_of_possibilities(outcomes, ZONE_UNKNOWN)
    codes = {code for _, code in outcomes}
    if len(codes) > 1 and result is Result.CONDITIONAL:
        code = ZONE_UNKNOWN
    return says(rule, result, code, lesion.facts, lesion=name(lesion)) if code else passes(lesion.facts)


# ------------------------------------------------------------------------------------------------ lesion by lesion


def _each(case: Case, rule: Rule, judge: OfOneLesion) -> Iterator[Verdict]:
    """The verdict about each lesion; none to look at: nothing is known of this criterion."""
    lesions = lesions_to_judge(case)
    for lesion in lesions:
        yield _of_one(case, rule, lesion, judge)
    if not lesions:
        facts: Facts = tuple(fact for lesion in case.count.counted for fact in lesion.facts)
        yield passes(facts).known_if(False)


def _of_one(case: Case, rule: Rule, lesion: Lesion, judge: OfOneLesion) -> Verdict:
    return case.once((rule.id, lesion.id), lambda: judge(case, rule, lesion))


_BY_LESION: dict[str, tuple[tuple[str, OfOneLesion], ...]] = {
    "sbrt": (("R-02", _sbrt_size), ("R-03", _sbrt_place)),
    "ablation": (("A-02", _ablation_size), ("A-03", _ablation_place)),
}


@rule("X-04")
def lesion_result(case: Case, lesion: Lesion, therapy: str) -> Result:
    """X-04: the result for one lesion alone, of its size and place. The worst lesion decides for the therapy."""
    verdicts = [_of_one(case, case.knowledge.rule(id_), lesion, judge) for id_, judge in _BY_LESION[therapy]]
    return worst(verdict.reason.result for verdict in verdicts if verdict.reason)
