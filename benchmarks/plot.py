"""The plot of the page: what parsing and deciding cost over the size of a body, on logarithmic axes. Plain SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

FILE = Path(__file__).parent.parent / "docs" / "reference" / "performance.svg"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 70, 200, 30, 50
FONT = 'font-family="sans-serif" font-size="13"'
COLOURS = ("#6b7280", "#1d4ed8", "#0f766e", "#b45309")

Point = tuple[float, float]  # bytes and milliseconds


def svg(lines: Mapping[str, Sequence[Point]]) -> str:
    """One line for each name; each name stands at the end of its line."""
    points = [point for line in lines.values() for point in line]
    x, y = _scale([p[0] for p in points], LEFT, WIDTH - RIGHT), _scale([p[1] for p in points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>',
        "<title>CPU time of parsing and of deciding over the size of the body</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for size, label in ((1e4, "10 kB"), (1e5, "100 kB"), (1e6, "1 MB"), (6e6, "6 MB")):
        parts += [_grid(x(size), x(size), TOP, HEIGHT - BOTTOM), _text(x(size), HEIGHT - BOTTOM + 20, label, "middle")]
    for exponent in range(-2, 3):
        value = 10.0**exponent
        if min(p[1] for p in points) / 2 <= value <= max(p[1] for p in points) * 2:
            parts += [
                _grid(LEFT, WIDTH - RIGHT, y(value), y(value)),
                _text(LEFT - 8, y(value) + 4, f"{value:g} ms", "end"),
            ]
    labels: list[float] = []
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        path = " ".join(f"{x(size):.1f},{y(spent):.1f}" for size, spent in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(size):.1f}" cy="{y(spent):.1f}" r="3" fill="{colour}"/>' for size, spent in line]
        place = y(line[-1][1]) + 4
        while any(abs(place - other) < 16 for other in labels):
            place -= 16
        labels.append(place)
        parts.append(_text(x(line[-1][0]) + 10, place, name, "start", colour))
    return "\n".join([*parts, "</svg>", ""])


def _scale(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    low, high = math.log10(min(values)), math.log10(max(values))
    return lambda value: start + (math.log10(value) - low) / (high - low) * (end - start)


def _grid(x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" stroke="#e5e7eb"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#374151") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
