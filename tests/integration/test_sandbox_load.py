"""``cds-service sandbox load`` and ``clean`` against a FHIR server that is strict and refuses on demand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.commands import main
from cds_tools.sandbox.fhir_server import FhirServer
from cds_tools.sandbox.fixture_records import IDENTIFIER_SYSTEM, TAG, record_of
from cds_tools.sandbox.presence import KINDS
from fhir_fixtures import case, cases
from tests.integration.sandbox_runs import sandbox
from tests.integration.writable_fhir import Store, references, writable_fhir

RICH, LOW, MIXED = "mcode-rich-solitary", "order-ablation-low-platelets", "mixed-up-record"


@pytest.fixture
def store() -> Iterator[Store]:
    with writable_fhir() as running:
        yield running


def load(store: Store, *names: str, **more: str) -> int:
    chosen = [argument for name in names for argument in ("--case", name)]
    return main(["sandbox", "load", "--fhir-server", store.base, *chosen, *more.values()])


def clean(store: Store) -> int:
    return main(["sandbox", "clean", "--fhir-server", store.base])


def versions(store: Store) -> dict[str, str]:
    return {reference: resource["meta"]["versionId"] for reference, resource in store.held.items()}


def test_every_patient_is_loaded_found_again_and_taken_away(store: Store) -> None:
    first = sandbox("load", "--fhir-server", store.base)
    assert first.returncode == 0, first.stderr
    patients = {name.partition("/")[2] for name in store.held if name.startswith("Patient/")}
    assert len(patients) == len(cases())
    assert all(f" {patient} " in first.stdout for patient in patients)
    assert len(store.held) == sum(len(record_of(one).items) for one in cases())
    before, writes = versions(store), store.writes
    second = sandbox("load", "--fhir-server", store.base)
    assert (second.returncode, versions(store), store.writes) == (0, before, writes)
    assert "0 resources put" in second.stdout
    cleaned = sandbox("clean", "--fhir-server", store.base)
    assert (cleaned.returncode, store.held) == (0, {})
    assert f"{len(before)} resources taken away" in cleaned.stdout


def test_what_is_loaded_is_valid_tagged_identified_and_points_to_nothing_else(store: Store) -> None:
    load(store, RICH, MIXED, "prefetch-missing")
    for resource in store.held.values():
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert TAG in resource["meta"]["tag"]
        assert [item["system"] for item in resource["identifier"]].count(IDENTIFIER_SYSTEM) == 1
        assert references(resource) <= store.held.keys()
    assert "urn:uuid:" not in json.dumps(store.held)


def test_the_kinds_that_are_looked_for_are_those_of_the_fixtures() -> None:
    assert {item.kind for one in cases() for item in record_of(one).items} == set(KINDS)


def test_what_cannot_be_put_is_said(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert load(store, MIXED) == 0
    printed = capsys.readouterr().out
    assert "Observation/stray-platelets, which is about another patient" in printed
    assert "canary-someone-else" not in json.dumps(store.held)


def test_a_fixture_that_has_changed_is_brought_up_to_date_and_one_that_is_gone_is_put_again(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    load(store, RICH)
    loaded = deepcopy(store.held)
    old = next(name for name in store.held if name.startswith("Condition/"))
    gone = next(name for name in store.held if name.startswith("MedicationRequest/"))
    store.held[old]["identifier"][-1]["type"]["text"] = "fixture of an earlier version"
    del store.held[gone]
    capsys.readouterr()
    assert load(store, RICH) == 0
    assert f"2 resources put, {len(loaded) - 2} were there" in capsys.readouterr().out
    assert len(store.held) == len(loaded)
    assert store.held[old]["identifier"] == loaded[old]["identifier"]


def without_ids(store: Store) -> list[str]:
    """What is held, with our names in the place of the server's ids."""
    names = {reference: item["identifier"][-1]["value"] for reference, item in store.held.items()}
    texts = []
    for resource in store.held.values():
        text = json.dumps(
            {name: value for name, value in resource.items() if name not in ("id", "meta")}, sort_keys=True
        )
        for reference, name in names.items():
            text = text.replace(f'"{reference}"', f'"{name}"')
        texts.append(text)
    return sorted(texts)


