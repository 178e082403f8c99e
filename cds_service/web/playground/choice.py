"""What a visitor has chosen, read from a form or an address, and written back into an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from cds_service.hooks.services import HOOKS
from cds_service.web.playground.changes import CHANGES
from cds_service.web.playground.hooks import ORDERS

FIRST_CASE = "mcode-rich-solitary"
_MOST_KEYS = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """One state of the controls. ``pasted``: the visitor's own request, which never stands in an address.

    ``hook`` and ``order`` are empty for what the request says itself; ``on`` is None for the usual day of the request.
    """

    case: str = FIRST_CASE
    pasted: str | None = None
    hook: str = ""
    order: str = ""
    on: date | None = None
    changes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @classmethod
    def read(
        cls, form: MultiDict[str, str], *, known_cases: Sequence[str], usual_day: date, pasted: str | None = None
    ) -> Choice:
        """The choice of a form. What no control offers counts as not chosen; so does the usual day."""
        case, hook, order = form.get("case", ""), form.get("hook", ""), form.get("order", "")
        return cls(
            case=case if case in known_cases else FIRST_CASE,
            pasted=pasted,
            hook=hook if hook in HOOKS else "",
            order=order if any(order == one.id for one in ORDERS) else "",
            on=None if (on := _day(form.get("on", ""))) == usual_day else on,
            changes=tuple(change.id for change in CHANGES if change.id in form.getlist("change")),
            dropped=tuple(dict.fromkeys(form.getlist("drop")))[:_MOST_KEYS],
        )

    @property
    def alters(self) -> bool:
        """Is anything otherwise than in the request itself?"""
        return bool(self.hook or self.order or self.on or self.changes or self.dropped)

    def query(self) -> str:
        """The choice as the query of an address, without what was pasted."""
        pairs = [("case", self.case), ("hook", self.hook), ("order", self.order)]
        pairs += [("on", self.on.isoformat() if self.on else "")]
        pairs += [("change", change) for change in self.changes] + [("drop", key) for key in self.dropped]
        return urlencode([(name, value) for name, value in pairs if value])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
