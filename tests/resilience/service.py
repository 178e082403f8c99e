"""The service of these tests: two workers, signed calls, keys and data from the EHR on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from cds_service.store import open_database
from cds_service.store.tables import FEEDBACK
from tests.integration.serving import Running, running
from tests.resilience.ehr import Ehr
from tests.resilience.load import PUBLIC
from tests.resilience.set_clock import PROGRAM, VARIABLE, Clock
from tests.unit.signing import ISSUER

FHIR_BUDGET_MS = 4000  # much, so that a busy machine is not taken for a fault


@contextmanager
def signed_service(tmp_path: Path, url: str, ehr: Ehr, clock: Clock | None = None, **more: str) -> Iterator[Running]:
    """The service, until the block ends. ``clock``: in place of the system's. ``more``: environment variables."""
    settings = {
        "CDS_TRUST": "jwt",
        "CDS_TRUSTED_ISSUERS": ISSUER,
        "CDS_TRUSTED_JKUS": f"{ISSUER} {ehr.jku}",
        "CDS_PUBLIC_BASE_URL": PUBLIC,
        "CDS_FHIR_BUDGET_MS": str(FHIR_BUDGET_MS),
    }
    with running(tmp_path, url, **under(clock), **(settings | more)) as service:
        yield service


def under(clock: Clock | None) -> dict[str, str]:
    """What runs the service under a clock that the test sets."""
    return {"program": PROGRAM, VARIABLE: str(clock.file)} if clock else {}


def sqlite(tmp_path: Path) -> str:
    """The URL of a database file."""
    return f"sqlite:///{tmp_path}/store.sqlite"


def kept(url: str) -> set[str]:
    """The cards whose feedback the database holds."""
    database = open_database(url)
    with database.transaction() as connection:
        cards = set(connection.execute(select(FEEDBACK.c.card)).scalars())
    database.close_connections()
    return cards
