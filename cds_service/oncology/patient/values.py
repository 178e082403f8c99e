"""Statements and test results: coded statements, lung function, ECOG, coagulation, temperature."""

from __future__ import annotations

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
from cds_service.oncology.patient.results import Result, newest, results
from cds_service.truth import Truth

_ECOG_RANGE = range(6)
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
    """Tells which of two results of one moment is the worse; that one counts."""

    LOWER = "lower"
    HIGHER = "higher"


def latest_value(chart: Chart, name: str, dimension: Dimension, days: str, worse: Worse) -> Value | None:
    """The newest result of a test. One that is not understood is reported, never guessed.

    Where a newer result cannot be read, the value that is left counts as outdated: it may block, but passes nothing.
    """
    found = results(chart, name, lambda observation, _, value: chart.quantity(observation, value, dimension))
    return _newest_value(chart, found, days, worse)


def _newest_value(
    chart: Chart, found: Sequence[Result[Measurement]], days: str, worse: Worse, *, has_unit: bool = True
) -> Value | None:
    """The result that counts; ``days`` names the parameter for its age."""
    last, overruled = newest(found)
    if has_unit and overruled and any(item.value is None for item in found):
        chart.flags.add(UNIT_FAULT)
    values = [
        Value(item.value, item.on, not overruled and chart.within(item.on, days), local_reference(item.observation))
        for item in last
        if item.value is not None
    ]
    values.sort(key=lambda value: (value.measurement.value, value.fact))
    return (values[0] if worse is Worse.LOWER else values[-1]) if values else None


def _peak_oxygen_uptake(chart: Chart) -> tuple[Value | None, Value | None]:
    """Peak oxygen uptake in mL/kg/min and in percent predicted, whichever units were sent."""

    def read(observation: Resource, _: Resource, value: object) -> tuple[Dimension, Measurement] | None:
        for dimension in (OXYGEN_UPTAKE_ML_KG_MIN, PERCENT):
            if isinstance(measurement := read_quantity(value, dimension), Measurement):
                return dimension, measurement
        chart.report(observation, "UNIT_UNKNOWN", "Peak oxygen uptake is neither in mL/kg/min nor in percent.")
        return None

    found = results(chart, "own-peak-oxygen-uptake", read)

    def newest_in(dimension: Dimension) -> Value | None:
        mine = [
            item.with_value(item.value[1] if item.value else None)
            for item in found
            if item.value is None or item.value[0] is dimension
        ]
        return _newest_value(chart, mine, "pft.days", Worse.LOWER)

    return newest_in(OXYGEN_UPTAKE_ML_KG_MIN), newest_in(PERCENT)


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
    """The newest body temperature in degrees Celsius."""
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
    """ECOG grade 0 to 5, the newest; a Karnofsky index is translated by parameters."""

    def read(name: str, observation: Resource, holder: Resource) -> Measurement | None:
        grade = _grade(holder)
        if name == "ecog" and grade is None:
            grade = _coded_grade(chart, holder)
        if name == "karnofsky" and grade is not None:
            grade = _ecog_of_karnofsky(chart, grade)
        if grade is None or grade not in _ECOG_RANGE:
            chart.report(observation, "VALUE_INVALID", "The performance status is not a grade that is known here.")
            return None
        return Measurement(grade)

    found = [
        *results(chart, "karnofsky", lambda observation, holder, _: read("karnofsky", observation, holder)),
        *results(chart, "ecog", lambda observation, holder, _: read("ecog", observation, holder)),
    ]
    return _newest_value(chart, found, "ecog.days", Worse.HIGHER, has_unit=False)


def _coded_grade(chart: Chart, holder: Mapping[str, object]) -> Decimal | None:
    names = chart.sets(holder.get("valueCodeableConcept"))
    return next((Decimal(grade) for grade in _ECOG_RANGE if f"ecog-grade-{grade}" in names), None)


def _ecog_of_karnofsky(chart: Chart, index: Decimal) -> Decimal:
    """ECOG grade for a Karnofsky index; 80 to 100 stands for 0 to 1, and 1 is taken."""
    for grade in (1, 2, 3):
        if chart.knowledge.parameter(f"karnofsky.ecog{grade}From").holds(index) is Truth.TRUE:
            return Decimal(grade)
    return Decimal(4)
