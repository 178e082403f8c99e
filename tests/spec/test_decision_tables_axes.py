"""Gates, axes and the combination of results over every input, each against its table."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import chain, combinations, combinations_with_replacement, permutations, product
from typing import Any

import pytest

from cds_service.fhir.dates import PartialDate, add_months
from cds_service.oncology.advice.systemic import molecular, systemic
from cds_service.oncology.conclude import classify
from cds_service.oncology.disease.count import count_lesions
from cds_service.oncology.disease.gates import population
from cds_service.oncology.disease.spread import Elsewhere, oligometastatic, sequence, spread
from cds_service.oncology.disease.timing import PRESETS, synchronous
from cds_service.oncology.patient.model import Completeness, Extrapulmonary, LungDisease, Primary
from cds_service.oncology.report.assessment import Reason, Result
from cds_service.oncology.therapy.verdict import combine, worst, worst_of_possibilities
from cds_service.truth import Truth
from cds_service.values import replace
from tests.spec.book import decisions
from tests.spec.book import decisions_axes as page
from tests.spec.deciding import (
    COMPLETE,
    KNOWLEDGE,
    born,
    case,
    day,
    days_ago,
    findings,
    lesion,
    settled,
    stated,
    therapy,
)

WORST_FIRST = ("NOT_ELIGIBLE", "BLOCKED", "UNKNOWN", "CONDITIONAL", "ELIGIBLE")
YES_NO = ("yes", "no")


def test_result_of_a_therapy_is_its_worst_sub_result_and_keeps_every_reason() -> None:
    """Over every set of sub-results in every order."""
    for size in range(len(WORST_FIRST) + 1):
        for given in permutations(WORST_FIRST, size):
            reasons = [Reason(name, "X-04", Result(name), name, (), ()) for name in given]
            expected = min(given, key=WORST_FIRST.index, default="ELIGIBLE")
            combined = combine(reasons)
            assert (combined.result.value, worst(Result(name) for name in given).value) == (expected, expected)
            assert {reason.code for reason in combined.reasons} == set(given)
            assert [reason.code for reason in combined.reasons] == sorted(given, key=WORST_FIRST.index)


OUTCOMES = [(Result.ELIGIBLE, None)] + [(Result(name), name.lower()) for name in WORST_FIRST]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_what_is_partly_known(size: int) -> None:
    """All agree, or UNKNOWN where one way excludes, or CONDITIONAL; with the code of what is missing."""
    for ways in combinations_with_replacement(OUTCOMES, size):
        result, code = worst_of_possibilities(ways, "MISSING")
        wanted, missing = settled(ways, "MISSING")
        assert result is wanted
        if len({result for result, _ in ways}) > 1:
            assert (result, code) == (wanted, missing)
            assert result is (Result.UNKNOWN if Result.NOT_ELIGIBLE in dict(ways) else Result.CONDITIONAL)
        else:
            assert code in {code for _, code in ways}


PRIMARIES: dict[str | None, Primary] = {
    None: Primary(known=False),
    "in scope": Primary(known=True, confirmed=True, status="r0-resected"),
    "out of scope": Primary(known=True, out_of_scope=True),
}
BIRTHS: dict[str | None, PartialDate | None] = {"adult": born(60), "minor": born(17, 11), None: None}
LUNGS: dict[str | None, dict[str, Any]] = {
    "confirmed": {"confirmed": True, "suspected": False, "active": True},
    "suspected": {"confirmed": False, "suspected": True, "active": True},
    None: {"confirmed": False, "suspected": False, "active": False},
}


def lung(state: str | None) -> LungDisease:
    return replace(findings().lung, **LUNGS[state])


@pytest.mark.parametrize("primary", PRIMARIES)
@pytest.mark.parametrize("in_lung", LUNGS)
def test_gates(primary: str | None, in_lung: str | None) -> None:
    """Every gate alone and in every company: exactly those of the table, and one stop stops."""
    columns = ("deceased", "age", "hospice", "palliative", "other cancer", "pregnant", "declined")
    for values in product(YES_NO, BIRTHS, *[YES_NO] * 5):
        given = dict(zip(columns, values, strict=True)) | {"primary": primary, "lung": in_lung}
        person = replace(findings().patient, birth=BIRTHS[given["age"]], deceased=given["deceased"] == "yes")
        present = {
            name: ("Condition/c",)
            for name, column in (
                ("hospice", "hospice"),
                ("palliative-care", "palliative"),
                ("other-malignancy", "other cancer"),
                ("pregnancy", "pregnant"),
            )
            if given[column] == "yes"
        }
        refused = {"sbrt": ("Procedure/p",)} if given["declined"] == "yes" else {}
        who = population(
            case(
                patient=person,
                primary=PRIMARIES[primary],
                lung=lung(in_lung),
                conditions=present,
                declined=refused,
            )
        )
        wanted = [(row["gate"], row["result"]) for row in page.GATES.all_rows_of(given)]
        assert [(gate.id, gate.result) for gate in who.gates] == wanted, given
        assert who.stopped is ("stop" in [result for _, result in wanted])


LESIONS = {None: [], "below 6": ["5.9"], "below 10": ["9.9"], "large": ["10"]}


def test_population_and_certainty() -> None:
    for primary, in_lung, described in product(PRIMARIES, LUNGS, LESIONS):
        row = page.POPULATION.row_of({"primary": primary, "lung": in_lung, "lesion": described})
        lesions = [lesion(1, mm=size) for size in LESIONS[described]]
        who = population(case(lesions, primary=PRIMARIES[primary], lung=lung(in_lung)))
        assert (who.value, who.certainty) == (row["population"], row["certainty"]), (primary, in_lung, described)


DIAGNOSED = date(2022, 1, 3)
OFFSETS = (*range(-3, 4), 60, *range(119, 123), *range(179, 184), *range(363, 369), 900)


@pytest.mark.parametrize("definition", PRESETS)
def test_synchronous(definition: str) -> None:
    """C-01 day by day, whenever the first treatment was."""
    for offset, treated in product(OFFSETS, (None, *OFFSETS)):
        found = DIAGNOSED + timedelta(days=offset)
        first = None if treated is None else day(DIAGNOSED + timedelta(days=treated))
        known = Primary(known=True, diagnosed=day(DIAGNOSED), first_treatment=first, first_treatment_known=True)
        before = "none" if treated is None else "before" if treated < offset else "not before"
        row = page.SYNCHRONOUS.row_of(
            {"definition": definition, "days after diagnosis": offset, "first treatment": before}
        )
        answer = synchronous(findings(primary=known, lung=detected(found)), KNOWLEDGE, definition)
        assert (answer is Truth.TRUE) is (row["value"] == "synchronous"), (offset, treated)
        assert answer is not Truth.UNKNOWN


def detected(on: date) -> LungDisease:
    return replace(findings().lung, detected=day(on))


def test_the_six_and_twelve_months_of_the_table() -> None:
    """The table counts days; for this diagnosis they are the calendar months."""
    assert (add_months(DIAGNOSED, 6) - DIAGNOSED).days == 181
    assert (add_months(DIAGNOSED, 12) - DIAGNOSED).days == 365


ELSEWHERE = (None, "undated", -900, -31, -30, 0, 30, 31, 900)
FOUND = date(2024, 12, 1)


def metastasis(since: object, active: Truth = Truth.TRUE) -> Extrapulmonary:
    on = day(FOUND + timedelta(days=since)) if isinstance(since, int) else None
    return Extrapulmonary("liver", active, Truth.TRUE, on, on, ("Condition/liver",))


def test_sequence() -> None:
    """C-02 for none, one or two metastases elsewhere, dated or not, in a complete record or not."""
    for first, second, complete in product(ELSEWHERE, ELSEWHERE, YES_NO):
        others = [item for item in (first, second) if item is not None]
        dated = [item for item in others if isinstance(item, int)]
        given = {
            "earliest": min(dated, default=None),
            "undated": "yes" if "undated" in others else "no",
            "Conditions complete": complete,
        }
        read = COMPLETE if complete == "yes" else Completeness()
        record = findings(extrapulmonary=tuple(metastasis(item) for item in others), complete=read)
        assert sequence(record, KNOWLEDGE).value == page.SEQUENCE.row_of(given)["sequence"], given


STATES = {"active": Truth.TRUE, "not active": Truth.FALSE, "status unknown": Truth.UNKNOWN}


def test_spread() -> None:
    """C-03 for every company of metastases elsewhere, and everything that their absence rests on."""
    companies = list(chain.from_iterable(combinations(STATES, size) for size in range(4)))
    for company, unsited, complete, recent in product(companies, YES_NO, YES_NO, YES_NO):
        given = {name: "yes" if name in company else "no" for name in STATES}
        given |= {"site unknown": unsited, "Conditions complete": complete, "imaging recent": recent}
        read = COMPLETE if complete == "yes" else Completeness()
        record = findings(
            extrapulmonary=tuple(metastasis(-100, STATES[name]) for name in company),
            unsited_metastasis=("Condition/somewhere",) if unsited == "yes" else (),
            abdomen_pelvis=days_ago(90 if recent == "yes" else 91),
            complete=read,
        )
        row = page.SPREAD.row_of(given)
        found = spread(record, KNOWLEDGE)
        assert (found.value, found.prior_extrapulmonary) == (row["spread"], row["prior"] == "yes"), given


def test_oligometastatic_by_count() -> None:
    """C-05 for every number in the lung and elsewhere, and every spread."""
    for in_lung, counted, value in product(range(1, 9), (None, 1, 2, 5), ("isolated", "non_isolated", "unknown")):
        total = in_lung + counted if counted is not None and value == "non_isolated" else None
        record = findings(
            lesions=tuple(lesion(number) for number in range(in_lung)),
            extrapulmonary=(metastasis(-100),) if value == "non_isolated" else (),
            extrapulmonary_lesions={"liver": counted} if counted and value == "non_isolated" else {},
            abdomen_pelvis=None if value == "unknown" else days_ago(20),
        )
        row = page.OLIGOMETASTATIC.row_of({"lung": in_lung, "spread": value, "total": total})
        found = oligometastatic(record, count_lesions(record, KNOWLEDGE), spread(record, KNOWLEDGE), KNOWLEDGE)
        assert found.by_count.value == row["by count"], (in_lung, counted, value)


LIVERS = {"curable": Truth.TRUE, "not curable": Truth.FALSE, "not known": Truth.UNKNOWN}
LUNG_RESULTS = {
    "curable": (Result.ELIGIBLE, Result.CONDITIONAL, Result.BLOCKED),
    "not curable": (Result.NOT_ELIGIBLE,),
    "not known": (Result.UNKNOWN,),
}


def test_lung_and_liver() -> None:
    """T-05 for every way in which the lung can be treated or not, and the liver."""
    for in_lung, in_liver in product(LUNG_RESULTS, LIVERS):
        text = KNOWLEDGE.text(f"systemic.{decisions.LIVER.row_of({'lung': in_lung, 'liver': in_liver})['text']}")
        liver = Extrapulmonary("liver", Truth.TRUE, LIVERS[in_liver], None, None, ("Condition/liver",))
        for own in LUNG_RESULTS[in_lung]:
            one = case([lesion(1)], extrapulmonary=(liver,))
            reasons = [("OWN", own)] + (
                [("EXTRAPULMONARY", Result.NOT_ELIGIBLE)] if one.elsewhere is Elsewhere.UNTREATABLE else []
            )
            therapies = {
                name: therapy(worst(result for _, result in reasons), *reasons)
                for name in ("surgery", "sbrt", "ablation")
            }
            axes = classify(one, population(one))
            notes = systemic(one, axes, therapies, molecular(one.findings))
            assert [note.text for note in notes if note.rule == "T-05"] == [text], (in_lung, in_liver, own)


def test_bounds_of_a_number_that_is_not_known() -> None:
    """Every number that a bound allows is tried, up to one beyond the highest limit."""
    bounded = case(stated_count=stated(3)).count
    assert list(bounded.possible(5)) == [3, 4, 5, 6]
    assert list(case([lesion(1)]).count.possible(5)) == [1]
