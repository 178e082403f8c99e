"""Keeping the input of decisions: what is kept, that it opens only where it should, and that it decides the same."""

from __future__ import annotations

import ast
import base64
import importlib
import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from cds_service import oncology
from cds_service.audit.deciding_again import decide_again
from cds_service.audit.elements import READ_ELEMENTS
from cds_service.audit.sealing import Keys, NotOpened, load_keys
from cds_service.cards.writer import EXTENSION
from cds_service.commands import main
from cds_service.errors import StoreUnavailable, StoreUnusable
from cds_service.fhir.resource_types import READ_TYPES
from cds_service.oncology.report.compare import changed
from cds_service.store import DecisionStore
from cds_service.store.decisions import KeptDecision
from cds_service.terminology import load_terminology
from cds_service.values import replace
from fhir_fixtures import cases
from tests.contract.service import PATIENT_VIEW, request
from tests.spec.wire import client

KEY = base64.b64encode(bytes(range(32)))
OTHER = base64.b64encode(bytes(32))
CASES = [one for one in cases() if one.expected["status"] == 200]


class Kept:
    """A service that keeps what it decided, and what it kept."""

    def __init__(self, tmp_path: Path) -> None:
        self.key_file = tmp_path / "audit.key"
        self.key_file.write_bytes(KEY + b"\n")
        self.ehr: FlaskClient = client(tmp_path, CDS_AUDIT_DAYS="30", CDS_AUDIT_KEY_FILE=str(self.key_file))
        self.parts = self.ehr.application.extensions["parts"]
        self.store = DecisionStore(self.parts.database)

    def lines(self) -> list[KeptDecision]:
        self.parts.keeping.flush()
        return list(self.store.since(None))

    def opened(self) -> list[dict[str, Any]]:
        keys = load_keys(self.key_file)
        return [json.loads(keys.open(line.sealed, line.open_part)) for line in self.lines()]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_every_case_decides_the_same_again_and_no_name_is_kept(kept: Kept) -> None:
    for one in CASES:
        answer = kept.ehr.post(f"/cds-services/crc-lung-metastasis-{one.request['hook']}", json=one.request)
        assert answer.status_code == 200
    lines = kept.lines()
    assert len(lines) == len(CASES)
    replayed = [decide_again(line, load_keys(kept.key_file), kept.parts.site) for line in lines]
    assert {(one.verdict, one.paths, one.same_knowledge) for one in replayed} == {("same", (), True)}
    inputs = json.dumps([document["input"] for document in kept.opened()])
    for name in ("family", "given", "telecom", "address", "userId", "Practitioner/", "<div"):
        assert f'"{name}' not in inputs, name


def test_what_was_sent_twice_with_other_content_decides_the_same_again(kept: Kept) -> None:
    """Such resources are compared as wholes, and those without an id are named by their content."""
    sent = deepcopy(request())
    entries = sent["prefetch"]["conditions"]["entry"]
    twin, nameless = deepcopy(entries[0]), deepcopy(entries[0])
    twin["resource"]["note"] = [{"text": "seen again"}]
    del nameless["resource"]["id"]
    entries += [twin, nameless]
    assert kept.ehr.post(PATIENT_VIEW, json=sent).status_code == 200
    (line,) = kept.lines()
    assert decide_again(line, load_keys(kept.key_file), kept.parts.site).verdict == "same"


def test_the_hash_of_the_line_is_the_hash_on_the_card(kept: Kept) -> None:
    answer = kept.ehr.post(PATIENT_VIEW, json=request(), headers={"X-Request-Id": "r-1"}).get_json()
    (line,) = kept.lines()
    origin = answer["cards"][0]["extension"]["org.example.crc-lung-metastasis.assessment"]
    assert line.assessment_hash == origin["hash"]
    assert kept.store.under("r-1") == kept.store.under(line.id) == kept.store.under(line.hook_instance) == [line]


