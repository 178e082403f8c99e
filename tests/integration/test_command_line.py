"""The command ``cds-service``, as it is typed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import fhir_fixtures
from cds_service.commands import main
from fhir_fixtures import EVALUATED_ON
from tests.processes import starts_process

CASES = Path(fhir_fixtures.__file__).parent / "cases"
RICH = str(CASES / "mcode-rich-solitary")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CDS_")]:
        monkeypatch.delenv(name)


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["assess", *arguments, "--format", "json"]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def bundle_of(case: str) -> dict[str, object]:
    """The data of a case as one Bundle."""
    prefetch = json.loads((CASES / case / "request.json").read_text())["prefetch"]
    entries = [entry for key, value in prefetch.items() if key != "patient" for entry in (value or {}).get("entry", [])]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": prefetch["patient"]}, *entries]}


def test_assess_prints_the_explanation_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    document = explained(capsys, RICH, "--on", EVALUATED_ON)
    assert list(document)[:3] == ["service", "hook", "evaluatedOn"]
    assert document["evaluatedOn"] == EVALUATED_ON
    assert document["cards"]


def test_assess_json_is_indented_by_two(capsys: pytest.CaptureFixture[str]) -> None:
    main(["assess", RICH, "--on", EVALUATED_ON, "--format", "json"])
    assert capsys.readouterr().out.startswith('{\n  "service": "crc-lung-metastasis-patient-view",\n  "hook"')


def test_a_bundle_says_what_the_hook_request_says(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle_of("mcode-rich-solitary")))
    from_bundle = explained(capsys, str(file), "--on", EVALUATED_ON)
    from_request = explained(capsys, RICH, "--on", EVALUATED_ON)
    for part in ("classification", "lesions", "therapies", "order", "mdt", "needs", "findings"):
        assert from_bundle[part] == from_request[part]


def test_a_day_changes_the_assessment(capsys: pytest.CaptureFixture[str]) -> None:
    now, later = explained(capsys, RICH, "--on", EVALUATED_ON), explained(capsys, RICH, "--on", "2027-06-01")
    assert now["needs"] != later["needs"]


def test_assess_prints_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assess", RICH, "--on", EVALUATED_ON]) == 0
    printed = capsys.readouterr().out
    assert "Options to discuss" in printed
    assert "option to discuss" in printed


def test_assess_works_with_settings_that_only_a_server_minds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDS_HOST", "0.0.0.0")  # noqa: S104 - as in a container
    assert explained(capsys, RICH)["population"] == "in"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["does-not-exist.json"], "CLM-3001"),
        ([str(CASES / "prefetch-missing")], "CLM-2001"),
        ([RICH, "--hook", "order-sign"], "CLM-3001"),
        ([RICH, "--patient", "somebody-else"], "CLM-3001"),
    ],
)
def test_assess_refuses_with_exit_code_2_and_says_why(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["assess", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(message)
    assert printed.out == ""


@pytest.mark.parametrize(
    "arguments", [[], ["assess"], ["assess", RICH, "--on", "tomorrow"], ["fly"], ["serve", "--port"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: cds-service" in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["serve"], ["demo"], ["assess"]])
def test_help_is_given(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])
    assert left.value.code == 0
    assert "usage: cds-service" in capsys.readouterr().out


def test_serve_refuses_to_listen_to_everyone_unless_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "0.0.0.0"]) == 2  # noqa: S104
    assert "CDS_TRUST=open" in capsys.readouterr().err


@starts_process
def test_demo_shows_a_patient_and_stops(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_MODE", "production")  # the demonstration has settings of its own
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert main(["demo"]) == 0
    printed = capsys.readouterr().out
    assert "Solitary colorectal lung metastasis" in printed
    assert "[ ] Refer to the MDT" in printed
    assert "cds-service serve" in printed


@starts_process
def test_demo_says_why_the_service_did_not_start(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds_service.commands.demo.EVALUATED_ON", "never")
    assert main(["demo"]) == 1
    assert "CDS_EVALUATION_DATE" in capsys.readouterr().err


def test_assess_says_what_would_change_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    document = explained(capsys, RICH, "--on", EVALUATED_ON, "--what-if")
    answer = document["whatIf"]
    assert isinstance(answer, dict)
    assert {"subject": "inr", "text": "INR 1.9, measured now"} in [item["facts"][0] for item in answer["changes"]]
    assert main(["assess", RICH, "--on", EVALUATED_ON, "--what-if"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "INR 1.9, measured now" in shown
    assert "What is missing, and what it would settle" in shown


def test_assess_does_not_ask_what_would_change_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert "whatIf" not in explained(capsys, RICH, "--on", EVALUATED_ON)
