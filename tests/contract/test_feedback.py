"""CDS Hooks: Feedback. What is taken, what is refused, and that a card set aside is not repeated."""

from __future__ import annotations

import os
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from cds_service.errors import StoreUnavailable
from cds_service.store import open_database
from cds_service.store.database import Database
from cds_service.store.feedback_counts import feedback_report
from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, app, client, code, issue, request

FEEDBACK = f"{PATIENT_VIEW}/feedback"
EXPLAIN = f"/explain/{BASE}-patient-view"
CARD = "f6b95768-b1c8-40dc-8385-bf3504b82ffb"  # of no call of ours
TIME = "2025-06-01T12:00:00Z"
CANARY = "CANARY-Zyxwell"
OVERRIDDEN = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": TIME}
ACCEPTED = {
    "card": CARD,
    "outcome": "accepted",
    "outcomeTimestamp": TIME,
    "acceptedSuggestions": [{"id": "5c7e2d1c-3a53-4d27-90b0-ad9dd5d2ef64"}],
}


class Ehr:
    """An EHR and a store of their own."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.url = f"sqlite:///{folder}/store.sqlite"
        self.app = app(database_url=SecretStr(self.url), **settings)
        self.client: FlaskClient = self.app.test_client()

    def cards(self, sent: dict[str, Any] | None = None, path: str = PATIENT_VIEW) -> list[dict[str, Any]]:
        answer = self.client.post(path, json=sent or request())
        assert answer.status_code == 200
        self.written()
        return list(answer.get_json()["cards"])

    def explained(self, sent: dict[str, Any] | None = None) -> dict[str, Any]:
        return dict(self.client.post(EXPLAIN, json=sent or request()).get_json())

    def override(self, card: dict[str, Any], **more: Any) -> None:
        said = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": now(), **more}
        assert self.client.post(FEEDBACK, json={"feedback": [said]}).status_code == 200

    def written(self) -> None:
        """Wait until the cards that were sent are in the store."""
        self.app.extensions["parts"].remembering.memory.flush()


@pytest.fixture
def ehr(tmp_path: Path) -> Iterator[Ehr]:
    made = Ehr(tmp_path)
    yield made
    made.app.extensions["parts"].database.close_connections()


def now() -> str:
    return datetime.now(UTC).isoformat()


def another_call(**changes: Any) -> dict[str, Any]:
    """The same chart opened once more."""
    return request(hookInstance="7c9e6679-7425-40de-944b-e07fc1f90ae7", **changes)


def larger_lesion() -> dict[str, Any]:
    """The same chart with a lesion that has grown."""
    sent = another_call()
    for entry in sent["prefetch"]["imaging-findings"]["entry"]:
        for component in entry["resource"].get("component", ()):
            if component.get("valueQuantity", {}).get("unit") == "mm":
                component["valueQuantity"]["value"] += 7
    return sent


@proves("FEED-01", "FEED-04", "FEED-05", "FEED-06")
@pytest.mark.parametrize(
    "entries",
    [
        [OVERRIDDEN],
        [ACCEPTED],
        [OVERRIDDEN, ACCEPTED],
        [OVERRIDDEN | {"extension": {"x": 1}, "unknown": [1]}],
        [OVERRIDDEN | {"outcomeTimestamp": "2025-06-01T14:00:00.123+02:00"}],
        [
            OVERRIDDEN
            | {"overrideReason": {"reason": {"code": "d7ecf885", "system": "https://ehr.example.org/reasons"}}}
        ],
        [OVERRIDDEN | {"overrideReason": {"reason": {"code": "own", "display": "Our own"}, "userComment": "text"}}],
        [OVERRIDDEN | {"overrideReason": {"userComment": "text"}}],
        [OVERRIDDEN | {"card": CARD.upper()}],
    ],
)
def test_feedback_what_the_standard_allows_is_taken(entries: list[dict[str, Any]]) -> None:
    answer = client().post(FEEDBACK, json={"feedback": entries})
    assert answer.status_code == 200
    assert sum(answer.get_json().values()) == len(entries)


@proves("FEED-02", "FEED-03", "USER-16")
@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([OVERRIDDEN], None),
        ({}, "feedback"),
        ({"feedback": OVERRIDDEN}, "feedback"),
        ({"feedback": []}, "feedback"),
        ({"feedback": [7]}, "feedback[0]"),
        ({"feedback": [{**OVERRIDDEN, "card": None}]}, "feedback[0].card"),
        ({"feedback": [{**OVERRIDDEN, "card": CANARY}]}, "feedback[0].card"),
        ({"feedback": [OVERRIDDEN, {**OVERRIDDEN, "outcome": "ignored"}]}, "feedback[1].outcome"),
        ({"feedback": [{**OVERRIDDEN, "outcomeTimestamp": "yesterday"}]}, "feedback[0].outcomeTimestamp"),
        ({"feedback": [{**OVERRIDDEN, "outcomeTimestamp": 1748779200}]}, "feedback[0].outcomeTimestamp"),
        ({"feedback": [{**OVERRIDDEN, "outcomeTimestamp": "2025-06-01T12:00:00"}]}, "feedback[0].outcomeTimestamp"),
        (
            {"feedback": [{**OVERRIDDEN, "outcomeTimestamp": "0001-01-01T00:00:00+14:00"}]},
            "feedback[0].outcomeTimestamp",
        ),
        ({"feedback": [{**ACCEPTED, "acceptedSuggestions": []}]}, "feedback[0].acceptedSuggestions"),
        ({"feedback": [{**ACCEPTED, "acceptedSuggestions": None}]}, "feedback[0].acceptedSuggestions"),
        (
            {"feedback": [{**ACCEPTED, "acceptedSuggestions": [{"id": CANARY}]}]},
            "feedback[0].acceptedSuggestions[0].id",
        ),
        ({"feedback": [{**OVERRIDDEN, "overrideReason": {"reason": {}}}]}, "feedback[0].overrideReason.reason.code"),
        ({"feedback": [OVERRIDDEN] * 1001}, "feedback"),
    ],
)
def test_feedback_another_shape_is_400_with_the_path(body: Any, path: str | None) -> None:
    answer = client().post(FEEDBACK, json=body)
    assert (answer.status_code, code(answer)) == (400, "CLM-1011")
    assert issue(answer).get("expression") == ([path] if path else None)
    assert CANARY not in answer.text


def test_feedback_a_batch_with_one_fault_is_kept_not_even_in_part(ehr: Ehr) -> None:
    (card,) = ehr.cards()
    good = {**OVERRIDDEN, "card": card["uuid"]}
    assert ehr.client.post(FEEDBACK, json={"feedback": [good, {}]}).status_code == 400
    assert report(ehr).whole.overridden == 0


@proves("FEED-05")
def test_feedback_the_same_entry_twice_counts_once(ehr: Ehr) -> None:
    batch = {"feedback": [OVERRIDDEN, ACCEPTED, OVERRIDDEN]}
    assert ehr.client.post(FEEDBACK, json=batch).get_json() == {"kept": 2, "repeated": 1}
    assert ehr.client.post(FEEDBACK, json=batch).get_json() == {"kept": 0, "repeated": 3}


def test_feedback_on_a_service_that_is_not_there_is_404() -> None:
    answer = client().post(f"/cds-services/{CANARY}/feedback", json={"feedback": [OVERRIDDEN]})
    assert (answer.status_code, code(answer)) == (404, "CLM-1004")


@proves("OWN-07")
def test_feedback_that_cannot_be_kept_is_503_and_never_acknowledged(ehr: Ehr, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> Any:
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(Database, "transaction", away)
    answer = ehr.client.post(FEEDBACK, json={"feedback": [OVERRIDDEN]})
    assert (answer.status_code, code(answer)) == (503, "CLM-6001")
    assert answer.headers["Retry-After"] == "5"


def report(ehr: Ehr) -> Any:
    database = open_database(ehr.url)
    found = feedback_report(database, by=["topic", "rule"])
    database.close_connections()
    return found


@proves("DUTY-03")
def test_feedback_is_joined_to_the_card_its_rules_and_its_knowledge(ehr: Ehr) -> None:
    (card,) = ehr.cards()
    ehr.override(card, overrideReason={"reason": {"code": "patient-refuses", "system": "x"}})
    found = report(ehr)
    assert ("mdt-referral", "M-01") in [row.group for row in found.rows]
    assert (found.whole.shown, found.whole.overridden) == (1, 1)
    assert dict(found.whole.reasons) == {"patient-refuses": 1}


def test_an_explanation_is_no_card_that_was_shown(ehr: Ehr) -> None:
    ehr.explained()
    ehr.written()
    assert report(ehr).whole.shown == 0


def test_repetition_a_card_that_was_set_aside_is_not_shown_again_and_the_explanation_says_so(ehr: Ehr) -> None:
    (card,) = ehr.cards()
    ehr.override(card)
    assert ehr.cards(another_call()) == []
    repetition = ehr.explained(another_call())["repetition"]
    (withheld,) = repetition["withheld"]
    assert (repetition["state"], withheld["card"], withheld["topic"]) == ("on", card["uuid"], "mdt-referral")
    assert withheld["setAside"] < withheld["until"]


def test_repetition_a_changed_fact_shows_it_again_and_says_which(ehr: Ehr) -> None:
    (card,) = ehr.cards()
    ehr.override(card)
    (again,) = ehr.cards(larger_lesion())
    first_line = again["detail"].splitlines()[0]
    assert first_line.startswith("Shown again: this card was set aside on ")
    assert "Lung lesions" in first_line
    assert "Lung lesions" in again["extension"]["org.example.crc-lung-metastasis.changed"]
    explained = ehr.explained(larger_lesion())
    assert explained["repetition"]["changed"] == {
        again["uuid"]: again["extension"]["org.example.crc-lung-metastasis.changed"]
    }
    assert explained["cards"] == [again]


def test_repetition_a_card_that_was_accepted_or_not_answered_is_shown_again(ehr: Ehr) -> None:
    (card,) = ehr.cards()
    assert len(ehr.cards(another_call())) == 1
    said = {**ACCEPTED, "card": card["uuid"]}
    assert ehr.client.post(FEEDBACK, json={"feedback": [said]}).status_code == 200
    assert len(ehr.cards(another_call())) == 1


@pytest.mark.parametrize(
    ("context", "server"),
    [
        ({"userId": "Practitioner/another"}, None),
        ({}, "http://127.0.0.1:9/another-ehr"),
    ],
    ids=["another clinician", "another EHR"],
)
def test_repetition_what_one_set_aside_is_shown_to_the_others(ehr: Ehr, context: dict[str, Any], server: Any) -> None:
    (card,) = ehr.cards()
    ehr.override(card)
    sent = another_call(**({"fhirServer": server} if server else {}))
    sent["context"] |= context
    assert len(ehr.cards(sent)) == 1


def test_repetition_is_about_one_patient(ehr: Ehr) -> None:
    (card,) = ehr.cards()
    ehr.override(card)
    other = deepcopy(another_call())
    text = ehr.app.json.dumps(other).replace(other["context"]["patientId"], "somebody-else")
    assert len(ehr.cards(ehr.app.json.loads(text))) == 1


def test_repetition_can_be_switched_off(tmp_path: Path) -> None:
    ehr = Ehr(tmp_path, repetition_hours=0)
    (card,) = ehr.cards()
    ehr.override(card)
    assert len(ehr.cards(another_call())) == 1
    assert ehr.explained()["repetition"] == {"state": "off", "withheld": [], "changed": {}}
    ehr.app.extensions["parts"].database.close_connections()


def test_repetition_a_memory_that_does_not_answer_hides_nothing(ehr: Ehr, monkeypatch: pytest.MonkeyPatch) -> None:
    (card,) = ehr.cards()
    ehr.override(card)

    def away(*_: object) -> Any:
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(Database, "transaction", away)
    answer = ehr.client.post(PATIENT_VIEW, json=another_call())
    assert len(answer.get_json()["cards"]) == 1
    assert ehr.explained()["repetition"]["state"] == "unavailable"
    monkeypatch.undo()


ORDERS = f"/cds-services/{BASE}-order-select"


def test_repetition_a_warning_about_an_order_returns_with_another_order(ehr: Ehr) -> None:
    sent = request("order-ablation-low-platelets")
    first = ehr.cards(sent, ORDERS)
    for card in first:
        ehr.override(card)
    assert ehr.cards(sent, ORDERS) == []
    other = ehr.app.json.loads(ehr.app.json.dumps(sent).replace("draft-ablation", "draft-another"))
    again = ehr.cards(other, ORDERS)
    assert len(again) == len(first)
    assert all("Changed since then: the order" in card["detail"].splitlines()[0] for card in again)


@proves("DUTY-02", "FHIR-03")
def test_nothing_in_the_store_names_the_patient_the_clinician_or_a_token(ehr: Ehr, tmp_path: Path) -> None:
    sent = request()
    sent["context"]["userId"] = f"Practitioner/{CANARY}"
    (card,) = ehr.cards(sent)
    ehr.override(
        card, overrideReason={"reason": {"code": "own", "display": CANARY}, "userComment": f"{CANARY} was here"}
    )
    ehr.app.extensions["parts"].database.close_connections()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"mdt-referral" in kept
    assert card["uuid"].encode() in kept
    for secret in (CANARY, sent["context"]["patientId"], "canary"):
        assert secret.lower().encode() not in kept.lower()
    assert os.listdir(tmp_path)  # noqa: PTH208 - the folder was really the store's