def test_without_transactions_the_same_is_put_one_by_one_and_said(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    load(store, RICH, LOW)
    with writable_fhir(takes_transactions=False) as poorer:
        capsys.readouterr()
        assert load(poorer, RICH, LOW) == 0
        assert "one by one" in capsys.readouterr().err
        assert without_ids(poorer) == without_ids(store)
        writes = poorer.writes
        assert load(poorer, RICH, LOW) == 0
        assert poorer.writes == writes
        assert clean(poorer) == 0
        assert poorer.held == {}


def test_a_patient_whose_transaction_is_refused_is_put_one_by_one_and_it_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with writable_fhir(most_entries=20) as store:
        assert load(store, LOW, RICH) == 0
        said = " ".join(capsys.readouterr().err.split())
        assert said == f"Put one by one, as the server refused the transaction (400: too many entries): {RICH}."
        assert len(store.held) == 16 + 23
        assert load(store, LOW, RICH) == 0
        assert capsys.readouterr().err == ""


def test_only_what_has_our_tag_and_our_identifier_is_taken_away(store: Store) -> None:
    load(store, RICH)
    ours = next(item for item in store.held.values() if item["resourceType"] == "Condition")
    others = {
        "Condition/tag-alone": ours | {"id": "tag-alone", "identifier": [{"system": "http://other", "value": "1"}]},
        "Condition/identifier-alone": ours | {"id": "identifier-alone", "meta": {}},
        "Condition/neither": {"resourceType": "Condition", "id": "neither"},
    }
    for name, other in others.items():
        store.held[name] = {field: value for field, value in other.items() if field != "subject"}
    assert clean(store) == 0
    assert set(store.held) == set(others)


def test_what_somebody_elses_data_point_to_stays_and_is_named(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    load(store, "icd10cm-only")
    patient = next(name for name in store.held if name.startswith("Patient/"))
    store.held["Encounter/1"] = {"resourceType": "Encounter", "id": "1", "subject": {"reference": patient}}
    capsys.readouterr()
    assert clean(store) == 1
    assert set(store.held) == {patient, "Encounter/1"}
    assert f"still there {patient}: " in capsys.readouterr().out


def test_a_load_that_breaks_off_says_what_was_put_and_can_be_undone_or_finished(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with writable_fhir(takes_transactions=False, breaks_at_write=25) as store:
        assert load(store, LOW, RICH) == 2
        said = capsys.readouterr().err
        assert said.startswith("CLM-7006 Loading stopped at mcode-rich-solitary.")
        assert "500" in said
        assert "the disk is full" in said
        assert f"{LOW}: 16 resources put (Patient/" in said
        there = [name for name, item in store.held.items() if item["identifier"][-1]["value"].startswith(RICH)]
        assert f"half loaded, 8 of 23 resources are there: {', '.join(there)}" in said
        assert f"cds-service sandbox clean --fhir-server {store.base}" in said
        assert load(store, LOW, RICH) == 0
        assert len(store.held) == 16 + 23
        assert clean(store) == 0
        assert store.held == {}


def test_a_transaction_that_fails_leaves_nothing_of_its_patient_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with writable_fhir(breaks_at_write=25) as store:
        assert load(store, LOW, RICH) == 2
        said = capsys.readouterr().err
        assert f"{LOW}: 16 resources put (Patient/" in said
        assert f"{RICH}: nothing of it is there" in said
        assert len(store.held) == 16


def test_a_load_that_is_interrupted_says_what_was_put(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = FhirServer.transact

    def interrupted(server: FhirServer, entries: Any) -> Any:
        made = transact(server, entries)
        if len(store.held) > 16:  # the answer to the second transaction never arrives
            raise KeyboardInterrupt
        return made

    monkeypatch.setattr(FhirServer, "transact", interrupted)
    assert load(store, LOW, RICH) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"CLM-7006 Loading stopped at {RICH}. It was interrupted.")
    assert f"{LOW}: 16 resources put" in said
    assert "all of its 23 resources are there" in said


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [
        ({"token": "secret"}, "CLM-7003", "--token-file"),
        ({"takes_writes": False}, "CLM-7006", "this server is for reading"),
        ({"version": "5.0.0"}, "CLM-7002", "speaks FHIR 5.0.0; R4 (4.0) is needed"),
        ({"version": "3.0.2"}, "CLM-7002", "another address for each version"),
        ({"metadata": b"<html>hello</html>"}, "CLM-7002", "is not the base address of a FHIR server"),
        ({"searches_by_tag": False, "held": {"Patient/9": {"resourceType": "Patient", "id": "9"}}}, "CLM-7004", "_tag"),
        ({"refused_types": frozenset({"Observation"})}, "CLM-7003", "Observation is not for you"),
    ],
)
def test_what_a_server_refuses_is_said_and_nothing_is_put(
    settings: dict[str, Any], code: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with writable_fhir(**settings) as store:
        held = dict(store.held)
        assert load(store, RICH) == 2
        said = capsys.readouterr().err
        assert said.startswith(code)
        assert says in said
        assert store.held == held


def test_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("load", "clean"):
        assert main(["sandbox", command, "--fhir-server", "http://127.0.0.1:9/fhir"]) == 2
        assert capsys.readouterr().err.startswith("CLM-7001 The FHIR server at http://127.0.0.1:9/fhir/metadata")


def test_a_busy_server_is_waited_for() -> None:
    with writable_fhir(busy_times=2) as store:
        assert load(store, "icd10cm-only") == 0
        assert len(store.held) == 3


def test_a_token_goes_along_and_is_never_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "token"
    file.write_text("CANARY.token\n")
    with writable_fhir(token="CANARY.token") as store:
        assert load(store, RICH, a="--token-file", b=str(file)) == 0
        assert store.tokens == {"Bearer CANARY.token"}
    printed = capsys.readouterr()
    assert "CANARY.token" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fhir-server", "localhost:8080"], "is not an http(s) address"),
        (["--fhir-server", "http://127.0.0.1:9", "--case", "nobody"], "There is no case nobody"),
        (["--fhir-server", "http://127.0.0.1:9", "--token-file", "none"], "The token file none cannot be read"),
        (["--fhir-server", "http://127.0.0.1:9", "--token-file", __file__], "does not hold one bearer token"),
        (["--fhir-server", "http://ehr.example.org", "--token-file", "TOKEN"], "A token is sent over https only"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_said_before_anything_is_asked(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_text("abc")
    given = [str(tmp_path / "token") if argument == "TOKEN" else argument for argument in arguments]
    assert main(["sandbox", "load", *given]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("CLM-3001")
    assert says in printed


def test_the_ids_are_given_to_programs_too(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert load(store, RICH, LOW, a="--format", b="json") == 0
    rich, low = json.loads(capsys.readouterr().out)
    assert store.held[f"Patient/{rich['patient']}"]["identifier"][-1]["value"].startswith(f"{RICH}/Patient/")
    assert (low["case"], low["hook"], len(low["put"]), low["unchanged"]) == (LOW, "order-select", 16, 0)


@pytest.mark.parametrize("command", [[], ["load"], ["clean"], ["try"], ["record"]])
def test_help_says_what_a_command_does_and_how_it_ends(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["sandbox", *command, "--help"])
    assert left.value.code == 0
    printed = capsys.readouterr().out
    assert "usage: cds-service sandbox" in printed
    assert ("Exit code 0" in printed) is bool(command)


def test_a_fixture_is_told_from_another_by_the_names_of_its_resources() -> None:
    names = [item.name for one in cases() for item in record_of(one).items]
    assert len(set(names)) == len(names)
    assert all(item.name.startswith(f"{RICH}/") for item in record_of(case(RICH)).items)
