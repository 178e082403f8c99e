"""Records from files: hook requests, Bundles and folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.errors import ContextUnusable, EnvelopeInvalid, InputNotReadable
from cds_service.hooks.sources import from_prefetch
from cds_service.protocol.service import Service
from cds_service.record.files import read_hook_request, read_record

PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "observations": "Observation?patient={{context.patientId}}&code=1",
    "imaging-findings": "Observation?patient={{context.patientId}}&category=imaging",
    "requests": "ServiceRequest?patient={{context.patientId}}",
}
VIEW = Service(id="v", hook="patient-view", title="t", description="d", prefetch=PREFETCH, needs=("patient",))
SIGN = Service(id="s", hook="order-sign", title="t", description="d", prefetch=PREFETCH, needs=("patient",))
PATIENT = {"resourceType": "Patient", "id": "p1"}
CONDITION = {"resourceType": "Condition", "id": "c1"}
DRAFT = {"resourceType": "ServiceRequest", "id": "o1", "status": "draft"}
ACTIVE = {"resourceType": "ServiceRequest", "id": "o2", "status": "active"}


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def bundle(*resources: dict[str, Any], **entry: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} | entry for r in resources]}


def found(request: Any, service: Service = VIEW) -> dict[str, list[str]]:
    sources, problems = from_prefetch(request, service)
    assert problems == ()
    assert all(source.complete for source in sources.values())
    return {key: [entry.resource.get("id", "") for entry in source.entries] for key, source in sources.items()}


def test_a_bundle_is_the_whole_record(tmp_path: Path) -> None:
    cea = {"resourceType": "Observation", "id": "cea"}
    file = write(tmp_path / "b.json", bundle(PATIENT, CONDITION, cea))
    assert read_hook_request(file) is None
    request = read_record(file, VIEW)
    assert (request.hook, request.patient_id) == ("patient-view", "p1")
    assert found(request) == {
        "patient": ["p1"],
        "conditions": ["c1"],
        "observations": ["cea"],
        "imaging-findings": ["cea"],
        "requests": [],
    }


def test_a_folder_of_resources_bundles_and_lines_is_one_record(tmp_path: Path) -> None:
    write(tmp_path / "patient.json", PATIENT)
    (tmp_path / "more").mkdir()
    write(tmp_path / "more" / "bundle.json", bundle(CONDITION))
    lines = [json.dumps({"resourceType": "Observation", "id": name}) for name in ("a", "b")]
    (tmp_path / "observations.ndjson").write_text("\n\n".join(lines) + "\n")
    (tmp_path / "notes.txt").write_text("not read")
    request = read_record(tmp_path, VIEW)
    assert found(request)["observations"] == ["a", "b"]
    assert found(request)["conditions"] == ["c1"]


def test_types_that_no_key_asks_for_but_the_service_reads_come_along(tmp_path: Path) -> None:
    other = {"resourceType": "Encounter", "id": "e1"}
    unread = {"resourceType": "Claim", "id": "x"}
    request = read_record(write(tmp_path / "b.json", bundle(PATIENT, other, unread)), VIEW)
    assert found(request)["requests"] == ["e1"]


def test_a_patient_without_id_is_called_by_its_address(tmp_path: Path) -> None:
    person = bundle({"resourceType": "Patient"}, fullUrl="urn:uuid:3b1f1f52-6f3c-4c79-9d9b-1d2f3c4b5a69")
    assert read_record(write(tmp_path / "b.json", person), VIEW).patient_id == "3b1f1f52-6f3c-4c79-9d9b-1d2f3c4b5a69"
    assert read_record(write(tmp_path / "r.json", {"resourceType": "Patient"}), VIEW).patient_id == "unknown"


def test_of_several_patients_one_must_be_chosen(tmp_path: Path) -> None:
    file = write(tmp_path / "b.json", bundle(PATIENT, {"resourceType": "Patient", "id": "p2"}))
    with pytest.raises(InputNotReadable, match="2 patients"):
        read_record(file, VIEW)
    assert found(read_record(file, VIEW, patient_id="p2"))["patient"] == ["p2"]
    with pytest.raises(InputNotReadable, match="no Patient of that id"):
        read_record(file, VIEW, patient_id="p3")


def test_at_an_order_hook_the_drafts_are_the_orders(tmp_path: Path) -> None:
    request = read_record(write(tmp_path / "b.json", bundle(PATIENT, DRAFT, ACTIVE)), SIGN)
    assert [order["id"] for order in request.draft_orders] == ["o1"]
    assert found(request, SIGN)["requests"] == ["o2"]


def test_without_a_draft_nothing_is_selected(tmp_path: Path) -> None:
    select = Service(id="s", hook="order-select", title="t", description="d", prefetch=PREFETCH)
    with pytest.raises(ContextUnusable):
        read_record(write(tmp_path / "b.json", bundle(PATIENT)), select)


def test_a_hook_request_is_read_from_a_file_or_from_a_case_folder(tmp_path: Path) -> None:
    instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    context = {"userId": "Practitioner/u", "patientId": "p1"}
    file = write(tmp_path / "request.json", {"hook": "patient-view", "hookInstance": instance, "context": context})
    write(tmp_path / "expected.json", {})
    for path in (file, tmp_path):
        request = read_hook_request(path)
        assert request is not None
        assert request.hook_instance == instance


def test_a_faulty_hook_request_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(EnvelopeInvalid, match="hookInstance is missing"):
        read_hook_request(write(tmp_path / "r.json", {"hook": "patient-view"}))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("r.json", "{", "is not JSON"),
        ("r.json", "[]", "neither a hook request nor a FHIR resource"),
        ("r.json", "{}", "neither a hook request nor a FHIR resource"),
        ("r.json", '{"resourceType": "Bundle", "entry": {}}', "no list of entries"),
        ("r.json", '{"resourceType": "Condition"}', "no Patient"),
        ("r.ndjson", '{"resourceType": "Patient"}\n{', "line 2"),
        ("r.ndjson", '"x"', "neither a hook request nor a FHIR resource"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputNotReadable, match=message):
        read_record(tmp_path / name, VIEW)


def test_a_missing_path_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputNotReadable, match="no file or folder"):
        read_record(tmp_path / "gone.json", VIEW)
    with pytest.raises(InputNotReadable, match=r"no \.json or \.ndjson"):
        read_record(tmp_path, VIEW)


SEARCH = {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": CONDITION}]}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
HINT = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}


def incomplete(request: Any) -> set[str]:
    sources, _ = from_prefetch(request, VIEW)
    return {key for key, source in sources.items() if not source.complete}


def test_bundles_inside_a_bundle_are_read(tmp_path: Path) -> None:
    file = write(tmp_path / "b.json", bundle(PATIENT, SEARCH) | {"type": "batch-response"})
    assert found(read_record(file, VIEW))["conditions"] == ["c1"]


MISSING: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing": (SEARCH, False),
    "a further page": (SEARCH | {"link": [{"relation": "next", "url": "https://e/2"}]}, True),
    "a total above what came": (SEARCH | {"total": 2}, True),
    "an outcome": (bundle(CONDITION, OUTCOME), True),
    "a hint": (bundle(CONDITION, HINT), False),
    "an answer that failed": (SEARCH | {"entry": [*SEARCH["entry"], {"response": {"status": "500"}}]}, True),
}


@pytest.mark.parametrize(("document", "missing"), MISSING.values(), ids=list(MISSING))
def test_what_files_say_is_missing_leaves_their_keys_incomplete(
    tmp_path: Path, document: dict[str, Any], missing: bool
) -> None:
    write(tmp_path / "patient.json", PATIENT)
    write(tmp_path / "conditions.json", document)
    assert incomplete(read_record(tmp_path, VIEW)) == ({"conditions"} if missing else set())
    whole = write(tmp_path / "whole.json", bundle(PATIENT, document) | {"type": "batch-response"})
    assert incomplete(read_record(whole, VIEW)) == (set(VIEW.types) if missing else set())


def test_an_outcome_alone_may_concern_every_key(tmp_path: Path) -> None:
    write(tmp_path / "patient.json", PATIENT)
    write(tmp_path / "observations.json", OUTCOME)
    assert incomplete(read_record(tmp_path, VIEW)) == set(VIEW.types)


def test_lines_may_be_bundles_outcomes_and_deletions(tmp_path: Path) -> None:
    gone = {"resourceType": "Bundle", "type": "history"}
    gone |= {"entry": [{"request": {"method": "DELETE", "url": "Condition/c1"}, "response": {"status": "204"}}]}
    lines = [PATIENT, SEARCH, HINT, gone]
    (tmp_path / "all.ndjson").write_bytes(b"\n".join(json.dumps(line).encode() for line in lines))
    assert found(read_record(tmp_path / "all.ndjson", VIEW))["conditions"] == []


@pytest.mark.parametrize("name", ["b.json", "b.ndjson"])
def test_a_byte_order_mark_is_no_fault(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(bundle(PATIENT, CONDITION)).encode())
    assert found(read_record(file, VIEW))["conditions"] == ["c1"]
