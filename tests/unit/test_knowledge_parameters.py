"""The numbers of the rule base, written down a second time from the clinical page, and how they compare."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cds_service.knowledge import CERTAINTY_TAGS, load_knowledge
from cds_service.truth import Truth

KNOWLEDGE = load_knowledge()

# id | value | comparison ("-": a plain number or a word)
PARAMETERS = """
    gate.minAge                      18      >=
    pregnancy.days                         280 <=
    care.days                              180 <=
    sync.policy                      egoslim -
    order.dpydReminder               on      -
    sync.stagingWindowDays           120     <=
    sync.fixedMonths                 6       <=
    sync.twelveMonths                12      <=
    sync.earlyMetachronousMonths     12      <=
    initial.concurrencyDays          30      <=
    oligo.maxLesions                 5       <=
    zone.centralPbtMm                20      <=
    zone.ultracentralPbtMm           10      <=
    zone.nearVesselMm                10      <=
    nodule.indeterminateBelowMm      6       <
    nodule.measurableMm              10      <
    nodule.benignStableMonths        24      >=
    nodule.followUpMonths            3       -
    surgery.cautionCountFrom         5       >=
    surgery.maxCount                 10      <=
    surgery.maxEcog                  2       <=
    surgery.cautionPriorResections   2       >=
    surgery.strongCautionPriorResections 3   >=
    surgery.fev1PassAbovePct         80      >
    surgery.dlcoPassAbovePct         80      >
    surgery.ppoPassAbovePct          30      >
    surgery.vo2ProhibitMlKgMin       10      <
    surgery.vo2ProhibitPct           35      <
    surgery.vo2PassAboveMlKgMin      20      >
    surgery.vo2PassAbovePct          75      >
    sbrt.maxCountEligible            3       <=
    sbrt.maxCountConditional         5       <=
    sbrt.maxDiameterMm               50      <=
    sbrt.lowFunctionPct              30      <
    rfa.maxUnilateral                3       <=
    rfa.maxBilateral                 5       <=
    rfa.maxDiameterMm                30      <=
    rfa.maxSolitaryConditionalMm     50      <=
    rfa.bestMm                       20      <=
    rfa.minPlatelets10e9L            50      >=
    rfa.inrPass                      1.5     <=
    rfa.inrMax                       1.8     <=
    ecog.conditional                 3       >=
    ecog.exclude                     4       >=
    cea.thresholdNgMl                5       -
    cea.consensusOp                  >       -
    cea.salahOp                      >=      -
    cea.currentDays                  30      <=
    cea.usableDays                   90      <=
    cea.riseFactor                   1.3     >=
    cea.riseAbs                      1       >=
    cea.riseWindowMonths             12      <=
    cea.persistentDays               28      >=
    cea.postSurgeryDays              28      <
    cea.chemotherapyFlareDays        42      <=
    salah.dfiMonthsBelow             36      <
    salah.multiple                   2       >=
    salah.good                       68.2    -
    salah.intermediate               46.4    -
    salah.high                       26.1    -
    consensus.dfiMonthsBelow         24      <
    consensus.manyLesionsAbove       4       >
    age.prognosticAbove              70      >
    age.sbrtNote                     75      >=
    ct.planningDays                  28      <=
    ct.classificationDays            90      <=
    ct.abdomenPelvisDays             90      <=
    pft.days                         180     <=
    coag.days                        30      <=
    ecog.days                        90      <=
    statement.days                   90      <=
    data.maxAgeYears                 10      <=
    mdt.suppressDays                 90      <=
    mdt.newDays                      90      <=
    mdt.urgentDays                   14      -
    mdt.routineDays                  28      -
    resect.screenMaxCount            5       <=
    count.innumerableAtLeast         6       -
    count.multipleAtLeast            2       >=
    hybrid.minCount                  2       >=
    hybrid.maxCount                  10      <=
    hybrid.cautionAbove              4       >
    imrt.maxCount                    5       <=
    ablation.feverAboveC             38.5    >
    ablation.feverDays               3       <=
    karnofsky.ecog1From              80      >=
    karnofsky.ecog2From              60      >=
    karnofsky.ecog3From              40      >=
    order.lungSparingMaxMm           20      <=
    systemic.reviewWeeksMin          6       -
    systemic.reviewWeeksMax          8       -
    systemic.perioperativeMonths     6       -
