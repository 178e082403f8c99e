"""nginx in front, with the files of ``deploy/nginx``: TLS, client certificates, and what is let through."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
from pathlib import Path
from typing import Any

import pytest

from fhir_fixtures import case
from tests.integration.ports import free_port
from tests.integration.serving import running
from tests.resilience.ehr import Ehr
from tests.resilience.load import PUBLIC, judged
from tests.resilience.nginx import Authority, Gateway, running_nginx
from tests.resilience.service import signed_service, sqlite
from tests.unit.signing import token

pytestmark = pytest.mark.resilience
PATH = "/cds-services/crc-lung-metastasis-patient-view"
CASE = case("mcode-rich-solitary")


def ask(
    gateway: Gateway, method: str, path: str, body: Any = None, *, tls: ssl.SSLContext | None = None, **headers: str
) -> tuple[int, Any, http.client.HTTPMessage]:
    """One call over TLS."""
    connection = http.client.HTTPSConnection("127.0.0.1", gateway.port, timeout=30, context=tls or gateway.context())
    try:
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers
    finally:
        connection.close()


def signed(path: str, ehr: Ehr) -> str:
    return f"Bearer {token(aud=f'{PUBLIC}{path}', header={'jku': ehr.jku})}"


def outcome(answer: tuple[int, Any, http.client.HTTPMessage]) -> tuple[int, str]:
    """The status, and that it comes as an OperationOutcome in JSON."""
    status, document, headers = answer
    assert headers.get_content_type() == "application/json"
    assert document["resourceType"] == "OperationOutcome"
    return status, document["issue"][0]["code"]


def test_signed_calls_over_tls_get_their_cards_and_nothing_else_is_let_through(tmp_path: Path, ehr: Ehr) -> None:
    authority = Authority(tmp_path, "authority")
    with (
        signed_service(tmp_path, sqlite(tmp_path), ehr) as service,
        running_nginx(tmp_path, "tls", service.port, authority) as gateway,
    ):
        status, answer, headers = ask(
            gateway, "POST", PATH, CASE.request, Authorization=signed(PATH, ehr), **{"X-Request-Id": "from-the-ehr"}
        )
        assert judged(status, answer, [CASE.expected["response"]]) == ("right", "")
        assert headers["X-Request-Id"] == "from-the-ehr"
        assert headers["Cache-Control"] == "no-store"
        assert judged(*ask(gateway, "POST", PATH, CASE.request)[:2], []) == ("refused", "401 CLM-1000")

        feedback = {"card": answer["cards"][0]["uuid"], "outcome": "overridden"}
        feedback |= {"outcomeTimestamp": "2025-06-01T12:00:00Z"}
        where = f"{PATH}/feedback"
        said = ask(gateway, "POST", where, {"feedback": [feedback]}, Authorization=signed(where, ehr))
        assert said[:2] == (200, {"kept": 1, "repeated": 0})

        for hidden in ("/metrics", "/health/ready", "/openapi.json", "/"):
            assert outcome(ask(gateway, "GET", hidden)) == (404, "not-found")
        assert ask(gateway, "GET", "/rules?format=json")[0] == 200

        # The service refuses what is too large for it, the gateway what is too large for any.
        for size, code in ((10_500_000, "CLM-1007"), (12_000_000, None)):
            refused = ask(gateway, "POST", PATH, b" " * size, Authorization=signed(PATH, ehr))
            assert outcome(refused)[0] == 413
            coded = refused[1]["issue"][0]["details"].get("coding", [{}])[0].get("code")
            assert coded == code

        with pytest.raises(ssl.SSLError):  # a caller that trusts nobody we know
            ask(gateway, "GET", "/cds-services", tls=ssl.create_default_context())
        with pytest.raises((ssl.SSLError, ConnectionError)):
            old = gateway.context(maximum_version=ssl.TLSVersion.TLSv1_2)
            old.set_ciphers("AES128-SHA")  # no forward secrecy
            ask(gateway, "GET", "/cds-services", tls=old)
    written = [json.loads(line) for line in gateway.log.read_text().splitlines()]
    assert "from-the-ehr" in {line["requestId"] for line in written}
    assert "canary" not in gateway.log.read_text().lower()
    assert "eyJ" not in gateway.log.read_text()  # how a token begins


def test_a_service_that_does_not_answer_is_told_as_an_outcome(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "authority")
    with running_nginx(tmp_path, "tls", free_port(), authority) as gateway:
        answer = ask(gateway, "POST", PATH, CASE.request)
        assert outcome(answer) == (503, "transient")
        assert answer[2]["Retry-After"] == "5"


def test_behind_client_certificates_only_the_sites_own_callers_are_answered(tmp_path: Path) -> None:
    authority, strangers = Authority(tmp_path, "authority"), Authority(tmp_path, "strangers")
    (tmp_path / "clients-ca.crt").write_bytes(authority.certificate.read_bytes())
    with (
        running(tmp_path, sqlite(tmp_path), CDS_PUBLIC_BASE_URL=PUBLIC) as service,
        running_nginx(tmp_path, "mtls", service.port, authority) as gateway,
    ):
        ours, theirs = authority.issue("ehr"), strangers.issue("somebody")
        status, answer, _ = ask(gateway, "POST", PATH, CASE.request, tls=gateway.context(ours))
        assert judged(status, answer, [CASE.expected["response"]]) == ("right", "")
        for nobody in (None, theirs):
            assert outcome(ask(gateway, "POST", PATH, CASE.request, tls=gateway.context(nobody))) == (401, "login")
            assert outcome(ask(gateway, "GET", "/rules", tls=gateway.context(nobody))) == (401, "login")

        # All workers gone at once: what the gateway says meanwhile is an outcome, and it goes on by itself.
        for worker in service.workers():
            os.kill(worker, signal.SIGKILL)
        answers = [ask(gateway, "POST", PATH, CASE.request, tls=gateway.context(ours)) for _ in range(5)]
        assert {status for status, _, _ in answers} <= {200, 503}
        assert all(outcome(answer) for answer in answers if answer[0] != 200)
        assert answers[-1][0] == 200
    assert '"client":"CN=ehr"' in gateway.log.read_text()
