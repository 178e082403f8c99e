"""Starting a server on loopback, sending it a body many times over one connection, and reading what that cost.

CPU is that of the worker processes, user and system together, to the nanosecond, from ``/proc/<pid>/task/*/schedstat``.
Linux only.
"""

from __future__ import annotations

import http.client
import itertools
import os
import re
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

START_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One round against one server: CPU and wall time for each request (seconds), the slowest per cent, the answers."""

    cpu: float
    wall: float
    p99: float
    answers: frozenset[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, whose CPU counts, and how long it took to its first answer (seconds)."""

    port: int
    workers: tuple[int, ...]
    cold_start: float
    cold_start_cpu: float

    def cpu_seconds(self) -> float:
        """User and system time of all workers so far."""
        return sum(map(_cpu_seconds, self.workers))

    def resident_mb(self) -> float:
        """Resident memory of all workers, in MB."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.workers)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def private_mb(self) -> float:
        """What the workers do not share with the process that they were forked from, in MB: what one more costs."""
        maps = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.workers]
        found = [re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", text, re.MULTILINE) for text in maps]
        return sum(map(int, itertools.chain.from_iterable(found))) * 1024 / 1e6

    def measure(self, path: str, body: bytes, requests: int) -> Sample:
        """Send ``body`` ``requests`` times, one after the other. Raises OSError when the server goes away."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        took, answers = [], set()
        before, started = self.cpu_seconds(), time.perf_counter()
        for _ in range(requests):
            sent = time.perf_counter()
            answers.add(_ask(connection, path, body))
            took.append(time.perf_counter() - sent)
        wall, cpu = time.perf_counter() - started, self.cpu_seconds() - before
        connection.close()
        return Sample(cpu / requests, wall / requests, sorted(took)[int(requests * 0.99)], frozenset(answers))

    def load(self, path: str, body: bytes, requests: int, connections: int) -> Sample:
        """The same over several connections at once. CPU and wall time are for each request."""
        before, started = self.cpu_seconds(), time.perf_counter()
        with ThreadPoolExecutor(connections) as callers:
            share = [callers.submit(self.measure, path, body, requests // connections) for _ in range(connections)]
            samples = [one.result() for one in share]
        wall, cpu = time.perf_counter() - started, self.cpu_seconds() - before
        answers = frozenset[tuple[int, bytes]]().union(*(sample.answers for sample in samples))
        return Sample(cpu / requests, wall / requests, max(sample.p99 for sample in samples), answers)


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], port: int) -> Iterator[Server]:
    """The server that a command starts, from its first 200 until the block is left.

    Raises RuntimeError, with what the server wrote, when it does not start.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")} | dict(environment)
        process = subprocess.Popen(command, env=ours, stdout=subprocess.DEVNULL, stderr=log)
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - started > START_LIMIT_S:
                    log.seek(0)
                    raise RuntimeError(f"{command[0]} did not start (exit code {process.poll()}):\n{log.read()}")
                time.sleep(0.005)
            cold_start = time.perf_counter() - started
            workers = _children(process.pid) or (process.pid,)
            spent = sum(map(_cpu_seconds, {process.pid, *workers}))
            yield Server(port, workers, cold_start, spent)
        finally:
            process.terminate()
            process.wait(timeout=START_LIMIT_S)


def _ask(connection: http.client.HTTPConnection, path: str, body: bytes) -> tuple[int, bytes]:
    """One call. Some servers (uWSGI) close every connection without saying so; then a new one is opened, once."""
    try:
        return _once(connection, path, body)
    except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
        connection.close()
        return _once(connection, path, body)


def _once(connection: http.client.HTTPConnection, path: str, body: bytes) -> tuple[int, bytes]:
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def free_port() -> int:
    """A port of the loopback address that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.client.OK
    except OSError:  # not listening yet
        return False
    finally:
        connection.close()


def _children(pid: int) -> tuple[int, ...]:
    """The processes below ``pid`` that have no children of their own: the workers."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return tuple(worker for child in map(int, text.split()) for worker in (_children(child) or (child,)))


def _cpu_seconds(pid: int) -> float:
    """Of the threads that are alive. A server's threads are kept, so none is lost between two readings."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
