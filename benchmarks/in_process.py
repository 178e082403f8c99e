"""The decision without HTTP: how long it takes beside ``orjson.loads`` of the same body, and how that grows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import orjson

from benchmarks.patient import BASE_URL, EVALUATED_ON
from benchmarks.payloads import SIZES, hook_request
from benchmarks.plot import Point
from benchmarks.report import Measured, Spread, ratios, table
from cds_service.hooks.decide import Decision, decide
from cds_service.hooks.services import services
from cds_service.hooks.sources import from_prefetch
from cds_service.protocol.request import read_request
from cds_service.serving.server import settle_garbage_collector
from cds_service.settings import load_settings
from cds_service.site import load_site

Decide = Callable[[object], Decision]


@dataclass(frozen=True, slots=True)
class Timing:
    """One round: CPU seconds for parsing a body, and for deciding on what was parsed."""

    parse: float
    decide: float


def decider() -> Decide:
    """The service's own steps 2 to 6 for patient-view, as one function of the parsed body."""
    site = load_site(load_settings(public_base_url=BASE_URL), fixed_date=True)
    service = next(found for found in services(site.terminology) if found.hook == "patient-view")
    on = date.fromisoformat(EVALUATED_ON)

    def run(document: object) -> Decision:
        request = read_request(document)
        sources, problems = from_prefetch(request, service)
        return decide(service, request, sources, problems, site=site, on=on)

    return run


def time_once(run: Decide, body: bytes, repeat: int) -> Timing:
    """The mean CPU time of ``repeat`` runs, the collector tuned as in the server."""
    settle_garbage_collector()
    parsed = decided = 0.0
    for _ in range(repeat):
        started = time.thread_time()
        document = orjson.loads(body)
        between = time.thread_time()
        run(document).response()
        decided += time.thread_time() - between
        parsed += between - started
    return Timing(parsed / repeat, decided / repeat)


def deciding(run: Decide, rounds: int, measured: Measured, lines: dict[str, list[Point]]) -> str:
    """The decision over all sizes, on an ordinary chart, on one without the cancer, and on one of oncology."""
    rows = []
    kinds = {"": {}, ", no cancer": {"affected": False}, ", oncology chart": {"rich": True}}
    for size, (kind, options) in product(SIZES, kinds.items()):
        body = hook_request(SIZES[size], **options)
        repeat = max(1, 500_000 // len(body))
        said = run(orjson.loads(body)).response()
        timings = [time_once(run, body, repeat) for _ in range(rounds)]
        if run(orjson.loads(body)).response() != said:
            raise RuntimeError("the same body was answered in two ways")
        parse, decide = [t.parse for t in timings], [t.decide for t in timings]
        ratio = ratios(decide, parse)
        measured[f"decision in process over orjson.loads, {size}{kind}"] = ratio
        rows.append([f"{size}{kind}", Spread.of(parse).text(1000), Spread.of(decide).text(1000), ratio.text()])
        if not kind:
            lines.setdefault("orjson.loads", []).append((len(body), Spread.of(parse).median * 1000))
        name = f"decision{kind}"
        lines.setdefault(name, []).append((len(body), Spread.of(decide).median * 1000))
    growth = {name: exponent(points) for name, points in lines.items()}
    steepest = max(growth[name] for name in growth if name != "orjson.loads")
    measured["growth of the decision with body size (log-log exponent)"] = Spread.of([steepest])
    slopes = ", ".join(f"{name} {slope:.2f}" for name, slope in growth.items())
    table_ = table(["body", "orjson.loads (ms)", "decision in process (ms)", "ratio"], rows)
    return f"{table_}\n\nGrowth with the size of the body (exponent; 1 is linear): {slopes}."


def exponent(points: Sequence[Point]) -> float:
    """The slope of a straight line through (size, seconds) on logarithmic axes: 1 is linear growth."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)
