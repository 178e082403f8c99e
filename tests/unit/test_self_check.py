"""The decision about nobody, and what a worker does before its first calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.errors import StoreUnavailable
from cds_service.hooks.decide import decide
from cds_service.hooks.sources import from_prefetch
from cds_service.protocol.request import read_request
from cds_service.runtime import Parts
from cds_service.serving.self_check import self_check_request
from tests.contract.service import HOOKS, app


@pytest.fixture
def parts() -> Parts:
    found: Parts = app().extensions["parts"]
    return found


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize("hook", HOOKS)
def test_at_each_hook_there_is_a_card_to_make_and_at_the_order_hooks_one_about_the_order(
    hook: str, parts: Parts
) -> None:
    (service,) = (service for service in parts.services.values() if service.hook == hook)
    request = read_request(self_check_request(hook))
    sources, problems = from_prefetch(request, service)
    decision = decide(service, request, sources, problems, site=parts.site, on=parts.today())
    assert decision.cards
    if hook != "patient-view":
        assert all("oxaliplatin" in card.summary for card in decision.cards)


def test_a_worker_has_decided_at_each_hook_and_asked_its_memory_before_it_says_that_it_is_ready(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = []

    def self_check(services: Any, *_: object) -> None:
        done.extend(service.hook for service in services)

    monkeypatch.setattr("cds_service.runtime.self_check", self_check)
    monkeypatch.setattr(type(parts.remembering.memory), "set_aside", lambda *_, **__: done.append("memory"))
    capsys.readouterr()
    parts._warm()
    assert done == [*HOOKS, "memory"]
    (ready,) = events(capsys)
    assert (ready["event"], ready["problems"]) == ("worker ready", [])


@pytest.mark.parametrize(("fault", "told"), [(StoreUnavailable("away"), []), (RuntimeError("CANARY"), ["defect"])])
def test_what_fails_before_the_first_call_stops_no_worker_and_a_defect_is_told(
    fault: Exception, told: list[str], parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("cds_service.runtime.self_check", fail)
    capsys.readouterr()
    parts._warm()
    found = events(capsys)
    assert [line["event"] for line in found] == [*told, "worker ready"]
    assert "CANARY" not in json.dumps(found)
