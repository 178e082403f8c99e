"""Faults of the machine that the service runs on: a worker is killed, the database restarts, the disk is full."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.postgres import Postgres
from tests.resilience.ehr import Ehr
from tests.resilience.load import THREADS, steady_load, wait_for
from tests.resilience.service import kept, signed_service, sqlite
from tests.resilience.table import Row, row

pytestmark = pytest.mark.resilience
Tell = Callable[[Row], None]
DATABASE_AWAY = {"503 CLM-6001"}


def test_a_worker_that_is_killed_is_replaced_and_costs_only_the_calls_it_was_answering(
    seconds: float, tmp_path: Path, ehr: Ehr, postgres: Postgres, tell: Tell
) -> None:
    url = postgres.database()
    with signed_service(tmp_path, url, ehr) as service, steady_load(service, ehr) as load:
        load.steady(seconds)
        victim = service.workers()[0]
        begin = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        recovery = load.recovered(begin)
        wait_for(lambda: victim not in service.workers() and len(service.workers()) == 2, 120)
        load.steady(seconds)
    during = [one for one in load.seen if one.ended >= begin]
    assert {one.verdict for one in during} <= {"right", "broken"}
    assert sum(one.verdict == "broken" for one in load.seen) <= THREADS
    assert set(load.acknowledged) <= kept(url)
    tell(row("a worker is killed", load, during, recovery, kept(url)))


def test_while_the_database_is_away_calls_are_refused_and_nothing_acknowledged_is_lost(
    seconds: float, tmp_path: Path, ehr: Ehr, postgres: Postgres, tell: Tell
) -> None:
    url = postgres.database()
    with signed_service(tmp_path, url, ehr) as service, steady_load(service, ehr) as load:
        load.steady(seconds)
        begin = time.monotonic()
        postgres.stop("immediate")  # as a crash
        try:
            stopped = time.monotonic()
            wait_for(lambda: len(load.between(stopped)) >= 8, 180)
            assert service.get("/health/ready")[0] == 503
            assert service.get("/health/live")[0] == 200
            time.sleep(seconds)
            away = load.between(stopped)
        finally:
            postgres.start()
        back = time.monotonic()
        recovery = load.recovered(back)
        assert service.get("/health/ready")[0] == 200
        load.steady(seconds)
    assert {one.note for one in away} == DATABASE_AWAY
    assert {one.note for one in load.seen if one.verdict != "right"} == DATABASE_AWAY
    assert set(load.acknowledged) <= kept(url)
    tell(row("the database restarts", load, load.between(begin, back), recovery, kept(url)))


def fill_the_disk(service_ids: list[int], bytes_left: int) -> None:
    """No file of these processes can grow beyond so many bytes: what they meet is a write that fails."""
    for one in service_ids:
        _, hard = resource.prlimit(one, resource.RLIMIT_FSIZE)
        resource.prlimit(one, resource.RLIMIT_FSIZE, (bytes_left, hard))


def test_on_a_full_disk_calls_are_refused_and_it_goes_on_when_there_is_room(
    seconds: float, tmp_path: Path, ehr: Ehr, tell: Tell
) -> None:
    """The database and the log lie on that disk: neither can be written to."""
    url = sqlite(tmp_path)
    with signed_service(tmp_path, url, ehr) as service, steady_load(service, ehr) as load:
        load.steady(seconds)
        every = [service.process.pid, *service.workers()]
        fill_the_disk(every, 4096)
        full = time.monotonic()
        wait_for(lambda: len(load.between(full)) >= 8, 180)
        assert service.get("/health/live")[0] == 200
        time.sleep(seconds)
        during = load.between(full)
        fill_the_disk(every, resource.RLIM_INFINITY)
        room = time.monotonic()
        recovery = load.recovered(room)
        load.steady(seconds)
    assert {one.note for one in during} == DATABASE_AWAY
    assert set(load.acknowledged) <= kept(url)
    tell(row("the disk is full", load, during, recovery, kept(url)))
