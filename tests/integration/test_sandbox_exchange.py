"""``cds-service sandbox try`` and ``record``: the EHR is played against the running service."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fhir.resources.R4B import get_fhir_model_class
from flask.testing import FlaskClient

from cds_service.commands import main
from cds_tools.sandbox.fhir_server import FhirServer
from cds_tools.sandbox.fixture_records import record_of
from cds_tools.sandbox.load import Loader
from cds_tools.sandbox.orders import order_context, read_orders
from fhir_fixtures import Case, case, cases
from tests.golden.test_case_files import KEYS, resources
from tests.integration.sandbox_runs import sandbox, service
from tests.integration.writable_fhir import Store, writable_fhir
from tests.spec.wire import client, post

RICH, LOW = "mcode-rich-solitary", "order-ablation-low-platelets"
SUMMARY = "Solitary colorectal lung metastasis, metachronous: refer to MDT (surgery, ablation, SBRT)"


@pytest.fixture(scope="module")
def ehr() -> Iterator[Store]:
    """A FHIR server that holds every fixture patient."""
    with writable_fhir() as store:
        Loader(FhirServer(store.base), {}, one_by_one=False).load(map(record_of, cases()))
        yield store


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The running service. Its cards link to pages at the usual address, as those of the fixtures do."""
    with service(tmp_path_factory.mktemp("state"), CDS_PUBLIC_BASE_URL="http://127.0.0.1:8000") as address:
        yield address


def patient_of(store: Store, name: str) -> str:
    return next(
        resource["id"]
        for resource in store.held.values()
        if resource["resourceType"] == "Patient" and resource["identifier"][-1]["value"].startswith(f"{name}/")
    )


def play(store: Store, url: str, name: str, *more: str, command: str = "try") -> int:
    common = ["--fhir-server", store.base, "--patient", patient_of(store, name), "--service-url", url]
    return main(["sandbox", command, *common, *more])


# What was put is what was there ---------------------------------------------------------------------------------------

LOST_ON_THE_WAY = {
    "mixed-up-record": "its faults of the call itself cannot be put into a server",
    "prefetch-missing": "its key is missing from the call, not from the record",
}
PARTS = (
    "population", "classification", "therapies", "order", "mdt", "needs", "cea", "molecular", "prognosis", "systemic",
    "flags",
)  # fmt: skip
NAMES = {"fact", "facts", "text", "resources", "reference"}  # where the assessment names resources, which have new ids


def without_names(value: Any) -> Any:
    if isinstance(value, list):
        return [without_names(item) for item in value]
    if isinstance(value, dict):
        return {name: without_names(item) for name, item in value.items() if name not in NAMES}
    return value


