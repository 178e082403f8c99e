"""Statements and test results: coded statements, lung function, ECOG, coagulation, temperature."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

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
from cds_service.oncology.findings.chart import Chart, latest, objects, references
from cds_service.oncology.findings.model import Facts, LungFunction, Statement, Value
from cds_service.truth import Truth

_ECOG_RANGE = range(6)


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


def latest_value(chart: Chart, name: str, dimension: Dimension, days: str) -> Value | None:
    """The latest readable result of a test; a result in a unit that is not understood is reported, never guessed."""
    found = []
    for observation, holder in chart.answers(name):
        quantity = holder.get("valueQuantity")
        if quantity is None:
            continue
        measurement = chart.quantity(observation, quantity, dimension)
        if measurement is not None:
            on = chart.observed(observation)
            found.append((on, Value(measurement, on, chart.within(on, days), local_reference(observation))))
    found.sort(key=lambda item: (item[1].measurement.value, item[1].fact))
    return latest(found)


def _peak_oxygen_uptake(chart: Chart) -> tuple[Value | None, Value | None]:
    """Peak oxygen uptake in mL/kg/min and in percent predicted, whichever units were sent."""
    absolute: list[tuple[PartialDate | None, Value]] = []
    percent: list[tuple[PartialDate | None, Value]] = []
    for observation, holder in chart.answers("own-peak-oxygen-uptake"):
        on = chart.observed(observation)
        for found, dimension in ((absolute, OXYGEN_UPTAKE_ML_KG_MIN), (percent, PERCENT)):
            measurement = read_quantity(holder.get("valueQuantity"), dimension)
            if isinstance(measurement, Measurement):
                found.append((on, Value(measurement, on, chart.within(on, "pft.days"), local_reference(observation))))
                break
        else:
            chart.report(observation, "UNIT_UNKNOWN", "Peak oxygen uptake is neither in mL/kg/min nor in percent.")
    for found in (absolute, percent):
        found.sort(key=lambda item: (item[1].measurement.value, item[1].fact))
    return latest(absolute), latest(percent)


def lung_function(chart: Chart) -> LungFunction:
    """FEV1, DLCO and predicted postoperative values in percent predicted; peak oxygen uptake (S-04)."""
    vo2_absolute, vo2_percent = _peak_oxygen_uptake(chart)
    return LungFunction(
        fev1_percent=latest_value(chart, "fev1-percent", PERCENT, "pft.days"),
        dlco_percent=latest_value(chart, "dlco", PERCENT, "pft.days"),
        vo2_ml_kg_min=vo2_absolute,
        vo2_percent=vo2_percent,
        ppo_fev1_percent=latest_value(chart, "own-ppo-fev1", PERCENT, "pft.days"),
        ppo_dlco_percent=latest_value(chart, "own-ppo-dlco", PERCENT, "pft.days"),
    )


def coagulation(chart: Chart) -> tuple[Value | None, Value | None]:
    """Platelets in 10*9/L and INR."""
    return (
        latest_value(chart, "platelets", PLATELETS_10E9_PER_L, "coag.days"),
        latest_value(chart, "inr", INR_RATIO, "coag.days"),
    )


def fever(chart: Chart) -> Value | None:
    """The latest body temperature in degrees Celsius."""
    return latest_value(chart, "body-temperature", TEMPERATURE_CEL, "ablation.feverDays")


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
    if value is None and isinstance(quantity, Mapping):
        value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(str(value))


def performance_status(chart: Chart) -> Value | None:
    """ECOG grade 0 to 5; a Karnofsky index is translated by parameters where no ECOG grade is newer."""
    found = []
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
            on = chart.observed(observation)
            value = Value(Measurement(grade), on, chart.within(on, "ecog.days"), local_reference(observation))
            found.append((on, name, value))
    found.sort(key=lambda item: (item[1] == "ecog", item[2].measurement.value, item[2].fact))
    return latest((on, value) for on, _, value in found)


def _coded_grade(chart: Chart, holder: Mapping[str, object]) -> Decimal | None:
    names = chart.sets(holder.get("valueCodeableConcept"))
    return next((Decimal(grade) for grade in _ECOG_RANGE if f"ecog-grade-{grade}" in names), None)


def _ecog_of_karnofsky(chart: Chart, index: Decimal) -> Decimal:
    """ECOG grade for a Karnofsky index; 80 to 100 stands for 0 to 1, and 1 is taken."""
    for grade in (1, 2, 3):
        if chart.knowledge.parameter(f"karnofsky.ecog{grade}From").holds(index) is Truth.TRUE:
            return Decimal(grade)
    return Decimal(4)
