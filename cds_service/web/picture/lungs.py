"""Both lungs with their lesions to scale, the margins for what has no known place, and earlier treatments by lobe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from cds_service.knowledge import Knowledge
from cds_service.web.picture import anatomy
from cds_service.web.picture.lesion_places import Drawn, Margin, Shown, arrange, numbered

_TREATMENTS = ("resection", "ablation", "radiotherapy", "pneumonectomy")
_MARGIN_TOP = 348.0
_COLUMNS = {"right": 6.0, "unknown": 146.0, "left": 286.0}
_LABELS = {
    "RUL": (26.0, 96.0),
    "RML": (22.0, 196.0),
    "RLL": (20.0, 266.0),
    "LUL": (394.0, 106.0),
    "LLL": (400.0, 250.0),
}
_LINE = 15.0
_WIDE = 26.0
_COLUMN_LETTERS = 22
_BAR_MM = 20


@dataclass(frozen=True, slots=True)
class InMargin:
    """One lesion of a margin, or a line of text (``shown`` is None). ``words``: its lines, and where they begin."""

    shown: Shown | None
    x: float
    y: float
    words: tuple[str, ...]
    words_x: float = 0.0
    words_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Column:
    """The margin of one side, with its heading."""

    title: str
    x: float
    lines: tuple[InMargin, ...]


@dataclass(frozen=True, slots=True)
class Lobe:
    """A lobe's label, with the signs of earlier treatments in it: ``resection`` and how many."""

    name: str
    x: float
    y: float
    treatments: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One lesion as the table names it."""

    number: int
    side: str
    lobe: str
    zone: str
    size: str
    measured_on: str | None
    state: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Treatment:
    """An earlier treatment of the lung, as the list names it."""

    kind: str
    text: str
    date: str | None
    where: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lungs:
    """Everything that the template draws and lists. ``gone``: the sides whose whole lung was removed."""

    outlines: Mapping[str, str]
    thirds: tuple[str, ...]
    fissures: tuple[str, ...]
    airways: str
    rings: tuple[float, ...]
    gone: tuple[str, ...]
    lobes: tuple[Lobe, ...]
    drawn: tuple[Drawn, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    treatments: tuple[Treatment, ...]
    states: tuple[str, ...]
    counted: int
    listed: int
    bar: int
    height: float
    width: int = anatomy.WIDTH


def lungs(explanation: Mapping[str, Any], knowledge: Knowledge) -> Lungs:
    """The schematic; without any lesion it is still drawn, and says so."""
    shown = numbered(explanation["lesions"])
    drawn, margins, undrawn = arrange(shown)
    done = [event for event in explanation["events"] if event["kind"] in _TREATMENTS]
    number = explanation["classification"]["number"]
    counted = sum(item.lesion["counted"] for item in shown)
    notes = _notes(number, counted, undrawn, knowledge) if explanation["population"] != "out" else []
    notes += [_lost(event, knowledge) for event in done if event["kind"] == "pneumonectomy" and not event["side"]]
    columns, height = _columns(margins, notes, knowledge)
    return Lungs(
        outlines={side: anatomy.outline(side) for side in anatomy.mirrored()},
        thirds=tuple(anatomy.third(side, share) for side in anatomy.mirrored() for share in anatomy.THIRDS),
        fissures=tuple(path for side in anatomy.mirrored() for path in anatomy.fissures(side)),
        airways=anatomy.AIRWAYS,
        rings=anatomy.TRACHEAL_RINGS,
        gone=tuple(sorted({event["side"] for event in done if event["kind"] == "pneumonectomy" and event["side"]})),
        lobes=tuple(_lobe(name, done) for name in anatomy.LOBES),
        drawn=drawn,
        columns=columns,
        rows=tuple(_row(item, knowledge) for item in shown),
        treatments=tuple(_treatment(event, knowledge) for event in done),
        states=tuple(dict.fromkeys(item.state for item in shown)),
        counted=counted,
        listed=len(shown),
        bar=_BAR_MM,
        height=height,
    )


def _notes(number: Mapping[str, Any], counted: int, undrawn: int, knowledge: Knowledge) -> list[str]:
    """Lesions that somebody counted and nobody described, and those for which the drawing has no room."""
    said = []
    if number["diffuse"]:
        said.append(knowledge.text("picture.innumerable"))
    elif counted and (number["n"] or 0) > counted:
        said.append(knowledge.text("picture.not_described", count=str(number["n"] - counted)))
    elif not counted and number["n"]:
        said.append(knowledge.text("picture.not_described", count=str(number["n"])))
    if undrawn:
        said.append(knowledge.text("picture.not_drawn", count=str(undrawn)))
    return said


def _lost(event: Mapping[str, Any], knowledge: Knowledge) -> str:
    return f"{event['text']} {event['date'] or knowledge.text('picture.undated')}"


def _columns(margins: Sequence[Margin], notes: Sequence[str], knowledge: Knowledge) -> tuple[tuple[Column, ...], float]:
    found, lowest = [], _MARGIN_TOP - _LINE
    for margin in margins:
        said = list(notes) if margin.side == "unknown" else []
        if margin.more:
            said.append(knowledge.text("picture.not_drawn", count=str(margin.more)))
        if not margin.lesions and not said:
            continue
        x, y = _COLUMNS[margin.side], _MARGIN_TOP + _LINE / 2
        lines = []
        for item in margin.lesions:
            line, y = _in_margin(item, x, y, _unknown(item, margin.why[item.number], knowledge))
            lines.append(line)
        for text in said:
            words = tuple(wrap(text, _COLUMN_LETTERS))
            lines.append(InMargin(None, x, y, words, x, y + 11))
            y += _LINE * len(words)
        found.append(Column(knowledge.text(f"picture.{margin.side}_unknown"), x, tuple(lines)))
        lowest = max(lowest, y)
    return tuple(found), round(lowest + 8, 1)


def _in_margin(item: Shown, x: float, y: float, words: tuple[str, ...]) -> tuple[InMargin, float]:
    """A lesion with its words beside it, or below it where it is large; and where the next one begins."""
    half = max(item.radius or 0, _LINE / 2)
    wide, height = half > _WIDE, _LINE * len(words)
    if wide:
        line = InMargin(item, x + half, y + half, words, x, y + 2 * half + 11)
        return line, y + 2 * half + height + 6
    middle = y + max(half, height / 2)
    line = InMargin(item, x + half, middle, words, x + 2 * half + 4, middle - height / 2 + 11)
    return line, middle + max(half, height / 2) + 5


def _unknown(item: Shown, why: tuple[str, ...], knowledge: Knowledge) -> tuple[str, ...]:
    """What is known of a lesion's place on one line, and what is not on others."""
    known = ", ".join(str(value) for value in (item.lesion["lobe"], item.lesion["zone"]) if value)
    missing = [knowledge.text("picture.no_room" if name == "room" else f"picture.{name}_unknown") for name in why]
    if item.radius is None:
        missing.append(knowledge.text("picture.size_unknown"))
    if item.smaller:
        missing.append(knowledge.text("picture.smaller"))
    return tuple([known, *missing] if known else missing)