def decided(explanation: dict[str, Any]) -> Any:
    return without_names({part: explanation[part] for part in PARTS})


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, without the frames and line ends that tables and panels put in."""
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


@pytest.mark.parametrize("one", [one for one in cases() if one.id not in LOST_ON_THE_WAY], ids=lambda one: one.id)
def test_a_loaded_patient_is_assessed_as_the_fixture_is(one: Case, ehr: Store, tmp_path: Path) -> None:
    caller: FlaskClient = client(tmp_path)
    patient = patient_of(ehr, one.id)
    context = one.request["context"] | {"patientId": patient}
    if "draftOrders" in context:
        context |= order_context(read_orders(one.id), one.request["hook"], patient, ())
    fetched = {name: value for name, value in one.request.items() if name != "prefetch"}
    status, explanation = post(caller, "explain", fetched | {"context": context, "fhirServer": ehr.base})
    assert status == one.expected["status"] == 200
    # A server answers every search; the call of the fixture may have left keys out, which is not the same as none.
    whole = one.request | {"prefetch": dict.fromkeys(KEYS) | one.request["prefetch"]}
    assert decided(explanation) == decided(post(caller, "explain", whole)[1])


# try ------------------------------------------------------------------------------------------------------------------


def test_the_chart_is_opened_and_the_card_is_shown(ehr: Store, url: str) -> None:
    common = ["--fhir-server", ehr.base, "--patient", f"Patient/{patient_of(ehr, RICH)}", "--service-url", url]
    played = sandbox("try", *common)
    assert played.returncode == 0, played.stderr
    assert f"│ {SUMMARY}" in played.stdout
    assert "The service answers with 1 card" in played.stdout
    assert all(f"│ {key} " in played.stdout for key in KEYS)
    assert "(with fhirServer): 200 in" in played.stdout


def test_a_key_that_is_left_out_is_fetched_by_the_service_itself(
    ehr: Store, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ehr.asked.clear()
    assert play(ehr, url, RICH, "--omit", "conditions", "--omit", "observations") == 0
    printed = capsys.readouterr().out
    assert SUMMARY in printed
    assert printed.count("left out, as asked") == 2
    asked = [one for one in ehr.asked if one.startswith("GET Condition?")]
    assert len(asked) == 1  # by the service alone


def test_without_access_a_needed_key_that_is_left_out_is_an_error_that_is_shown(
    ehr: Store, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play(ehr, url, RICH, "--omit", "conditions", "--prefetch-only") == 1
    printed = capsys.readouterr().out
    assert "The service answers 412." in printed
    assert "No data for prefetch key 'conditions' (not sent, and no fhirServer was given)" in printed
    assert "Request id" in printed


def test_no_card_is_no_error(ehr: Store, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(ehr, url, "colon-cancer-without-lung-disease") == 0
    assert "No card: the service looked, and has nothing to add." in capsys.readouterr().out


def test_a_search_that_the_server_refuses_is_left_out_and_said(
    ehr: Store, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ehr.refused_types = frozenset({"MedicationRequest"})
    try:
        assert play(ehr, url, RICH) == 0
    finally:
        ehr.refused_types = frozenset()
    assert "MedicationRequest is not for you" in shown(capsys)


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_an_order_of_a_fixture_is_entered(hook: str, ehr: Store, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(ehr, url, LOW, "--hook", hook, "--order", LOW) == 0
    assert "Radiofrequency ablation of lung metastasis: not until corrected" in capsys.readouterr().out


def test_an_order_from_a_file_is_entered_for_this_patient(
    ehr: Store, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = case(LOW).request["context"]["draftOrders"]["entry"][0]["resource"]
    file = tmp_path / "order.json"
    file.write_text(json.dumps({name: value for name, value in order.items() if name not in ("id", "subject")}))
    assert play(ehr, url, LOW, "--order", str(file)) == 0
    assert "Radiofrequency ablation of lung metastasis: not until corrected" in capsys.readouterr().out


def test_an_order_on_the_server_is_dispatched(ehr: Store, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    order = case(LOW).request["context"]["draftOrders"]["entry"][0]["resource"]
    subject = {"reference": f"Patient/{patient_of(ehr, LOW)}"}
    ordered = {name: value for name, value in order.items() if name != "reasonReference"}
    ehr.held["ServiceRequest/o1"] = ordered | {"id": "o1", "status": "active", "subject": subject, "meta": {}}
    try:
        assert play(ehr, url, LOW, "--hook", "order-dispatch", "--order", "ServiceRequest/o1") == 0
    finally:
        del ehr.held["ServiceRequest/o1"]
    assert "Radiofrequency ablation of lung metastasis: not until corrected" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--omit", "allergies"], "CLM-3001 The service asks for no prefetch key allergies."),
        (["--hook", "order-sign"], "CLM-3001 order-sign needs --order."),
        (["--hook", "patient-view", "--order", LOW], "CLM-3001 patient-view takes no --order."),
        (["--order", "nowhere.json"], "CLM-3001 There is no file, fixture or reference nowhere.json."),
        (["--order", RICH], f"CLM-3001 {RICH} holds no order."),
        (["--order", __file__], f"CLM-3001 {__file__} is not JSON (line 1)."),
        (["--order", "ServiceRequest/1"], "CLM-3001 order-select needs the order itself."),
        (["--hook", "order-dispatch", "--order", LOW], "CLM-3001 order-dispatch names orders that the server holds."),
        (["--service", "another"], "has no such service for patient-view."),
        (["--patient", "nobody"], "CLM-7005"),
        (["--patient", "../secret"], "CLM-7005"),
        (["--issuer", "https://x.example"], "CLM-3001 Calls are signed only with --jwt-key."),
        (["--jwt-key", "none.pem"], "CLM-3001 --jwt-key needs --issuer."),
        (["--jwt-key", "none.pem", "--issuer", "https://x.example"], "CLM-3003"),
        (["--service-url", "http://127.0.0.1:9"], "CLM-7001 The CDS service at http://127.0.0.1:9/cds-services"),
        (["--fhir-server", "http://127.0.0.1:9"], "CLM-7001 The FHIR server at http://127.0.0.1:9"),
    ],
)
def test_what_cannot_be_played_is_said(
    more: list[str], says: str, ehr: Store, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play(ehr, url, RICH, *more) == 2
    assert says in capsys.readouterr().err


def test_a_fhir_server_is_no_cds_service(ehr: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(ehr, ehr.base, RICH) == 2
    assert capsys.readouterr().err.startswith("CLM-7007")


class Listening(BaseHTTPRequestHandler):
    """A CDS service that answers every call alike and notes how it was called."""

    seen: list[tuple[str, str | None, Any]]
    status = 200
    services: list[dict[str, Any]]

    def do_GET(self) -> None:
        self._answer({"services": self.services})

    def do_POST(self) -> None:
        self._answer({"cards": [{"summary": "A card without a source", "indicator": "odd"}]})

    def _answer(self, document: Any) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        self.seen.append((self.path, self.headers["Authorization"], body))
        raw = json.dumps(document).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def listening(**settings: Any) -> Iterator[tuple[str, list[tuple[str, str | None, Any]]]]:
    entry = {"id": "other", "hook": "patient-view", "prefetch": {"patient": "Patient/{{context.patientId}}"}}
    handler = type("Handler", (Listening,), {"seen": [], "services": [entry]} | settings)
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}", handler.seen  # type: ignore[attr-defined]
    finally:
        running.shutdown()
        running.server_close()


def test_another_service_is_called_too_and_its_odd_card_is_shown(
    ehr: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    templates = {"patient": "Patient/{{context.patientId}}", "visit": "Encounter/{{context.encounterId}}"}
    with listening(services=[{"id": "other", "hook": "patient-view", "prefetch": templates}]) as (address, seen):
        assert play(ehr, address, RICH) == 0
    printed = shown(capsys)
    assert "A card without a source" in printed
    assert "visit left out: a token" in printed
    request = seen[-1][2]
    assert set(request) == {"hook", "hookInstance", "context", "prefetch", "fhirServer"}
    assert set(request["prefetch"]) == {"patient"}


def test_every_call_is_signed_for_the_very_address_that_is_called(ehr: Store, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with listening() as (address, seen):
        signing = ["--jwt-key", str(file), "--issuer", "https://ehr.example", "--tenant", "ward", "--kid", "k1"]
        assert play(ehr, address, RICH, *signing) == 0
    assert [path for path, _, _ in seen] == ["/cds-services", "/cds-services/other"]
    for path, authorization, _ in seen:
        token = str(authorization).removeprefix("Bearer ")
        claims = jwt.decode(token, key.public_key(), algorithms=["ES384"], audience=address + path)
        assert (claims["iss"], claims["tenant"]) == ("https://ehr.example", "ward")
        assert jwt.get_unverified_header(token)["kid"] == "k1"


def test_a_service_that_wants_signed_calls_is_told_from_one_that_does_not_accept_them(
    ehr: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(status=401) as (address, _):
        assert play(ehr, address, RICH) == 2
    said = capsys.readouterr().err
    assert said.startswith("CLM-7003")
    assert "--jwt-key" in said


def test_the_servers_token_is_handed_on_as_an_ehr_does_unless_told_not_to(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("CANARY.token")
    person = {"resourceType": "Patient", "id": "1"}
    with writable_fhir(token="CANARY.token", held={"Patient/1": person}) as store, listening() as (address, seen):
        common = ["--fhir-server", store.base, "--patient", "1", "--service-url", address, "--token-file", str(file)]
        assert main(["sandbox", "try", *common]) == 0
        handed = seen[-1][2]
        assert handed["fhirAuthorization"]["access_token"] == "CANARY.token"
        assert handed["fhirAuthorization"]["patient"] == "1"
        assert main(["sandbox", "try", *common, "--prefetch-only"]) == 0
        assert "CANARY.token" not in json.dumps(seen[-1][2])
        assert "fhirServer" not in seen[-1][2]


def test_a_token_is_not_handed_to_a_service_in_clear_text(
    ehr: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("abc")
    monkeypatch.setattr("cds_tools.sandbox.exchange.encrypted_or_local", lambda _: False)
    with listening() as (address, seen):
        assert play(ehr, address, RICH, "--token-file", str(file)) == 2
    assert "in clear text" in capsys.readouterr().err
    assert [path for path, _, _ in seen] == ["/cds-services"]


# record ---------------------------------------------------------------------------------------------------------------


def recorded(folder: Path) -> Case:
    return Case(
        id=folder.name,
        story=(folder / "story.md").read_text(),
        request=json.loads((folder / "request.json").read_text()),
        expected=json.loads((folder / "expected.json").read_text()),
    )


@pytest.mark.parametrize("name", [RICH, LOW])
def test_a_recording_is_a_fixture_about_somebody_else(
    name: str, ehr: Store, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new-case"
    order = [] if name == RICH else ["--order", LOW]
    assert play(ehr, url, name, "--out", str(folder), *order, command="record") == 0
    assert f"Saved in {folder}" in capsys.readouterr().out
    one = recorded(folder)
    person = one.request["prefetch"]["patient"]
    assert set(one.request) == {"hook", "hookInstance", "context", "prefetch"}
    assert set(one.request["prefetch"]) == KEYS
    assert one.request["context"]["patientId"] == person["id"] == "canary-new-case"
    texts = [person["name"][0]["family"], person["identifier"][0]["value"], *person["address"][0]["line"]]
    assert all("CANARY" in text for text in texts)
    for resource in resources(one.request):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    original = case(name).request["prefetch"]["patient"]
    for part in (original["name"][0]["family"], original["identifier"][0]["value"], f"Patient/{patient_of(ehr, name)}"):
        assert part not in json.dumps(one.request) + json.dumps(one.expected)
    assert "The service should" in one.story
    assert (one.expected["status"], one.expected["assessment"]) == (200, {})
    # As the tests of fixtures will ask.
    assert post(client(tmp_path), "cds-services", one.request) == (200, one.expected["response"])


def test_a_recorded_refusal_is_a_fixture_too(ehr: Store, url: str, tmp_path: Path) -> None:
    folder = tmp_path / "no-conditions"
    more = ("--omit", "conditions", "--prefetch-only", "--out", str(folder))
    assert play(ehr, url, RICH, *more, command="record") == 0
    one = recorded(folder)
    assert (one.expected["status"], one.expected["assessment"]) == (412, None)
    assert one.expected["response"]["resourceType"] == "OperationOutcome"
    assert "Not sent: conditions." in one.story


def test_a_difference_that_the_replacement_made_is_said(
    ehr: Store, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The service could fetch what was left out; the stored request can not."""
    folder = tmp_path / "fetched-before"
    assert play(ehr, url, RICH, "--omit", "conditions", "--out", str(folder), command="record") == 0
    assert "The answer to the stored request differs" in capsys.readouterr().out


