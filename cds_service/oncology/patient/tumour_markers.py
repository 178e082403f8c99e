"""Carcinoembryonic antigen: every usable result, and whether something disturbed it."""

from __future__ import annotations

from cds_service.fhir.codings import codings
from cds_service.fhir.dates import PartialDate, add_days
from cds_service.fhir.quantities import CEA_NG_PER_ML, Measurement
from cds_service.fhir.references import local_reference
from cds_service.fhir.status import status_of
from cds_service.oncology.patient.chart import EFFECTIVE, RESULT_STATES, Chart, Resource
from cds_service.oncology.patient.model import CeaResult, SetAside
from cds_service.oncology.patient.results import Result, in_order, newest, results
from cds_service.oncology.patient.treatments import operations, oxaliplatin_start
from cds_service.oncology.rulebook import rule


@rule("E-01", "E-03", "E-04")
def cea_results(chart: Chart) -> tuple[tuple[CeaResult, ...], tuple[SetAside, ...], bool]:
    """Serum or plasma CEA in ng/mL, oldest first (E-01, E-04), the dated results that are unreadable, and whether one
    of those, or one whose date is unreadable, may be as new as the newest.
    """
    operated, flare = operations(chart), oxaliplatin_start(chart)
    found = [item for item in results(chart, "cea", lambda *answer: _read(chart, *answer)) if _is_settled(chart, item)]
    found += [
        item
        for item in results(chart, "cea-not-convertible", lambda *answer: _not_convertible(chart, *answer))
        if item.final
    ]
    series = tuple(
        CeaResult(
            ng_per_ml=item.value,
            on=item.on,
            fact=local_reference(item.observation),
            confounded=_confounded(chart, item.on, operated, flare),
            method=_method(item.observation),
        )
        for item in in_order(found, lambda value: value.value)
        if item.value is not None and item.on is not None
    )
    aside = [SetAside(item.on, local_reference(item.observation)) for item in found if item.value is None and item.on]
    aside.sort(key=lambda item: (item.on.earliest, item.fact))
    _, overruled = newest(found)
    return series, tuple(aside), overruled


def _read(chart: Chart, observation: Resource, _: Resource, value: object) -> Measurement | None:
    return chart.quantity(observation, value, CEA_NG_PER_ML)


def _not_convertible(chart: Chart, observation: Resource, _: Resource, __: object) -> Measurement | None:
    chart.report(observation, "UNIT_UNKNOWN", "CEA in arbitrary or molar units cannot be converted to ng/mL.")
    return None


def _is_settled(chart: Chart, item: Result[Measurement]) -> bool:
    """Is it a final result with the date of its sample? A status must be recorded, other than with other tests."""
    if status_of(item.observation) in RESULT_STATES and any(item.observation.get(element) for element in EFFECTIVE):
        return True
    chart.report(item.observation, "STATUS_NOT_USABLE", "CEA without a date, or not a final result, is not used.")
    return False


def _method(observation: Resource) -> str | None:
    """The assay, by its first code; values of different assays are not compared."""
    for coding in codings(observation.get("method")):
        return f"{coding.system}|{coding.code}"
    return None


def _confounded(
    chart: Chart, on: PartialDate, operated: tuple[PartialDate, ...], flare: tuple[PartialDate, ...]
) -> bool:
    """E-08: true if the value was taken shortly after an operation, or within the first weeks of oxaliplatin."""
    after_surgery = chart.knowledge.parameter("cea.postSurgeryDays").integer
    in_flare = chart.knowledge.parameter("cea.chemotherapyFlareDays").integer
    soon = any(day.earliest <= on.latest and on.earliest < add_days(day.latest, after_surgery) for day in operated)
    return soon or any(
        start.earliest <= on.latest and on.earliest <= add_days(start.latest, in_flare) for start in flare
    )
