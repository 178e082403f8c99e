"""Each decision over every input: exactly one row of its table holds, and the code decides what the row says."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from cds_service.fhir.quantities import Measurement
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.zones import shown_zone
from cds_service.oncology.patient.model import Completeness, Lesion
from cds_service.oncology.report.assessment import Result
from cds_service.oncology.rulebook import Code
from cds_service.oncology.therapy.combination import hybrid, imrt, order
from cds_service.oncology.therapy.verdict import PASS, Outcome
from cds_service.truth import Truth
from tests.spec.book import decisions as page
from tests.spec.deciding import (
    COMPLETE,
    KNOWLEDGE,
    case,
    function,
    lesion,
    outcome,
    ruled,
    settled,
    sided,
    stated,
    therapy,
    value,
)
from tests.spec.tables import Row, words

RESULTS = tuple(result for result in Result if result is not Result.NOT_OFFERED)
OPTIONS = (Result.ELIGIBLE, Result.CONDITIONAL)


def wanted(row: Row) -> Outcome:
    return Result(row["result"]), row["code"] or None


def by_sides(right: int, left: int) -> Outcome:
    sides = "both" if right and left else "one"
    given = {"sides": sides, "total": right + left, "most on one side": max(right, left)}
    return wanted(page.ABLATION_NUMBER.row_of(given))


SIDES = [sides for sides in product(range(9), repeat=3) if 0 < sum(sides) <= 12]


@pytest.mark.parametrize("unknown", range(9))
def test_ablation_by_number_and_sides(unknown: int) -> None:
    """A-01 for every number on the right and on the left, however many have no side."""
    for right, left, _ in (sides for sides in SIDES if sides[2] == unknown):
        ways = [by_sides(right + more, left + unknown - more) for more in range(unknown + 1)]
        expected = settled(ways, "LATERALITY")
        if expected[0] is Result.NOT_ELIGIBLE and len({code for _, code in ways}) > 1:
            expected = Result.NOT_ELIGIBLE, "COUNT"
        assert outcome(sided(right, left, unknown), "A-01") == expected, (right, left, unknown)


def test_ablation_by_number_alone() -> None:
    """A-01 where no side is known."""
    for total in range(1, 13):
        expected = wanted(page.ABLATION_SIDES_UNKNOWN.row_of({"total": total}))
        assert outcome(sided(0, 0, total), "A-01") == expected


@pytest.mark.parametrize(("rule", "table"), [("R-01", page.SBRT_NUMBER), ("S-03", page.SURGERY_NUMBER)])
def test_number(rule, table) -> None:
    """R-01 and S-03 for every number, and for every lower bound of a number that is not known."""
    for total in range(1, 16):
        assert outcome(sided(total, 0, 0), rule) == wanted(table.row_of({"total": total}))
    for at_least in range(1, 16):
        ways = [wanted(table.row_of({"total": total})) for total in range(at_least, 17)]
        bounded = case(stated_count=stated(at_least))
        assert outcome(bounded, rule) == settled(ways, "COUNT"), at_least


UPTAKE = (None, "9.9", "10", "20", "20.1")
UPTAKE_PERCENT = (None, "34.9", "35", "75", "75.1")
SPIROMETRY = (None, "79.9", "80", "80.1")
POSTOPERATIVE = (None, "30", "30.1")


@pytest.mark.parametrize("vo2", UPTAKE)
@pytest.mark.parametrize("percent", UPTAKE_PERCENT)
def test_lung_function(vo2: str | None, percent: str | None) -> None:
    """S-04 over all regions of FEV1, DLCO, peak oxygen uptake and predicted postoperative function."""
    for fev1, dlco, ppo_fev1, ppo_dlco in product(SPIROMETRY, SPIROMETRY, POSTOPERATIVE, POSTOPERATIVE):
        given = {"VO2": vo2, "VO2 %": percent, "FEV1": fev1, "DLCO": dlco, "ppo FEV1": ppo_fev1, "ppo DLCO": ppo_dlco}
        row = page.LUNG_FUNCTION.row_of(given)
        tested = function(
            vo2_ml_kg_min=vo2,
            vo2_percent=percent,
            fev1_percent=fev1,
            dlco_percent=dlco,
            ppo_fev1_percent=ppo_fev1,
            ppo_dlco_percent=ppo_dlco,
        )
        reasons = ruled(case(function=tested), "S-04")
        results = {reason.result.value for reason in reasons} or {"ELIGIBLE"}
        assert (results, {reason.code for reason in reasons}) == ({row["result"]}, set(words(row["codes"]))), given


@pytest.mark.parametrize(("modality", "rule"), [("surgery", "S-05"), ("SBRT", "R-07"), ("ablation", "A-11")])
def test_performance_status(modality: str, rule: str) -> None:
    for grade, current in product((None, *range(6)), (True, False)):
        given = {"modality": modality, "ECOG": grade, "current": "yes" if current else "no"}
        ecog = value(grade, current=current)
        assert outcome(case(ecog=ecog), rule) == wanted(page.PERFORMANCE.row_of(given)), given


ZONES = (None, "peripheral", "middle", "medial", "central", "ultracentral")
TO_BRONCHI = (None, "0", "10", "10.1", "20", "20.1")
NEAR = {None: Truth.UNKNOWN, "yes": Truth.TRUE, "no": Truth.FALSE}


@pytest.mark.parametrize("zone", ZONES)
def test_place(zone: str | None) -> None:
    """C-06, R-03 and A-03 for every recorded zone, distance and nearness."""
    for bronchi, near, vessel in product(TO_BRONCHI, NEAR, (None, "10", "10.1")):
        close = near == "yes" or vessel == "10"
        row = page.PLACE.row_of({"recorded": zone, "to the bronchi": bronchi, "close": "yes" if close else "no"})
        described = {
            "zone": zone,
            "bronchial_distance_mm": measured(bronchi),
            "vessel_distance_mm": measured(vessel),
            "near_vessel_or_bronchus": NEAR[near],
        }
        one = lesion(1, **described)
        solitary = case([one])
        assert outcome(solitary, "R-03") == (Result(row["SBRT"]), row["SBRT code"] or None), described
        assert outcome(solitary, "A-03") == (Result(row["ablation"]), row["ablation code"] or None)
        assert (shown_zone(solitary.zones_of(one)) or "-") == row["zone"], described


def measured(number: str | None) -> Measurement | None:
    return None if number is None else Measurement(Decimal(number))


@pytest.mark.parametrize("diameter", [None, "5", "30", "30.1", "50", "50.1"])
def test_size(diameter: str | None) -> None:
    """R-02 and A-02 for every size of one lesion, whatever the number of lesions."""
    for number in (1, 2, 3, None):
        row = page.SIZE.row_of({"diameter": diameter, "number": number})
        one = lesion(1, mm=diameter)
        others = [lesion(more) for more in range(2, (number or 1) + 1)]
        several = case([one, *others], complete=COMPLETE if number else Completeness())
        assert of(one, several, "R-02") == (Result(row["SBRT"]), row["SBRT code"] or None)
        assert of(one, several, "A-02") == (Result(row["ablation"]), row["ablation code"] or None)


def of(one: Lesion, about: Case, rule: str) -> Outcome:
    """What the rule says about this lesion; the others are small."""
    found = [(item.result, Code(item.code)) for item in ruled(about, rule) if item.facts == one.facts]
    assert len(found) <= 1
    return found[0] if found else PASS


@pytest.mark.parametrize("zone", ["peripheral", "middle", "medial", None])
def test_order_of_sbrt_and_ablation(zone: str | None) -> None:
    """Z-01 for every pair of results in every zone."""
    solitary = case([lesion(1, zone=zone)])
    for first, second in product(RESULTS, RESULTS):
        row = page.ORDER.row_of({"zone": zone, "SBRT": first.value, "ablation": second.value})
        ranks = order(solitary, {"sbrt": therapy(first), "ablation": therapy(second)})
        assert [sorted(rank) for rank in ranks] == [words(rank) for rank in row["order"].split(",") if rank]


def test_order_of_several_lesions() -> None:
    """Z-01: none, whatever their zones and results."""
    for first, second in product(RESULTS, RESULTS):
        several = case([lesion(1, zone="peripheral"), lesion(2, zone="peripheral")])
        assert order(several, {"sbrt": therapy(first), "ablation": therapy(second)}) == ()


def test_order_with_a_refusal() -> None:
    """G-10: within one result the declined modality comes last, and so it is never suggested first."""
    for zone, declined in product(("peripheral", "middle", "medial", None), ("sbrt", "ablation")):
        refusing = case([lesion(1, zone=zone)], declined={declined: ("Procedure/refused",)})
        same = {"sbrt": therapy(Result.CONDITIONAL), "ablation": therapy(Result.CONDITIONAL)}
        other = "ablation" if declined == "sbrt" else "sbrt"
        assert order(refusing, same) == ((other,), (declined,))


@pytest.mark.parametrize("total", [None, *range(1, 13)])
def test_hybrid(total: int | None) -> None:
    """H-01 for every number and every result of the three modalities."""
    for suits in (True, False):
        zone = "peripheral" if suits else "medial"
        lesions = [lesion(number, zone=zone) for number in range(total or 1)]
        several = case(lesions, stated_count=None if total else stated(2))
        for resection, stereotactic, thermal, blocked in product(RESULTS, RESULTS, RESULTS, (True, False)):
            given = {
                "total": total,
                "surgery": resection.value,
                "SBRT": "ELIGIBLE" if stereotactic is Result.ELIGIBLE else "not first",
                "ablation": "ELIGIBLE" if thermal is Result.ELIGIBLE else "not first",
                "blocked": "yes" if blocked else "no",
                "one suits ablation": "yes" if suits else "no",
            }
            row = page.HYBRID.row_of(given)
            reasons = [("PLATELETS", Result.BLOCKED)] if blocked else []
            found = hybrid(several, therapy(resection), therapy(stereotactic), therapy(thermal, *reasons))
            assert (found.result.value, {reason.code for reason in found.reasons}) == (
                row["result"],
                set(words(row["codes"])),
            ), given


AGAINST = {
    "nothing": (),
    "size": (("SIZE_OVER_LIMIT", Result.NOT_ELIGIBLE), ("ECOG_POOR", Result.CONDITIONAL)),
    "other": (("ECOG", Result.NOT_ELIGIBLE),),
    "both": (("SIZE_OVER_LIMIT", Result.NOT_ELIGIBLE), ("EXTRAPULMONARY", Result.NOT_ELIGIBLE)),
}


@pytest.mark.parametrize("total", [None, *range(1, 9)])
def test_imrt(total: int | None) -> None:
    """I-01 for every number, and for everything that may speak against SBRT."""
    several = case([lesion(number) for number in range(total or 1)], stated_count=None if total else stated(2))
    for against, reasons in AGAINST.items():
        row = page.IMRT.row_of({"total": total, "against SBRT": against})
        result = Result.NOT_ELIGIBLE if reasons else Result.CONDITIONAL
        assert imrt(several, therapy(result, *reasons)).result.value == row["result"], (total, against)


def test_limits_of_the_tables_are_those_of_the_parameters() -> None:
    """The tables are written with numbers; where a number is moved, its table must be rewritten."""
    numbers = {
        "rfa.maxUnilateral": 3,
        "rfa.maxBilateral": 5,
        "sbrt.maxCountEligible": 3,
        "sbrt.maxCountConditional": 5,
        "surgery.cautionCountFrom": 5,
        "surgery.maxCount": 10,
        "hybrid.maxCount": 10,
        "hybrid.cautionAbove": 4,
        "imrt.maxCount": 5,
        "zone.ultracentralPbtMm": 10,
        "zone.centralPbtMm": 20,
        "zone.nearVesselMm": 10,
        "sbrt.maxDiameterMm": 50,
        "rfa.maxDiameterMm": 30,
        "rfa.maxSolitaryConditionalMm": 50,
        "surgery.fev1PassAbovePct": 80,
        "surgery.dlcoPassAbovePct": 80,
        "surgery.ppoPassAbovePct": 30,
        "surgery.vo2ProhibitMlKgMin": 10,
        "surgery.vo2ProhibitPct": 35,
        "surgery.vo2PassAboveMlKgMin": 20,
        "surgery.vo2PassAbovePct": 75,
        "surgery.maxEcog": 2,
        "ecog.conditional": 3,
        "ecog.exclude": 4,
        "sync.stagingWindowDays": 120,
        "sync.fixedMonths": 6,
        "sync.twelveMonths": 12,
        "initial.concurrencyDays": 30,
        "nodule.indeterminateBelowMm": 6,
        "nodule.measurableMm": 10,
    }
    assert {name: KNOWLEDGE.limit(name) for name in numbers} == numbers