def test_a_service_of_another_day_is_pointed_out(
    ehr: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"services": [{"id": "other", "hook": "patient-view"}], "evaluationDate": {"value": "2031-01-01"}}
    with listening(do_GET=lambda self: self._answer(answer)) as (address, _):
        assert play(ehr, address, RICH, "--out", str(tmp_path / "later"), command="record") == 0
    assert "decided as of 2031-01-01; tests decide as of 2025-06-01" in capsys.readouterr().out


def test_a_service_that_says_nothing_of_its_day_is_recorded_too(ehr: Store, tmp_path: Path) -> None:
    def discovery_alone(self: Listening) -> None:
        self.status = 200 if self.path == "/cds-services" else 403
        self._answer({"services": self.services})

    with listening(do_GET=discovery_alone) as (address, _):
        assert play(ehr, address, RICH, "--out", str(tmp_path / "other"), command="record") == 0
    assert recorded(tmp_path / "other").expected["status"] == 200


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("there", "is there already"),
        ("Two Nodules", "cannot be one"),
        ("nowhere/new", "There is no folder"),
    ],
)
def test_a_folder_that_cannot_be_is_refused_before_anything_is_asked(
    name: str, says: str, ehr: Store, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there").mkdir()
    ehr.asked.clear()
    assert play(ehr, url, RICH, "--out", str(tmp_path / name), command="record") == 2
    assert says in capsys.readouterr().err
    assert ehr.asked == []
    assert list((tmp_path / "there").iterdir()) == []


def test_nothing_is_left_behind_when_the_folder_cannot_be_written(
    ehr: Store, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert play(ehr, url, RICH, "--out", str(tmp_path / "full"), command="record") == 2
    assert "cannot be written (No space left on device)" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
