"""The schematic of the lungs, seen as on an X-ray: outlines, fissures, thirds, airways. A unit is about a millimetre.

It is a map, not a projection: the lobes lie side by side, so that each of them reaches its hilum. Only places are taken
from it: what lies in a lobe, and how far from the hilum, as a share of the way to the pleura.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import dist, hypot
from typing import Any

Point = tuple[float, float]
Curve = Sequence[tuple[float, float, float, float, float, float]]

WIDTH = 420
_MIRROR = WIDTH
HILUM_RIGHT: Point = (172.0, 142.0)
HILUM_LEFT: Point = (_MIRROR - 172.0, 142.0)
_START: Point = (146.0, 34.0)
_OUTLINE: Curve = (
    (116.0, 32.0, 86.0, 64.0, 71.0, 114.0),
    (57.0, 161.0, 50.0, 214.0, 49.0, 268.0),
    (49.0, 291.0, 60.0, 300.0, 78.0, 293.0),
    (104.0, 283.0, 138.0, 271.0, 166.0, 277.0),
    (181.0, 280.0, 187.0, 272.0, 186.0, 256.0),
    (184.0, 226.0, 181.0, 190.0, 181.0, 160.0),
    (181.0, 126.0, 182.0, 88.0, 177.0, 62.0),
    (172.0, 42.0, 162.0, 35.0, 146.0, 34.0),
)
#: From the hilum to the pleura: start, two control points, end. Of the right lung; the left has only the second kind.
_HORIZONTAL = (HILUM_RIGHT, (140.0, 140.0), (98.0, 146.0), (58.6, 158.0))
_OBLIQUE = (HILUM_RIGHT, (152.0, 184.0), (104.0, 214.0), (50.2, 236.0))
_OBLIQUE_LEFT = (HILUM_RIGHT, (150.0, 160.0), (104.0, 178.0), (54.3, 192.0))
LOBES = ("RUL", "RML", "RLL", "LUL", "LLL")
THIRDS = (1 / 3, 2 / 3)
AIRWAYS = (
    "M204 4 L204 88 C204 100 194 112 172 130 L176 142 C194 128 206 122 210 114 "
    "C214 122 226 128 244 142 L248 130 C226 112 216 100 216 88 L216 4"
)
TRACHEAL_RINGS = tuple(float(y) for y in range(14, 86, 9))


@dataclass(frozen=True, slots=True)
class Place:
    """One point of a lobe. ``depth``: 0 at the hilum, 1 at the pleura. The rest are distances in units."""

    x: float
    y: float
    depth: float
    to_pleura: float
    to_fissure: float


def outline(side: str) -> str:
    """The lung as an SVG path."""
    return _path(_START, _OUTLINE, side) + " Z"


def third(side: str, share: float) -> str:
    """The line at a share of the way from hilum to pleura, as an SVG path: the outline, drawn in towards the hilum."""

    def drawn_in(x: float, y: float) -> Point:
        return HILUM_RIGHT[0] + share * (x - HILUM_RIGHT[0]), HILUM_RIGHT[1] + share * (y - HILUM_RIGHT[1])

    curve = [(*drawn_in(*numbers[0:2]), *drawn_in(*numbers[2:4]), *drawn_in(*numbers[4:6])) for numbers in _OUTLINE]
    return _path(drawn_in(*_START), curve, side) + " Z"


def fissures(side: str) -> tuple[str, ...]:
    """The fissures as SVG paths: horizontal and oblique on the right, oblique on the left."""
    found = (_HORIZONTAL, _OBLIQUE) if side == "right" else (_OBLIQUE_LEFT,)
    return tuple(_path(start, [(*first, *second, *end)], side) for start, first, second, end in found)


@cache
def places(lobe: str) -> tuple[Place, ...]:
    """The points of a lobe on a fine grid, in a fixed order."""
    side = "right" if lobe.startswith("R") else "left"
    edge = _sampled(_START, _OUTLINE)
    lines = [_sampled(start, [(*first, *second, *end)]) for start, first, second, end in _lines(side)]
    found = []
    for y in range(36, 298, 4):
        for x in range(48, 188, 4):
            point = (float(x), float(y))
            if _inside(point, edge) and _lobe_of(point, side, lines) == lobe:
                found.append(_place(point, side, edge, lines))
    return tuple(found)


def _lines(side: str) -> tuple[Any, ...]:
    return (_HORIZONTAL, _OBLIQUE) if side == "right" else (_OBLIQUE_LEFT,)


def _place(point: Point, side: str, edge: Sequence[Point], lines: Sequence[Sequence[Point]]) -> Place:
    x, y = point
    away = dist(point, HILUM_RIGHT)
    depth = away / max(_reach(point, edge), away, 1.0)
    to_pleura = min(dist(point, other) for other in edge)
    to_fissure = min(dist(point, other) for line in lines for other in line)
    return Place(x if side == "right" else _MIRROR - x, y, depth, to_pleura, to_fissure)


def _reach(point: Point, edge: Sequence[Point]) -> float:
    """How far it is from the hilum to the pleura in the direction of a point."""
    ahead = (point[0] - HILUM_RIGHT[0], point[1] - HILUM_RIGHT[1])
    length = hypot(*ahead) or 1.0

    def aside(other: Point) -> tuple[float, float]:
        step = (other[0] - HILUM_RIGHT[0], other[1] - HILUM_RIGHT[1])
        along = (step[0] * ahead[0] + step[1] * ahead[1]) / length
        return (abs(step[0] * ahead[1] - step[1] * ahead[0]) / length if along > 0 else float("inf")), along

    return min(aside(other) for other in edge)[1]


def _lobe_of(point: Point, side: str, lines: Sequence[Sequence[Point]]) -> str:
    upper, *rest = [point[1] < _height(line, point[0]) for line in lines]
    if side == "left":
        return "LUL" if upper else "LLL"
    if upper:
        return "RUL"
    return "RML" if rest[0] else "RLL"


def _height(line: Sequence[Point], x: float) -> float:
    """Where a fissure runs at ``x``: it begins at the hilum, and medial to it counts as there."""
    return min(line, key=lambda point: abs(point[0] - x))[1]


def _inside(point: Point, edge: Sequence[Point]) -> bool:
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in zip(edge, [*edge[1:], edge[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            crossings += 1
    return crossings % 2 == 1


def _sampled(start: Point, curve: Curve, steps: int = 24) -> list[Point]:
    points = [start]
    for x1, y1, x2, y2, x3, y3 in curve:
        x0, y0 = points[-1]
        for index in range(1, steps + 1):
            t = index / steps
            u = 1 - t
            points.append(
                (
                    u**3 * x0 + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x3,
                    u**3 * y0 + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y3,
                )
            )
    return points


def _path(start: Point, curve: Curve, side: str) -> str:
    return " ".join(
        [
            f"M{_pair(*start, side)}",
            *(f"C{_pair(*c[0:2], side)} {_pair(*c[2:4], side)} {_pair(*c[4:6], side)}" for c in curve),
        ]
    )


def _pair(x: float, y: float, side: str) -> str:
    return f"{round(x if side == 'right' else _MIRROR - x, 1):g} {round(y, 1):g}"


def mirrored() -> Iterator[str]:
    """The sides in the order in which they are drawn, from the viewer's left."""
    yield from ("right", "left")
