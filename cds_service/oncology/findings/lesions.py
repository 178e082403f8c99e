"""One lesion, one identity: the marks of all Observations joined, each lesion at its latest measurement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from cds_service.fhir.dates import PartialDate, add_months
from cds_service.fhir.references import local_reference
from cds_service.oncology.findings.chart import Chart, earliest, latest, objects
from cds_service.oncology.findings.lesion_marks import Mark, bodies_of, body_key, body_site, is_tumour, read_marks
from cds_service.oncology.findings.model import Lesion, Sighting
from cds_service.truth import Truth

_LOCAL_TREATMENTS = frozenset(
    {"lung-ablation", "ablation-any", "radiotherapy-any", "stereotactic-radiotherapy", "lung-resection"}
)


def read_lesions(chart: Chart) -> tuple[tuple[Lesion, ...], int | None]:
    """All lung lesions, and the number of lesions measured outside lung and colorectum (None when none was).

    Identity, in order: BodyStructure (its identifier, else its id), DICOM tracking UID, an Observation identifier that
    follows a lesion over time. Observations without any of these are lesions of their own when they were made on the
    latest imaging date, with the flag ``LESION_IDENTITY_ASSUMED``; older ones are history.
    """
    marks = _with_site_problems(chart, _follow_identifiers(chart, _join_panels(chart, read_marks(chart))))
    groups: dict[str, list[Mark]] = defaultdict(list)
    loose = []
    for mark in marks:
        if mark.key is not None:
            groups[mark.key].append(mark)
        else:
            loose.append(mark)
    for body in chart.pool.of("BodyStructure"):
        if body.get("active") is not False and body_site(chart, body).lung and is_tumour(chart, body):
            groups.setdefault(body_key(body), [])
    lesions = [_lesion(chart, key, found) for key, found in sorted(groups.items())]
    lesions = [lesion for lesion in lesions if lesion is not None]
    outside = sum(1 for found in groups.values() if any(mark.site.lung is False and mark.measures for mark in found))
    lesions, left_over = _add_loose(chart, lesions, loose)
    for mark in left_over:
        chart.report(mark.observation, "LESION_UNIDENTIFIED", "Nothing says which lesion this Observation is about.")
    newest = latest((lesion.measured, lesion.measured) for lesion in lesions)
    return tuple(
        sorted((_not_in_latest(lesion, newest) for lesion in lesions), key=lambda item: item.id)
    ), outside or None


def _with_site_problems(chart: Chart, marks: Iterable[Mark]) -> list[Mark]:
    """Marks that can be placed; a size without any site may be of the primary, and is set aside with a report."""
    kept = []
    for mark in marks:
        if mark.measures and mark.site.lung is None:
            chart.report(mark.observation, "SITE_UNKNOWN", "The measurement does not say which organ it is about.")
        else:
            kept.append(mark)
    return kept


def _join_panels(chart: Chart, marks: list[Mark]) -> list[Mark]:
    """Marks that are members of one panel about one lesion get the panel's identity.

    A panel with several measurements describes several lesions, and its members keep their own identities.
    """
    by_fact = {mark.fact: mark for mark in marks}
    for panel in chart.pool.of("Observation"):
        members = [chart.pool.get(reference, container=panel) for reference in objects(panel.get("hasMember") or [])]
        facts = [local_reference(item) for item in members if item is not None]
        about = [by_fact[fact] for fact in facts if fact in by_fact]
        if not about or sum(mark.measures for mark in about) > 1:
            continue
        bodies = bodies_of(chart, panel)
        own = by_fact.get(local_reference(panel))
        key = next((mark.key for mark in about if mark.key), None) or (own.key if own else None)
        key = key or (body_key(bodies[0]) if len(bodies) == 1 else f"panel|{local_reference(panel)}")
        sites = [mark.site for mark in [*about, *([own] if own else [])] if mark.site.lung is not None]
        for mark in [*about, *([own] if own else [])]:
            site = mark.site if mark.site.lung is not None or not sites else sites[0]
            by_fact[mark.fact] = replace(mark, key=key, site=site, on=mark.on or chart.observed(panel))
    return [by_fact[fact] for fact in sorted(by_fact)]


def _follow_identifiers(chart: Chart, marks: list[Mark]) -> list[Mark]:
    """Observation identifiers as lesion identity, where a system uses one identifier at several dates.

    Most feeds number each Observation anew; such a number says nothing about the lesion, and taking it for an identity
    would count serial measurements of one lesion as several.
    """
    dates: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mark in marks:
        for system, value in _identifiers(mark):
            dates[system, value].add(mark.on.text if mark.on else "")
    following = {system for (system, _), days in dates.items() if len(days) > 1}
    followed = []
    for mark in marks:
        names = sorted(pair for pair in _identifiers(mark) if pair[0] in following)
        key = f"identifier|{names[0][0]}|{names[0][1]}" if mark.key is None and names else mark.key
        followed.append(replace(mark, key=key))
    return followed


def _identifiers(mark: Mark) -> list[tuple[str, str]]:
    found = objects(mark.observation.get("identifier") or [])
    return [(str(item.get("system", "")), item["value"]) for item in found if isinstance(item.get("value"), str)]


def _add_loose(chart: Chart, lesions: list[Lesion], loose: list[Mark]) -> tuple[list[Lesion], list[Mark]]:
    """Lesions that nothing identifies, from the latest imaging date; and what could not be placed at all."""
    measuring = [mark for mark in loose if mark.measures and mark.site.lung]
    known_dates = [(lesion.measured, lesion.measured) for lesion in lesions]
    newest = latest([*known_dates, *((mark.on, mark.on) for mark in measuring)])
    current = [mark for mark in measuring if mark.on is None or newest is None or mark.on.latest >= newest.latest]
    for mark in current:
        lesion = _lesion(chart, mark.fact, [mark])
        if lesion is not None:
            lesions.append(replace(lesion, flags=tuple(sorted({*lesion.flags, "LESION_IDENTITY_ASSUMED"}))))
            chart.flags.add("LESION_IDENTITY_ASSUMED")
    earlier = [mark for mark in measuring if mark not in current]
    attributes = [mark for mark in loose if not mark.measures]
    if len(lesions) == 1:  # the only lesion: what is said without naming one is about it
        only = lesions[0]
        marks = [*_marks_behind(current), *earlier, *attributes]
        lesions[0] = _enriched(only, marks)
        return lesions, []
    return lesions, attributes


def _marks_behind(current: list[Mark]) -> list[Mark]:
    return [mark for mark in current if mark.attributes]


def _enriched(lesion: Lesion, marks: list[Mark]) -> Lesion:
    """The lesion with attributes and earlier sightings that were recorded without naming it."""
    sightings = {item.fact: item for item in lesion.sightings}
    for mark in marks:
        if mark.measures:
            sightings[mark.fact] = Sighting(mark.on, mark.diameter_mm, mark.fact)

    def attribute(name: str, present: object) -> object:
        found = latest((mark.on, mark.attributes[name]) for mark in marks if name in mark.attributes)
        return present if found is None else found

    ordered = tuple(sorted(sightings.values(), key=_sighting_order))
    return replace(
        lesion,
        zone=attribute("own-lesion-zone", lesion.zone),
        bronchial_distance_mm=attribute("own-distance-to-bronchial-tree", lesion.bronchial_distance_mm),
        vessel_distance_mm=attribute("own-distance-to-vessel", lesion.vessel_distance_mm),
        near_vessel_or_bronchus=attribute("own-near-vessel-or-bronchus", lesion.near_vessel_or_bronchus),
        growth=attribute("own-lesion-growth", lesion.growth),
        histology=attribute("own-lesion-histology", lesion.histology),
        benign=lesion.benign or attribute("own-lesion-histology", None) == "other",
        sightings=ordered,
        first_seen=earliest(item.on for item in ordered) or lesion.first_seen,
        facts=tuple(sorted({*lesion.facts, *(mark.fact for mark in marks if mark.attributes)})),
    )


def _sighting_order(sighting: Sighting) -> tuple[str, str]:
    return (sighting.on.earliest.isoformat() if sighting.on else "", sighting.fact)


def _not_in_latest(lesion: Lesion, newest: PartialDate | None) -> Lesion:
    if newest is None or lesion.measured is None or lesion.measured.latest >= newest.earliest:
        return lesion
    return replace(lesion, flags=tuple(sorted({*lesion.flags, "LESION_NOT_IN_LATEST_CT"})))


def _lesion(chart: Chart, key: str, marks: list[Mark]) -> Lesion | None:
    """One lung lesion from all marks with its identity; None when it lies outside the lung."""
    bodies = {local_reference(mark.body): mark.body for mark in marks if mark.body is not None}
    for body in chart.pool.of("BodyStructure"):
        if body_key(body) == key:
            bodies[local_reference(body)] = body
    sites = [mark.site for mark in marks] + [body_site(chart, bodies[name]) for name in sorted(bodies)]
    if not any(site.lung for site in sites):
        return None
    newest: Callable[[str], object] = lambda name: latest(  # noqa: E731
        (mark.on, mark.attributes[name]) for mark in marks if name in mark.attributes
    )
    measuring = [mark for mark in marks if mark.measures]
    last_day = latest((mark.on, mark.on) for mark in measuring)
    last = [
        mark for mark in measuring if (mark.on.latest if mark.on else None) == (last_day.latest if last_day else None)
    ]
    sizes = [mark.diameter_mm for mark in last if mark.diameter_mm is not None]
    sides = {site.side for site in sites if site.side}
    lobes = {site.lobe for site in sites if site.lobe}
    conflict = len(sides) > 1 or any(site.conflict for site in sites)
    sightings = tuple(sorted((Sighting(m.on, m.diameter_mm, m.fact) for m in measuring), key=_sighting_order))
    first_seen = earliest(item.on for item in sightings)
    growth = newest("own-lesion-growth")
    histology = newest("own-lesion-histology")
    treated_on, treated, treatments = _treatment(chart, bodies)
    progressed = any(
        mark.attributes.get("own-lesion-growth") in {"growing", "new"}
        and (treated_on is None or (mark.on is not None and mark.on.earliest > treated_on.earliest))
        for mark in marks
    )
    lesion = Lesion(
        id=min(bodies, default=max((mark.fact for mark in last), default=key)),
        side=None if conflict else next(iter(sides), None),
        lobe=next(iter(lobes)) if len(lobes) == 1 and not conflict else None,
        zone=newest("own-lesion-zone"),  # type: ignore[arg-type]
        diameter_mm=max(sizes, key=lambda item: item.value, default=None),
        measured=last_day,
        first_seen=first_seen,
        bronchial_distance_mm=newest("own-distance-to-bronchial-tree"),  # type: ignore[arg-type]
        vessel_distance_mm=newest("own-distance-to-vessel"),  # type: ignore[arg-type]
        near_vessel_or_bronchus=_or_unknown(newest("own-near-vessel-or-bronchus")),
        growth=growth,  # type: ignore[arg-type]
        histology=histology,  # type: ignore[arg-type]
        treated=treated and not progressed,
        unit_fault=not sizes and any(mark.unit_fault for mark in last),
        sightings=sightings,
        flags=("SIDE_CONFLICT",) if conflict else (),
        facts=tuple(sorted({*(mark.fact for mark in marks), *bodies, *treatments})),
        locally_treated_on=treated_on,
    )
    return replace(lesion, benign=histology == "other" or _long_stable(chart, lesion))


def _or_unknown(value: object) -> Truth:
    return value if isinstance(value, Truth) else Truth.UNKNOWN


def _long_stable(chart: Chart, lesion: Lesion) -> bool:
    """Stable over ``nodule.benignStableMonths`` and called stable (N-03)."""
    if lesion.growth != "stable" or lesion.histology or not lesion.first_seen or not lesion.measured:
        return False
    months = chart.knowledge.parameter("nodule.benignStableMonths").integer
    return add_months(lesion.first_seen.latest, months) <= lesion.measured.earliest


def _treatment(chart: Chart, bodies: object) -> tuple[PartialDate | None, bool, list[str]]:
    """Completed local treatments of this very lesion: the latest date, whether there was any, and the Procedures."""
    done = []
    for procedure, sets in chart.coded("Procedure"):
        if procedure.get("status") == "completed" and sets & _LOCAL_TREATMENTS:
            targets = {local_reference(body) for body in bodies_of(chart, procedure)}
            if targets.intersection(bodies):  # type: ignore[arg-type]
                done.append(
                    (chart.date_of(procedure, "performedDateTime", "performedPeriod"), local_reference(procedure))
                )
    return latest((on, on) for on, _ in done), bool(done), [fact for _, fact in done]
