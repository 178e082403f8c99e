"""Imaging that was done, and when. A study or a report proves that an examination happened; no lesion is invented."""

from __future__ import annotations

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.references import local_reference
from cds_service.fhir.status import status_of
from cds_service.oncology.patient.chart import Chart, Resource, latest, objects


def chest_ct(chart: Chart) -> tuple[PartialDate | None, tuple[str, ...]]:
    """The latest CT of the chest: an ImagingStudy or a report (S-10, X-03)."""
    return _latest_imaging(chart, {"chest-ct"}, {"lung-any", "thorax-site"}, {"modality-ct"})


def abdomen_pelvis_imaging(chart: Chart) -> tuple[PartialDate | None, tuple[str, ...]]:
    """The latest CT or MRI of abdomen or pelvis, or PET-CT: the basis of "isolated" (C-03)."""
    codes, sites = {"abdomen-pelvis-imaging", "pet-ct"}, {"abdomen-pelvis-site", "liver-site"}
    return _latest_imaging(chart, codes, sites, {"modality-ct", "modality-mr", "modality-pet"})


def _latest_imaging(
    chart: Chart, codes: set[str], sites: set[str], modalities: set[str]
) -> tuple[PartialDate | None, tuple[str, ...]]:
    found: list[tuple[PartialDate | None, tuple[PartialDate | None, str]]] = []
    for study in chart.pool.of("ImagingStudy"):
        if status_of(study) in {"registered", "cancelled"}:
            continue
        if _study_shows(chart, study, codes, sites, modalities):
            on = chart.date_of(study, "started")
            found.append((on, (on, local_reference(study))))
    for report, sets in chart.coded("DiagnosticReport"):
        if status_of(report) not in {"registered", "cancelled"} and codes & sets:
            on = chart.date_of(report, "effectiveDateTime", "effectivePeriod", "issued")
            found.append((on, (on, local_reference(report))))
    for procedure, sets in chart.coded("Procedure"):
        if status_of(procedure) == "completed" and codes & sets:
            on = chart.date_of(procedure, "performedDateTime", "performedPeriod")
            found.append((on, (on, local_reference(procedure))))
    found.sort(key=lambda item: item[1][1])
    newest = latest(found)
    if newest is None:
        return None, ()
    return newest[0], tuple(sorted(fact for on, (_, fact) in found if on == newest[0]))


def _study_shows(chart: Chart, study: Resource, codes: set[str], sites: set[str], modalities: set[str]) -> bool:
    """True if an ImagingStudy shows the region, by its procedure code or by a series of a fitting modality and site."""
    if codes & chart.sets(list(objects(study.get("procedureCode") or []))):
        return True
    overall = chart.sets(list(objects(study.get("modality") or [])))
    for series in objects(study.get("series") or []):
        kinds = chart.sets(series.get("modality")) or overall
        if kinds & modalities and chart.sets(series.get("bodySite")) & sites:
            return True
    return False