def test_what_is_not_sent_to_a_clinician_is_not_kept(kept: Kept) -> None:
    kept.ehr.post(PATIENT_VIEW.replace("cds-services", "explain"), json=request())
    kept.ehr.post(PATIENT_VIEW, json=request(prefetch={}))
    assert kept.lines() == []


def test_without_the_setting_nothing_is_kept(tmp_path: Path) -> None:
    ehr = client(tmp_path)
    assert ehr.post(PATIENT_VIEW, json=request()).status_code == 200
    parts = ehr.application.extensions["parts"]
    assert parts.keeping is None
    assert list(DecisionStore(parts.database).since(None)) == []


@pytest.mark.parametrize(
    "column", ["assessment_hash", "hook_instance", "knowledge_hash", "terminology_hash", "decided", "sealed"]
)
def test_a_line_that_was_changed_does_not_open(kept: Kept, column: str) -> None:
    kept.ehr.post(PATIENT_VIEW, json=request())
    (line,) = kept.lines()
    was = getattr(line, column)
    other = (
        was + timedelta(seconds=1) if isinstance(was, datetime) else was[:-1] + (b"x" if column == "sealed" else "x")
    )
    replayed = decide_again(replace(line, **{column: other}), load_keys(kept.key_file), kept.parts.site)
    assert (replayed.verdict, replayed.reason) == ("not opened", "the line was changed after it was written")


def test_an_older_key_still_opens_and_a_strange_one_does_not(kept: Kept) -> None:
    kept.ehr.post(PATIENT_VIEW, json=request())
    (line,) = kept.lines()
    kept.key_file.write_bytes(OTHER + b"\n" + KEY + b"\n")
    assert decide_again(line, load_keys(kept.key_file), kept.parts.site).verdict == "same"
    with pytest.raises(NotOpened, match="no key"):
        Keys([bytes(32)]).open(line.sealed, line.open_part)


@pytest.mark.parametrize("content", [b"", b"short", base64.b64encode(b"x" * 16), KEY + b"\n!", b"\xff"])
def test_a_file_without_keys_refuses_the_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.key").write_bytes(content)
    with pytest.raises(StoreUnusable, match="CDS_AUDIT_KEY_FILE"):
        client(tmp_path, CDS_AUDIT_DAYS="30", CDS_AUDIT_KEY_FILE=str(tmp_path / "bad.key"))


def test_other_content_that_decides_otherwise_is_told_with_the_places(kept: Kept) -> None:
    kept.ehr.post(PATIENT_VIEW, json=request())
    (line,) = kept.lines()
    site = kept.parts.site
    renewed = replace(site, knowledge=replace(site.knowledge, hash="sha256:other"))
    same = decide_again(line, load_keys(kept.key_file), renewed)
    assert (same.verdict, same.assessment_hash, same.same_knowledge) == ("same", line.assessment_hash, False)
    assert all("knowledge" in path for path in same.paths)
    emptied = replace(line, sealed=_without_conditions(kept, line))
    other = decide_again(emptied, load_keys(kept.key_file), site)
    assert other.verdict == "different"
    assert "assessment.population" in other.paths


def test_a_record_that_was_read_with_other_codes_is_told(kept: Kept, tmp_path: Path) -> None:
    kept.ehr.post(PATIENT_VIEW, json=request())
    (line,) = kept.lines()
    keys, site = load_keys(kept.key_file), kept.parts.site
    assert decide_again(line, keys, site).same_terminology is True
    codes = [{"system": "http://hospital.example", "concept": [{"code": "CEA"}]}]
    url = f"{site.terminology.canonical_base}/ValueSet/cea"
    (tmp_path / "site").mkdir()
    value_set = {"resourceType": "ValueSet", "url": url, "compose": {"include": codes}}
    (tmp_path / "site" / "cea.json").write_text(json.dumps(value_set), encoding="utf-8")
    again = decide_again(line, keys, replace(site, terminology=load_terminology(tmp_path / "site")))
    assert (again.verdict, again.same_knowledge, again.same_terminology) == ("same", True, False)
    assert all("terminology" in path for path in again.paths)


