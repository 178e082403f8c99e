"""Carcinoembryonic antigen and molecular results."""

from __future__ import annotations

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.quantities import CEA_NG_PER_ML
from cds_service.fhir.references import local_reference
from cds_service.oncology.findings.chart import RESULT_STATES, Chart, latest, objects
from cds_service.oncology.findings.model import CeaResult, MolecularResult
from cds_service.oncology.findings.treatments import last_operation, oxaliplatin_start


def cea_results(chart: Chart) -> tuple[tuple[CeaResult, ...], PartialDate | None]:
    """Serum or plasma CEA in ng/mL, oldest first (E-01, E-04), and the date of the newest result that is unreadable."""
    found, unreadable = [], []
    operated, flare = last_operation(chart), oxaliplatin_start(chart)
    for observation, holder in chart.answers("cea"):
        on = chart.date_of(observation, "effectiveDateTime", "effectivePeriod", "effectiveInstant")
        if observation.get("status") not in RESULT_STATES or on is None:
            chart.report(observation, "STATUS_NOT_USABLE", "CEA without a date, or not a final result, is not used.")
            continue
        value = chart.quantity(observation, holder.get("valueQuantity"), CEA_NG_PER_ML)
        if value is None:
            unreadable.append(on)
            continue
        confounded = _confounded(chart, on, operated, flare)
        method = observation.get("method")
        label = str(method) if method else None
        found.append(CeaResult(value, on, local_reference(observation), confounded, label))
    for observation, _ in chart.answers("cea-not-convertible"):
        on = chart.observed(observation)
        chart.report(observation, "UNIT_UNKNOWN", "CEA in arbitrary or molar units cannot be converted to ng/mL.")
        if on:
            unreadable.append(on)
    found.sort(key=lambda item: (item.on.earliest, item.ng_per_ml.value, item.fact))
    return tuple(found), latest((on, on) for on in unreadable)


def _confounded(chart: Chart, on: PartialDate, operated: PartialDate | None, flare: tuple[PartialDate, ...]) -> bool:
    after_surgery = chart.knowledge.parameter("cea.postSurgeryDays").days
    in_flare = chart.knowledge.parameter("cea.chemotherapyFlareDays").days
    soon = operated is not None and operated.earliest <= on.latest and on.earliest < operated.latest + after_surgery
    return soon or any(start.earliest <= on.latest and on.earliest < start.latest + in_flare for start in flare)


_MARKER_VALUES = {
    "ras": {"molecular-positive": "mutant", "molecular-negative": "wild_type"},
    "braf": {"braf-v600e": "v600e", "molecular-positive": "v600e", "molecular-negative": "wild_type"},
    "msi": {"msi-high": "high", "msi-stable": "stable"},
    "her2": {"molecular-positive": "positive", "molecular-negative": "negative"},
    "dpyd": {"molecular-positive": "done", "molecular-negative": "done"},
}


def molecular_results(chart: Chart) -> tuple[MolecularResult, ...]:
    """The latest coded result of each marker; a result in words only is reported and decides nothing."""
    found = []
    for marker, words in _MARKER_VALUES.items():
        results = []
        for observation, holder in chart.answers(marker):
            names = chart.sets([holder.get("valueCodeableConcept"), *objects(holder.get("interpretation") or [])])
            value = next((word for name, word in words.items() if name in names), None)
            if value is None:
                chart.report(
                    observation, "VALUE_INVALID", f"The result of the {marker} test is not coded in a way known here."
                )
                continue
            on = chart.observed(observation)
            results.append((on, MolecularResult(marker, value, None, on, local_reference(observation))))
        results.sort(key=lambda item: (item[1].value, item[1].fact))
        newest = latest(results)
        if newest:
            found.append(newest)
    return tuple(found)
