"""What others wrote stands in the terminal as they wrote it: it is never taken for the terminal's own markup."""

from __future__ import annotations

import csv
import io
import json
from copy import deepcopy
from pathlib import Path

import pytest
from rich.console import Console

from cds_service.commands import main
from cds_service.terminal.cards import card_panel
from cds_tools.check.pages import show
from cds_tools.check.results import Report, Timing
from fhir_fixtures import EVALUATED_ON, case
from tests.contract.service import PATIENT_VIEW, request
from tests.spec.wire import client

CLOSING = "[/red]"  # ends a style that nothing began: taken for markup, it is an error


def printed(*what: object) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(*what)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [CLOSING, "=HYPERLINK(0)", "[iU]"])
def test_a_reason_in_a_clients_own_code_stands_in_the_feedback_report(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDS_DATABASE_URL", f"sqlite:///{tmp_path / 'kept.sqlite'}")
    ehr = client(tmp_path, CDS_DATABASE_URL=f"sqlite:///{tmp_path / 'kept.sqlite'}")
    card = ehr.post(PATIENT_VIEW, json=request()).get_json()["cards"][0]["uuid"]
    said = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2025-06-01T10:00:00Z"}
    entry = said | {"overrideReason": {"reason": {"code": code}}}
    assert ehr.post(f"{PATIENT_VIEW}/feedback", json={"feedback": [entry]}).status_code == 200
    ehr.application.extensions["parts"].remembering.memory.flush()
    capsys.readouterr()
    assert main(["feedback", "report", "--by", "topic"]) == 0
    assert f"{code} 1" in capsys.readouterr().out
    assert main(["feedback", "report", "--by", "topic", "--format", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["reasons"] == ("'" if code.startswith("=") else "") + f"{code} 1"


def test_the_card_of_another_service_is_shown_with_whatever_indicator() -> None:
    assert f"card ({CLOSING})" in printed(card_panel({"summary": CLOSING, "indicator": CLOSING}))
    assert "card (['info'])" in printed(card_panel({"indicator": ["info"]}))


def test_the_id_of_a_checked_service_is_shown() -> None:
    console = Console(file=io.StringIO(), width=160)
    show(Report("http://127.0.0.1", (CLOSING,), (), (Timing(CLOSING, (1.0,)),), 1), console)
    assert CLOSING in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_unit_that_is_not_understood_is_shown_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = deepcopy(case("mcode-rich-solitary").request)
    for entry in body["prefetch"]["observations"]["entry"]:
        if entry["resource"]["id"] == "platelets":
            entry["resource"]["valueQuantity"] |= {"code": "[iU]/mL", "unit": "[iU]/mL"}
    (tmp_path / "request.json").write_text(json.dumps(body), encoding="utf-8")
    assert main(["assess", str(tmp_path / "request.json"), "--on", EVALUATED_ON]) == 0
    assert "[iU]/mL" in capsys.readouterr().out
