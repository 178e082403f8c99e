"""Where each lesion is drawn: inside its lobe and zone where both are known, else in a margin that says what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import dist
from typing import Any

from cds_service.web.picture.anatomy import LOBES, THIRDS, Place, places

_MOST = 60
_MOST_IN_MARGIN = 14
_LARGEST = 64.0
_UNSIZED = 8.0
_SMALLEST_ROOM = 8.0
_GAP = 2.0
_CROWDED = 4.0

#: How far from the hilum a zone lies: the shares of the way to the pleura.
_BANDS: Mapping[str, tuple[float, float]] = {
    "peripheral": (THIRDS[1], 1.0),
    "middle": (THIRDS[0], THIRDS[1]),
    "medial": (0.0, THIRDS[0]),
    "central": (0.0, THIRDS[0]),
    "ultracentral": (0.0, THIRDS[0] / 2),
}
_TREATED = {"resection": "removed", "ablation": "ablated", "radiotherapy": "irradiated"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A lesion with the number it goes by. ``radius`` is None when its size is not known at all."""

    number: int
    lesion: Mapping[str, Any]
    state: str  # counted | regrown | small | removed | ablated | irradiated | benign
    radius: float | None
    bound: str  # "<" or ">" where only a bound of the size is known
    smaller: bool  # drawn smaller than it is


@dataclass(frozen=True, slots=True)
class Drawn:
    """A lesion at its place on the drawing."""

    shown: Shown
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Margin:
    """Lesions that have no place of their own: by side, right, not known, left. ``why``: what is not known of each."""

    side: str
    lesions: tuple[Shown, ...]
    more: int
    why: Mapping[int, tuple[str, ...]]


def numbered(lesions: Sequence[Mapping[str, Any]]) -> tuple[Shown, ...]:
    """Every lesion with its number, from the viewer's left to right and from above: right lung first, then by lobe."""

    def order(lesion: Mapping[str, Any]) -> tuple[int, int, float, str]:
        side = {"right": 0, "left": 1}.get(lesion["side"] or "", 2)
        lobe = LOBES.index(lesion["lobe"]) if lesion["lobe"] in LOBES else len(LOBES)
        return side, lobe, -(lesion["largestDiameterMm"] or 0), lesion["id"]

    return tuple(_shown(number, lesion) for number, lesion in enumerate(sorted(lesions, key=order), start=1))


def _shown(number: int, lesion: Mapping[str, Any]) -> Shown:
    size, bound = lesion["largestDiameterMm"], ""
    if size is None and lesion["diameterComparator"]:
        text = lesion["diameterComparator"]
        bound, size = text[0], float(text.lstrip("<>="))
    radius = None if size is None else max(float(size) / 2, 1.0)
    smaller = radius is not None and radius > _LARGEST
    return Shown(number, lesion, _state(lesion), min(radius, _LARGEST) if radius else None, bound, smaller)


def _state(lesion: Mapping[str, Any]) -> str:
    flags = lesion["flags"]
    if "TREATED" in flags:
        return _TREATED.get(lesion["treatment"] or "", "ablated")
    if "BENIGN_OR_OTHER" in flags:
        return "benign"
    if "INDETERMINATE" in flags:
        return "small"
    return "regrown" if lesion["treatment"] else "counted"


def arrange(shown: Sequence[Shown]) -> tuple[tuple[Drawn, ...], tuple[Margin, ...], int]:
    """The lesions at their places, those of the margins, and how many are not drawn at all. Largest first."""
    drawn: list[Drawn] = []
    left_over: list[tuple[Shown, tuple[str, ...]]] = []
    for item in sorted(shown[:_MOST], key=lambda item: (-(item.radius or 0), item.number)):
        lobe, zone = item.lesion["lobe"], item.lesion["zone"]
        unknown = tuple(name for name, value in (("lobe", lobe), ("zone", zone)) if value is None)
        place = None if unknown or lobe not in LOBES else _free(item, lobe, zone, drawn)
        if place:
            drawn.append(Drawn(item, place.x, place.y))
        else:
            left_over.append((item, unknown or ("room",)))
    margins = tuple(_margins(sorted(left_over, key=lambda pair: pair[0].number)))
    return tuple(drawn), margins, max(len(shown) - _MOST, 0)


def _free(item: Shown, lobe: str, zone: str, drawn: Sequence[Drawn]) -> Place | None:
    """The best free place of the zone in that lobe; None when every one is taken by other lesions."""
    low, high = _BANDS[zone]
    room = max(item.radius or _UNSIZED, _SMALLEST_ROOM) + _GAP
    candidates = [place for place in places(lobe) if low <= place.depth <= high]

    def overlap(place: Place) -> float:
        gaps = (
            room + max(other.shown.radius or _UNSIZED, _SMALLEST_ROOM) - dist((place.x, place.y), (other.x, other.y))
            for other in drawn
        )
        return max((gap for gap in gaps), default=0.0)

    def misfit(place: Place) -> tuple[float, float, float, float]:
        beyond = max(room - place.to_pleura, 0.0) + max(room - place.to_fissure, 0.0)
        off = abs(place.depth - (low + high) / 2)
        return max(overlap(place), 0.0) * 2 + beyond + off * room, off, place.y, place.x

    best = min(candidates, key=misfit, default=None)
    return best if best is not None and overlap(best) <= _CROWDED else None


def _margins(left_over: Sequence[tuple[Shown, tuple[str, ...]]]) -> Iterator[Margin]:
    for side in ("right", "unknown", "left"):
        mine = [pair for pair in left_over if (pair[0].lesion["side"] or "unknown") == side]
        kept = mine[:_MOST_IN_MARGIN]
        yield Margin(
            side, tuple(item for item, _ in kept), len(mine) - len(kept), {item.number: why for item, why in mine}
        )
