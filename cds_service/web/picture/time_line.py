"""What happened when: lanes for primary, metastases, treatments, imaging and MDT, with a numbered list beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cds_service.knowledge import Knowledge
from cds_service.web.picture.scale import read_date, spanning

WIDTH = 420
_LEFT, _RIGHT, _TOP, _LANE = 26.0, 400.0, 10.0, 40.0
_AT_LEAST = timedelta(days=365)
_MOST = 120
_CLOSE = 15.0

_LANES = {
    "primary": "primary",
    "primary-resection": "primary",
    "lung-metastasis": "metastases",
    "lung-suspected": "metastases",
    "extrapulmonary": "metastases",
    "resection": "local",
    "ablation": "local",
    "radiotherapy": "local",
    "radiotherapy-elsewhere": "local",
    "pneumonectomy": "local",
    "systemic": "systemic",
    "chest-ct": "imaging",
    "abdomen-imaging": "imaging",
    "mdt-requested": "mdt",
    "mdt-held": "mdt",
}
_OPERATIONS = frozenset({"primary-resection", "resection", "pneumonectomy"})


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the list. ``number`` is None for a step without a date, which has no place on the line."""

    number: int | None
    date: str | None
    text: str
    lane: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One mark on the line: one step, or several that would lie on each other. ``whisker``: an inexact date's range."""

    x: float
    y: float
    label: str
    shape: str  # operation | other
    from_x: float
    to_x: float


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Everything that the template draws and lists."""

    lanes: tuple[tuple[float, str], ...]
    dots: tuple[Dot, ...]
    steps: tuple[Step, ...]
    ticks: tuple[tuple[float, str], ...]
    today: float
    dated: int
    height: float
    width: int = WIDTH
    left: float = _LEFT
    right: float = _RIGHT


def time_line(explanation: Mapping[str, Any], knowledge: Knowledge) -> TimeLine | None:
    """The time line; None when nothing is on record. At most the latest 120 steps are shown."""
    events = explanation["events"][-_MOST:]
    evaluated = read_date(explanation["evaluatedOn"])
    if evaluated is None or not events:
        return None
    dated = [(on, event) for event in events if (on := read_date(event["date"]))]
    time = spanning([on.earliest for on, _ in dated], evaluated.latest, left=_LEFT, right=_RIGHT, at_least=_AT_LEAST)
    names = [name for name in dict.fromkeys(_LANES.values()) if any(_LANES[item["kind"]] == name for item in events)]
    level = {name: _TOP + _LANE * (index + 0.7) for index, name in enumerate(names)}
    steps, dots = [], []
    for number, (on, event) in enumerate(dated, start=1):
        lane = _LANES[event["kind"]]
        steps.append(_step(number, event, knowledge.text(f"lane.{lane}")))
        shape = "operation" if event["kind"] in _OPERATIONS else "other"
        dots.append(Dot(time.middle(on), level[lane], str(number), shape, time.x(on.earliest), time.x(on.latest)))
    steps += [
        _step(None, event, knowledge.text(f"lane.{_LANES[event['kind']]}")) for event in events if not event["date"]
    ]
    return TimeLine(
        lanes=tuple((level[name], knowledge.text(f"lane.{name}")) for name in names),
        dots=_apart(dots),
        steps=tuple(steps),
        ticks=tuple(time.ticks()),
        today=time.x(evaluated.latest),
        dated=len(dated),
        height=_TOP + _LANE * len(names) + 30,
    )


def _step(number: int | None, event: Mapping[str, Any], lane: str) -> Step:
    where = event["lobe"] or event["side"]
    text = f"{event['text']} ({where})" if where else str(event["text"])
    return Step(number, event["date"], text, lane, tuple(event["resources"]))


def _apart(dots: Sequence[Dot]) -> tuple[Dot, ...]:
    """Marks of one lane that would lie on each other become one, with the numbers of all: ``3-5``, or ``3, 5``."""
    kept: list[tuple[Dot, list[str]]] = []
    for dot in sorted(dots, key=lambda item: (item.y, item.x, int(item.label))):
        if kept and kept[-1][0].y == dot.y and dot.x - kept[-1][0].x < _CLOSE + 4 * (len(kept[-1][1]) - 1):
            kept[-1][1].append(dot.label)
        else:
            kept.append((dot, [dot.label]))
    return tuple(Dot(dot.x, dot.y, _joined(labels), dot.shape, dot.from_x, dot.to_x) for dot, labels in kept)


def _joined(labels: Sequence[str]) -> str:
    numbers = sorted(int(label) for label in labels)
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}–{numbers[-1]}"
    return ",".join(map(str, numbers)) if len(numbers) <= 3 else f"{numbers[0]}…{numbers[-1]}"
