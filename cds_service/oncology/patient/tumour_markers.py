"""Carcinoembryonic antigen: every usable result, and whether something disturbed it."""

from __future__ import annotations

from cds_service.fhir.codings import codings
from cds_service.fhir.dates import PartialDate, add_days
from cds_service.fhir.quantities import CEA_NG_PER_ML
from cds_service.fhir.references import local_reference
from cds_service.fhir.status import status_of
from cds_service.oncology.patient.chart import RESULT_STATES, Chart, Resource
from cds_service.oncology.patient.model import CeaResult, SetAside
from cds_service.oncology.patient.treatments import operations, oxaliplatin_start
from cds_service.oncology.rulebook import rule


@rule("E-01", "E-03", "E-04")
def cea_results(chart: Chart) -> tuple[tuple[CeaResult, ...], tuple[SetAside, ...]]:
    """Serum or plasma CEA in ng/mL, oldest first (E-01, E-04), and the dated results that are unreadable."""
    found, unreadable = [], []
    operated, flare = operations(chart), oxaliplatin_start(chart)
    for observation, holder in chart.answers("cea"):
        on = chart.date_of(observation, "effectiveDateTime", "effectivePeriod", "effectiveInstant")
        if status_of(observation) not in RESULT_STATES or on is None:
            chart.report(observation, "STATUS_NOT_USABLE", "CEA without a date, or not a final result, is not used.")
            continue
        value = chart.quantity(observation, holder.get("valueQuantity"), CEA_NG_PER_ML)
        if value is None:
            unreadable.append(SetAside(on, local_reference(observation)))
            continue
        confounded = _confounded(chart, on, operated, flare)
        found.append(CeaResult(value, on, local_reference(observation), confounded, _method(observation)))
    for observation, _ in chart.answers("cea-not-convertible"):
        on = chart.observed(observation)
        chart.report(observation, "UNIT_UNKNOWN", "CEA in arbitrary or molar units cannot be converted to ng/mL.")
        if on:
            unreadable.append(SetAside(on, local_reference(observation)))
    found.sort(key=lambda item: (item.on.earliest, item.ng_per_ml.value, item.fact))
    unreadable.sort(key=lambda item: (item.on.earliest, item.fact))
    return tuple(found), tuple(unreadable)


def _method(observation: Resource) -> str | None:
    """The assay, by its first code; values of different assays are not compared."""
    for coding in codings(observation.get("method")):
        return f"{coding.system}|{coding.code}"
    return None


def _confounded(
    chart: Chart, on: PartialDate, operated: tuple[PartialDate, ...], flare: tuple[PartialDate, ...]
) -> bool:
    """Taken shortly after an operation, or within the first weeks of oxaliplatin (E-08)."""
    after_surgery = chart.knowledge.parameter("cea.postSurgeryDays").integer
    in_flare = chart.knowledge.parameter("cea.chemotherapyFlareDays").integer
    soon = any(day.earliest <= on.latest and on.earliest < add_days(day.latest, after_surgery) for day in operated)
    return soon or any(
        start.earliest <= on.latest and on.earliest <= add_days(start.latest, in_flare) for start in flare
    )
