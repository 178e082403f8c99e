"""Faults of what the service talks to: the FHIR server, and the address of the callers' keys."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds_service.trust.keys import PAUSE_S
from fhir_fixtures import case
from tests.contract.service import app
from tests.integration.serving import Running
from tests.resilience.ehr import FETCHED, HANGS_S, Ehr
from tests.resilience.load import PUBLIC, steady_load, wait_for
from tests.resilience.service import kept, signed_service, sqlite
from tests.resilience.set_clock import Clock
from tests.resilience.table import Row, row

pytestmark = pytest.mark.resilience
Tell = Callable[[Row], None]
PATIENTS_DATA_MISSING = {"412 CLM-2001"}
NOT_TRUSTED = {"401 CLM-1000"}


def answer_without_observations(ehr: Ehr) -> Any:
    """What the service says in process when it cannot read the observations: that key data are missing."""
    asked = {name: value for name, value in case(FETCHED).request.items() if name != "prefetch"}
    client = app(public_base_url=PUBLIC).test_client()
    path = f"/cds-services/crc-lung-metastasis-{asked['hook']}"
    answer = client.post(path, json=asked | {"fhirServer": ehr.fhir("partly")}).get_json()
    assert "number not known" in answer["cards"][0]["summary"]
    assert "key data missing" in answer["cards"][0]["summary"]
    return answer


@pytest.mark.parametrize("fault", ["hang", "garbage", "busy", "partly"])
def test_a_failing_fhir_server_is_told_and_harms_no_other_call(
    fault: str, seconds: float, tmp_path: Path, ehr: Ehr, tell: Tell
) -> None:
    url = sqlite(tmp_path)
    known = answer_without_observations(ehr)
    with (
        signed_service(tmp_path, url, ehr) as service,
        steady_load(service, ehr, expected_when_partly=known) as load,
    ):
        load.steady(seconds)
        load.client.fault = fault
        begin = time.monotonic()
        wait_for(lambda: sum(one.kind == "fetched" for one in load.between(begin)) >= 3, 180)
        time.sleep(seconds)
        during = load.between(begin)  # which have ended, so that none of them met the server as it will be
        load.client.fault = "none"
        end = time.monotonic()
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
    wait_for(lambda: len(set(service.workers()) - set(old)) == 2 and not set(service.workers()) & set(old), 120)


def test_while_the_address_of_the_keys_fails_known_keys_stay_good_and_unknown_ones_do_not(
    seconds: float, tmp_path: Path, ehr: Ehr, tell: Tell
) -> None:
    url, clock = sqlite(tmp_path), Clock(tmp_path)
    with signed_service(tmp_path, url, ehr, clock) as service, steady_load(service, ehr) as load:
        load.steady(seconds)
        ehr.keys, ehr.keys_answer = ("ec-next",), 500  # the EHR changes its key, and its key set cannot be had
        begin = time.monotonic()
        known = load.steady(seconds)
        tell(row("the key address fails", load, known, None, None))

        load.client.key = "ec-next"
        wait_for(lambda: len(load.between(begin)) >= 30, 180)
        kill_workers(service)
        killed = time.monotonic()
        wait_for(lambda: len(load.between(killed)) >= 8, 180)
        assert service.get("/health/ready")[0] == 503
        during = load.between(killed)
        ehr.keys_answer = 200
        clock.run_ahead(PAUSE_S + 1)  # so long the address is not asked again
        back = time.monotonic()
        recovery = load.recovered(back)
        load.steady(seconds)
        assert service.get("/health/ready")[0] == 200
    assert {one.note for one in during} <= NOT_TRUSTED | {"ConnectionResetError", "RemoteDisconnected"}
    assert {one.note for one in during if one.verdict == "refused"} == NOT_TRUSTED
    assert set(load.acknowledged) <= kept(url)
    tell(row("... and new workers know no key", load, during, recovery, kept(url)))
