"""Statements and test results: coded statements, lung function, ECOG, coagulation, temperature."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.quantities import (
    INR_RATIO,
    OXYGEN_UPTAKE_ML_KG_MIN,
    PERCENT,
    PLATELETS_10E9_PER_L,
    TEMPERATURE_CEL,
    Dimension,
    Measurement,
    read_quantity,
)
from cds_service.fhir.references import local_reference
from cds_service.oncology.patient.chart import Chart, Resource, latest, objects, references
from cds_service.oncology.patient.model import Facts, LungFunction, Statement, Value
from cds_service.truth import Truth
from cds_service.values import replace

_ECOG_RANGE = range(6)
_DIGIT = re.compile("[0-9]")
Dated = tuple[PartialDate | None, Resource, Measurement]
#: The flag of findings that asks for the need UNIT: the newest result of a test has no usable unit or value.
UNIT_FAULT = "UNIT_FAULT"


def stated(chart: Chart, question: str, code_system: str, *, days: str | None = None) -> Statement | None:
    """The latest coded statement to one of our own questions; ``days`` names the parameter for its age."""
    found = []
    for observation, holder in chart.answers(f"own-{question}"):
        value = chart.terminology.own_value(holder.get("valueCodeableConcept"), code_system)
        if value is None:
            chart.report(observation, "VALUE_INVALID", f"{question} has no value of our code system {code_system}.")
            continue
        on = chart.observed(observation)
        current = days is None or chart.within(on, days)
        found.append((on, Statement(value, on, current, (local_reference(observation),))))
    found.sort(key=lambda item: (item[1].value, item[1].facts))
    return latest(found)


def treatability(chart: Chart) -> tuple[dict[str, Truth], Truth]:
    """What was stated about the treatability of extrapulmonary disease: by Condition, and in general."""
    words = {"treatable": Truth.TRUE, "not-treatable": Truth.FALSE}
    by_condition: dict[str, list[tuple[PartialDate | None, Truth]]] = {}
    general: list[tuple[PartialDate | None, Truth]] = []
    ordered = sorted(chart.answers("own-extrapulmonary-treatability"), key=lambda pair: local_reference(pair[0]))
    for observation, holder in ordered:
        code = chart.terminology.own_value(holder.get("valueCodeableConcept"), "treatability")
        if code not in words:
            chart.report(observation, "VALUE_INVALID", "extrapulmonary-treatability has no value of our code system.")
            continue
        about = [
            chart.pool.get(reference, container=observation) for reference in objects(observation.get("focus") or [])
        ]
        conditions = [item for item in about if item and item.get("resourceType") == "Condition"]
        answer = (chart.observed(observation), words[code])
        for condition in conditions:
            by_condition.setdefault(local_reference(condition), []).append(answer)
        if not conditions:
            general.append(answer)
    newest = {reference: _last_word(found) for reference, found in by_condition.items()}
    return newest, _last_word(general)


def _last_word(answers: list[tuple[PartialDate | None, Truth]]) -> Truth:
    found = latest(answers)
    return Truth.UNKNOWN if found is None else found


class Worse(Enum):
    """Which of two results of one moment is the graver: it is the one that counts."""

    LOWER = "lower"
    HIGHER = "higher"


def latest_value(chart: Chart, name: str, dimension: Dimension, days: str, worse: Worse) -> Value | None:
    """The latest readable result of a test. A result that is not understood is reported, never guessed.

    Of results of one day the last counts, where times tell, else the worse. When a result that is as new or newer could
    not be read, the value that is left counts as outdated: it may block, but passes nothing.
    """
    found: list[Dated] = []
    unreadable: list[PartialDate | None] = []
    for observation, holder in chart.answers(name):
        if (result := _result(holder)) is None:
            continue
        measurement = chart.quantity(observation, result, dimension)
        on = chart.observed(observation)
        if measurement is None:
            unreadable.append(on)
        else:
            found.append((on, observation, measurement))
    newest = _newest(chart, found, days, worse)
    missed = latest((on, on) for on in unreadable if on)
    if unreadable and (newest is None or missed is None or newest.on is None or missed.latest >= newest.on.latest):
        chart.flags.add(UNIT_FAULT)
        return replace(newest, current=False) if newest else None
    return newest


def _result(holder: Resource) -> object:
    """The value[x] of an answer: the Quantity, or what stands in its place; None where nothing does.

    A number that came as a text, a plain number or a range is a result that is not understood. A text without a number
    ("see note", "sample clotted") is none.
    """
    if (quantity := holder.get("valueQuantity")) is not None:
        return quantity
    others = [value for element, value in holder.items() if element.startswith("value") and value is not None]
    return next((value for value in others if not isinstance(value, str) or _DIGIT.search(value)), None)


def _newest(chart: Chart, found: Sequence[Dated], days: str, worse: Worse) -> Value | None:
    """The result of the latest day that counts; ``days`` names the parameter for its age."""
    last_day = latest((on, on) for on, _, _ in found)
    of_that_day = [item for item in found if item[0] == last_day or last_day is None]
    if len(of_that_day) > 1:
        moments = [chart.moment(observation) for _, observation, _ in of_that_day]
        known = [moment for moment in moments if moment is not None]
        if len(known) == len(moments):
            of_that_day = [item for item, moment in zip(of_that_day, moments, strict=True) if moment == max(known)]
    values = sorted(
        (
            Value(measurement, on, chart.within(on, days), local_reference(observation))
            for on, observation, measurement in of_that_day
        ),
        key=lambda value: (value.measurement.value, value.fact),
    )
    if not values:
        return None
    return values[0] if worse is Worse.LOWER else values[-1]


def _peak_oxygen_uptake(chart: Chart) -> tuple[Value | None, Value | None]:
    """Peak oxygen uptake in mL/kg/min and in percent predicted, whichever units were sent."""
    absolute: list[Dated] = []
    percent: list[Dated] = []
    for observation, holder in chart.answers("own-peak-oxygen-uptake"):
        on = chart.observed(observation)
        for found, dimension in ((absolute, OXYGEN_UPTAKE_ML_KG_MIN), (percent, PERCENT)):
            measurement = read_quantity(holder.get("valueQuantity"), dimension)
            if isinstance(measurement, Measurement):
                found.append((on, observation, measurement))
                break
        else:
            chart.flags.add(UNIT_FAULT)
            chart.report(observation, "UNIT_UNKNOWN", "Peak oxygen uptake is neither in mL/kg/min nor in percent.")
    return _newest(chart, absolute, "pft.days", Worse.LOWER), _newest(chart, percent, "pft.days", Worse.LOWER)


def lung_function(chart: Chart) -> LungFunction:
    """FEV1, DLCO and predicted postoperative values in percent predicted; peak oxygen uptake (S-04)."""
    vo2_absolute, vo2_percent = _peak_oxygen_uptake(chart)
    return LungFunction(
        fev1_percent=latest_value(chart, "fev1-percent", PERCENT, "pft.days", Worse.LOWER),
        dlco_percent=latest_value(chart, "dlco", PERCENT, "pft.days", Worse.LOWER),
        vo2_ml_kg_min=vo2_absolute,
        vo2_percent=vo2_percent,
        ppo_fev1_percent=latest_value(chart, "own-ppo-fev1", PERCENT, "pft.days", Worse.LOWER),
        ppo_dlco_percent=latest_value(chart, "own-ppo-dlco", PERCENT, "pft.days", Worse.LOWER),
    )


def coagulation(chart: Chart) -> tuple[Value | None, Value | None]:
    """Platelets in 10*9/L and INR."""
    return (
        latest_value(chart, "platelets", PLATELETS_10E9_PER_L, "coag.days", Worse.LOWER),
        latest_value(chart, "inr", INR_RATIO, "coag.days", Worse.HIGHER),
    )


def fever(chart: Chart) -> Value | None:
    """The latest body temperature in degrees Celsius."""
    return latest_value(chart, "body-temperature", TEMPERATURE_CEL, "ablation.feverDays", Worse.HIGHER)


def pregnancy(chart: Chart) -> Facts:
    """The latest pregnancy status, when it says pregnant and is recent enough (G-09)."""
    found = sorted(chart.answers("pregnancy-status"), key=lambda pair: local_reference(pair[0]))
    newest = latest((chart.observed(observation), (observation, holder)) for observation, holder in found)
    if newest is None or "pregnant" not in chart.sets(newest[1].get("valueCodeableConcept")):
        return ()
    return references(newest[0]) if chart.within(chart.observed(newest[0]), "pregnancy.days") else ()


def _grade(holder: Mapping[str, object]) -> Decimal | None:
    value = holder.get("valueInteger")
    quantity = holder.get("valueQuantity")
    if value is None and isinstance(quantity, dict):
        value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return Decimal(str(value))


def performance_status(chart: Chart) -> Value | None:
    """ECOG grade 0 to 5, the latest; a Karnofsky index is translated by parameters."""
    found: list[Dated] = []
    for name in ("karnofsky", "ecog"):
        for observation, holder in chart.answers(name):
            grade = _grade(holder)
            if name == "ecog" and grade is None:
                grade = _coded_grade(chart, holder)
            if name == "karnofsky" and grade is not None:
                grade = _ecog_of_karnofsky(chart, grade)
            if grade is None or grade not in _ECOG_RANGE:
                chart.report(observation, "VALUE_INVALID", "The performance status is not a grade that is known here.")
                continue
            found.append((chart.observed(observation), observation, Measurement(grade)))
    return _newest(chart, found, "ecog.days", Worse.HIGHER)


def _coded_grade(chart: Chart, holder: Mapping[str, object]) -> Decimal | None:
    names = chart.sets(holder.get("valueCodeableConcept"))
    return next((Decimal(grade) for grade in _ECOG_RANGE if f"ecog-grade-{grade}" in names), None)


def _ecog_of_karnofsky(chart: Chart, index: Decimal) -> Decimal:
    """ECOG grade for a Karnofsky index; 80 to 100 stands for 0 to 1, and 1 is taken."""
    for grade in (1, 2, 3):
        if chart.knowledge.parameter(f"karnofsky.ecog{grade}From").holds(index) is Truth.TRUE:
            return Decimal(grade)
    return Decimal(4)
