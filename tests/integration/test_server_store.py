"""Two real workers, one store: replay protection and feedback are shared, and nothing acknowledged is lost."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from cds_service.commands import main
from cds_service.store import open_database
from cds_service.store.feedback_counts import feedback_report
from cds_service.store.tables import CARDS, FEEDBACK
from fhir_fixtures import case
from tests.contract.requirements import proves
from tests.integration.serving import Running, running
from tests.unit.signing import ISSUER, key_set, token

PATH = "/cds-services/crc-lung-metastasis-patient-view"
CANARY = "CANARY-Zyxwell"
WRITERS = 4


def opening(name: str = "mcode-rich-solitary") -> dict[str, Any]:
    return dict(case(name).request) | {"hookInstance": str(uuid4())}


def feedback(card: str, **more: Any) -> dict[str, Any]:
    said = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2025-06-01T12:00:00Z", **more}
    return {"feedback": [said]}


def kept(url: str, table: Any) -> list[Any]:
    database = open_database(url)
    with database.transaction() as connection:
        rows = list(connection.execute(select(table)))
    database.close_connections()
    return rows


@proves("AUTH-09")
def test_a_token_is_good_once_for_all_workers_and_across_a_restart(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "jwks.json").write_text(json.dumps(key_set("ec")))
    jwt = {
        "CDS_TRUST": "jwt",
        "CDS_TRUSTED_ISSUERS": ISSUER,
        "CDS_JWKS_FILE": str(tmp_path / "jwks.json"),
        "CDS_PUBLIC_BASE_URL": "https://cds.example.org",
    }
    audience = f"https://cds.example.org{PATH}"
    signed = token(aud=audience)
    with running(tmp_path, database_url, **jwt) as service:
        assert service.post(PATH, opening())[0] == 401
        assert service.post(PATH, opening(), signed)[0] == 200
        assert [service.post(PATH, opening(), signed)[0] for _ in range(8)] == [401] * 8
        statuses = (
            run_at_once(8, lambda: service.post(PATH, opening(), same)[0]) if (same := token(aud=audience)) else []
        )
        assert sorted(statuses) == [200] + [401] * 7
        assert service.post(f"{PATH}/feedback", feedback(str(uuid4())), token(aud=audience))[0] == 401
        assert service.post(f"{PATH}/feedback", feedback(str(uuid4())), token(aud=f"{audience}/feedback"))[0] == 200
    with running(tmp_path, database_url, **jwt) as service:
        assert service.post(PATH, opening(), signed)[0] == 401
    log = (tmp_path / "log").read_text()
    assert "the token was used before" in log
    assert signed not in log
    assert signed.rsplit(".", 1)[1] not in log


def run_at_once(count: int, call: Any) -> list[Any]:
    """The answers to calls that are made at the same moment."""
    answers: list[Any] = []
    barrier = threading.Barrier(count)

    def one() -> None:
        barrier.wait()
        answers.append(call())

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_what_one_worker_is_told_the_others_know(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url) as service:
        (card,) = service.post(PATH, opening())[1]["cards"]
        assert service.post(f"{PATH}/feedback", feedback(card["uuid"]))[0] == 200
        answers = [service.post(PATH, opening())[1] for _ in range(12)]
        assert [answer["cards"] for answer in answers] == [[]] * 12
    # An ordered end writes what waits.
    assert len(kept(database_url, CARDS)) == 1


def test_cards_that_went_out_just_before_an_ordered_end_are_remembered(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url) as service:
        sent = [card["uuid"] for _ in range(10) for card in service.post(PATH, opening())[1]["cards"]]
    assert sorted(row.uuid for row in kept(database_url, CARDS)) == sorted(sent)


def test_killing_the_service_in_the_middle_of_feedback_loses_nothing_acknowledged(
    tmp_path: Path, database_url: str
) -> None:
    acknowledged: list[str] = []
    enough = threading.Event()

    def report_without_end(service: Running) -> None:
        while True:
            card = str(uuid4())
            try:
                status, _ = service.post(f"{PATH}/feedback", feedback(card))
            except (OSError, http.client.HTTPException):
                return
            if status == 200:
                acknowledged.append(card)
            if len(acknowledged) >= 40:
                enough.set()

    with running(tmp_path, database_url) as service:
        threads = [threading.Thread(target=report_without_end, args=(service,)) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        service.kill()
        for thread in threads:
            thread.join(60)
    assert len(acknowledged) >= 40
    stored = {row.card for row in kept(database_url, FEEDBACK)}
    assert set(acknowledged) <= stored
    assert len(stored) <= len(acknowledged) + WRITERS  # kept, but killed before the answer went out
    with running(tmp_path, database_url) as service:  # and the store is whole
        again = [service.post(f"{PATH}/feedback", feedback(card))[1] for card in acknowledged[:3]]
        assert again == [{"kept": 0, "repeated": 1}] * 3


def test_the_report_is_there_for_the_governance_lead(tmp_path: Path, database_url: str) -> None:
    reason = {"reason": {"code": "patient-refuses", "system": "x", "display": CANARY}, "userComment": CANARY}
    with running(tmp_path, database_url) as service:
        (card,) = service.post(PATH, opening())[1]["cards"]
        assert service.post(f"{PATH}/feedback", feedback(card["uuid"], overrideReason=reason))[0] == 200
    environment = os.environ | {"CDS_DATABASE_URL": database_url, "COLUMNS": "160"}
    outputs = {
        kind: subprocess.run(
            [
                sys.executable,
                "-m",
                "cds_service.commands",
                "feedback",
                "report",
                "--by",
                "topic,knowledge",
                "--format",
                kind,
            ],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for kind in ("table", "csv", "json")
    }
    assert outputs["csv"].splitlines() == [
        "topic,knowledge,shown,accepted,overridden,unanswered,reasons",
        "mdt-referral,1.0.0,1,0,1,0,patient-refuses 1",
    ]
    found = json.loads(outputs["json"])
    assert (found["total"]["shown"], found["rows"][0]["reasons"]) == (1, {"patient-refuses": 1})
    assert "1 (100 %)" in outputs["table"]
    assert CANARY not in "".join(outputs.values()) + (tmp_path / "log").read_text()


def test_purging_says_what_it_took(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url) as service:
        service.post(PATH, opening())
    command = [sys.executable, "-m", "cds_service.commands", "feedback", "purge", "--before"]
    environment = os.environ | {"CDS_DATABASE_URL": database_url}
    said = [
        subprocess.run([*command, day], env=environment, capture_output=True, text=True, check=True).stdout
        for day in ("2000-01-01", "2999-01-01")
    ]
    assert said == ["Deleted: 0 cards, 0 entries of feedback.\n", "Deleted: 1 cards, 0 entries of feedback.\n"]
    database = open_database(database_url)
    assert feedback_report(database, by=["topic"]).whole.shown == 0
    database.close_connections()


@pytest.mark.parametrize(
    "arguments",
    [["report", "--by", "patient"], ["report", "--since", "yesterday"], ["purge"], []],
)
def test_a_wrong_call_of_the_command_says_what_is_accepted(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["feedback", *arguments])
    assert ended.value.code == 2
    assert "usage: cds-service feedback" in capsys.readouterr().err
