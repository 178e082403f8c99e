"""What a check found. The five results are never mixed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

from cds_tools.check.catalogue import Strength

OK, FAILED, COULD_NOT_RUN = 0, 1, 2
"""Exit codes: nothing that SHALL be is missing; something is; the check could not run."""


class Result(StrEnum):
    """``skip``: could not be judged. ``omit``: does not apply here. ``error``: the check itself broke."""

    PASS = "pass"  # noqa: S105 - a result
    FAIL = "fail"
    SKIP = "skip"
    OMIT = "omit"
    ERROR = "error"


class Skip(Exception):
    """A probe could not judge; the message says why."""


class Omit(Exception):
    """A probe does not apply here; the message says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one probe, of one service or (``service`` None) of the whole address."""

    probe: str
    title: str
    requirements: tuple[str, ...]
    strength: Strength
    service: str | None
    result: Result
    notes: tuple[str, ...]
    milliseconds: float

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines; what has no value is left out."""
        found = {
            "probe": self.probe,
            "title": self.title,
            "requirements": list(self.requirements),
            "strength": self.strength.value,
            "service": self.service,
            "result": self.result.value,
            "notes": list(self.notes),
            "milliseconds": round(self.milliseconds, 1),
        }
        return {name: value for name, value in found.items() if value not in (None, [])}


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one service took for complete calls that it answered, in milliseconds."""

    service: str
    calls: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.calls)

    @property
    def slowest(self) -> float:
        """The slowest one."""
        return max(self.calls)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found."""

    address: str
    services: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    timings: tuple[Timing, ...]
    calls: int

    def count(self, result: Result) -> int:
        """How many outcomes have this result."""
        return sum(outcome.result is result for outcome in self.outcomes)

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """Failures of what SHALL be."""
        return tuple(
            outcome for outcome in self.outcomes if outcome.result is Result.FAIL and outcome.strength is Strength.SHALL
        )

    @property
    def exit_code(self) -> int:
        """1 when something that SHALL be is not; 2 when nothing was judged or the check itself broke; else 0."""
        if self.failures:
            return FAILED
        judged = self.count(Result.PASS) + self.count(Result.FAIL)
        return COULD_NOT_RUN if self.count(Result.ERROR) or not judged else OK

    def as_json(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "address": self.address,
            "services": list(self.services),
            "counts": {result.value: self.count(result) for result in Result},
            "shallFailures": len(self.failures),
            "exitCode": self.exit_code,
            "calls": self.calls,
            "timings": [
                {
                    "service": timing.service,
                    "calls": len(timing.calls),
                    "medianMs": round(timing.median, 1),
                    "slowestMs": round(timing.slowest, 1),
                }
                for timing in self.timings
            ],
            "outcomes": [outcome.as_json() for outcome in self.outcomes],
        }
