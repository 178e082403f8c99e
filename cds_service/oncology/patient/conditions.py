"""Conditions: the colorectal primary, metastases in and outside the lung, and what else the patient has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cds_service.fhir.codings import has_coding
from cds_service.fhir.dates import PartialDate, parse_partial_date
from cds_service.fhir.status import (
    Verification,
    clinical_activity,
    is_unconfirmed,
    status_conflicts,
    status_of,
    status_words,
    verification,
)
from cds_service.oncology.patient.chart import Chart, Resource, earliest, objects, references
from cds_service.oncology.patient.model import Extrapulmonary, Facts, LungDisease, OnRecord
from cds_service.oncology.patient.sites import UNSITED, disease_sets, histology
from cds_service.truth import Truth

_ASSERTED_DATE = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"

SITES = {
    "liver-metastasis": "liver",
    "bone-metastasis": "bone",
    "brain-metastasis": "brain",
    "peritoneal-metastasis": "peritoneum",
    "pleural-metastasis": "pleura",
    "adrenal-metastasis": "adrenal gland",
    "ovarian-metastasis": "ovary",
    "other-node-metastasis": "lymph nodes",
    "other-metastasis": "other site",
    "malignant-effusion": "pleura",
}
_AGAIN = frozenset({"recurrence", "relapse"})
_COMORBIDITIES = (
    "hospice",
    "palliative-care",
    "pneumonectomy-status",
    "thoracic-node-metastasis",
    "malignant-effusion",
    "other-malignancy",
    "pregnancy",
)
"""The comorbidities that functions ask for; those that give a reason by themselves are named by their rules."""


def is_active(chart: Chart, condition: Resource) -> Truth:
    """Is the Condition's disease present now? Without a clinical status, a past date of abatement ends it.

    An abatement as text, as yes or no, as an age, or in the future says no date on which it ended.
    """
    stated = clinical_activity(condition)
    if stated is not Truth.UNKNOWN or status_conflicts(condition):
        return stated
    return Truth.FALSE if abated(chart, condition) else Truth.UNKNOWN


def abated(chart: Chart, condition: Resource) -> PartialDate | None:
    """When the Condition ended; a period of abatement ends it only once it is over itself."""
    if on := chart.date_of(condition, "abatementDateTime"):
        return on
    return chart.date_of(condition, "abatementPeriod") if _ended(chart, condition.get("abatementPeriod")) else None


def began(chart: Chart, condition: Resource) -> PartialDate | None:
    """Onset of a Condition; the mCODE asserted date second. Not the recorded date, which may lag by months."""
    if onset := chart.date_of(condition, "onsetDateTime", "onsetPeriod"):
        return onset
    for extension in objects(condition.get("extension") or []):
        if extension.get("url") == _ASSERTED_DATE:
            return chart.date_of(extension, "valueDateTime")
    return None


def recorded(chart: Chart, condition: Resource) -> PartialDate | None:
    """The recorded date, with the flag that says so."""
    if day := chart.date_of(condition, "recordedDate"):
        chart.flags.add("DATE_IS_RECORDED_DATE")
        return day
    return None


def report_uncoded(chart: Chart) -> None:
    """Report Conditions without a single coding, which decide nothing, and those of doubtful verification."""
    for condition, _, _ in chart.pool.unsorted("Condition"):
        if not has_coding(condition.get("code")):
            chart.report(condition, "CODE_MISSING", "The Condition carries no code with its system.")
        elif verification(condition) is Verification.DOUBTFUL:
            text = "The verification status is not understood; the Condition counts as unconfirmed."
            chart.report(condition, "STATUS_UNREADABLE", text)


def _sited(chart: Chart) -> list[tuple[Resource, frozenset[str]]]:
    """Conditions with their value sets, and those that their body sites add."""
    sited = [item for item in chart.having("Condition", "bodySite") if not chart.sets(item.get("code"))]
    listed = [*(condition for condition, _ in chart.coded("Condition")), *sited]
    found = [(condition, disease_sets(chart.terminology, condition)) for condition in listed]
    return [(condition, sets) for condition, sets in found if sets]


def excluded_histology(chart: Chart, condition: Resource) -> bool:
    """G-07: true if the mCODE histology extension names a histology outside the rule base."""
    return "excluded-histology" in chart.sets(histology(condition))


def colorectal_primaries(chart: Chart) -> tuple[list[Resource], list[Resource]]:
    """Conditions of a colorectal primary: those in scope, and those outside the rule base (G-07)."""
    scope, outside = [], []
    for condition, sets in _sited(chart):
        if "colorectal-primary" in sets and not excluded_histology(chart, condition):
            scope.append(condition)
        elif sets & {"primary-out-of-scope", "colorectal-primary"}:
            outside.append(condition)
    return scope, outside


def lung_disease(chart: Chart) -> LungDisease:
    """What the Conditions say about metastases or nodules in the lung (C-08, G-06). ``detected`` is only onset here."""
    metastases: list[Resource] = []
    unproven: list[Resource] = []
    sides: set[str] = set()
    for condition, sets in _sited(chart):
        if "lung-metastasis" in sets:
            (unproven if is_unconfirmed(condition) else metastases).append(condition)
            if is_unconfirmed(condition) or is_active(chart, condition) is Truth.FALSE:
                continue
            body = sets | chart.sets(condition.get("bodySite"))
            sides |= {
                side
                for side in ("right", "left")
                if body & {f"lung-{side}", f"laterality-{side}", f"lung-metastasis-{side}"}
            }
        elif "lung-nodule" in sets and is_active(chart, condition) is not Truth.FALSE:
            unproven.append(condition)
    if any(verification(item) is Verification.NOT_RECORDED for item in metastases):
        chart.flags.add("VERIFICATION_NOT_RECORDED")
    about = metastases or unproven
    active = [item for item in about if is_active(chart, item) is not Truth.FALSE]
    shown = sorted(active or about, key=lambda item: str(item.get("id")))
    return LungDisease(
        confirmed=bool(metastases),
        suspected=bool(unproven) and not metastases,
        active=bool(active),
        detected=earliest(began(chart, item) for item in about),
        both_sides=sides == {"right", "left"},
        condition=references(shown[0])[0] if shown else None,
        facts=references(*about),
        recurrences=_recurrences(chart, metastases),
    )


def _recurrences(chart: Chart, metastases: list[Resource]) -> tuple[OnRecord, ...]:
    """Lung metastases that are called a recurrence or relapse, or began after an earlier one had ended."""
    ended = [abated(chart, item) or began(chart, item) for item in metastases if is_active(chart, item) is Truth.FALSE]
    over = [on for on in ended if on]
    found = []
    for item in metastases:
        if is_active(chart, item) is Truth.FALSE:
            continue
        onset, charted = began(chart, item), chart.date_of(item, "recordedDate")
        on = onset or charted
        called = bool(status_words(item.get("clinicalStatus"), _AGAIN)[0])
        if on and (called or any(end.latest < on.earliest for end in over)):
            found.append(OnRecord(on, charted=onset is None))
    return tuple(sorted(found, key=lambda item: (item.on.earliest, item.on.latest)))


def lung_recorded_date(chart: Chart) -> PartialDate | None:
    """The earliest recorded date of a lung metastasis or nodule: the last resort for its detection date."""
    found = [item for item, sets in _sited(chart) if sets & {"lung-metastasis", "lung-nodule"}]
    return earliest([recorded(chart, item) for item in found])


def extrapulmonary(
    chart: Chart, treatability: Mapping[str, Truth], general: Truth
) -> tuple[tuple[Extrapulmonary, ...], Facts]:
    """Distant metastases outside the lung, and metastases without a recorded site (C-02, C-03).

    ``treatability`` holds what was stated about one Condition, ``general`` what was stated about all of them.
    """
    found, unsited = [], []
    for condition, sets in _sited(chart):
        if UNSITED in sets and is_active(chart, condition) is not Truth.FALSE:
            unsited.append(condition)
        reference = references(condition)[0]
        found += [
            Extrapulmonary(
                site=site,
                active=_active_if_real(chart, condition),
                treatable=treatability.get(reference, general),
                detected=began(chart, condition),
                changed=abated(chart, condition) or chart.date_of(condition, "recordedDate") or began(chart, condition),
                facts=(reference,),
            )
            for site in _organs(sets)
        ]
    if unsited:
        chart.flags.add("METASTASIS_SITE_UNKNOWN")
    return tuple(sorted(found, key=lambda item: (item.site, item.facts))), references(*unsited)


def _organs(sets: frozenset[str]) -> list[str]:
    """The organs of a metastasis; "other site" only where none is named."""
    named = {name for key, name in SITES.items() if key in sets}
    return sorted(named - {"other site"} or named)


def _active_if_real(chart: Chart, condition: Resource) -> Truth:
    """Active, not active, or not known: an unconfirmed metastasis may be none, but is not read as none."""
    active = is_active(chart, condition)
    return Truth.UNKNOWN if active is Truth.TRUE and is_unconfirmed(condition) else active


def comorbidities(chart: Chart) -> dict[str, Facts]:
    """Present comorbidities by value-set name: those that rules name for a reason, and those that functions ask for.

    In doubt, and without a clinical status, a Condition is present.
    """
    looked_for = chart.knowledge.comorbidities.union(_COMORBIDITIES)
    found: dict[str, list[Resource]] = defaultdict(list)
    for condition, sets in _sited(chart):
        if is_active(chart, condition) is Truth.FALSE:
            continue
        sure = verification(condition)
        if sure is Verification.UNCONFIRMED or (sure is Verification.DOUBTFUL and "thoracic-node-metastasis" in sets):
            if "thoracic-node-metastasis" in sets:
                found["thoracic-node-suspected"].append(condition)
            continue
        for name in sets.intersection(looked_for):
            found[name].append(condition)
    for name, resource in _care_in_progress(chart):
        found[name].append(resource)
    return {name: references(*items) for name, items in sorted(found.items())}


def doubted_comorbidities(chart: Chart) -> frozenset[str]:
    """Comorbidities that only unconfirmed Conditions record, by value-set name: neither there nor absent."""
    return frozenset(
        name
        for condition, sets in _sited(chart)
        if verification(condition) is Verification.UNCONFIRMED and is_active(chart, condition) is not Truth.FALSE
        for name in sets.intersection(chart.knowledge.comorbidities)
    )


def _care_in_progress(chart: Chart) -> list[tuple[str, Resource]]:
    """Hospice and palliative care recorded as Procedure, ServiceRequest, CarePlan or Encounter (G-03, G-04).

    What is in progress counts until its period has ended; what is completed counts for ``care.days``.
    """
    care = ("hospice", "palliative-care")
    found = []
    for kind, running in (("Procedure", "in-progress"), ("ServiceRequest", "active")):
        for item, sets in chart.coded(kind):
            names = [name for name in care if name in sets]
            if not names or _ended(chart, item.get("performedPeriod")):
                continue
            done_on = chart.date_of(item, "performedDateTime", "performedPeriod", "occurrenceDateTime", "authoredOn")
            lately = status_of(item) == "completed" and chart.within(done_on, "care.days")
            if status_of(item) == running or lately:
                found += [(name, item) for name in names]
    for plan in chart.pool.of("CarePlan"):
        if status_of(plan) == "active" and not _ended(chart, plan.get("period")):
            found += [(name, plan) for name in care if name in chart.sets(list(objects(plan.get("category") or [])))]
    for encounter, _, _ in chart.pool.unsorted("Encounter"):
        about = _kinds_of_stay(chart, encounter)
        if about and status_of(encounter) in {"in-progress", "finished", "arrived", "onleave"}:
            found += [(name, encounter) for name in care if name in about]
    return found


def _kinds_of_stay(chart: Chart, encounter: Resource) -> frozenset[str]:
    """Value sets of an Encounter's class, its types, and where the patient went afterwards."""
    about = chart.sets(encounter.get("class")) | chart.sets(encounter.get("type"))
    stay = encounter.get("hospitalization")
    return about | chart.sets(stay.get("dischargeDisposition")) if isinstance(stay, dict) else about


def _ended(chart: Chart, period: object) -> bool:
    end = parse_partial_date(period.get("end"), chart.zone) if isinstance(period, dict) else None
    return end is not None and end.possible and end.latest < chart.on
