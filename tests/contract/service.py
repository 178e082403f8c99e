"""The service as a CDS client meets it, and requests to send it."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.app import create_app
from cds_service.settings import Settings
from cds_service.trust import Trust
from fhir_fixtures import EVALUATED_ON, case

BASE = "crc-lung-metastasis"
PATIENT_VIEW = f"/cds-services/{BASE}-patient-view"
HOOKS = ("patient-view", "order-select", "order-sign", "order-dispatch")


def app(trust: Trust | None = None, **settings: Any) -> Flask:
    """The whole service on the day of the fixtures."""
    made = create_app(Settings(**({"evaluation_date": date.fromisoformat(EVALUATED_ON)} | settings)), trust=trust)
    made.testing = False  # an exception becomes an answer, as it does in service
    return made


@cache
def client() -> FlaskClient:
    """One caller of the service with its default settings; nothing in it changes between tests."""
    return app().test_client()


def request(name: str = "mcode-rich-solitary", **changes: Any) -> dict[str, Any]:
    """A complete hook request that leads to a card, with changes to its fields."""
    return deepcopy(case(name).request) | changes


def issue(answer: TestResponse) -> dict[str, Any]:
    """The one issue of an OperationOutcome; whatever is not 2xx must carry one."""
    assert answer.status_code >= 400
    assert answer.mimetype == "application/json"
    outcome = answer.get_json()
    assert outcome["resourceType"] == "OperationOutcome"
    (only,) = outcome["issue"]
    assert only["severity"] == "error"
    assert answer.headers["X-Request-Id"] in only["diagnostics"]
    return dict(only)


def code(answer: TestResponse) -> str:
    """The stable error code of an OperationOutcome."""
    return str(issue(answer)["details"]["coding"][0]["code"])
