"""What clinicians made of the cards: sent, accepted, overridden and why, by topic, rule and knowledge version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from cds_service.store.database import Database
from cds_service.store.tables import CARDS, FEEDBACK

DIMENSIONS = ("topic", "rule", "knowledge", "service", "hook", "indicator")
UNSTATED = "no reason given"
COUNTS = ("shown", "accepted", "overridden", "unanswered")


@dataclass(slots=True)
class Row:
    """One line: how many cards were sent, and what became of them. ``reasons``: code -> cards overridden for it."""

    group: tuple[str, ...]
    shown: int = 0
    accepted: int = 0
    overridden: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def unanswered(self) -> int:
        """Cards that nobody reported about: ignored, never displayed, or by a client that sends no feedback."""
        return self.shown - self.accepted - self.overridden

    def add(self, outcome: str | None, reason: str | None) -> None:
        """Count one card."""
        self.shown += 1
        if outcome == "accepted":
            self.accepted += 1
        elif outcome == "overridden":
            self.overridden += 1
            self.reasons[reason or UNSTATED] += 1


@dataclass(frozen=True, slots=True)
class Report:
    """The lines, and the whole. A card that rests on several rules counts in the line of each, but once in the whole.

    ``unknown``: feedback about cards that are not on record (sent by another instance, or purged).
    """

    by: tuple[str, ...]
    rows: tuple[Row, ...]
    whole: Row
    unknown: int
    first: datetime | None
    last: datetime | None


def feedback_report(
    database: Database, *, by: Sequence[str], since: datetime | None = None, until: datetime | None = None
) -> Report:
    """The report on the cards that were sent from ``since`` on and before ``until``.

    Of several outcomes of one card, reported by the caller that it was sent to, the latest counts.
    Raises: StoreUnavailable; KeyError for a dimension that is not one of ``DIMENSIONS``.
    """
    rows: dict[tuple[str, ...], Row] = {}
    whole, first, last = Row(()), None, None
    for card in _cards(database, since, until):
        outcome, reason = card["outcome"], card["reason"]
        whole.add(outcome, reason)
        first, last = min(first or card["sent"], card["sent"]), max(last or card["sent"], card["sent"])
        for group in _groups(card, by):
            rows.setdefault(group, Row(group)).add(outcome, reason)
    ordered = tuple(rows[group] for group in sorted(rows))
    return Report(tuple(by), ordered, whole, _unknown(database), first, last)


def report_json(report: Report) -> dict[str, Any]:
    """The report as JSON: counts as numbers, times in UTC."""

    def counts(row: Row) -> dict[str, Any]:
        return {name: getattr(row, name) for name in COUNTS} | {"reasons": dict(row.reasons.most_common())}

    return {
        "by": list(report.by),
        "rows": [dict(zip(report.by, row.group, strict=True)) | counts(row) for row in report.rows],
        "total": counts(report.whole),
        "feedbackOnUnknownCards": report.unknown,
        "firstSent": report.first.isoformat() if report.first else None,
        "lastSent": report.last.isoformat() if report.last else None,
    }


def _groups(card: Mapping[str, Any], by: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """The groups that a card belongs to: one, or one for each of its rules."""
    groups: list[tuple[str, ...]] = [()]
    for name in by:
        values = card["rules"] if name == "rule" else [card[name]]
        groups = [(*group, value) for group in groups for value in values]
    return groups


def _cards(database: Database, since: datetime | None, until: datetime | None) -> Iterator[dict[str, Any]]:
    of_its_caller = and_(FEEDBACK.c.card == CARDS.c.uuid, FEEDBACK.c.caller == CARDS.c.caller)
    cards = select(
        CARDS.c.uuid,
        CARDS.c.topic,
        CARDS.c.rules,
        CARDS.c.knowledge_version.label("knowledge"),
        CARDS.c.service,
        CARDS.c.hook,
        CARDS.c.indicator,
        CARDS.c.sent,
    )
    outcomes = (
        select(CARDS.c.uuid, FEEDBACK.c.outcome, FEEDBACK.c.reason_code)
        .join_from(CARDS, FEEDBACK, of_its_caller)
        .order_by(FEEDBACK.c.occurred, FEEDBACK.c.id)
    )
    for limit in ([CARDS.c.sent >= since] if since else []) + ([CARDS.c.sent < until] if until else []):
        cards, outcomes = cards.where(limit), outcomes.where(limit)
    with database.transaction() as connection:
        latest = {row.uuid: (row.outcome, row.reason_code) for row in connection.execute(outcomes)}
        for row in connection.execute(cards).mappings():
            outcome, reason = latest.get(row["uuid"], (None, None))
            yield {**row, "outcome": outcome, "reason": reason}


def _unknown(database: Database) -> int:
    asked = select(func.count()).select_from(FEEDBACK).where(FEEDBACK.c.card.not_in(select(CARDS.c.uuid)))
    with database.transaction() as connection:
        return int(connection.execute(asked).scalar_one())
