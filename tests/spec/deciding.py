"""Cases for the decisions, made without a record: one patient in whom only what is asked about varies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cds_service.fhir.dates import PartialDate, add_months
from cds_service.fhir.quantities import Measurement
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import (
    Completeness,
    Findings,
    Lesion,
    LungDisease,
    LungFunction,
    Patient,
    Primary,
    StatedCount,
    Value,
)
from cds_service.oncology.report.assessment import Reason, Result, Therapy
from cds_service.oncology.rulebook import Code
from cds_service.oncology.therapy.verdict import PASS, Outcome, combine, judged
from cds_service.values import replace
from tests.spec.core import site

ON = date(2025, 6, 1)
KNOWLEDGE = site().knowledge
COMPLETE = Completeness(
    lesions=True,
    conditions=True,
    procedures=True,
    observations=True,
    medications=True,
    imaging=True,
    requests=True,
)


def day(on: date) -> PartialDate:
    return PartialDate(on, on, on.isoformat())


def days_ago(days: int) -> PartialDate:
    return day(ON - timedelta(days=days))


def lesion(number: int, side: str | None = "right", mm: str | None = "15", **more: Any) -> Lesion:
    size = None if mm is None else Measurement(Decimal(mm))
    return Lesion(id=f"lesion-{number}", side=side, diameter_mm=size, facts=(f"Observation/{number}",), **more)


def findings(**changed: Any) -> Findings:
    """A confirmed metastasis of a resected primary, nothing elsewhere, imaged lately; no lesion is described."""
    fixed = Findings(
        on=ON,
        patient=Patient(day(date(1960, 3, 15)), deceased=False),
        primary=Primary(known=True, confirmed=True, status="r0-resected", resected=day(date(2022, 1, 10))),
        lung=LungDisease(
            confirmed=True,
            suspected=False,
            active=True,
            detected=day(date(2024, 12, 1)),
            both_sides=False,
            condition="Condition/lung",
        ),
        abdomen_pelvis=days_ago(20),
        chest_ct=days_ago(20),
        complete=COMPLETE,
    )
    return replace(fixed, **changed)


def case(lesions: Iterable[Lesion] = (), **changed: Any) -> Case:
    return Case(findings(lesions=tuple(lesions), **changed), KNOWLEDGE)


def sided(right: int, left: int, unknown: int) -> Case:
    """A case with so many lesions on each side."""
    sides = ["right"] * right + ["left"] * left + [None] * unknown
    return case(lesion(number, side) for number, side in enumerate(sides))


def stated(at_least: int) -> StatedCount:
    """A count of which only a lower bound is known."""
    return StatedCount(None, at_least, innumerable=False, on=None, facts=("Observation/count",))


def value(number: object, *, current: bool = True) -> Value | None:
    """A test result; None for None."""
    return None if number is None else Value(Measurement(Decimal(str(number))), days_ago(10), current, "Observation/v")


def function(**values: object) -> LungFunction:
    return LungFunction(**{name: value(number) for name, number in values.items()})


def therapy(result: Result, *reasons: tuple[str, Result]) -> Therapy:
    """A result with reasons that are only a code and a result."""
    return Therapy(result, tuple(Reason(code, "X-04", given, code, (), ()) for code, given in reasons))


def settled(outcomes: Iterable[Outcome], missing: str) -> Outcome:
    """The general rule for what is partly known, written anew: all agree, or UNKNOWN, or CONDITIONAL."""
    known = list(outcomes)
    results = {result for result, _ in known}
    if len(results) == 1:
        codes = {code for _, code in known}
        return known[0][0], codes.pop() if len(codes) == 1 else missing
    return (Result.UNKNOWN if Result.NOT_ELIGIBLE in results else Result.CONDITIONAL), missing


def ruled(about: Case, rule: str, therapy: str = "") -> tuple[Reason, ...]:
    """The reasons that one rule gives about a case. ``therapy``: which is asked for, where the rule judges several."""
    declared = next(
        item
        for name in ([therapy] if therapy else KNOWLEDGE.rule(rule).therapies)
        for item in KNOWLEDGE.rules_of(name)
        if item.id == rule
    )
    return combine(verdict.reason for verdict in judged(about, declared).verdicts).reasons


def outcome(about: Case, rule: str) -> Outcome:
    """What one rule says about a case: its result and code; a plain pass without a reason."""
    reasons = ruled(about, rule)
    assert len(reasons) <= 1
    return (reasons[0].result, Code(reasons[0].code)) if reasons else PASS


def born(years: int, months: int = 0) -> PartialDate:
    """The birth date of somebody who is that old today."""
    return day(add_months(ON, -12 * years - months))