def _lobe(name: str, done: Sequence[Mapping[str, Any]]) -> Lobe:
    kinds = Counter(event["kind"] for event in done if event["lobe"] == name)
    return Lobe(name, *_LABELS[name], tuple((kind, kinds[kind]) for kind in _TREATMENTS if kinds[kind]))


def _row(item: Shown, knowledge: Knowledge) -> Row:
    lesion = item.lesion

    def place(value: str | None) -> str:
        return knowledge.text(f"place.{value or 'unknown'}")

    size = lesion["diameterComparator"] or lesion["largestDiameterMm"]
    shown = f"{size:g} mm" if isinstance(size, int | float) else f"{size} mm"
    return Row(
        number=item.number,
        side=place(lesion["side"]),
        lobe=place(lesion["lobe"]),
        zone=place(lesion["zone"]),
        size=shown if size is not None else knowledge.text("picture.size_unknown"),
        measured_on=lesion["measuredOn"],
        state=item.state,
        facts=tuple(lesion["facts"]),
    )


def _treatment(event: Mapping[str, Any], knowledge: Knowledge) -> Treatment:
    where = event["lobe"] or event["side"]
    place = knowledge.text(f"place.{where}") if where else knowledge.text("picture.unknown_unknown")
    return Treatment(event["kind"], event["text"], event["date"], place, tuple(event["resources"]))
