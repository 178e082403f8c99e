"""The feedback report at ``/feedback``: what clinicians made of the cards, for the governance lead.

Behind the same trust as the service. Counts alone: no patient, no clinician and no comment is on record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request

from cds_service.knowledge import Knowledge
from cds_service.store import Database
from cds_service.store.feedback_counts import DIMENSIONS, UNSTATED, Report, Row, feedback_report, report_json
from cds_service.web.policy import secure, wants_json
from cds_service.web.templates_folder import TEMPLATES

_PLOT_WIDTH = 100.0
_WORDS = {"rule": "Rule", "topic": "Topic", "knowledge": "Rule set", "service": "Service", "hook": "Hook"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar. ``start`` and ``width`` in units of the plot, of which the longest bar has 100."""

    kind: str  # accepted | overridden | unanswered
    count: int
    percent: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the plot and of the table."""

    name: str
    code: str
    shown: int
    parts: tuple[Part, ...]
    reasons: tuple[tuple[str, int], ...]


def blueprint(database: Database, knowledge: Knowledge, zone: tzinfo, check_trust: Callable[[], object]) -> Blueprint:
    """The page. ``check_trust``: raises for a caller who is not trusted. ``zone``: the facility's, for its days."""
    pages = secure(Blueprint("feedback_page", __name__, template_folder=TEMPLATES))

    @pages.get("/feedback")
    def feedback_page() -> Response:
        check_trust()
        asked = request.args.get("by", "")
        by = asked if asked in DIMENSIONS else DIMENSIONS[0]
        since, until = _day(request.args.get("since")), _day(request.args.get("until"))
        report = feedback_report(
            database,
            by=(by,),
            since=_start_of(since, zone) if since else None,
            until=_start_of(until + timedelta(days=1), zone) if until and until < date.max else None,
        )
        if wants_json():
            response = Response(orjson.dumps(report_json(report)), mimetype="application/json")
        else:
            words = {key: text.pattern for key, text in knowledge.texts.items() if not text.names}
            html = render_template(
                "feedback.html",
                knowledge=knowledge,
                report=report,
                by=by,
                dimensions=[(name, _WORDS.get(name, name.capitalize())) for name in DIMENSIONS],
                since=since,
                until=until,
                whole=_bar(report.whole, "All cards", "", report.whole.shown, words),
                bars=bars(report, words),
            )
            response = Response(html, mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response

    return pages


def bars(report: Report, words: Mapping[str, str]) -> list[Bar]:
    """The lines of a report by one dimension, the most cards first; the longest bar is as wide as the plot."""
    longest = max((row.shown for row in report.rows), default=1)
    ordered = sorted(report.rows, key=lambda row: (-row.shown, row.group))
    return [
        _bar(row, words.get(f"topic.{row.group[0]}", row.group[0]), row.group[0], longest, words) for row in ordered
    ]


def _bar(row: Row, name: str, code: str, longest: int, words: Mapping[str, str]) -> Bar:
    parts, start = [], 0.0
    for kind in ("accepted", "overridden", "unanswered"):
        count: int = getattr(row, kind)
        width = _PLOT_WIDTH * count / max(longest, 1)
        parts.append(Part(kind, count, round(100 * count / max(row.shown, 1)), round(start, 2), round(width, 2)))
        start += width
    reasons = tuple((_reason(code, words), count) for code, count in row.reasons.most_common())
    return Bar(name, code, row.shown, tuple(parts), reasons)


def _reason(code: str, words: Mapping[str, Any]) -> str:
    """A reason in words; a client's own code as it is."""
    return code if code == UNSTATED else str(words.get(f"override.{code}", code)).rstrip("*")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _start_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
