"""Numbers into a Markdown page: medians with their spread, ratios to the floor, and the machine they were taken on."""

from __future__ import annotations

import os
import platform
import re
import statistics
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "performance.md"
MARKS = ("<!-- measured -->", "<!-- /measured -->")


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several rounds, and the lowest and highest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, rounds: Iterable[float]) -> Spread:
        """The spread of at least one round."""
        values = sorted(rounds)
        return cls(statistics.median(values), values[0], values[-1])

    def text(self, factor: float = 1.0, digits: int = 2) -> str:
        """For instance ``1.21 (1.19-1.26)``."""
        median, low, high = (f"{value * factor:.{digits}f}" for value in (self.median, self.low, self.high))
        return f"{median} ({low}-{high})"


Measured = dict[str, Spread]


def ratios(ours: Sequence[float], floor: Sequence[float]) -> Spread:
    """The ratio of each round to the floor's round beside it."""
    return Spread.of(mine / theirs for mine, theirs in zip(ours, floor, strict=True))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """What the numbers were taken on, without naming the machine."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    parts = [
        f"{os.cpu_count()} x {model[1].strip() if model else platform.machine()}",
        f"{int(memory[1]) / 1e6:.0f} GB" if memory else "",
        f"Linux {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("gunicorn", "flask", "orjson")),
    ]
    return ", ".join(part for part in parts if part)


def write(measured: str) -> None:
    """Replace the measured part of the page. Raises ValueError when the page has lost its marks."""
    head, start, rest = PAGE.read_text().partition(MARKS[0])
    _, end, tail = rest.partition(MARKS[1])
    if not (start and end):
        raise ValueError(f"{PAGE.name} has no part between {MARKS[0]} and {MARKS[1]}")
    PAGE.write_text(f"{head}{start}\n{measured}\n{end}{tail}")