def test_a_line_whose_hash_was_made_in_another_form_decides_the_same(kept: Kept) -> None:
    """The conclusions are compared, not their hash, which a release may make in another way."""
    kept.ehr.post(PATIENT_VIEW, json=request())
    (line,) = kept.lines()
    keys, old = load_keys(kept.key_file), replace(line, assessment_hash="sha256:of another form")
    document = orjson.loads(keys.open(line.sealed, line.open_part))
    for card in document["cards"]:
        card["extension"][f"{EXTENSION}.assessment"]["hash"] = old.assessment_hash
    replayed = decide_again(
        replace(old, sealed=keys.seal(orjson.dumps(document), old.open_part)), keys, kept.parts.site
    )
    assert (replayed.verdict, replayed.paths) == ("same", ())
    document["cards"][0]["summary"] = "Another summary"
    told = decide_again(replace(old, sealed=keys.seal(orjson.dumps(document), old.open_part)), keys, kept.parts.site)
    assert (told.verdict, len(told.paths)) == ("different", 1)


def test_a_line_from_before_the_codes_were_kept_still_opens(kept: Kept) -> None:
    kept.ehr.post(PATIENT_VIEW, json=request())
    (line,) = kept.lines()
    keys, old = load_keys(kept.key_file), replace(line, terminology_hash=None)
    sealed = keys.seal(keys.open(line.sealed, line.open_part), old.open_part)
    replayed = decide_again(replace(old, sealed=sealed), keys, kept.parts.site)
    assert (replayed.verdict, replayed.same_terminology) == ("same", None)


def _without_conditions(kept: Kept, line: KeptDecision) -> bytes:
    keys = load_keys(kept.key_file)
    document = json.loads(keys.open(line.sealed, line.open_part))
    document["input"]["sources"]["conditions"] |= {"entries": [], "state": "empty"}
    return keys.seal(json.dumps(document).encode(), line.open_part)


class Clocks:
    """The clock that people set, and the seconds that nobody can set."""

    def __init__(self) -> None:
        self.now, self.seconds = datetime(2025, 6, 1, 12, tzinfo=UTC), 0.0

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.seconds += timedelta(**time).total_seconds()


