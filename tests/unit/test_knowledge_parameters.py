"""What the numbers of the rule base rest on, and how they compare."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cds_service.knowledge import CERTAINTY_TAGS, load_knowledge
from cds_service.truth import Truth
from cds_service.values import replace

KNOWLEDGE = load_knowledge()

#: How a patient's value is compared, patient first. What the values are, the book proves: it breaks when one moves.
COMPARISONS = {
    "<=": """
        pregnancy.days care.days sync.stagingWindowDays sync.fixedMonths sync.twelveMonths
        sync.earlyMetachronousMonths initial.concurrencyDays oligo.maxLesions zone.centralPbtMm
        zone.ultracentralPbtMm zone.nearVesselMm surgery.maxCount surgery.maxEcog sbrt.maxCountEligible
        sbrt.maxCountConditional sbrt.maxDiameterMm rfa.maxUnilateral rfa.maxBilateral rfa.maxDiameterMm
        rfa.maxSolitaryConditionalMm rfa.bestMm rfa.inrPass rfa.inrMax cea.currentDays cea.usableDays
        cea.riseWindowMonths cea.chemotherapyFlareDays ct.planningDays ct.classificationDays ct.abdomenPelvisDays
        pft.days coag.days ecog.days statement.days data.maxAgeYears
        mdt.suppressDays mdt.newDays mdt.chartingLagDays mdt.resultDays
        resect.screenMaxCount hybrid.maxCount imrt.maxCount ablation.feverDays order.lungSparingMaxMm
    """,
    "<": """
        nodule.indeterminateBelowMm nodule.measurableMm surgery.vo2ProhibitMlKgMin surgery.vo2ProhibitPct
        sbrt.lowFunctionPct cea.postSurgeryDays salah.dfiMonthsBelow consensus.dfiMonthsBelow
    """,
    ">=": """
        gate.minAge nodule.urgentMm progression.minPct progression.minMm
        nodule.benignStableMonths surgery.cautionCountFrom surgery.cautionPriorResections
        surgery.strongCautionPriorResections rfa.minPlatelets10e9L ecog.conditional ecog.exclude cea.riseFactor
        cea.riseAbs cea.persistentDays salah.multiple age.sbrtNote count.multipleAtLeast hybrid.minCount
        karnofsky.ecog1From karnofsky.ecog2From karnofsky.ecog3From
    """,
    ">": """
        surgery.fev1PassAbovePct surgery.dlcoPassAbovePct surgery.ppoPassAbovePct surgery.vo2PassAboveMlKgMin
        surgery.vo2PassAbovePct consensus.manyLesionsAbove age.prognosticAbove hybrid.cautionAbove
        ablation.feverAboveC
    """,
    None: """
        sync.policy order.dpydReminder nodule.followUpMonths cea.thresholdNgMl cea.consensusOp cea.salahOp
        salah.good salah.intermediate salah.high mdt.urgentDays mdt.routineDays count.innumerableAtLeast
        systemic.reviewWeeksMin systemic.reviewWeeksMax systemic.perioperativeMonths
    """,
}
EXPECTED = {id: comparison for comparison, ids in COMPARISONS.items() for id in ids.split()}


def test_each_number_is_compared_as_the_clinical_page_says():
    assert {id: item.comparison for id, item in KNOWLEDGE.parameters.items()} == EXPECTED


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


LIMIT = replace(KNOWLEDGE.parameter("rfa.bestMm"), value=Decimal(20))


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [("<=", True, True, False), ("<", True, False, False), (">=", False, True, True), (">", False, False, True)],
)
def test_the_edge_on_both_sides(comparison: str, below: bool, at: bool, above: bool):
    limit = replace(LIMIT, comparison=comparison)
    found = [limit.holds(Decimal(value)) is Truth.TRUE for value in ("19.9", "20", "20.1")]
    assert found == [below, at, above]


def test_a_missing_value_is_unknown():
    assert KNOWLEDGE.parameter("rfa.inrMax").holds(None) is Truth.UNKNOWN


def test_whole_numbers_need_no_decimal():
    assert LIMIT.holds(3) is Truth.TRUE


def test_a_measurement_judges_itself():
    class Below5:
        def compare(self, comparison: str, limit: Decimal) -> Truth:
            assert (comparison, limit) == ("<=", Decimal(20))
            return Truth.UNKNOWN

    assert LIMIT.holds(Below5()) is Truth.UNKNOWN


def test_cea_differs_by_source_at_exactly_the_limit():
    limit = KNOWLEDGE.parameter("cea.thresholdNgMl")
    consensus, salah = (KNOWLEDGE.parameter(id).text for id in ("cea.consensusOp", "cea.salahOp"))
    assert limit.holds(limit.number, consensus) is Truth.FALSE
    assert limit.holds(limit.number, salah) is Truth.TRUE


def test_misuse_is_a_defect():
    with pytest.raises(TypeError, match="no comparison"):
        KNOWLEDGE.parameter("cea.thresholdNgMl").holds(Decimal(5))
    with pytest.raises(TypeError, match="is a text"):
        _ = KNOWLEDGE.parameter("sync.policy").number
    with pytest.raises(TypeError, match="whole number"):
        _ = replace(LIMIT, value=Decimal("1.5")).integer
    with pytest.raises(TypeError, match="not in days"):
        _ = KNOWLEDGE.parameter("rfa.bestMm").days
    with pytest.raises(KeyError):
        KNOWLEDGE.parameter("rfa.none")


def test_days_and_integers():
    assert replace(LIMIT, unit="d").days == timedelta(days=20)
    assert LIMIT.integer == 20


def test_reviews_fall_due():
    assert KNOWLEDGE.due_for_review(date(2027, 11, 1)) == ()
    assert len(KNOWLEDGE.due_for_review(date(2027, 11, 2))) == len(KNOWLEDGE.parameters)


def test_every_rule_is_traced_and_stated():
    for rule in KNOWLEDGE.rules.values():
        assert rule.title and len(rule.statement) > 40, rule.id
        assert rule.evidence, rule.id
        assert ("D" in rule.certainty) <= ("service-default" in rule.evidence), rule.id


def test_pseudo_sources_say_what_they_are():
    for id in ("service-default", "unverified-teaching"):
        assert KNOWLEDGE.evidence[id].design == "not a publication"
        assert KNOWLEDGE.evidence[id].doi is None
