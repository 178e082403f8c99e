"""Measure the service beside the floor, print the tables, and with ``--write`` renew the page of the manual."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import product

import orjson

from benchmarks import in_process, report
from benchmarks.floor import ANSWER
from benchmarks.in_process import Decide
from benchmarks.patient import BASE_URL, EVALUATED_ON
from benchmarks.payloads import SIZES, hook_request
from benchmarks.report import Spread
from benchmarks.server import Sample, free_port, running

PATH = "/cds-services/crc-lung-metastasis-patient-view"
OVER_HTTP = {"36 kB": 3000, "347 kB": 800}  # requests a round: long enough for clock ticks of 10 ms
MEMORY_AFTER = 1000
SETTINGS = {"CDS_EVALUATION_DATE": EVALUATED_ON, "CDS_PUBLIC_BASE_URL": BASE_URL}
TARGETS = {
    "CPU over the floor, 347 kB": 1.1,
    "CPU over the floor, 36 kB": 1.4,
    "decision in process over orjson.loads, 347 kB": 0.8,
    "growth of the decision with body size (log-log exponent)": 1.05,
    "resident memory over the floor (MB)": 25,
    "cold start to first answer over the floor": 2.0,
}


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5, help="rounds of each measurement, at least 5 (default 5)")
    arguments.add_argument("--write", action="store_true", help="write the tables to docs/reference/performance.md")
    options = arguments.parse_args()
    if options.rounds < 5:
        arguments.error("fewer than 5 rounds say little")
    run, measured = in_process.decider(), {}
    tables = [*over_http(run, options.rounds, measured), *decision(run, options.rounds, measured)]
    verdicts = [
        [what, f"<= {most:g}", f"{measured[what]:.2f}", verdict(measured[what], most)] for what, most in TARGETS.items()
    ]
    text = "\n\n".join(
        [
            f"{options.rounds} rounds. {report.machine()}.",
            *tables,
            report.table(["what", "target", "measured", ""], verdicts),
        ]
    )
    print(text)
    if options.write:
        report.write(text)
    return 0


def over_http(run: Decide, rounds: int, measured: dict[str, float]) -> Iterator[str]:
    """CPU, time and memory of the service and of the floor, alternating round by round."""
    ports = free_port(), free_port()
    with (
        running(["cds_service.cli", "serve", "--port", str(ports[0])], SETTINGS, ports[0]) as ours,
        running(["benchmarks.floor", str(ports[1])], {}, ports[1]) as floor,
    ):
        rows = []
        for size, affected in product(OVER_HTTP, (True, False)):
            body, requests = hook_request(SIZES[size], affected=affected), OVER_HTTP[size]
            for server in (ours, floor):
                server.measure(PATH, body, requests // 10)  # warm
            pairs = [(ours.measure(PATH, body, requests), floor.measure(PATH, body, requests)) for _ in range(rounds)]
            check([mine for mine, _ in pairs], expected=orjson.dumps(run(orjson.loads(body)).response()))
            check([theirs for _, theirs in pairs], expected=ANSWER)
            ratio = report.ratios([mine.cpu for mine, _ in pairs], [theirs.cpu for _, theirs in pairs])
            name = size if affected else f"{size}, no cancer"
            measured[f"CPU over the floor, {name}"] = ratio.median
            rows.append([name, *columns([mine for mine, _ in pairs], [theirs for _, theirs in pairs], ratio)])
        heads = ["body", "CPU, floor (ms)", "CPU, service (ms)", "ratio", "requests/s, floor", "requests/s, service"]
        yield report.table([*heads, "p99, service (ms)"], rows)
        body = hook_request(SIZES["347 kB"])
        for server in (ours, floor):
            server.measure(PATH, body, MEMORY_AFTER)
        measured["resident memory over the floor (MB)"] = ours.resident_mb() - floor.resident_mb()
        measured["cold start to first answer over the floor"] = ours.cold_start / floor.cold_start
        memory = f"{ours.resident_mb():.0f} MB, floor {floor.resident_mb():.0f} MB"
        started = f"{ours.cold_start:.2f} s, floor {floor.cold_start:.2f} s"
        yield f"Resident memory of the worker at the end: {memory}. Cold start to first answer: {started}."


def columns(ours: list[Sample], floor: list[Sample], ratio: Spread) -> Iterator[str]:
    """One row of the HTTP table."""
    yield Spread.of(sample.cpu for sample in floor).text(1000)
    yield Spread.of(sample.cpu for sample in ours).text(1000)
    yield ratio.text()
    yield Spread.of(1 / sample.wall for sample in floor).text(digits=0)
    yield Spread.of(1 / sample.wall for sample in ours).text(digits=0)
    yield Spread.of(sample.p99 for sample in ours).text(1000)


def verdict(value: float, most: float) -> str:
    """Whether a target is met."""
    return "met" if value <= most else "**not met**"


def check(samples: Iterable[Sample], *, expected: bytes) -> None:
    """Every answer is 200 and as expected. Raises RuntimeError otherwise: a wrong answer has no speed."""
    for sample in samples:
        if sample.answers != {(200, expected)}:
            raise RuntimeError(f"unexpected answers: {sorted(sample.answers)[:2]}")


def decision(run: Decide, rounds: int, measured: dict[str, float]) -> Iterator[str]:
    """The decision in process, over all sizes."""
    rows, points = [], []
    for size, affected in product(SIZES, (True, False)):
        name = size if affected else f"{size}, no cancer"
        body = hook_request(SIZES[size], affected=affected)
        repeat = max(3, 3_000_000 // len(body))
        in_process.time_once(run, body, 3)  # warm
        timings = [in_process.time_once(run, body, repeat) for _ in range(rounds)]
        parse, decide = [t.parse for t in timings], [t.decide for t in timings]
        if affected:
            points.append((len(body), Spread.of(decide).median))
        ratio = report.ratios(decide, parse)
        measured[f"decision in process over orjson.loads, {name}"] = ratio.median
        rows.append([name, Spread.of(parse).text(1000), Spread.of(decide).text(1000), ratio.text()])
    yield report.table(["body", "orjson.loads (ms)", "decision in process (ms)", "ratio"], rows)
    measured["growth of the decision with body size (log-log exponent)"] = in_process.exponent(points)


if __name__ == "__main__":
    sys.exit(main())