"""
ROWS = [line.split() for line in PARAMETERS.strip().splitlines()]


@pytest.mark.parametrize(("id", "value", "comparison"), ROWS, ids=[row[0] for row in ROWS])
def test_value_and_comparison(id: str, value: str, comparison: str):
    parameter = KNOWLEDGE.parameter(id)
    assert parameter.text == value
    assert (parameter.comparison or "-") == comparison


def test_the_table_above_is_complete():
    assert {row[0] for row in ROWS} == set(KNOWLEDGE.parameters)


def test_every_parameter_can_be_traced():
    units = {"", "1", "%", "a", "mo", "wk", "d", "mm", "ng/mL", "10*9/L", "{INR}", "{score}", "mL/kg/min", "Cel", "Gy"}
    for parameter in KNOWLEDGE.parameters.values():
        assert parameter.unit in units, parameter.id
        assert (parameter.unit == "") == isinstance(parameter.value, str), parameter.id
        assert set(parameter.certainty) <= set(CERTAINTY_TAGS), parameter.id
        assert all(source in KNOWLEDGE.evidence for source in parameter.sources), parameter.id
        assert all(parameter.id in KNOWLEDGE.rule(rule).parameters for rule in parameter.rules), parameter.id
        assert parameter.review_by == date(2027, 11, 1), parameter.id
        assert not parameter.local, parameter.id


def test_a_design_default_says_so():
    for parameter in KNOWLEDGE.parameters.values():
        assert ("D" in parameter.certainty) == ("service-default" in parameter.sources) or parameter.id == "sync.policy"


EDGES = """
    sbrt.maxDiameterMm        50    true
    sbrt.maxDiameterMm        50.1  false
    rfa.maxDiameterMm         30.4  false
    surgery.fev1PassAbovePct  80    false
    surgery.fev1PassAbovePct  80.1  true
    rfa.minPlatelets10e9L     50    true
    rfa.minPlatelets10e9L     49    false
    rfa.inrMax                1.8   true
    rfa.inrMax                1.9   false
    surgery.vo2ProhibitMlKgMin 10   false
    surgery.vo2ProhibitMlKgMin 9.9  true
    age.prognosticAbove       70    false
    age.prognosticAbove       71    true
    nodule.indeterminateBelowMm 6   false
    nodule.indeterminateBelowMm 5.9 true
"""
EDGE_ROWS = [line.split() for line in EDGES.strip().splitlines()]


@pytest.mark.parametrize(("id", "value", "expected"), EDGE_ROWS)
def test_the_edge_on_both_sides(id: str, value: str, expected: str):
    assert KNOWLEDGE.parameter(id).holds(Decimal(value)) == expected


def test_a_missing_value_is_unknown():
    assert KNOWLEDGE.parameter("rfa.inrMax").holds(None) is Truth.UNKNOWN


def test_whole_numbers_need_no_decimal():
    assert KNOWLEDGE.parameter("sbrt.maxCountEligible").holds(3) is Truth.TRUE


def test_a_measurement_judges_itself():
    class Below5:
        def compare(self, comparison: str, limit: Decimal) -> Truth:
            assert (comparison, limit) == ("<=", Decimal("1.8"))
            return Truth.UNKNOWN

    assert KNOWLEDGE.parameter("rfa.inrMax").holds(Below5()) is Truth.UNKNOWN


def test_cea_differs_by_source_at_exactly_the_limit():
    limit = KNOWLEDGE.parameter("cea.thresholdNgMl")
    consensus, salah = (KNOWLEDGE.parameter(id).text for id in ("cea.consensusOp", "cea.salahOp"))
    assert limit.holds(Decimal("5.0"), consensus) is Truth.FALSE
    assert limit.holds(Decimal("5.0"), salah) is Truth.TRUE


def test_misuse_is_a_defect():
    with pytest.raises(TypeError, match="no comparison"):
        KNOWLEDGE.parameter("cea.thresholdNgMl").holds(Decimal(5))
    with pytest.raises(TypeError, match="is a text"):
        _ = KNOWLEDGE.parameter("sync.policy").number
    with pytest.raises(TypeError, match="whole number"):
        _ = KNOWLEDGE.parameter("rfa.inrPass").integer
    with pytest.raises(TypeError, match="not in days"):
        _ = KNOWLEDGE.parameter("rfa.bestMm").days
    with pytest.raises(KeyError):
        KNOWLEDGE.parameter("rfa.none")


def test_days_and_integers():
    assert KNOWLEDGE.parameter("ct.planningDays").days == timedelta(days=28)
    assert KNOWLEDGE.parameter("surgery.maxCount").integer == 10


def test_reviews_fall_due():
    assert KNOWLEDGE.due_for_review(date(2027, 11, 1)) == ()
    assert len(KNOWLEDGE.due_for_review(date(2027, 11, 2))) == len(KNOWLEDGE.parameters)


def test_every_rule_of_the_rule_base_is_there():
    counts = {"G": 11, "C": 8, "N": 4, "M": 5, "O": 11, "S": 11, "R": 9, "A": 12, "X": 4, "T": 6, "P": 4, "E": 10}
    expected = {f"{letter}-{number:02d}" for letter, last in counts.items() for number in range(1, last + 1)}
    assert set(KNOWLEDGE.rules) == expected | {"Z-01", "Z-02", "I-01", "H-01", "MOL"}


def test_every_rule_is_traced_and_stated():
    for rule in KNOWLEDGE.rules.values():
        assert rule.title and len(rule.statement) > 40, rule.id
        assert rule.evidence, rule.id
        assert ("D" in rule.certainty) <= ("service-default" in rule.evidence), rule.id


def test_pseudo_sources_say_what_they_are():
    for id in ("service-default", "unverified-teaching"):
        assert KNOWLEDGE.evidence[id].design == "not a publication"
        assert KNOWLEDGE.evidence[id].doi is None
