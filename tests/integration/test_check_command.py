"""``cds-service check``, as it is typed, against our own server in a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cds_service.commands import main
from cds_tools.check.run import PROBES
from cds_tools.signing import Signer
from tests.contract.requirements import proves
from tests.integration.serving import server

ISSUER = "https://ehr.example.org"
TIMED = {"answers-come-within-500-ms", "nine-of-ten-come-within-5-s"}  # tests time nothing
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client's private key; its public one lies beside it as a JWK Set."""
    folder = tmp_path_factory.mktemp("client")
    private = ec.generate_private_key(ec.SECP384R1())
    (folder / "key.pem").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    signer = Signer.from_file(folder / "key.pem", issuer=ISSUER)
    (folder / "jwks.json").write_text(json.dumps({"keys": [signer.public_jwk()]}))
    return folder / "key.pem"


@pytest.fixture(scope="module")
def signed(key: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of our service, which trusts that client alone."""
    settings = {"CDS_TRUST": "jwt", "CDS_TRUSTED_ISSUERS": ISSUER, "CDS_JWKS_FILE": str(key.with_name("jwks.json"))}
    with server(tmp_path_factory.mktemp("signed"), **settings) as (connection, _):
        yield f"http://127.0.0.1:{connection.port}"


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["check", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@proves("USER-21", "USER-11", "KIT-01", "KIT-02")
def test_our_own_service_has_no_fault_with_signed_calls(
    signed: str, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = checked(capsys, signed, "--jwt-key", str(key), "--jwt-issuer", ISSUER, "--timeout", "60")
    bad = [one for one in report["outcomes"] if one["result"] in ("fail", "error") and one["probe"] not in TIMED]
    assert bad == []
    assert code == report["exitCode"] == 0
    assert len(report["timings"]) == len(report["services"]) == 4
    passed = {one["probe"] for one in report["outcomes"] if one["result"] == "pass"}
    not_offered = {"production-is-https", "templates-use-no-newer-version", "system-actions"}
    assert {probe.id for probe in PROBES} - passed - TIMED == not_offered


def test_a_table_for_people_has_every_part(signed: str, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = "crc-lung-metastasis-order-dispatch"
    options = ["--service", service, "--prefetch-only", "--jwt-key", str(key), "--jwt-issuer", ISSUER]
    assert main(["check", f"{signed}/cds-services/", *options, "--timeout", "60"]) == 0
    printed = capsys.readouterr().out
    for part in ("GET /cds-services answers 200", "median ms", service, "Nothing that SHALL be is missing", "0 error"):
        assert part in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([NOWHERE], "no answer to GET"),
        (["{signed}"], "give a key that it trusts"),
        (["{signed}", "--service", "none", "--jwt-key", "{key}", "--jwt-issuer", ISSUER], "no service with the id"),
        ([NOWHERE, "--jwt-key", __file__, "--jwt-issuer", ISSUER], "CLM-3003"),
    ],
    ids=["nobody there", "no key", "no such service", "no key in the file"],
)
def test_a_check_that_cannot_run_says_why_and_exits_with_2(
    arguments: list[str], said: str, signed: str, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *(argument.format(signed=signed, key=key) for argument in arguments)]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["cds.example.org"],
        [NOWHERE, "--timeout", "0"],
        [NOWHERE, "--timeout", "soon"],
        [NOWHERE, "--jwt-issuer", ISSUER],
        [NOWHERE, "--jwt-key", "key.pem"],
        [NOWHERE, "--jwt-key", "key.pem", "--jwt-issuer", ISSUER, "--jwt-alg", "HS256"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["check", *arguments])
    assert left.value.code == 2
    assert "usage: cds-service check" in capsys.readouterr().err


def test_the_progress_does_not_stand_in_the_report(
    signed: str, key: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("cds_tools.check.commands.PROBES", PROBES[:3])
    main(["check", signed, "--jwt-key", str(key), "--jwt-issuer", ISSUER, "--json"])
    printed = capsys.readouterr()
    assert json.loads(printed.out)["exitCode"] == 0
    assert "checking" in printed.err
