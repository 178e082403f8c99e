"""Settings: what the environment may say, and that every mistake is named at once."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest

from cds_service.commands import main
from cds_service.errors import SettingsInvalid
from cds_service.protocol.origins import is_loopback
from cds_service.settings import Mode, Settings, TrustMode, load_settings, unknown_variables
from cds_service.settings.load import read_settings
from tests.contract.requirements import proves


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CDS_")]:
        monkeypatch.delenv(name)


def refused(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as error:
        load_settings()
    return error.value.message


def test_the_defaults_are_a_developer_on_one_machine() -> None:
    settings = load_settings()
    assert (settings.mode, settings.trust) == (Mode.DEVELOPMENT, TrustMode.OPEN)
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.max_body_bytes == 10 * 1024 * 1024
    assert settings.fhir_budget_ms == 5000
    assert settings.allows_loopback_fhir
    assert settings.allowed_origins == ("*",)


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_FHIR_SERVERS", " https://a.example.org/fhir/, https://b.example.org ,")
    monkeypatch.setenv("CDS_CORS_ORIGINS", "https://Sandbox.example.org")
    settings = load_settings()
    assert settings.fhir_servers == ("https://a.example.org/fhir", "https://b.example.org")
    assert settings.allowed_origins == ("https://sandbox.example.org",)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_EVALUATION_DATE", "")
    monkeypatch.setenv("CDS_PORT", "")
    assert load_settings() == Settings()


def test_a_command_line_value_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_PORT", "9000")
    assert load_settings(port=9001, host=None).port == 9001
    assert load_settings(port=None).port == 9000


def test_a_date_and_a_zone_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_EVALUATION_DATE", "2025-06-01")
    monkeypatch.setenv("CDS_TIMEZONE", "Europe/Zurich")
    settings = load_settings()
    assert settings.evaluation_date == date(2025, 6, 1)
    assert settings.zone.key == "Europe/Zurich"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CDS_MODE", "test"),
        ("CDS_PORT", "65536"),
        ("CDS_PORT", "http"),
        ("CDS_WORKERS", "0"),
        ("CDS_PUBLIC_BASE_URL", "cds.example.org"),
        ("CDS_PUBLIC_BASE_URL", "https://user@cds.example.org"),
        ("CDS_TRUST", "none"),
        ("CDS_TRUSTED_ISSUERS", "ehr"),
        ("CDS_TRUSTED_JKUS", "https://a.example.org https://b.example.org https://c.example.org"),
        ("CDS_TRUSTED_JKUS", "file:///keys.json"),
        ("CDS_JWKS_FILE", "does-not-exist.json"),
        ("CDS_JWT_ALGORITHMS", "HS256"),
        ("CDS_JWT_ALGORITHMS", "none"),
        ("CDS_JWT_LEEWAY_SECONDS", "301"),
        ("CDS_JWT_MAX_LIFETIME_SECONDS", "1"),
        ("CDS_RATE_LIMIT_PER_MINUTE", "-1"),
        ("CDS_STORE_KEY_FILE", "does-not-exist.key"),
        ("CDS_REPETITION_HOURS", "-1"),
        ("CDS_FHIR_SERVERS", "https://ok.example.org,ftp://x"),
        ("CDS_FHIR_BUDGET_MS", "0"),
        ("CDS_CORS_ORIGINS", "https://a.example.org/path"),
        ("CDS_MAX_BODY_BYTES", "0"),
        ("CDS_TIMEZONE", "Mars/Olympus"),
        ("CDS_TIMEZONE", "../../etc/passwd"),
        ("CDS_EVALUATION_DATE", "01.06.2025"),
        ("CDS_CANONICAL_BASE", "x"),
        ("CDS_TERMINOLOGY_DIR", "does-not-exist"),
        ("CDS_KNOWLEDGE_OVERRIDES", "does-not-exist.toml"),
        ("CDS_SERVICE_IDS", "one"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert f"\n  - {name} " in refused(monkeypatch, **{name: value})


def test_all_wrong_variables_are_named_at_once_with_their_contradictions(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refused(monkeypatch, CDS_PORT="x", CDS_TIMEZONE="Mars", CDS_HOST="0.0.0.0")  # noqa: S104
    assert all(f"\n  - {name}" in message for name in ("CDS_PORT", "CDS_TIMEZONE", "CDS_HOST"))


def test_beyond_loopback_open_trust_must_be_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CDS_TRUST=open" in refused(monkeypatch, CDS_HOST="0.0.0.0")  # noqa: S104
    monkeypatch.setenv("CDS_TRUST", "open")
    assert load_settings().trust is TrustMode.OPEN


def test_a_command_that_does_not_listen_may_have_any_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_HOST", "0.0.0.0")  # noqa: S104
    assert load_settings(serving=False).port == 8000


def test_signed_calls_need_issuers_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refused(monkeypatch, CDS_TRUST="jwt")
    assert "CDS_TRUSTED_ISSUERS" in message
    assert "CDS_TRUSTED_JKUS or CDS_JWKS_FILE" in message


def test_signed_calls_beyond_loopback_need_the_address_that_callers_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CDS_PUBLIC_BASE_URL" in refused(
        monkeypatch,
        CDS_TRUST="jwt",
        CDS_HOST="0.0.0.0",  # noqa: S104
        CDS_TRUSTED_ISSUERS="https://ehr.example.org",
        CDS_TRUSTED_JKUS="https://ehr.example.org/jwks.json",
    )


def test_a_key_address_for_an_issuer_that_is_not_listed_is_a_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refused(
        monkeypatch,
        CDS_TRUST="jwt",
        CDS_TRUSTED_ISSUERS="https://ehr.example.org",
        CDS_TRUSTED_JKUS="https://other.example.org https://other.example.org/jwks.json",
    )
    assert "names https://other.example.org, which CDS_TRUSTED_ISSUERS does not" in message


def test_production_starts_with_signed_calls_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_MODE", "production")
    monkeypatch.setenv("CDS_TRUST", "jwt")
    monkeypatch.setenv("CDS_PUBLIC_BASE_URL", "https://cds.example.org")
    monkeypatch.setenv("CDS_TRUSTED_ISSUERS", "https://ehr.example.org")
    monkeypatch.setenv("CDS_TRUSTED_JKUS", "https://ehr.example.org/jwks.json")
    monkeypatch.setenv("CDS_CANONICAL_BASE", "https://fhir.hospital.ch")
    assert load_settings().mode is Mode.PRODUCTION


@pytest.mark.parametrize("base", ["", "https://cds.example.org/fhir", "https://EXAMPLE.com", "https://a.test/fhir"])
def test_production_refuses_a_canonical_base_that_nobody_owns(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    assert "CDS_CANONICAL_BASE must be" in refused(monkeypatch, CDS_MODE="production", CDS_CANONICAL_BASE=base)


def test_a_wrong_setting_is_told_with_the_form_that_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CDS_AUDIT_DAYS is not valid" in (message := refused(monkeypatch, CDS_AUDIT_DAYS="-1", CDS_METRICS="all"))
    assert "(accepted: 0 to 3650)" in message
    assert "(accepted: loopback, on or off)" in message


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("\n postgresql://u:CANARY@db/x \n")
    monkeypatch.setenv("CDS_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert unknown_variables() == []
    reading = read_settings()
    assert (reading.origins["database_url"], reading.origins["port"]) == ("file", "default")
    assert reading.settings.database_url is not None
    assert reading.settings.database_url.get_secret_value() == "postgresql://u:CANARY@db/x"
    message = refused(monkeypatch, CDS_DATABASE_URL="sqlite:///CANARY")
    assert "CDS_DATABASE_URL and CDS_DATABASE_URL_FILE are both set" in message
    assert "CANARY" not in message


def test_a_secret_whose_file_is_not_there_or_holds_something_else_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "CDS_DATABASE_URL_FILE is not a readable" in refused(monkeypatch, CDS_DATABASE_URL_FILE=str(tmp_path / "no"))
    (tmp_path / "url").write_text("mysql://CANARY")
    message = refused(monkeypatch, CDS_DATABASE_URL_FILE=str(tmp_path / "url"))
    assert "CDS_DATABASE_URL is neither" in message
    assert "CANARY" not in message


def test_keeping_input_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CDS_AUDIT_DAYS needs CDS_AUDIT_KEY_FILE" in refused(monkeypatch, CDS_AUDIT_DAYS="30")


def test_tracing_needs_the_extra_and_somewhere_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds_service.settings.contradictions.find_spec", lambda _: None)
    message = refused(monkeypatch, CDS_TRACING="on")
    assert "needs the extra 'otel'" in message
    assert "needs OTEL_EXPORTER_OTLP_ENDPOINT" in message


def test_the_command_shows_every_setting_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDS_DATABASE_URL", "postgresql://u:CANARY@db/x")
    monkeypatch.setenv("CDS_WORKERS", "4")
    assert main(["settings"]) == 0
    shown = capsys.readouterr().out
    assert "CANARY" not in shown
    assert re.search(r"CDS_DATABASE_URL +│ set, not shown +│ environment", shown)
    assert re.search(r"CDS_WORKERS +│ 4 +│ environment", shown)
    assert re.search(r"CDS_PORT +│ 8000 +│ default", shown)
    assert [name for name in Settings.model_fields if f"CDS_{name.upper()} " not in shown] == []


def test_the_command_names_all_that_is_wrong_and_what_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"CDS_PORT": "x", "CDS_TIMEZONE": "Mars", "CDS_HOST": "0.0.0.0", "CDS_PROT": "1"}.items():  # noqa: S104
        monkeypatch.setenv(name, value)
    assert main(["settings", "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert [fault.split()[0] for fault in told["faults"]] == ["CDS_PORT", "CDS_TIMEZONE", "CDS_HOST=0.0.0.0"]
    assert told["unknown"] == ["CDS_PROT"]
    port = next(row for row in told["settings"] if row["variable"] == "CDS_PORT")
    assert port == {"variable": "CDS_PORT", "value": "wrong", "from": "environment", "accepts": "0 to 65535"}
    assert main(["settings"]) == 2
    assert "CDS_TIMEZONE is not a time zone" in capsys.readouterr().out


@pytest.mark.parametrize("url", ["mysql://user:CANARY@db/x", "CANARY", "sqlite:CANARY"])
def test_a_wrong_database_url_is_never_repeated(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    message = refused(monkeypatch, CDS_DATABASE_URL=url)
    assert "CDS_DATABASE_URL" in message
    assert "CANARY" not in message


@proves("WIRE-02", "USER-08")
def test_production_refuses_to_start_and_says_all_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refused(
        monkeypatch,
        CDS_MODE="production",
        CDS_EVALUATION_DATE="2025-06-01",
        CDS_PUBLIC_BASE_URL="http://cds.example.org",
        CDS_FHIR_SERVERS="http://ehr.example.org/fhir",
    )
    for name in ("CDS_TRUST=jwt", "CDS_PUBLIC_BASE_URL", "CDS_EVALUATION_DATE", "CDS_FHIR_SERVERS"):
        assert name in message


def test_production_with_open_trust_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"CDS_MODE": "production", "CDS_TRUST": "open", "CDS_PUBLIC_BASE_URL": "https://cds.example.org"}
    assert "CDS_MODE=production needs CDS_TRUST=jwt" in refused(monkeypatch, **variables)


def test_a_slip_of_the_pen_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CDS_TERMINOLOGY_DIR", str(tmp_path))
    monkeypatch.setenv("CDS_FHIR_SERVER", "https://a.example.org")
    assert unknown_variables() == ["CDS_FHIR_SERVER"]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),  # noqa: S104
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
