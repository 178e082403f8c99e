"""CDS Hooks: Trusting CDS Clients, JWT Signing Algorithm. The whole service, called as a client with a key calls it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask.testing import FlaskClient
from pydantic import SecretStr

from cds_service.app import create_app
from cds_service.settings import Settings, TrustMode
from cds_tools.signing import Signer
from fhir_fixtures import EVALUATED_ON
from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, code, request

HERE = "https://cds.example.org"
EXPLAIN = f"/explain/{BASE}-patient-view"
FEEDBACK = f"{PATIENT_VIEW}/feedback"
ISSUER = "https://ehr.example.org"
SIGNER = Signer(ec.generate_private_key(ec.SECP384R1()), "ES384", ISSUER, "ec-1")
RSA = Signer(rsa.generate_private_key(public_exponent=65_537, key_size=2048), "RS384", ISSUER, "rsa-1")
ENTRY = {
    "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "outcome": "overridden",
    "outcomeTimestamp": "2020-12-11T00:00:00Z",
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_text(json.dumps({"keys": [SIGNER.public_jwk(), RSA.public_jwk()]}))
    return path


def service(keys: Path, **settings: Any) -> FlaskClient:
    chosen: dict[str, Any] = {"trust": TrustMode.JWT, "trusted_issuers": (ISSUER,), "jwks_file": keys}
    chosen |= {"public_base_url": HERE, "evaluation_date": date.fromisoformat(EVALUATED_ON)}
    return create_app(Settings(**(chosen | settings))).test_client()


@pytest.fixture(scope="module")
def ehr(keys: Path) -> FlaskClient:
    return service(keys)


def called(ehr: FlaskClient, path: str, token: str | None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if path == "/cds-services":
        return ehr.get(path, headers=headers)
    return ehr.post(path, headers=headers, json={"feedback": [ENTRY]} if path == FEEDBACK else request())


PATHS = ("/cds-services", PATIENT_VIEW, EXPLAIN, FEEDBACK)


@proves("AUTH-01", "AUTH-02", "FEED-08")
@pytest.mark.parametrize("path", PATHS)
def test_trusting_cds_clients_every_path_wants_a_token_for_itself(ehr: FlaskClient, path: str) -> None:
    assert called(ehr, path, SIGNER.token(HERE + path)).status_code == 200
    answer = called(ehr, path, None)
    assert (answer.status_code, code(answer)) == (401, "CLM-1000")


@proves("AUTH-07", "AUTH-15", "FEED-08")
@pytest.mark.parametrize("path", PATHS)
def test_trusting_cds_clients_a_token_for_another_address_is_401(ehr: FlaskClient, path: str) -> None:
    others = [HERE, f"http://localhost{path}", f"https://other.example.org{path}"]
    for audience in others + [HERE + other for other in PATHS if other != path]:
        assert called(ehr, path, SIGNER.token(audience)).status_code == 401


@proves("AUTH-02")
def test_trusting_cds_clients_aud_may_be_an_array(ehr: FlaskClient) -> None:
    claims = SIGNER.claims(HERE + PATIENT_VIEW) | {"aud": ["https://other.example.org", HERE + PATIENT_VIEW]}
    assert called(ehr, PATIENT_VIEW, SIGNER.sign(claims, SIGNER.header())).status_code == 200


@proves("AUTH-05")
def test_jwt_signing_algorithm_both_recommended_ones_are_understood(ehr: FlaskClient) -> None:
    for signer in (SIGNER, RSA):
        assert called(ehr, PATIENT_VIEW, signer.token(HERE + PATIENT_VIEW)).status_code == 200


@proves("AUTH-06", "AUTH-14")
def test_trusting_cds_clients_an_impostor_gets_a_bare_401_and_the_log_the_reason(
    ehr: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    token = SIGNER.impostor().token(HERE + PATIENT_VIEW)
    answer = called(ehr, PATIENT_VIEW, token)
    assert answer.status_code == 401
    assert "signature" not in answer.text
    log = capsys.readouterr().err
    assert "signature" in log
    assert token not in log


@proves("AUTH-09")
def test_trusting_cds_clients_a_token_works_once_on_any_path(ehr: FlaskClient) -> None:
    token = SIGNER.token(HERE + PATIENT_VIEW)
    assert [called(ehr, PATIENT_VIEW, token).status_code for _ in range(3)] == [200, 401, 401]


@proves("AUTH-09")
def test_trusting_cds_clients_another_worker_knows_that_a_token_was_used(keys: Path) -> None:
    token = SIGNER.token(HERE + PATIENT_VIEW)
    assert [called(service(keys), PATIENT_VIEW, token).status_code for _ in range(2)] == [200, 401]


@proves("AUTH-10")
def test_trusting_cds_clients_an_issuer_that_is_not_listed_is_401(ehr: FlaskClient) -> None:
    stranger = replace(SIGNER, issuer="https://stranger.example.org")
    assert called(ehr, PATIENT_VIEW, stranger.token(HERE + PATIENT_VIEW)).status_code == 401


@proves("AUTH-13")
def test_trusting_cds_clients_tenants_can_be_listed(keys: Path) -> None:
    listed = service(keys, trusted_tenants=("ward-7",))
    for tenant, status in (("ward-7", 200), ("ward-8", 401), (None, 401)):
        token = replace(SIGNER, tenant=tenant).token(HERE + PATIENT_VIEW)
        assert called(listed, PATIENT_VIEW, token).status_code == status


@proves("AUTH-17")
def test_discovery_can_be_public_while_services_are_not(keys: Path) -> None:
    public = service(keys, public_discovery=True)
    assert called(public, "/cds-services", None).status_code == 200
    assert called(public, PATIENT_VIEW, None).status_code == 401


@proves("CORS-03", "CORS-05")
def test_cors_a_browser_may_ask_before_it_signs_and_reads_the_401(ehr: FlaskClient) -> None:
    origin = {"Origin": "https://sandbox.example.org"}
    asked = origin | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for path in PATHS:
        assert ehr.options(path, headers=asked).status_code == 204
    answer = ehr.post(PATIENT_VIEW, json=request(), headers=origin)
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]


@proves("FHIR-03", "DUTY-02")
def test_fhir_resource_access_no_token_is_logged_or_stored(
    tmp_path: Path, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store.sqlite"
    strict = service(keys, database_url=SecretStr(f"sqlite:///{store}"))
    secret = "CANARY-access-token"
    authorization = {"access_token": secret, "token_type": "Bearer", "expires_in": 9, "scope": "", "subject": "s"}
    token = SIGNER.token(HERE + PATIENT_VIEW)
    whole = request(fhirServer="https://ehr.example.org/fhir", fhirAuthorization=authorization)
    answer = strict.post(PATIENT_VIEW, json=whole, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for hidden in (secret, token):
        assert hidden not in capsys.readouterr().err + answer.text
        assert hidden.encode() not in kept
