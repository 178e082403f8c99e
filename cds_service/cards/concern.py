"""One thing to say about some orders, and what those orders are called."""

from __future__ import annotations

from cds_service.cards.context import CardContext
from cds_service.cards.markdown import plain
from cds_service.cards.offers import Offer
from cds_service.cards.words import capital
from cds_service.oncology.report.assessment import OrderReport
from cds_service.values import ValueObject

INFORMATION = 3
"""From this gravity on a concern is information; below, a warning."""
_ORDER_NAME = 46
"""Characters of an order's name that a summary has room for."""

Orders = tuple[OrderReport, ...]


class Concern(ValueObject, frozen=True):
    """One thing to say about some orders. ``gravity``: 0 is gravest. ``blocks`` are Markdown, the main sentence first.

    ``behind``: the therapy rules that the order-entry rule rests on.
    """

    rule: str
    orders: Orders
    gravity: int
    topic: str
    summary: str
    blocks: tuple[str, ...]
    offers: tuple[Offer, ...] = ()
    behind: tuple[str, ...] = ()

    @property
    def indicator(self) -> str:
        """Warnings come before information."""
        return "warning" if self.gravity < INFORMATION else "info"


def order_name(order: OrderReport, site: CardContext, limit: int = _ORDER_NAME) -> str:
    """What the order is called: its own text, cut to the limit; without one, the class that it belongs to."""
    named = plain(order.text, limit)
    return named or capital(site.text(f"order_class.{order.classes[0]}"))


def names(orders: Orders, site: CardContext) -> str:
    """The first order by name, and how many more there are."""
    if len(orders) == 1:
        return order_name(orders[0], site)
    more = f" (+{len(orders) - 1})"
    return order_name(orders[0], site, _ORDER_NAME - len(more)) + more


def said(key: str, orders: Orders, site: CardContext) -> tuple[str, tuple[str, ...]]:
    """The summary and the main sentence of a rule, which stand in the wording under the same key."""
    summary = site.text(f"summary.{key}", order=names(orders, site))
    return summary, (site.said(f"order.{key}"),)
