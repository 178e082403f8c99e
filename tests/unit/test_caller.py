"""The caller of the tools: what is bounded, what is made again, and where nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
import requests
import responses

from cds_tools import caller as module
from cds_tools.caller import ONCE_MORE, Answer, Caller, NoAnswer, Patience, Times, Unsendable

URL = "https://cds.example.org/cds-services"
BUSY = Patience(frozenset({429, 503}), attempts=4, longest_s=30, unasked=True)


@pytest.fixture
def net() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mocked:
        yield mocked


def answer(status: int, retry_after: str | None = None) -> Answer:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer("GET", URL, status, headers, b"")


@pytest.mark.parametrize(
    ("patience", "status", "retry_after", "attempt", "pause_s"),
    [
        (ONCE_MORE, 429, "7", 1, 7),
        (ONCE_MORE, 429, "7", 2, None),
        (ONCE_MORE, 429, "61", 1, None),
        (ONCE_MORE, 429, None, 1, None),
        (ONCE_MORE, 429, "Wed, 21 Oct 2026 07:28:00 GMT", 1, None),
        (ONCE_MORE, 503, "7", 1, None),
        (BUSY, 503, "30", 3, 30),
        (BUSY, 503, "31", 1, None),
        (BUSY, 503, None, 1, 1),
        (BUSY, 503, None, 3, 4),
        (BUSY, 503, None, 4, None),
        (BUSY, 500, "1", 1, None),
        (BUSY, 200, "1", 1, None),
    ],
)
def test_a_call_is_made_again_only_as_the_patience_has_it(
    patience: Patience, status: int, retry_after: str | None, attempt: int, pause_s: float | None
) -> None:
    assert patience.pause_s(answer(status, retry_after), attempt) == pause_s


def test_a_call_that_is_made_again_counts_once(net: responses.RequestsMock) -> None:
    net.get(URL, status=429, headers={"Retry-After": "3"})
    net.get(URL, json={})
    waits: list[float] = []
    caller = Caller(Times.of(5), pause=waits.append)
    assert caller.get(URL).status == 200
    assert (waits, len(net.calls), caller.calls) == ([3], 2, 1)


def test_a_token_that_was_given_is_sent_once(net: responses.RequestsMock) -> None:
    net.get(URL, status=429, headers={"Retry-After": "3"})
    assert Caller(Times.of(5)).get(URL, token="once").status == 429
    assert [call.request.headers["Authorization"] for call in net.calls] == ["Bearer once"]


def test_a_redirect_is_told_and_not_followed(net: responses.RequestsMock) -> None:
    net.get(URL, status=307, headers={"Location": "https://elsewhere.example"})
    assert Caller(Times.of(5)).get(URL).redirect == "https://elsewhere.example"
    assert len(net.calls) == 1


def test_an_answer_that_is_too_large_is_none(net: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ANSWER_BYTES", 10)
    net.get(URL, body=b"x" * 10)
    net.get(URL, body=b"x" * 11)
    caller = Caller(Times.of(5))
    assert len(caller.get(URL).body) == 10
    with pytest.raises(NoAnswer, match="larger than 10 bytes") as silent:
        caller.get(URL)
    assert silent.value.why == "size"


def test_an_answer_that_does_not_come_to_its_end_is_none(net: responses.RequestsMock) -> None:
    net.get(URL, body=b"x")
    seconds = count(step=6)
    with pytest.raises(NoAnswer, match="not complete within 5 s") as silent:
        Caller(Times(connect_s=1, part_s=60, whole_s=5), clock=lambda: next(seconds)).get(URL)
    assert silent.value.why == "time"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (requests.exceptions.SSLError("x"), "certificate"),
        (requests.exceptions.ConnectTimeout("x"), "time"),
        (requests.exceptions.ConnectionError("x"), "connection"),
        (OSError("x"), "connection"),
    ],
)
def test_why_no_answer_came(net: responses.RequestsMock, fault: Exception, why: str) -> None:
    net.get(URL, body=fault)
    with pytest.raises(NoAnswer) as silent:
        Caller(Times.of(5)).get(URL)
    assert silent.value.why == why


def test_what_is_no_address_is_not_called() -> None:
    with pytest.raises(Unsendable):
        Caller(Times.of(5)).get("cds.example.org")
