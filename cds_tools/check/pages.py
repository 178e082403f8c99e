"""What a person sees of a check: a table of results, the timings, and one sentence at the end."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cds_tools.check.catalogue import Strength
from cds_tools.check.requests_made import EXPECTED_MS
from cds_tools.check.results import COULD_NOT_RUN, Outcome, Report, Result

_STYLES = {
    Result.PASS: "green",
    Result.FAIL: "bold red",
    Result.SKIP: "yellow",
    Result.OMIT: "dim",
    Result.ERROR: "bold magenta",
}

_NOT_JUDGED = (Result.SKIP, Result.OMIT)


def show(report: Report, console: Console) -> None:
    """Print the report: what was judged, what was not and why, how long it took."""
    console.print(f"CDS Hooks check of [bold]{escape(report.address)}[/]: {report.calls} calls\n", highlight=False)
    for table in (_judged(report), _not_judged(report), _timings(report)):
        if table.row_count:
            console.print(table)
            console.print()
    console.print(_last(report))


def _judged(report: Report) -> Table:
    """One row for each probe and result, with what is wrong."""
    table = _empty_table("result", "strength", "what must hold", "requirements")
    table.add_column("ms", justify="right", no_wrap=True)
    judged = [outcome for outcome in report.outcomes if outcome.result not in _NOT_JUDGED]
    for same in _together(judged, lambda outcome: (outcome.probe, outcome.result, outcome.notes)):
        first = same[0]
        what = Text(first.title)
        if first.result is not Result.PASS:
            what.append(_of(same, report), style="dim")
        for note in first.notes:
            what.append(f"\n  {note}", style=_STYLES[first.result])
        milliseconds = sum(outcome.milliseconds for outcome in same)
        table.add_row(*_start(first), what, " ".join(first.requirements), f"{milliseconds:.0f}")
    return table


def _not_judged(report: Report) -> Table:
    """What was skipped or omitted, by the reason: many probes share one."""
    table = _empty_table("result", "why", "requirements")
    rest = [outcome for outcome in report.outcomes if outcome.result in _NOT_JUDGED]
    for same in _together(rest, lambda outcome: (outcome.result, outcome.notes)):
        ids = dict.fromkeys(id_ for outcome in same for id_ in outcome.requirements)
        why = Text(" ".join(same[0].notes))
        why.append(_of(same, report), style="dim")
        table.add_row(_start(same[0])[0], why, Text(" ".join(ids), overflow="fold"))
    return table


def _empty_table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=column in ("result", "strength"), vertical="top")
    return table


def _start(outcome: Outcome) -> tuple[Text, str]:
    return Text(outcome.result.value, style=_STYLES[outcome.result]), outcome.strength.value


def _of(same: list[Outcome], report: Report) -> str:
    """Which services it is about, where it is not about all of them."""
    services = list(dict.fromkeys(outcome.service for outcome in same if outcome.service))
    return f"  [{', '.join(services)}]" if services and len(services) < len(report.services) else ""


def _together(outcomes: list[Outcome], key: Callable[[Outcome], Hashable]) -> list[list[Outcome]]:
    """Outcomes that say the same, in one group: a line for each would bury what differs."""
    groups: dict[Hashable, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return list(groups.values())


def _timings(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("service")
    for column in ("complete calls", "median ms", "slowest ms", f"under {EXPECTED_MS:.0f} ms"):
        table.add_column(column, justify="right")
    for timing in report.timings:
        within = sum(call <= EXPECTED_MS for call in timing.calls)
        table.add_row(
            escape(timing.service),
            str(len(timing.calls)),
            f"{timing.median:.0f}",
            f"{timing.slowest:.0f}",
            f"{within} of {len(timing.calls)}",
        )
    return table


def _last(report: Report) -> Text:
    counts = ", ".join(f"{report.count(result)} {result.value}" for result in Result)
    failed = len(report.failures)
    if failed:
        plural = "probe" if failed == 1 else "probes"
        return Text(f"{counts}. {failed} {plural} of what SHALL be failed.", style="bold red")
    if report.exit_code == COULD_NOT_RUN:
        return Text(f"{counts}. The check could not run to its end.", style="bold magenta")
    weaker = sum(outcome.result is Result.FAIL for outcome in report.outcomes)
    more = f"; what failed is {Strength.SHOULD}, {Strength.MAY} or practice" if weaker else ""
    return Text(f"{counts}. Nothing that SHALL be is missing{more}.", style="bold green" if not weaker else "bold")
