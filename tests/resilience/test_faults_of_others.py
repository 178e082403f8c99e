"""Faults of what the service talks to: the FHIR server, the address of the callers' keys, the machine's clock."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fhir_fixtures import case
from tests.contract.service import app
from tests.integration.serving import Running
from tests.resilience.ehr import FETCHED, HANGS_S, OBSERVING, Ehr
from tests.resilience.load import PUBLIC, Client, steady_load, wait_for
from tests.resilience.service import kept, logged, signed_service, sqlite
from tests.resilience.table import Row, row

pytestmark = pytest.mark.resilience
Tell = Callable[[Row], None]
PATIENTS_DATA_MISSING = {"412 CLM-2001"}
NOT_TRUSTED = {"401 CLM-1000"}


def answer_without_observations() -> Any:
    """What the service says when the EHR says itself that it could not read the observations."""
    asked = dict(case(FETCHED).request)
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    asked["prefetch"] = asked["prefetch"] | dict.fromkeys(OBSERVING, failed)
    client = app(public_base_url=PUBLIC).test_client()
    return client.post(f"/cds-services/crc-lung-metastasis-{asked['hook']}", json=asked).get_json()


@pytest.mark.parametrize("fault", ["hang", "garbage", "busy", "partly"])
def test_a_failing_fhir_server_is_told_and_harms_no_other_call(
    fault: str, seconds: float, tmp_path: Path, ehr: Ehr, tell: Tell
) -> None:
    url = sqlite(tmp_path)
    known = answer_without_observations()
    with (
        signed_service(tmp_path, url, ehr) as service,
        steady_load(service, ehr, expected_when_partly=known) as load,
    ):
        load.steady(seconds)
        load.client.fault = fault
        begin = time.monotonic()
        wait_for(lambda: sum(one.kind == "fetched" for one in load.between(begin)) >= 3, 90)
        time.sleep(seconds)
        load.client.fault = "none"
        end = time.monotonic()
        during = load.between(begin + 0.2, end)  # a call that had just begun may have met the server as it was
        recovery = load.recovered(end)
        load.steady(seconds)
    fetched = [one for one in during if one.kind == "fetched"]
    assert {one.note for one in fetched} == ({""} if fault == "partly" else PATIENTS_DATA_MISSING)
    assert max(one.ended - one.began for one in during) < HANGS_S / 2  # the budget ended it, not the server
    assert {one.verdict for one in during if one.kind != "fetched"} == {"right"}
    said = {"hang": "hangs", "garbage": "answers garbage", "busy": "answers 429", "partly": "fails at Observation"}
    tell(row(f"the FHIR server {said[fault]}", load, during, recovery, kept(url)))


def kill_workers(service: Running) -> None:
    """New workers know no keys yet."""
    for worker in (old := service.workers()):
        os.kill(worker, signal.SIGKILL)
    wait_for(lambda: len(set(service.workers()) - set(old)) == 2 and not set(service.workers()) & set(old), 30)


def test_while_the_address_of_the_keys_fails_known_keys_stay_good_and_unknown_ones_do_not(
    seconds: float, tmp_path: Path, ehr: Ehr, tell: Tell
) -> None:
    url = sqlite(tmp_path)
    with signed_service(tmp_path, url, ehr) as service, steady_load(service, ehr) as load:
        load.steady(seconds)
        ehr.keys, ehr.keys_answer = ("ec-next",), 500  # the EHR changes its key, and its key set cannot be had
        begin = time.monotonic()
        known = load.steady(seconds)
        tell(row("the key address fails", load, known, None, None))

        load.client.key = "ec-next"
        wait_for(lambda: len(load.between(begin)) >= 30, 60)
        kill_workers(service)
        killed = time.monotonic()
        wait_for(lambda: len(load.between(killed)) >= 8, 60)
        assert service.get("/health/ready")[0] == 503
        during = load.between(killed)
        ehr.keys_answer = 200
        back = time.monotonic()
        recovery = load.recovered(back)
        load.steady(seconds)
        assert service.get("/health/ready")[0] == 200
    assert {one.note for one in during} <= NOT_TRUSTED | {"ConnectionResetError", "RemoteDisconnected"}
    assert {one.note for one in during if one.verdict == "refused"} == NOT_TRUSTED
    assert set(load.acknowledged) <= kept(url)
    tell(row("... and new workers know no key", load, during, recovery, kept(url)))


def library() -> str:
    """libfaketime, which gives a process a clock of its own. Without it: skipped, but never where CI is set."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if found:
        return str(found[0])
    if os.environ.get("CI"):
        pytest.fail("libfaketime is not installed (Debian: faketime)")
    pytest.skip("libfaketime is not installed (Debian: faketime)")


def test_when_the_clock_jumps_tokens_are_refused_until_it_is_right(
    seconds: float, tmp_path: Path, ehr: Ehr, tell: Tell
) -> None:
    url = sqlite(tmp_path)
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": library(),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with signed_service(tmp_path, url, ehr, **faked) as service, steady_load(service, ehr) as load:
        load.steady(seconds)
        for offset in ("+7200", "-7200"):
            jump(clock, offset)
            jumped = time.monotonic()
            wait_for(lambda begin=jumped: len(load.between(begin)) >= 8, 60)  # type: ignore[misc]
            during = load.between(jumped)
            assert {one.note for one in during} == NOT_TRUSTED
            jump(clock, "+0")
            recovery = load.recovered(time.monotonic())
            tell(row(f"the clock jumps {offset} s", load, during, recovery, None))
            load.steady(seconds)
        # The EHR's clock jumps with ours: nothing else in the service rests on the time of day.
        load.client = Client(clock=7200)
        jump(clock, "+7200")
        load.recovered(time.monotonic())
        both = load.steady(seconds)
        tell(row("... and the EHR's clock with it", load, both, None, None))
        load.client = Client()
        jump(clock, "+0")
        load.recovered(time.monotonic())
    reasons = {str(line.get("reason")) for line in logged(tmp_path) if line.get("status") == 401}
    assert reasons == {"the token has expired", "the token is from the future"}
    assert set(load.acknowledged) <= kept(url)


def jump(clock: Path, offset: str) -> None:
    """Set the service's clock, in one step, so that no half-written file is read."""
    new = clock.with_suffix(".new")
    new.write_text(offset)
    shutil.move(new, clock)
