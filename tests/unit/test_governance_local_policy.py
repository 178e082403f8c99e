"""A site's own numbers end to end: they decide, they are marked, and an impossible one stops the start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.commands import main
from cds_service.settings import load_settings
from fhir_fixtures import EVALUATED_ON, case

SIGNED = 'reason = "Thoracic board, March 2027"\nsigned_by = "Clinical governance lead"\n'
PATIENT = case("mcode-rich-solitary")


@pytest.fixture
def overrides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write the site's file and point the setting to it."""

    def write(values: str) -> Path:
        path = tmp_path / "site.toml"
        path.write_text(f"{SIGNED}[override]\n{values}\n", encoding="utf-8")
        monkeypatch.setenv("CDS_KNOWLEDGE_OVERRIDES", str(path))
        monkeypatch.setenv("CDS_EVALUATION_DATE", EVALUATED_ON)
        return path

    return write


def caller() -> FlaskClient:
    return create_app(load_settings()).test_client()


def explained(ehr: FlaskClient) -> dict:
    return ehr.post("/explain/crc-lung-metastasis-patient-view", json=PATIENT.request).get_json()


def shown(ehr: FlaskClient) -> str:
    cards = ehr.post("/cds-services/crc-lung-metastasis-patient-view", json=PATIENT.request).get_json()["cards"]
    return json.dumps(cards, ensure_ascii=False).replace("\N{ZERO WIDTH SPACE}", "")


def test_a_local_number_decides_and_is_marked_on_the_card(overrides):
    overrides('"rfa.maxDiameterMm" = 12\n"rfa.bestMm" = 12\n"nodule.measurableMm" = 12')
    ehr = caller()
    ablation = explained(ehr)["therapies"]["ablation"]
    assert ablation["result"] == "CONDITIONAL"
    assert [reason["code"] for reason in ablation["reasons"]] == ["LARGE_SOLITARY"]
    text = shown(ehr)
    assert "above 12 mm" in text
    assert "Local policy: " in text
    assert "#A-02), local policy)" in text


def test_packaged_numbers_carry_no_mark(monkeypatch):
    monkeypatch.delenv("CDS_KNOWLEDGE_OVERRIDES", raising=False)
    monkeypatch.setenv("CDS_EVALUATION_DATE", EVALUATED_ON)
    ehr = caller()
    assert "Local policy: " not in shown(ehr)
    assert '<span class="local">' not in ehr.get("/parameters").get_data(as_text=True)


@pytest.mark.parametrize("page", ["/parameters", "/rules"])
def test_a_local_number_is_marked_on_the_pages(page: str, overrides):
    overrides('"rfa.maxUnilateral" = 4')
    text = caller().get(page).get_data(as_text=True)
    assert text.count("local policy</span>") == 1


def test_the_page_says_why_and_who_signed(overrides):
    overrides('"rfa.maxUnilateral" = 4')
    text = caller().get("/parameters").get_data(as_text=True)
    assert "Site value instead of 3: Thoracic board, March 2027 (signed by Clinical governance lead)." in text


def test_the_answer_can_be_traced_to_the_file(overrides, monkeypatch):
    overrides('"rfa.maxUnilateral" = 4')
    local = explained(caller())["knowledge"]["hash"]
    monkeypatch.delenv("CDS_KNOWLEDGE_OVERRIDES")
    assert local != explained(caller())["knowledge"]["hash"]


IMPOSSIBLE = {
    "a unit mistaken": ('"rfa.minPlatelets10e9L" = 50000', "rfa.minPlatelets10e9L = 50000 contradicts"),
    "centimetres": ('"sbrt.maxDiameterMm" = 5', "nodule.measurableMm = 10 and sbrt.maxDiameterMm = 5 contradict"),
    "minors": ('"gate.minAge" = 12', "gate.minAge = 12 contradicts 18 <= gate.minAge"),
    "a scale that ends earlier": ('"ecog.exclude" = 6', "ecog.exclude = 6 contradicts ecog.exclude <= 5"),
    "limits turned around": ('"rfa.inrPass" = 90', "rfa.inrPass = 90 and rfa.inrMax = "),
    "no such number": ('"rfa.maxBoth" = 5', "rfa.maxBoth: there is no such parameter"),
}


@pytest.mark.parametrize(("values", "expected"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
@pytest.mark.parametrize("command", ["serve", "assess", "review"])
def test_an_impossible_number_stops_every_start(command: str, values: str, expected: str, overrides, capsys, tmp_path):
    overrides(values)
    record = tmp_path / "request.json"
    record.write_text(json.dumps(PATIENT.request), encoding="utf-8")
    arguments = {
        "serve": ["serve", "--port", "0"],
        "assess": ["assess", str(record)],
        "review": ["knowledge", "review"],
    }
    assert main(arguments[command]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("CLM-4002 The clinical content has 1 fault:\n")
    assert expected in said.err
    assert "CDS_KNOWLEDGE_OVERRIDES" in said.err
    assert said.out == ""


def test_all_faults_are_told_at_once(overrides, capsys):
    overrides('"rfa.minPlatelets10e9L" = -5\n"gate.minAge" = 12\n"rfa.maxBoth" = 5')
    assert main(["serve"]) == 2
    assert "has 3 faults" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_a_wrong_setting(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("CDS_KNOWLEDGE_OVERRIDES", str(tmp_path / "none.toml"))
    assert main(["serve"]) == 2
    assert "CDS_KNOWLEDGE_OVERRIDES is not a readable file" in capsys.readouterr().err
