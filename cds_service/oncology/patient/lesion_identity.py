"""Identity of lesions from panels and from Observation identifiers, where nothing better names the lesion.

In order: BodyStructure (its identifier, else its id), DICOM tracking UID, a panel about one lesion, an Observation
identifier that follows a lesion over time.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from cds_service.fhir.references import local_reference
from cds_service.oncology.patient.chart import Chart, Resource, objects
from cds_service.oncology.patient.lesion_marks import Mark, bodies_of, body_key, named_body, site_of, tracking_key
from cds_service.oncology.patient.sites import NO_SITE
from cds_service.values import replace


def identified(chart: Chart, marks: list[Mark]) -> list[Mark]:
    """The marks, each with the identity that its panel or its identifiers give."""
    return _follow_identifiers(_join_panels(chart, marks))


def _join_panels(chart: Chart, marks: list[Mark]) -> list[Mark]:
    """Marks that are members of one panel about one lesion get the panel's identity, place and date.

    A panel with an identity of its own (a BodyStructure, a DICOM tracking UID) is about one lesion, and so is one with
    a single longest dimension, whatever further dimensions stand beside it. Any other panel with several measurements
    describes several lesions: its members keep their own identities and take its place only where they have none. A
    panel is never a lesion itself, unless it carries a size of its own.
    """
    by_fact = {mark.fact: mark for mark in marks}
    for panel in chart.having("Observation", "hasMember") if marks else ():
        members = [chart.pool.get(reference, container=panel) for reference in objects(panel["hasMember"])]
        names = sorted({local_reference(item) for item in members if item is not None} & by_fact.keys())
        if not names:
            continue
        own = by_fact.pop(local_reference(panel), None)
        about = [by_fact[name] for name in names]
        if own is not None and own.diameter_mm is None and own.key is None:
            own = replace(own, measures=False)
        measuring = [mark for mark in (*about, *([own] if own else [])) if mark.measures]
        lesions = [mark for mark in measuring if not _is_further_dimension(chart, mark)]
        key = _panel_key(chart, panel)
        place = own.site if own else site_of(chart, panel, None, chart.sets(panel.get("code")))
        for mark in about:
            on = mark.on or chart.observed(panel)
            by_fact[mark.fact] = replace(mark, site=mark.site if mark.site.lung is not None else place, on=on)
        others = {mark.key for mark in about if mark.key} - {key}
        if len(lesions) <= 1 or (key and not others):
            group = [by_fact[name] for name in names] + ([own] if own else [])
            _speak_as_one(chart, key, group, by_fact)
    return [by_fact[fact] for fact in sorted(by_fact)]


def _panel_key(chart: Chart, panel: Resource) -> str | None:
    """The identity that a panel itself states."""
    bodies = bodies_of(chart, panel)
    if len(bodies) == 1:
        return body_key(bodies[0])
    return None if bodies else named_body(panel) or tracking_key(panel)


def _is_further_dimension(chart: Chart, mark: Mark) -> bool:
    """True if the mark is a width or a height beside the longest dimension, and no size by itself."""
    return "lesion-other-dimension" in chart.sets(mark.observation.get("code"))


def _speak_as_one(chart: Chart, stated: str | None, group: list[Mark], by_fact: dict[str, Mark]) -> None:
    """Merge a panel and its members into one mark: the one with the longest dimension."""
    key = next((mark.key for mark in group if mark.key), None) or stated
    place = next((mark.site for mark in group if mark.site.lung is not None), NO_SITE)
    speaker = max(group, key=lambda mark: _weight(chart, mark))
    said = speaker.said
    for mark in group:
        by_fact.pop(mark.fact, None)
        said = said.joined(mark.said)
    facts = tuple(sorted({fact for mark in group for fact in mark.facts}))
    measures = any(mark.measures for mark in group)
    by_fact[speaker.fact] = replace(speaker, key=key, site=place, said=said, facts=facts, measures=measures)


def _weight(chart: Chart, mark: Mark) -> tuple[bool, bool, Decimal, bool, bool, str]:
    """Sort key for the size of a lesion: a longest dimension before any other, and the larger of two.

    A longest dimension that cannot be read is not made up for by a width.
    """
    is_size = mark.measures and not _is_further_dimension(chart, mark)
    value = mark.diameter_mm.value if mark.diameter_mm else Decimal(0)
    return (is_size, mark.diameter_mm is not None, value, mark.measures, mark.unit_fault, mark.fact)


def _follow_identifiers(marks: list[Mark]) -> list[Mark]:
    """Observation identifiers as lesion identity, where a system uses one identifier at several dates.

    Most feeds number each Observation anew; such a number says nothing about the lesion, and taking it for an identity
    would count serial measurements of one lesion as several.
    """
    dates: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mark in marks:
        for name in _identifiers(mark):
            dates[name].add(mark.on.text if mark.on else "")
    following = {system for (system, _), days in dates.items() if len(days) > 1}
    followed = []
    for mark in marks:
        names = sorted(name for name in _identifiers(mark) if name[0] in following)
        key = f"identifier|{names[0][0]}|{names[0][1]}" if mark.key is None and names else mark.key
        followed.append(replace(mark, key=key))
    return followed


def _identifiers(mark: Mark) -> list[tuple[str, str]]:
    found = objects(mark.observation.get("identifier") or [])
    return [(str(item.get("system", "")), item["value"]) for item in found if isinstance(item.get("value"), str)]
