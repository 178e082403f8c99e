"""The feedback report as a page: the numbers of the report, for who is trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from cds_service.errors import CallerNotTrusted
from cds_service.store.feedback_counts import Report, Row
from cds_service.web.feedback_page import bars
from tests.contract.service import PATIENT_VIEW, app, request

HTML = {"Accept": "text/html"}


class Refusing:
    def check(self, *_: object) -> Any:
        raise CallerNotTrusted("unknown issuer")

    def problem(self) -> None:
        return None


def asked(tmp_path: Path, **more: Any) -> FlaskClient:
    """A service with a store of its own, in which one card was sent and set aside, and one more was sent."""
    made = app(database_url=SecretStr(f"sqlite:///{tmp_path / 'own.sqlite'}"), **more)
    client = made.test_client()
    (card,) = client.post(PATIENT_VIEW, json=request()).get_json()["cards"]
    entry = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2025-06-01T12:00:00Z"}
    entry["overrideReason"] = {"reason": card["overrideReasons"][1]}
    client.post(PATIENT_VIEW, json=request("bilateral-five"))
    client.post(f"{PATIENT_VIEW}/feedback", json={"feedback": [entry]})
    return client


def until_two(client: FlaskClient, query: str = "") -> dict[str, Any]:
    """The report as JSON once both cards, which are remembered by a thread of their own, are on record."""
    for _ in range(500):
        report: dict[str, Any] = client.get(f"/feedback?format=json{query}").get_json()
        if report["total"]["shown"] == 2:
            return report
    raise AssertionError(report)


def test_the_page_shows_the_numbers_of_the_report(tmp_path: Path) -> None:
    client = asked(tmp_path)
    report = until_two(client)
    assert (report["total"]["overridden"], report["total"]["unanswered"]) == (1, 1)
    page = client.get("/feedback", headers=HTML)
    assert page.headers["Cache-Control"] == "no-store"
    assert "2 cards" in page.text
    assert "MDT referral" in page.text
    assert "Patient has contraindication to recommended action (1)" in page.text
    assert "canary" not in page.text.lower()


def test_a_line_for_each_rule_leads_to_the_rule(tmp_path: Path) -> None:
    client = asked(tmp_path)
    until_two(client, "&by=rule")
    assert '<a href="/rules#M-01">M-01</a>' in client.get("/feedback?by=rule", headers=HTML).text


def test_days_limit_the_report(tmp_path: Path) -> None:
    client = asked(tmp_path)
    until_two(client)
    page = client.get("/feedback?until=2020-01-01", headers=HTML).text
    assert "No card is on record for this time." in page


@pytest.mark.parametrize("query", ["?by=patient", "?since=yesterday", "?until=9999-12-31", "?since=0001-01-01"])
def test_what_is_not_asked_well_is_the_usual_report(query: str) -> None:
    assert app().test_client().get(f"/feedback{query}", headers=HTML).status_code == 200


def test_who_is_not_trusted_sees_nothing() -> None:
    answer = app(trust=Refusing()).test_client().get("/feedback", headers=HTML)
    assert answer.status_code == 401
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_the_longest_bar_is_as_wide_as_the_plot_and_parts_stand_end_to_end() -> None:
    rows = [Row(("safety",), shown=1, accepted=1), Row(("mdt-referral",), shown=4, accepted=1, overridden=2)]
    report = Report(("topic",), tuple(rows), Row((), shown=5), 0, None, None)
    longest, other = bars(report, {"topic.mdt-referral": "MDT referral"})
    assert (longest.name, other.name) == ("MDT referral", "safety")
    assert [(part.kind, part.count, part.percent, part.start, part.width) for part in longest.parts] == [
        ("accepted", 1, 25, 0, 25),
        ("overridden", 2, 50, 25, 50),
        ("unanswered", 1, 25, 75, 25),
    ]
    assert other.parts[0].width == 25
