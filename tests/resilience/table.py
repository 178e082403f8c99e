"""What the suite did and saw, as a table for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.resilience.load import Load, Seen


@dataclass(frozen=True, slots=True)
class Row:
    """One fault: what was done, what came of the calls in the meantime, and how it ended."""

    fault: str
    calls: int
    right: int
    refused: str
    broken: int
    recovery: str
    kept: str


def row(fault: str, load: Load, during: Sequence[Seen], recovery: float | None, kept: set[str] | None) -> Row:
    """The row. ``during``: the calls that met the fault. ``kept``: the cards whose feedback the database holds."""
    refused = Counter(one.note for one in during if one.verdict == "refused")
    return Row(
        fault,
        len(during),
        sum(one.verdict == "right" for one in during),
        ", ".join(f"{count} x {said}" for said, count in sorted(refused.items())) or "-",
        sum(one.verdict == "broken" for one in during),
        "-" if recovery is None else f"{recovery:.1f} s",
        "-" if kept is None else f"{len(kept & set(load.acknowledged))} of {len(load.acknowledged)} acknowledged",
    )


def table(rows: Sequence[Row]) -> str:
    """All rows, in columns."""
    lines = [["fault", "calls during", "right", "refused", "broken", "right again after", "feedback kept"]]
    lines += [[str(value) for value in asdict(one).values()] for one in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    made = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([made[0], "  ".join("-" * width for width in widths), *made[1:]])
