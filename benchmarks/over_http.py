"""What is measured over HTTP: the service beside the floor, beside peers, and under other servers. Apps alternate."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import product

import orjson

from benchmarks import report
from benchmarks.floor import ANSWER
from benchmarks.in_process import Decide
from benchmarks.others import Contender, ThrowAway, environment
from benchmarks.patient import BASE_URL, EVALUATED_ON
from benchmarks.payloads import SIZES, hook_request
from benchmarks.report import Measured, Spread
from benchmarks.server import Sample, Server, free_port, running

PATH = "/cds-services/crc-lung-metastasis-patient-view"
OVER_HTTP = {"36 kB": 200, "347 kB": 80}  # requests a round
MEMORY_AFTER = 1000
CONNECTIONS = 4
SETTINGS = {"CDS_EVALUATION_DATE": EVALUATED_ON, "CDS_PUBLIC_BASE_URL": BASE_URL}
OURS = Contender("this service", lambda port: _module("cds_service.commands", "serve", "--port", str(port)), PATH)
FLOOR = Contender("floor", lambda port: _module("benchmarks.floor", str(port)), PATH)
SHORT = {"HealthChain, dicts": "HealthChain on dicts", "cql-execution, model reused": "cql-execution"}
PEER_CARD = "Colorectal lung metastasis, CEA 3 ng/mL"


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def start(stack: ExitStack, contender: Contender) -> Server:
    """The contender's server, until the stack is left."""
    port = free_port()
    command = contender.command(port)
    settings = SETTINGS | {"XDG_STATE_HOME": stack.enter_context(tempfile.TemporaryDirectory())}
    if command[0] != sys.executable:
        settings |= environment()
    return stack.enter_context(running(command, settings, port))


def name_of(size: str, affected: bool) -> str:
    """How a body is called in the tables."""
    return size if affected else f"{size}, no cancer"