def test_what_is_past_its_time_is_taken_away_hourly_and_not_by_a_clock_that_has_just_jumped(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clocks = Clocks()
    monkeypatch.setattr(kept.parts.keeping, "_now", lambda: clocks.now)
    monkeypatch.setattr(kept.parts.keeping, "_ticks", lambda: clocks.seconds)

    def kept_after_one_more() -> list[datetime]:
        kept.ehr.post(PATIENT_VIEW, json=request())
        return [line.decided for line in kept.lines()]

    first = clocks.now
    assert kept_after_one_more() == [first]
    clocks.now += timedelta(days=60)  # the clock is set wrong
    assert first in kept_after_one_more()
    clocks.pass_time(hours=1)
    assert first in kept_after_one_more()  # it is seen to have jumped
    assert capsys.readouterr().err.count('"clock jumped"') == 1
    clocks.now -= timedelta(days=60)  # and is right again
    clocks.pass_time(hours=1)
    assert first in kept_after_one_more()
    clocks.pass_time(days=30)
    assert first not in kept_after_one_more()  # so much time has passed


def test_a_database_that_is_away_delays_no_answer_and_what_is_too_much_is_counted(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(kept.parts.database, "insert_once", away)
    monkeypatch.setattr("cds_service.store.writer._PAUSE_S", 0.01)
    monkeypatch.setattr(kept.parts.keeping._writer, "_make", _small(kept.parts.keeping._writer))
    for _ in range(5):
        assert kept.ehr.post(PATIENT_VIEW, json=request()).status_code == 200
    metrics = kept.ehr.get("/metrics").get_data(as_text=True)
    lost = next(line for line in metrics.splitlines() if line.startswith('cds_store_lost_total{what="decision"}'))
    assert float(lost.split()[-1]) >= 1
    monkeypatch.undo()
    assert len(kept.lines()) >= 1


def _small(writer: Any) -> Any:
    made = writer._make

    def make() -> Any:
        thread = made()
        thread._waiting.maxsize = 2
        return thread

    return make


def test_a_row_that_cannot_be_made_takes_no_other_with_it(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cds_service.audit.keeping.minimal", lambda _: {"x": object()})
    assert kept.ehr.post(PATIENT_VIEW, json=request()).status_code == 200
    assert kept.lines() == []
    monkeypatch.undo()
    assert kept.ehr.post(PATIENT_VIEW, json=request()).status_code == 200
    assert len(kept.lines()) == 1
    assert "The row could not be made." in capsys.readouterr().err


def test_the_command_proves_the_same_answer_and_forgets(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDS_DATABASE_URL", f"sqlite:///{tmp_path / 'state.sqlite'}")
    kept.ehr.post(PATIENT_VIEW, json=request(), headers={"X-Request-Id": "r-1"})
    (line,) = kept.lines()
    assert main(["replay", "--all"]) == 2
    assert "CDS_AUDIT_KEY_FILE is not set" in capsys.readouterr().err
    monkeypatch.setenv("CDS_AUDIT_KEY_FILE", str(kept.key_file))
    assert main(["replay", "r-1"]) == 0
    told = capsys.readouterr()
    assert f"{line.id} " in told.out
    assert "the same clinical content" in told.out
    assert "1 same, 0 different, 0 not opened" in told.err
    assert main(["replay", "--all", "--since", "2020-01-01", "--format", "json"]) == 0
    told_json = json.loads(capsys.readouterr().out)
    assert (told_json["verdict"], told_json["sameKnowledge"], told_json["differs"]) == ("same", True, [])
    assert main(["replay", "nobody"]) == 2
    assert "Nothing is kept" in capsys.readouterr().err
    kept.key_file.write_bytes(OTHER)
    assert main(["replay", "--all"]) == 1
    assert "no key in CDS_AUDIT_KEY_FILE" in capsys.readouterr().out
    assert main(["replay", "--forget-before", "2999-01-01"]) == 0
    assert capsys.readouterr().out == "Deleted: 1 decisions.\n"
    assert kept.lines() == []


@pytest.mark.parametrize("arguments", [[], ["x", "--all"], ["--since", "2025-01-01"], ["x", "--since", "2025-01-01"]])
def test_the_command_says_what_it_wants(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay", *arguments])


def test_differences_are_named_by_their_place() -> None:
    one, two = {"a": [1, {"b": 2}], "c": [1], "d": None}, {"a": [1, {"b": 3}], "c": [1, 2], "e": 0}
    assert list(changed(one, two)) == [("a[1].b", 2, 3), ("c", [1], [1, 2]), ("e", None, 0)]


NOT_ELEMENTS = {
    "age", "comment", "concept", "count", "created", "description", "device", "high", "link", "name", "note", "number",
    "origin", "other", "outcome", "priority", "property", "request", "result",
    "safety", "severity", "source", "target", "title", "version",
}  # fmt: skip
"""Names of elements that the code uses as words of its own, or of Bundles, outcomes and value sets."""


def element_names() -> Iterator[str]:
    data_types = "CodeableConcept Coding Quantity Reference Identifier Period Meta Extension".split()  # noqa: SIM905
    for kind in [*READ_TYPES, *data_types]:
        module = importlib.import_module(f"fhir.resources.R4B.{kind.lower()}")
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseModel):
                yield from (field.alias or name for name, field in model.model_fields.items())


def texts_of_the_core() -> Iterator[str]:
    root = Path(str(oncology.__file__)).parent.parent
    for room in ("fhir", "oncology", "hooks", "cards", "terminology"):
        for file in (root / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_the_elements_that_are_kept_are_those_that_the_code_names() -> None:
    named = set(element_names()) & set(texts_of_the_core())
    assert named - NOT_ELEMENTS == READ_ELEMENTS & set(element_names())
    assert READ_ELEMENTS - set(texts_of_the_core()) == set()
