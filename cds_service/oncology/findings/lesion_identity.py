"""Whose mark is it? Identity from panels and from Observation identifiers, where nothing better names the lesion.

In order: BodyStructure (its identifier, else its id), DICOM tracking UID, a panel about one lesion, an Observation
identifier that follows a lesion over time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from cds_service.fhir.references import local_reference
from cds_service.oncology.findings.chart import Chart, objects
from cds_service.oncology.findings.lesion_marks import Mark, bodies_of, body_key


def identified(chart: Chart, marks: list[Mark]) -> list[Mark]:
    """The marks with every identity that can be had."""
    return _follow_identifiers(_join_panels(chart, marks))


def _join_panels(chart: Chart, marks: list[Mark]) -> list[Mark]:
    """Marks that are members of one panel about one lesion get the panel's identity, place and date.

    A panel with several measurements describes several lesions, and its members keep their own identities.
    """
    by_fact = {mark.fact: mark for mark in marks}
    for panel in chart.pool.of("Observation") if marks else ():
        if not panel.get("hasMember"):
            continue
        members = [chart.pool.get(reference, container=panel) for reference in objects(panel["hasMember"])]
        facts = [local_reference(item) for item in members if item is not None]
        about = [by_fact[fact] for fact in facts if fact in by_fact]
        if not about or sum(mark.measures for mark in about) > 1:
            continue
        if own := by_fact.get(local_reference(panel)):
            about.append(own)
        bodies = bodies_of(chart, panel)
        named = next((mark.key for mark in about if mark.key), None)
        key = named or (body_key(bodies[0]) if len(bodies) == 1 else None)
        place = next((mark.site for mark in about if mark.site.lung is not None), None)
        for mark in about:
            site = mark.site if mark.site.lung is not None or place is None else place
            joined = replace(
                mark, key=key, panel=local_reference(panel), site=site, on=mark.on or chart.observed(panel)
            )
            by_fact[mark.fact] = joined
    return _one_mark_a_panel([by_fact[fact] for fact in sorted(by_fact)])


def _one_mark_a_panel(marks: list[Mark]) -> list[Mark]:
    """An unidentified panel speaks with one voice: its attributes go to its one measurement."""
    kept = []
    spokesman = {mark.panel: mark.fact for mark in marks if mark.panel and mark.key is None and mark.measures}
    by_fact = {mark.fact: mark for mark in marks}
    for mark in marks:
        speaker = spokesman.get(mark.panel) if mark.panel and mark.key is None else None
        if speaker is None or speaker == mark.fact:
            kept.append(mark.fact)
            continue
        by_fact[speaker] = replace(by_fact[speaker], said=by_fact[speaker].said.joined(mark.said))
    return [by_fact[fact] for fact in kept]


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
