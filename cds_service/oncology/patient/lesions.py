"""One lesion, one identity: the marks of all Observations joined, each lesion at its latest measurement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from cds_service.fhir.dates import PartialDate, add_months
from cds_service.fhir.references import local_reference
from cds_service.fhir.status import status_of
from cds_service.oncology.patient.chart import Chart, Resource, earliest, latest
from cds_service.oncology.patient.lesion_identity import identified
from cds_service.oncology.patient.lesion_marks import (
    Mark,
    Said,
    bodies_of,
    body_key,
    body_site,
    is_tumour,
    read_marks,
)
from cds_service.oncology.patient.model import Lesion, Sighting
from cds_service.truth import Truth
from cds_service.values import ValueObject, replace

T = TypeVar("T")
_LOCAL_TREATMENTS = {
    "lung-resection": "resection",
    "lung-ablation": "ablation",
    "ablation-any": "ablation",
    "stereotactic-radiotherapy": "radiotherapy",
    "radiotherapy-any": "radiotherapy",
}


class _Done(ValueObject, frozen=True):
    """A completed local treatment that names the lesion."""

    on: PartialDate | None
    kind: str
    fact: str


class _Context(ValueObject, frozen=True):
    """What is looked up for every lesion: BodyStructures by identity, and local treatments by BodyStructure."""

    chart: Chart
    bodies: Mapping[str, list[Resource]]
    treatments: Mapping[str, list[_Done]]


def read_lesions(chart: Chart) -> tuple[tuple[Lesion, ...], dict[str, int]]:
    """All lung lesions, and the number of lesions measured in each organ outside lung and colorectum.

    Observations that nothing identifies are lesions of their own when they were made on the latest imaging date, with
    the flag ``LESION_IDENTITY_ASSUMED``; older ones are history. What was said without naming a lesion belongs to the
    only lesion there is, or is reported.
    """
    context = _context(chart)
    groups: dict[str, list[Mark]] = defaultdict(list)
    loose = []
    placed, unplaced = _placed(identified(chart, read_marks(chart)))
    for mark in placed:
        if mark.key is not None:
            groups[mark.key].append(mark)
        else:
            loose.append(mark)
    for key, bodies in context.bodies.items():
        if any(is_tumour(chart, body) and body_site(chart, body).lung for body in bodies):
            groups.setdefault(key, [])
    lung = {key: marks for key, marks in groups.items() if _in_lung(context, key, marks)}
    outside = Counter(
        found
        for key, marks in groups.items()
        if key not in lung and (found := next((mark.organ for mark in marks if mark.organ and mark.measures), None))
    )
    assumed = _add_loose(chart, lung, loose)
    lesions = [_lesion(context, key, marks, assumed=key in assumed) for key, marks in sorted(lung.items())]
    newest = latest((lesion.measured, lesion.measured) for lesion in lesions)
    _report_unplaced(chart, unplaced, newest)
    ordered = sorted((_not_in_latest(lesion, newest) for lesion in lesions), key=lambda item: item.id)
    return tuple(ordered), dict(outside)


def _context(chart: Chart) -> _Context:
    bodies: dict[str, list[Resource]] = defaultdict(list)
    for body in chart.pool.of("BodyStructure"):
        if body.get("active") is not False:
            bodies[body_key(body)].append(body)
    treatments: dict[str, list[_Done]] = defaultdict(list)
    for procedure, sets in chart.coded("Procedure"):
        kind = next((kind for name, kind in _LOCAL_TREATMENTS.items() if name in sets), None)
        if status_of(procedure) == "completed" and kind:
            on = chart.date_of(procedure, "performedDateTime", "performedPeriod")
            for body in bodies_of(chart, procedure):
                treatments[body_key(body)].append(_Done(on, kind, local_reference(procedure)))
    return _Context(chart, bodies, treatments)


def _placed(marks: Iterable[Mark]) -> tuple[list[Mark], list[Mark]]:
    """Marks that can be placed, and sizes of which nobody can say in which organ they were taken.

    A size without a site is placed where another Observation of the same lesion is.
    """
    listed = list(marks)
    keys = {mark.key for mark in listed if mark.site.lung is not None} - {None}
    unplaced = [mark for mark in listed if mark.measures and mark.site.lung is None and mark.key not in keys]
    aside = {mark.fact for mark in unplaced}
    return [mark for mark in listed if mark.fact not in aside], unplaced


def _report_unplaced(chart: Chart, unplaced: Iterable[Mark], newest: PartialDate | None) -> None:
    """Report sizes without a site. They may lie in the lung: the number of lesions stays open.

    A size that nothing identifies and that is older than the newest of the lung is history, as it is within the lung.
    """
    for mark in unplaced:
        chart.report(mark.observation, "SITE_UNKNOWN", "The measurement does not say which organ it is about.")
        older = mark.on is not None and newest is not None and mark.on.latest < newest.earliest
        if mark.key is not None or not older:
            chart.lesion_unplaced = True


def _in_lung(context: _Context, key: str, marks: list[Mark]) -> bool:
    sites = [mark.site for mark in marks] + [body_site(context.chart, body) for body in context.bodies.get(key, ())]
    return any(site.lung for site in sites)


def _add_loose(chart: Chart, lung: dict[str, list[Mark]], loose: list[Mark]) -> set[str]:
    """Give each unidentified measurement of the latest imaging date a group of its own; the keys of these groups."""
    measuring = [mark for mark in loose if mark.measures and mark.site.lung]
    known = [mark for marks in lung.values() for mark in marks if mark.measures]
    newest = latest((mark.on, mark.on) for mark in (*known, *measuring))
    assumed, history = set(), []
    for mark in measuring:
        if mark.on is None or newest is None or mark.on.latest >= newest.latest:
            lung[mark.fact] = [mark]
            assumed.add(mark.fact)
        else:
            history.append(mark)
    if assumed:
        chart.flags.add("LESION_IDENTITY_ASSUMED")
    unnamed = [mark for mark in loose if not mark.measures]
    if len(lung) == 1:
        per_day = Counter(mark.on.text if mark.on else "" for mark in history)
        alone = [mark for mark in history if per_day[mark.on.text if mark.on else ""] == 1]
        next(iter(lung.values())).extend([*unnamed, *alone])
    else:
        for mark in unnamed:
            chart.report(
                mark.observation, "LESION_UNIDENTIFIED", "Nothing says which lesion this Observation is about."
            )
    return assumed


def _newest(marks: list[Mark], pick: Callable[[Said], T | None]) -> T | None:
    """The latest value that the marks give for one attribute."""
    return latest((mark.on, answer) for mark in marks if (answer := pick(mark.said)) is not None)


def _lesion(context: _Context, key: str, marks: list[Mark], *, assumed: bool) -> Lesion:
    """One lung lesion from all marks that carry its identity."""
    chart = context.chart
    bodies = {local_reference(body): body for body in context.bodies.get(key, ())}
    sites = [mark.site for mark in marks] + [body_site(chart, body) for body in bodies.values()]
    sides = {site.side for site in sites if site.side}
    lobes = {site.lobe for site in sites if site.lobe}
    conflict = len(sides) > 1 or any(site.conflict for site in sites)
    measuring = [mark for mark in marks if mark.measures]
    measured = latest((mark.on, mark.on) for mark in measuring)
    last = [mark for mark in measuring if _day(mark.on) == _day(measured)]
    sizes = [mark.diameter_mm for mark in last if mark.diameter_mm is not None]
    sightings = sorted((Sighting(mark.on, mark.diameter_mm, mark.fact) for mark in measuring), key=_sighting_order)
    histology = _newest(marks, lambda said: said.histology)
    near = _newest(marks, lambda said: said.near_vessel_or_bronchus)
    done = context.treatments.get(key, [])
    last_done = latest((item.on, item) for item in sorted(done, key=lambda item: item.fact))
    flags = {"SIDE_CONFLICT"} if conflict else set()
    regrowth = _regrowth(marks, last_done.on) if last_done else []
    lesion = Lesion(
        id=min(bodies, default=max((mark.fact for mark in last), default=key)),
        side=next(iter(sides)) if len(sides) == 1 and not conflict else None,
        lobe=next(iter(lobes)) if len(lobes) == 1 and not conflict else None,
        zone=_newest(marks, lambda said: said.zone),
        diameter_mm=max(sizes, key=lambda size: size.value, default=None),
        measured=measured,
        first_seen=earliest(sighting.on for sighting in sightings),
        bronchial_distance_mm=_newest(marks, lambda said: said.bronchial_distance_mm),
        vessel_distance_mm=_newest(marks, lambda said: said.vessel_distance_mm),
        near_vessel_or_bronchus=Truth.UNKNOWN if near is None else near,
        growth=_newest(marks, lambda said: said.growth),
        histology=histology,
        treated=last_done is not None and not regrowth,
        treatment=last_done.kind if last_done else None,
        treated_on=last_done.on if last_done else None,
        regrown=earliest(mark.on for mark in regrowth),
        benign=histology == "other",
        unit_fault=not sizes and any(mark.unit_fault for mark in last),
        sightings=tuple(sightings),
        flags=tuple(sorted(flags | ({"LESION_IDENTITY_ASSUMED"} if assumed else set()))),
        facts=tuple(sorted({*(fact for mark in marks for fact in mark.facts), *bodies, *(item.fact for item in done)})),
    )
    return replace(lesion, benign=True) if _long_stable(chart, lesion) else lesion


def _day(on: PartialDate | None) -> object:
    return on.latest if on else None


def _regrowth(marks: list[Mark], treated_on: PartialDate | None) -> list[Mark]:
    """The marks that record growth after the treatment, for which the lesion counts again."""
    return [
        mark
        for mark in marks
        if mark.said.growth in {"growing", "new"}
        and (treated_on is None or (mark.on is not None and mark.on.earliest > treated_on.latest))
    ]


def _long_stable(chart: Chart, lesion: Lesion) -> bool:
    """Stable over ``nodule.benignStableMonths`` and called stable (N-03)."""
    if lesion.growth != "stable" or lesion.histology or not lesion.first_seen or not lesion.measured:
        return False
    months = chart.knowledge.parameter("nodule.benignStableMonths").integer
    return add_months(lesion.first_seen.latest, months) <= lesion.measured.earliest


def _sighting_order(sighting: Sighting) -> tuple[str, str]:
    return (sighting.on.earliest.isoformat() if sighting.on else "", sighting.fact)


def _not_in_latest(lesion: Lesion, newest: PartialDate | None) -> Lesion:
    if newest is None or lesion.measured is None or lesion.measured.latest >= newest.earliest:
        return lesion
    return replace(lesion, flags=tuple(sorted({*lesion.flags, "LESION_NOT_IN_LATEST_CT"})))
