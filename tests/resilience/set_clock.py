"""``cds-service`` under a clock that a test can set: ``python -m tests.resilience.set_clock serve ...``.

Every question for the time of day is answered with an offset that stands in a file (seconds), read anew each time: by
``time.time``, and by ``datetime`` and ``date`` as Python's code calls them. Set before anything of the service or of
its libraries is loaded, so that tokens, used tokens, the rate limit, dates and times of rows all see it jump, as they
would if somebody set the clock of the machine. ``time.monotonic`` goes on, as it does then; a test can let it run ahead
instead of waiting for what comes after a pause.

It stands in for the system's own clock, which is not a test's to set.
"""

from __future__ import annotations

import datetime
import os
import sys
import time
from pathlib import Path
from typing import Any

PROGRAM = "tests.resilience.set_clock"
VARIABLE = "TEST_CLOCK_FILE"


class Clock:
    """The offset in a file, as the test sets it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.jump(0)
        self.run_ahead(0)

    def jump(self, seconds: float) -> None:
        """From now on the service's clock stands so many seconds before the true time; 0 makes it right."""
        _write(self.file, seconds)

    def run_ahead(self, seconds: float) -> None:
        """From now on so many seconds more have passed for the service than for everybody else."""
        _write(_passed(self.file), seconds)


def _passed(file: Path) -> Path:
    return file.with_suffix(".passed")


def _write(file: Path, seconds: float) -> None:
    new = file.with_name(f"{file.name}.new")
    new.write_text(str(seconds))
    new.replace(file)


def _set_clock(file: Path) -> None:
    true_time, true_datetime, true_date = time.time, datetime.datetime, datetime.date
    true_monotonic, passed = time.monotonic, _passed(file)

    def shifted() -> float:
        return true_time() + float(file.read_text())

    class OfDatetime(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, true_datetime)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, true_datetime)

    class OfDate(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, true_date)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, true_date)

    class ShiftedDatetime(true_datetime, metaclass=OfDatetime):
        """Makes true ones; only what time it is differs. Of the true one's size, as compiled libraries look at it."""

        __slots__ = ()

        def __new__(cls, *given: Any, **named: Any) -> Any:
            return true_datetime(*given, **named)

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return true_datetime.fromtimestamp(shifted(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(datetime.UTC).replace(tzinfo=None)

    class ShiftedDate(true_date, metaclass=OfDate):
        __slots__ = ()

        def __new__(cls, *given: Any, **named: Any) -> Any:
            return true_date(*given, **named)

        @classmethod
        def today(cls) -> Any:
            return true_date.fromtimestamp(shifted())

    time.time = shifted
    time.monotonic = lambda: true_monotonic() + float(passed.read_text())
    time.time_ns = lambda: int(shifted() * 1e9)
    datetime.datetime = ShiftedDatetime  # type: ignore[misc]
    datetime.date = ShiftedDate  # type: ignore[misc]


if __name__ == "__main__":
    _set_clock(Path(os.environ.pop(VARIABLE)))
    from cds_service.commands import main

    sys.exit(main())
