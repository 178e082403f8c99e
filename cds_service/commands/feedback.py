"""`cds-service feedback`: what clinicians made of the cards, for the governance lead; and taking old records away."""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import orjson

from cds_service.settings import load_settings
from cds_service.store import Database, open_database
from cds_service.store.feedback_counts import COUNTS, DIMENSIONS, Report, Row, feedback_report, report_json
from cds_service.store.retention import purge
from cds_service.terminal.console import console, day

if TYPE_CHECKING:
    from rich.console import Console

_OK = 0
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def add_feedback(parser: argparse.ArgumentParser) -> None:
    """Give the command ``feedback`` its actions."""
    parser.description = "What clinicians made of the cards. Reads the database that CDS_DATABASE_URL names."
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    report = actions.add_parser(
        "report",
        help="sent, accepted, overridden and why",
        description=(
            "Cards sent, accepted, overridden and why. A card that rests on several rules counts in the line of each "
            "rule, and once in the total. 'Unanswered' cards were ignored, never displayed, or sent to a client that "
            "reports nothing."
        ),
    )
    report.add_argument(
        "--by",
        type=_dimensions,
        default=("topic", "rule", "knowledge"),
        metavar="LIST",
        help=f"what makes a line, separated by commas: {', '.join(DIMENSIONS)} (default: topic,rule,knowledge)",
    )
    report.add_argument("--since", type=day, metavar="DATE", help="cards sent from YYYY-MM-DD on (facility's day)")
    report.add_argument("--until", type=day, metavar="DATE", help="cards sent before YYYY-MM-DD")
    report.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    report.set_defaults(run=_report)
    remove = actions.add_parser(
        "purge",
        help="take old cards and feedback away",
        description="Delete cards that were sent, and feedback that was received, before a day. There is no way back.",
    )
    remove.add_argument("--before", type=day, required=True, metavar="DATE", help="YYYY-MM-DD (facility's day)")
    remove.set_defaults(run=_purge)


def _dimensions(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names or any(name not in DIMENSIONS for name in names):
        raise argparse.ArgumentTypeError(f"must be some of {', '.join(DIMENSIONS)}, separated by commas")
    return names


def _open() -> tuple[Database, ZoneInfo]:
    settings = load_settings(serving=False)
    return open_database(settings.database_url.get_secret_value() if settings.database_url else None), settings.zone


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _report(options: argparse.Namespace) -> int:
    database, zone = _open()
    since, until = (day and _start_of(day, zone) for day in (options.since, options.until))
    report = feedback_report(database, by=options.by, since=since, until=until)
    if options.format == "json":
        sys.stdout.write(orjson.dumps(report_json(report), option=orjson.OPT_INDENT_2).decode() + "\n")
    elif options.format == "csv":
        _csv(report)
    else:
        _table(report, console())
    return _OK


def _csv(report: Report) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*report.by, *COUNTS, "reasons"])
    for row in report.rows:
        writer.writerow([*row.group, *(getattr(row, name) for name in COUNTS), _not_a_formula(_reasons(row))])


def _not_a_formula(text: str) -> str:
    """The codes of reasons are the clients' own words: a spreadsheet must not carry them out."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _reasons(row: Row) -> str:
    return "; ".join(f"{code} {count}" for code, count in row.reasons.most_common())


def _share(part: int, whole: int) -> str:
    return f"{part} ({round(100 * part / whole)} %)" if whole else str(part)


def _table(report: Report, screen: Console) -> None:
    from rich.markup import escape  # noqa: PLC0415 - not every command draws
    from rich.table import Table  # noqa: PLC0415

    if not report.whole.shown:
        screen.print("No card is on record for this time.")
    else:
        first, last = (f"{moment:%Y-%m-%d}" if moment else "" for moment in (report.first, report.last))
        table = Table(title=f"Cards sent from {first} to {last}", title_justify="left", show_footer=True)
        for index, name in enumerate(report.by):
            table.add_column(name.capitalize(), footer="" if index else "All cards", overflow="fold")
        for name in COUNTS:
            number = getattr(report.whole, name)
            footer = str(number) if name == "shown" else _share(number, report.whole.shown)
            table.add_column(name.capitalize(), justify="right", footer=footer)
        table.add_column("Overridden because", footer=escape(_reasons(report.whole)))
        for row in report.rows:
            counted = [str(row.shown), *(_share(getattr(row, name), row.shown) for name in COUNTS[1:])]
            table.add_row(*map(escape, row.group), *counted, escape(_reasons(row)))
        screen.print(table)
        if "rule" in report.by:
            screen.print("A card that rests on several rules counts in the line of each.", style="dim")
    if report.unknown:
        screen.print(f"Feedback about cards that are not on record: {report.unknown}.")


def _purge(options: argparse.Namespace) -> int:
    database, zone = _open()
    cards, feedback = purge(database, _start_of(options.before, zone))
    sys.stdout.write(f"Deleted: {cards} cards, {feedback} entries of feedback.\n")
    return _OK
