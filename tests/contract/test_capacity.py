"""When more is asked than can be done: 503 with Retry-After, and a FHIR server that hangs stops nobody else.

The server of these tests answers when it is told to. Nothing is timed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event, Semaphore
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cds_service.record import client as fhir
from cds_service.record.fetcher import CALLS_AT_ONCE
from cds_service.serving.limits import SLOTS, Capacity
from tests.contract.service import BASE, PATIENT_VIEW, app, code, request

LIMIT = 60.0  # seconds; reached only when something hangs that must not


class HangingServer:
    """A FHIR server that keeps every search waiting until :meth:`answer`."""

    def __init__(self) -> None:
        self._asked, self._told = Semaphore(0), Event()

    def get(self, *_: object) -> fhir.Answer:
        """Instead of ``FhirClient.get``."""
        self._asked.release()
        assert self._told.wait(LIMIT)
        return fhir.Answer(404, note="the FHIR server answered 404")

    def wait_for(self, searches: int) -> None:
        """Until so many searches hang."""
        for _ in range(searches):
            assert self._asked.acquire(timeout=LIMIT)

    def answer(self) -> None:
        """Let every search end."""
        self._told.set()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingServer]:
    hanging = HangingServer()
    monkeypatch.setattr(fhir.FhirClient, "get", lambda _, *asked: hanging.get(*asked))
    yield hanging
    hanging.answer()


def to_be_fetched() -> dict[str, Any]:
    """A call without its reports, which are to be fetched."""
    call = request(fhirServer="http://127.0.0.1:9/fhir")
    del call["prefetch"]["reports"]
    return call


def post(service: Flask, call: dict[str, Any], path: str = PATIENT_VIEW) -> TestResponse:
    return service.test_client().post(path, json=call)


def is_busy(answer: TestResponse) -> bool:
    return (answer.status_code, code(answer), answer.headers.get("Retry-After")) == (503, "CLM-6003", "1")


def test_a_server_that_hangs_does_not_starve_callers_who_send_all_data(server: HangingServer) -> None:
    service = app(fhir_budget_ms=60_000)
    with ThreadPoolExecutor(CALLS_AT_ONCE) as callers:
        held: list[Future[TestResponse]] = [
            callers.submit(post, service, to_be_fetched()) for _ in range(CALLS_AT_ONCE)
        ]
        server.wait_for(CALLS_AT_ONCE)
        complete = post(service, request())
        assert complete.status_code == 200
        assert complete.get_json()["cards"]
        assert is_busy(post(service, to_be_fetched()))
        assert post(service, request()).status_code == 200
        server.answer()
        answers = [one.result(LIMIT) for one in held]
    assert [answer.status_code for answer in answers] == [200] * CALLS_AT_ONCE
    assert post(service, to_be_fetched()).status_code == 200


@pytest.mark.parametrize("path", [PATIENT_VIEW, f"/explain/{BASE}-patient-view"])
def test_beyond_slots_and_waiting_a_call_is_refused_and_health_is_still_answered(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    capacity = Capacity(waiting=0)
    monkeypatch.setattr("cds_service.runtime.Capacity", lambda: capacity)
    service = app()
    with ExitStack() as taken:
        for _ in range(SLOTS):
            taken.enter_context(capacity.slot())
        assert is_busy(post(service, request(), path))
        assert service.test_client().get("/health/ready").status_code == 200
        assert service.test_client().get("/cds-services").status_code == 200
    assert post(service, request(), path).status_code == 200


def test_a_call_that_is_refused_is_no_defect(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cds_service.runtime.Capacity", lambda: Capacity(slots=0, waiting=0))
    assert is_busy(post(app(), request()))
    log = capsys.readouterr().err
    assert '"event": "defect"' not in log
    assert "CLM-6003" in log
