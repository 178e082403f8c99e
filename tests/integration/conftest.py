"""The FHIR server of the record tests, and the databases of the store tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from tests.integration.fhir_double import Ehr
from tests.integration.postgres import Postgres, running_postgres


@pytest.fixture
def ehr() -> Iterator[Ehr]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield Ehr(mocked)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for all tests of one process."""
    with running_postgres() as server:
        yield server


_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.process)


@pytest.fixture(params=["sqlite", _POSTGRESQL])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.sqlite"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()
