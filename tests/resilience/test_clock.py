"""The clock of the service's machine jumps while it is under load, and is right again later."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from cds_service.store import open_database
from cds_service.store.tables import DECISIONS
from fhir_fixtures import case
from tests.integration.postgres import Postgres
from tests.integration.serving import Running, running
from tests.resilience.ehr import Ehr
from tests.resilience.load import PUBLIC, judged, steady_load, wait_for
from tests.resilience.service import kept, signed_service, sqlite, under
from tests.resilience.set_clock import Clock
from tests.resilience.table import Row, row
from tests.unit.signing import token

pytestmark = pytest.mark.resilience
Tell = Callable[[Row], None]
HOUR = 3600
WITHIN_THE_LEEWAY = 20  # of the 30 seconds by default
DAYS_KEPT = 2
CALLS_A_MINUTE = 5
NOT_TRUSTED = {"401 CLM-1000"}
PATH = "/cds-services/crc-lung-metastasis-patient-view"
CASE = case("mcode-rich-solitary")
RIGHT = ("right", "")


def reasons(tmp_path: Path) -> set[str]:
    """Why calls were refused, as the log says, without the name of the issuer."""
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    return {line["reason"].partition(";")[0] for line in lines if line.get("status") == 401}


@pytest.mark.parametrize(
    ("seconds_off", "said"),
    [(HOUR, "the token has expired"), (-HOUR, "the token is from the future")],
    ids=["ahead", "behind"],
)
def test_while_the_clock_is_wrong_signed_calls_are_refused_and_nothing_acknowledged_is_lost(
    seconds_off: int, said: str, seconds: float, tmp_path: Path, ehr: Ehr, postgres: Postgres, tell: Tell
) -> None:
    url, clock = postgres.database(), Clock(tmp_path)
    with signed_service(tmp_path, url, ehr, clock) as service, steady_load(service, ehr) as load:
        load.steady(seconds)
        clock.jump(WITHIN_THE_LEEWAY if seconds_off > 0 else -WITHIN_THE_LEEWAY)
        load.steady(seconds)
        clock.jump(seconds_off)
        jumped = time.monotonic()
        wait_for(lambda: len(load.between(jumped)) >= 8, 180)
        assert service.get("/health/live")[0] == 200
        assert service.get("/health/ready")[0] == 200  # whose clock is wrong it cannot know
        time.sleep(seconds)
        during = load.between(jumped)
        clock.jump(0)
        right = time.monotonic()
        recovery = load.recovered(right)
        load.steady(seconds)
    assert {one.note for one in during} == NOT_TRUSTED
    assert {one.note for one in load.seen if one.verdict != "right"} == NOT_TRUSTED
    assert reasons(tmp_path) == {said}
    assert set(load.acknowledged) <= kept(url)
    how = "an hour ahead" if seconds_off > 0 else "an hour behind"
    tell(row(f"the clock is {how}", load, during, recovery, kept(url)))


def test_a_token_is_good_once_however_the_clock_jumps(tmp_path: Path, ehr: Ehr) -> None:
    clock = Clock(tmp_path)
    with signed_service(tmp_path, sqlite(tmp_path), ehr, clock) as service:

        def call(signed: str) -> tuple[str, str]:
            return judged(*service.post(PATH, CASE.request, signed), [CASE.expected["response"]])

        def new(**more: Any) -> str:
            return token("ec", aud=f"{PUBLIC}{PATH}", header={"jku": ehr.jku}, **more)

        used, waiting = new(), new()
        assert call(used) == RIGHT
        for seconds_off in (HOUR, -HOUR, WITHIN_THE_LEEWAY, -WITHIN_THE_LEEWAY, 0):
            clock.jump(seconds_off)
            assert call(used) == ("refused", "401 CLM-1000"), seconds_off
            if abs(seconds_off) == HOUR:
                assert call(waiting) == ("refused", "401 CLM-1000")  # which uses up nothing
        assert call(waiting) == RIGHT
        assert call(waiting) == ("refused", "401 CLM-1000")

        clock.jump(-HOUR)  # an old token, which was good when the clock was last there
        old = new(issued_ago=HOUR, expires_in=300 - HOUR)
        assert call(old) == RIGHT
        assert call(old) == ("refused", "401 CLM-1000")
        clock.jump(0)
        assert call(old) == ("refused", "401 CLM-1000")
        clock.jump(-HOUR)
        assert call(old) == ("refused", "401 CLM-1000")
    assert "the token was used before (jti)" in reasons(tmp_path)


def answered_until_refused(service: Running) -> int:
    """How many calls were answered before one was over the limit, which may come back within a minute."""
    for count in range(2 * CALLS_A_MINUTE + 1):  # the window slides: where a minute ends, there is room for some more
        answer = requests.post(service.base + PATH, json=CASE.request, timeout=60)
        if answer.status_code != 200:
            assert judged(answer.status_code, answer.json(), []) == ("refused", "429 CLM-1010")
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
            return count
        assert judged(200, answer.json(), [CASE.expected["response"]]) == RIGHT
    raise AssertionError("no call was refused")


def test_the_rate_limit_holds_and_locks_nobody_out_for_longer_than_a_minute(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    more = {"CDS_RATE_LIMIT_PER_MINUTE": str(CALLS_A_MINUTE), "CDS_WORKERS": "1", "CDS_PUBLIC_BASE_URL": PUBLIC}
    with running(tmp_path, sqlite(tmp_path), **under(clock), **more) as service:
        assert answered_until_refused(service) >= CALLS_A_MINUTE
        for seconds_off in (HOUR, -HOUR):
            clock.jump(seconds_off)
            assert answered_until_refused(service) >= CALLS_A_MINUTE
        clock.jump(120)  # right again, two minutes later
        assert answered_until_refused(service) >= CALLS_A_MINUTE
        assert answered_until_refused(service) == 0


def test_inputs_that_are_kept_outlast_a_clock_that_is_wrong_for_a_moment(tmp_path: Path) -> None:
    """What was kept for days is there, and opens, after the clock was weeks ahead while decisions were made."""
    clock, url = Clock(tmp_path), sqlite(tmp_path)
    (tmp_path / "audit.key").write_bytes(base64.b64encode(bytes(32)))
    more = {"CDS_AUDIT_DAYS": str(DAYS_KEPT), "CDS_AUDIT_KEY_FILE": str(tmp_path / "audit.key"), "CDS_WORKERS": "1"}
    with running(tmp_path, url, **under(clock), **more, CDS_PUBLIC_BASE_URL=PUBLIC) as service:
        for seconds_off in (0, 10 * DAYS_KEPT * 24 * HOUR, 0, -10 * DAYS_KEPT * 24 * HOUR, 0):
            clock.jump(seconds_off)
            assert judged(*service.post(PATH, CASE.request), [CASE.expected["response"]]) == RIGHT
    database = open_database(url)
    with database.transaction() as connection:
        assert connection.execute(select(func.count()).select_from(DECISIONS)).scalar_one() == 5
    database.close_connections()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    replayed = subprocess.run(
        [sys.executable, "-m", "cds_service.commands", "replay", "--all"],
        env=environment | {"CDS_DATABASE_URL": url, "CDS_AUDIT_KEY_FILE": str(tmp_path / "audit.key")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (replayed.returncode, replayed.stderr.strip()) == (0, "5 same, 0 different, 0 not opened")
