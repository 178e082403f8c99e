"""What the commands have in common: the terminal that they write to, and how a day is given to them."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH = 100  # where the output is not a terminal


def console() -> Console:
    """Standard output."""
    from rich.console import Console  # noqa: PLC0415 - not every command draws

    found = Console()
    return found if found.is_terminal else Console(width=_WIDTH)


def day(text: str) -> date:
    """A day of the command line. Raises: ArgumentTypeError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date, YYYY-MM-DD") from None
