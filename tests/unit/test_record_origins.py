"""Where a token may go, and that the time is looked at before anything is asked."""

from __future__ import annotations

import pytest

from cds_service.protocol.origins import same_origin
from cds_service.record import AllowList, FhirClient
from cds_service.record.client import TIME_SPENT, Access
from cds_service.record.deadline import Deadline

BASE = "https://ehr.example.org/fhir"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://ehr.example.org/other", True),
        ("https://EHR.example.org:443/", True),
        ("https://ehr.example.org./fhir", True),
        ("http://ehr.example.org/fhir", False),
        ("https://ehr.example.org:8443/fhir", False),
        ("https://ehr.example.org.evil.example/fhir", False),
        ("https://ehr.example.org@evil.example/fhir", False),
        ("https://user@ehr.example.org/fhir", False),
        ("//ehr.example.org/fhir", False),
        ("https://ehr.example.org:x/fhir", False),
        ("https://[x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_same_origin(url: str, same: bool) -> None:
    assert same_origin(url, BASE) is same


@pytest.mark.parametrize("base", ["", "file:///x", "https://[x", "https://ehr.example.org/fhir/../other"])
def test_what_is_no_listed_base_is_not_permitted(base: str) -> None:
    assert not AllowList([BASE], loopback=True).permits(base)


def test_the_client_never_asks_another_origin() -> None:
    with pytest.raises(ValueError, match="origin"):
        FhirClient().get("https://evil.example.org/", Access(BASE, "token"), Deadline(1))


def test_nothing_is_asked_when_the_time_is_spent() -> None:
    answer = FhirClient().get(f"{BASE}/Patient/1", Access(BASE, "token"), Deadline(0))
    assert (answer.status, answer.note) == (None, TIME_SPENT)


def test_a_deadline_counts_down_and_never_below_zero() -> None:
    now = [100.0]
    deadline = Deadline(2, clock=lambda: now[0])
    assert deadline.remaining == 2
    now[0] = 105
    assert deadline.spent
    assert deadline.remaining == 0


def test_the_token_is_not_in_the_representation() -> None:
    assert "token-1" not in repr(Access(BASE, "token-1"))
