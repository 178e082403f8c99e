"""CEA over time against its edge: what was used, what was too old, what could not be used, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from string import ascii_uppercase
from typing import Any

from cds_service.fhir.dates import PartialDate
from cds_service.web.picture.scale import TimeScale, ValueScale, read_date, spanning

WIDTH, HEIGHT = 420, 236
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 408.0, 34.0, 196.0
_AT_LEAST = timedelta(days=365)
_HEADROOM = 1.15
_LOGARITHMIC_FROM = 12  # times the edge
_MOST_POINTS = 200
_CLOSE = 13.0
_TREATMENTS = ("primary-resection", "resection", "ablation", "radiotherapy", "pneumonectomy", "systemic")


@dataclass(frozen=True, slots=True)
class Point:
    """One result. ``shape`` is one of current | usable | stale | confounded | set_aside; ``bound``: ``<`` or ``>``."""

    x: float
    y: float
    from_x: float
    to_x: float
    shape: str
    bound: str
    value: str
    date: str
    fact: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A treatment on the curve, by a letter. ``level``: how far down the letter stands, so that two do not collide."""

    x: float
    level: int
    letter: str
    text: str
    date: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Everything that the template draws."""

    points: tuple[Point, ...]
    line: str
    marks: tuple[Mark, ...]
    before: tuple[tuple[str, str], ...]
    edge_y: float
    edge: str
    today: float
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    logarithmic: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: float = _LEFT
    right: float = _RIGHT
    top: float = _TOP
    bottom: float = _BOTTOM


def cea_curve(explanation: Mapping[str, Any]) -> Curve | None:
    """The curve, or None when no dated result is on record. At most the latest 200 results are drawn."""
    cea = explanation["cea"]
    results = [(on, item) for item in cea["series"] if (on := read_date(item["date"]))][-_MOST_POINTS:]
    unread = [(on, item) for item in cea["setAside"] if (on := read_date(item["date"]))][-_MOST_POINTS:]
    evaluated = read_date(explanation["evaluatedOn"])
    if evaluated is None or not (results or unread):
        return None
    days = [on.earliest for on, _ in (*results, *unread)]
    time = spanning(days, evaluated.latest, left=_LEFT, right=_RIGHT, at_least=_AT_LEAST)
    threshold = cea["threshold"]
    values = _values([float(item["ngPerMl"]) for _, item in results], float(threshold["ngPerMl"]))
    points = tuple(sorted((_points(results, unread, time, values)), key=lambda point: (point.x, point.fact)))
    marks, before = _marks(explanation["events"], time)
    return Curve(
        points=points,
        line=" ".join(f"{point.x},{point.y}" for point in points if point.shape not in ("confounded", "set_aside")),
        marks=marks,
        before=before,
        edge_y=values.y(float(threshold["ngPerMl"])),
        edge=f"{_OPPOSITE.get(threshold['comparison'], threshold['comparison'])} {threshold['ngPerMl']:g}",
        today=time.x(evaluated.latest),
        x_ticks=tuple(time.ticks()),
        y_ticks=tuple(values.ticks()),
        logarithmic=values.logarithmic,
    )


_OPPOSITE = {">=": "≥", "<=": "≤"}


def _values(values: Sequence[float], edge: float) -> ValueScale:
    highest = max([*values, edge])
    logarithmic = highest > edge * _LOGARITHMIC_FROM
    low = min([value for value in values if value > 0] + [edge]) / 2 if logarithmic else 0.0
    return ValueScale(low, highest * _HEADROOM, _BOTTOM, _TOP, logarithmic)


def _points(
    results: Sequence[tuple[PartialDate, Mapping[str, Any]]],
    unread: Sequence[tuple[PartialDate, Mapping[str, Any]]],
    time: TimeScale,
    values: ValueScale,
) -> list[Point]:
    found = [
        Point(
            x=time.middle(on),
            y=values.y(float(item["ngPerMl"])),
            from_x=time.x(on.earliest),
            to_x=time.x(on.latest),
            shape="confounded" if item["confounded"] else item["state"],
            bound=(item["comparator"] or "")[:1],
            value=f"{item['comparator'] or ''}{item['ngPerMl']:g}",
            date=item["date"],
            fact=item["fact"],
        )
        for on, item in results
    ]
    return found + [
        Point(
            time.middle(on), _BOTTOM, time.x(on.earliest), time.x(on.latest), "set_aside", "", "", on.text, item["fact"]
        )
        for on, item in unread
    ]


def _marks(
    events: Sequence[Mapping[str, Any]], time: TimeScale
) -> tuple[tuple[Mark, ...], tuple[tuple[str, str], ...]]:
    """Treatments within the curve, each with a letter; those from before it."""
    inside: list[Mark] = []
    before = []
    for event in events:
        on = read_date(event["date"])
        if event["kind"] not in _TREATMENTS or on is None:
            continue
        text = _placed(event)
        if on.latest < time.first:
            before.append((event["date"], text))
        elif len(inside) < len(ascii_uppercase):
            x = time.middle(on)
            near = [mark for mark in inside if abs(mark.x - x) < _CLOSE]
            level = near[-1].level + 1 if near else 0
            inside.append(Mark(x, level % 2, ascii_uppercase[len(inside)], text, event["date"]))
    return tuple(inside), tuple(before)


def _placed(event: Mapping[str, Any]) -> str:
    where = event["lobe"] or event["side"]
    return f"{event['text']} ({where})" if where else event["text"]
