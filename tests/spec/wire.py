"""The whole service in one process, called as an EHR calls it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient

from tests.spec.patients import EVALUATED_ON


def client(state: Path, **environment: str) -> FlaskClient:
    """A caller of the service with packaged content, the clock of the vignettes and its own ``state`` folder."""
    from cds_service.app import create_app

    variables = {
        "CDS_EVALUATION_DATE": EVALUATED_ON,
        "CDS_DATABASE_URL": f"sqlite:///{state / 'state.sqlite'}",
        "XDG_STATE_HOME": str(state),
        **environment,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    with patch.dict(os.environ, inherited | variables, clear=True):
        return create_app().test_client()


def post(ehr: FlaskClient, path: str, request: dict[str, Any]) -> tuple[int, Any]:
    """The status and JSON that ``path`` (``cds-services`` or ``explain``) answers for the request's hook."""
    answer = ehr.post(f"/{path}/crc-lung-metastasis-{request['hook']}", json=request)
    return answer.status_code, answer.get_json()
