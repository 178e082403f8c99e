"""The log: one JSON object a line, and nothing in it that could be a patient's."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from cds_service.monitoring import log

CANARY = "CANARY-Zyxwell"


@pytest.fixture(autouse=True)
def configured() -> None:
    log.configure()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_call_is_one_line_with_its_steps(capsys: pytest.CaptureFixture[str]) -> None:
    call = log.Call("r-1", route="/cds-services/<service_id>", method="POST")
    with call.step("read"):
        pass
    call.service, call.hook, call.sources = "s", "patient-view", {"patient": "found"}
    call.finish(200, "1.2.3")
    (line,) = lines(capsys)
    assert line["event"] == "call"
    assert (line["level"], line["requestId"], line["status"]) == ("info", "r-1", 200)
    assert set(line["milliseconds"]) == {"read", "total"}
    assert line["sources"] == {"patient": "found"}
    assert line["knowledge"] == "1.2.3"
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize(("status", "level"), [(200, "info"), (304, "info"), (412, "warning"), (500, "error")])
def test_the_level_follows_the_status(capsys: pytest.CaptureFixture[str], status: int, level: str) -> None:
    log.Call("r").finish(status, "1")
    assert lines(capsys)[0]["level"] == level


def test_a_step_that_fails_is_measured_too() -> None:
    call = log.Call("r")
    with pytest.raises(ValueError, match="x"), call.step("read"):
        raise ValueError("x")
    assert "read" in call.milliseconds


def fail_with(value: str) -> None:
    try:
        raise KeyError(value)
    except KeyError as cause:
        raise RuntimeError(f"no {value}") from cause


def test_a_defect_is_logged_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError) as raised:
        fail_with(CANARY)
    log.log_defect(raised.value, request_id="r-1")
    (line,) = lines(capsys)
    assert CANARY not in json.dumps(line)
    assert [item["type"] for item in line["exception"]] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert "test_log.py" in line["exception"][0]["frames"][-1]
    assert line["exception"][0]["frames"][-1].endswith("in fail_with")


def test_a_circle_of_causes_ends() -> None:
    one, two = ValueError("a"), ValueError("b")
    one.__cause__, two.__cause__ = two, one
    assert len(log.describe(one)) == 2


def test_another_librarys_warning_loses_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("test.server")
    log.attach(logger)
    logger.info("Listening at: %s", "http://127.0.0.1")
    logger.warning("Invalid request %s", f"GET /x?patient={CANARY}")
    try:
        raise ValueError(CANARY)
    except ValueError:
        logger.exception("Error handling request %s", CANARY)
    listening, *failed = lines(capsys)
    assert listening["message"] == "Listening at: http://127.0.0.1"
    assert failed[0]["message"] == "Invalid request %s"
    assert failed[1]["exception"][0]["type"] == "builtins.ValueError"
    assert CANARY not in json.dumps(failed)


def test_the_http_clients_own_log_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("urllib3.connectionpool").warning("Failed to parse headers (url=%s)", CANARY)
    assert capsys.readouterr().err == ""


def test_configuring_twice_writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    log.log_event("started", version="1")
    log.log_warning("open trust")
    assert [line["level"] for line in lines(capsys)] == ["info", "warning"]


@pytest.mark.parametrize("sent", ["abc", "A-1_b.c", "x" * 64])
def test_a_sane_request_id_is_kept(sent: str) -> None:
    assert log.request_id(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", "a\nb", "ä", "{}"])
def test_any_other_is_replaced(sent: str | None) -> None:
    made = log.request_id(sent)
    assert made != sent
    assert len(made) == 32


def test_a_log_that_cannot_be_written_breaks_nothing_and_is_told_later(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr("sys.stderr.flush", _disk_full)
        full.setattr("sys.stderr.write", _disk_full)
        for _ in range(3):
            log.log_event("lost")
    log.log_event("written")
    log.log_event("written")
    found = [(line["event"], line.get("lines")) for line in lines(capsys)]
    assert found == [("written", None), ("log not written", 3), ("written", None)]


def _disk_full(*_: object) -> int:
    raise OSError(28, "No space left on device")
