"""Measure the service beside the floor, peers and other servers; with ``--write`` renew the page of the manual."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import over_http, plot, report
from benchmarks.fan_out import round_trips
from benchmarks.in_process import decider, deciding
from benchmarks.others import throw_away
from benchmarks.report import Measured, Spread

TARGETS = {
    "CPU over the floor, 347 kB": "<= 1.1",
    "CPU over the floor, 36 kB": "<= 1.4",
    "decision in process over orjson.loads, 347 kB": "<= 0.8",
    "growth of the decision with body size (log-log exponent)": "<= 1.05",
    "fetching all keys from a server that takes 20 ms (round trips)": "<= 1.3",
    "resident memory over the floor (MB)": "<= 25",
    "cold start to first answer over the floor": "<= 2",
    "CPU of HealthChain on dicts over ours, 36 kB": ">= 3",
    "CPU of HealthChain on dicts over ours, 347 kB": ">= 3",
    "CPU of cql-execution over ours, 36 kB": ">= 8",
    "CPU of cql-execution over ours, 347 kB": ">= 8",
}
STEPS = ("decision in process", "fetching", "over HTTP", "memory", "cold start", "peers (installing first)", "servers")
"""What is measured, in this order; each makes one table or sentence."""
WITHOUT_CANCER = ", no cancer"
ALSO_WITHOUT = [what for what in TARGETS if "kB" in what]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5, help="rounds of each measurement, at least 5 (default 5)")
    arguments.add_argument("--write", action="store_true", help="write the tables to docs/reference/performance.md")
    options = arguments.parse_args()
    if options.rounds < 5:
        arguments.error("fewer than 5 rounds say little")
    measured: Measured = {}
    before = os.getloadavg()[0]
    tables, lines = [], {}
    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        bar = progress.add_task(STEPS[0], total=len(STEPS))
        for done, table in enumerate(_tables(options.rounds, measured, lines), start=1):
            print(table, "", sep="\n", flush=True)
            tables.append(table)
            progress.update(bar, completed=done, description=STEPS[min(done, len(STEPS) - 1)])
    load = f"Load average {before:.1f} at the start and {os.getloadavg()[0]:.1f} at the end"
    text = "\n\n".join([f"{options.rounds} rounds. {report.machine()}. {load}.", *tables, _verdicts(measured)])
    print(text)
    if options.write:
        report.write(text)
        plot.FILE.write_text(plot.svg(lines))
    return 0


def _tables(rounds: int, measured: Measured, lines: dict[str, list[plot.Point]]) -> Iterator[str]:
    run = decider()
    yield deciding(run, rounds, measured, lines)
    fetching = Spread.of(round_trips(rounds))
    measured["fetching all keys from a server that takes 20 ms (round trips)"] = fetching
    yield f"All ten keys from a FHIR server that takes 20 ms for each answer: {fetching.text()} times 20 ms."
    yield from over_http.beside_the_floor(run, rounds, measured)
    with throw_away() as others:
        yield over_http.peers(others, run, rounds, measured)
        yield over_http.servers(others, rounds)


def _verdicts(measured: Measured) -> str:
    rows = []
    for what, target in TARGETS.items():
        for name in (what, f"{what}{WITHOUT_CANCER}") if what in ALSO_WITHOUT else (what,):
            if found := measured.get(name):
                rows.append([name, target.replace("<=", "≤").replace(">=", "≥"), found.text(), verdict(found, target)])
    return report.table(["what", "target", "measured", ""], rows)


def verdict(found: Spread, target: str) -> str:
    """Whether a target is met, by the median or at least by the best round."""
    at_most, limit = target.startswith("<="), float(target[2:])
    median, best = (found.median, found.low) if at_most else (found.median, found.high)
    if (median <= limit) if at_most else (median >= limit):
        return "met"
    return "met in the best round" if ((best <= limit) if at_most else (best >= limit)) else "**not met**"


if __name__ == "__main__":
    sys.exit(main())