def beside_the_floor(run: Decide, rounds: int, measured: Measured) -> Iterator[str]:
    """CPU, time and memory of the service and of the floor, alternating round by round."""
    with ExitStack() as stack:
        ours, floor = start(stack, OURS), start(stack, FLOOR)
        rows = []
        for size, affected in product(OVER_HTTP, (True, False)):
            body, requests = hook_request(SIZES[size], affected=affected), OVER_HTTP[size]
            for server in (ours, floor):
                server.measure(PATH, body, requests // 5)  # warm
            pairs = [(ours.measure(PATH, body, requests), floor.measure(PATH, body, requests)) for _ in range(rounds)]
            mine, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
            check(mine, expected=orjson.dumps(run(orjson.loads(body)).response()))
            check(theirs, expected=ANSWER)
            ratio = report.ratios([sample.cpu for sample in mine], [sample.cpu for sample in theirs])
            measured[f"CPU over the floor, {name_of(size, affected)}"] = ratio
            rows.append([name_of(size, affected), *columns(mine, theirs, ratio)])
        heads = ["body", "CPU, floor (ms)", "CPU, service (ms)", "ratio", "requests/s, floor", "requests/s, service"]
        yield report.table([*heads, "p99, service (ms)"], rows)
        body = hook_request(SIZES["347 kB"])
        for server in (ours, floor):
            server.measure(PATH, body, MEMORY_AFTER)
        more = Spread.of([ours.resident_mb() - floor.resident_mb()])
        measured["resident memory over the floor (MB)"] = more
        memory = [f"{ours.resident_mb():.0f} MB, floor {floor.resident_mb():.0f} MB"]
        memory += [f"{ours.private_mb():.0f} MB, floor {floor.private_mb():.0f} MB"]
    yield (
        f"Resident memory of the worker after {MEMORY_AFTER} requests of 347 kB: {memory[0]}. Of that it shares a part "
        f"with the process that it was forked from; its own, which is what each further worker takes: {memory[1]}."
    )
    yield cold_start(rounds, measured)


def cold_start(rounds: int, measured: Measured) -> str:
    """From the command to the first answer, by turns."""
    times: list[tuple[float, ...]] = []
    for _ in range(rounds):
        found: list[float] = []
        for contender in (OURS, FLOOR):
            with ExitStack() as stack:
                server = start(stack, contender)
                found += [server.cold_start, server.cold_start_cpu]
        times.append(tuple(found))
    ours, ours_cpu, floor, floor_cpu = (list(column) for column in zip(*times, strict=True))
    measured["cold start to first answer over the floor"] = report.ratios(ours, floor)
    texts = [f"{Spread.of(ours).text()} s, floor {Spread.of(floor).text()} s"]
    texts.append(f"of CPU {Spread.of(ours_cpu).text()} s, floor {Spread.of(floor_cpu).text()} s")
    return f"Cold start to first answer: {'; '.join(texts)}."


def columns(ours: list[Sample], floor: list[Sample], ratio: Spread) -> Iterator[str]:
    """One row of the table beside the floor."""
    yield Spread.of(sample.cpu for sample in floor).text(1000)
    yield Spread.of(sample.cpu for sample in ours).text(1000)
    yield ratio.text()
    yield Spread.of(1 / sample.wall for sample in floor).text(digits=0)
    yield Spread.of(1 / sample.wall for sample in ours).text(digits=0)
    yield Spread.of(sample.p99 for sample in ours).text(1000)


def check(samples: Iterable[Sample], *, expected: bytes) -> None:
    """Every answer is 200 and as expected. Raises RuntimeError otherwise: a wrong answer has no speed."""
    for sample in samples:
        if sample.answers != {(200, expected)}:
            raise RuntimeError(f"unexpected answers: {sorted(sample.answers)[:2]}")


def peers(others: ThrowAway, run: Decide, rounds: int, measured: Measured) -> str:
    """CPU of each peer and of the service over the floor, all in the same rounds."""
    rows = []
    contenders = [FLOOR, OURS, *others.peers()]
    with ExitStack() as stack:
        started = [(one, start(stack, one)) for one in contenders]
        for size, affected in product(OVER_HTTP, (True, False)):
            body, requests = hook_request(SIZES[size], affected=affected), OVER_HTTP[size] // 2
            for one, server in started:
                server.measure(one.path, body, requests // 2)  # warm, and time for a compiler at run time
            samples: dict[str, list[Sample]] = {one.name: [] for one in contenders}
            for _ in range(rounds):
                for one, server in started:
                    samples[one.name].append(server.measure(one.path, body, requests))
            check(samples[OURS.name], expected=orjson.dumps(run(orjson.loads(body)).response()))
            for one in others.peers():
                _check_peer(samples[one.name], affected)
            cpu = {name: [sample.cpu for sample in found] for name, found in samples.items()}
            name = name_of(size, affected)
            for one, spent in cpu.items():
                rows.append([name, one, Spread.of(spent).text(1000), report.ratios(spent, cpu[FLOOR.name]).text()])
                if one in SHORT:
                    measured[f"CPU of {SHORT[one]} over ours, {name}"] = report.ratios(spent, cpu[OURS.name])
    absent = [what for what, there in (("HealthChain", others.has_python), ("Node's", others.has_node)) if not there]
    note = f"\n\nNot installable here: {', '.join(absent)}." if absent else ""
    return report.table(["body", "program", "CPU (ms)", "over the floor"], rows) + note


def _check_peer(samples: Sequence[Sample], affected: bool) -> None:
    for sample in samples:
        for status, answer in sample.answers:
            cards = orjson.loads(answer)["cards"] if status == 200 else None
            if cards is None or [card["summary"] for card in cards] != ([PEER_CARD] if affected else []):
                raise RuntimeError(f"a peer answered {status}: {answer[:200]!r}")


def servers(others: ThrowAway, rounds: int) -> str:
    """The service under its own server with several numbers of threads, and under others, four calls at a time."""
    body, requests = hook_request(SIZES["36 kB"]), OVER_HTTP["36 kB"] // 2
    with ExitStack() as stack:
        running_servers = [(one, start(stack, one)) for one in (*own_servers(), *others.servers(PATH))]
        samples = {one.name: [] for one, _ in running_servers}
        for _, server in running_servers:
            server.load(PATH, body, requests // 2, CONNECTIONS)
        for _ in range(rounds):
            for one, server in running_servers:
                samples[one.name].append(server.load(PATH, body, requests, CONNECTIONS))
        memory = {one.name: f"{server.resident_mb():.0f}" for one, server in running_servers}
    rows = [
        [
            name,
            Spread.of(sample.cpu for sample in found).text(1000),
            Spread.of(1 / sample.wall for sample in found).text(digits=0),
            Spread.of(sample.p99 for sample in found).text(1000),
            memory[name],
        ]
        for name, found in samples.items()
    ]
    return report.table(["server, one process, 36 kB", "CPU (ms)", "requests/s", "p99 (ms)", "memory (MB)"], rows)


def own_servers() -> list[Contender]:
    """The service's own server with several numbers of threads."""
    return [Contender(f"gunicorn gthread, {threads} threads", _own(threads), PATH) for threads in (2, 8, 56)]


def _own(threads: int) -> Callable[[int], list[str]]:
    return lambda port: _module("benchmarks.served", str(port), str(threads))
