"""How long is kept what was sent and reported: until the operator says that it may go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from cds_service.store.database import Database
from cds_service.store.tables import CARDS, FEEDBACK


def purge(database: Database, before: datetime) -> tuple[int, int]:
    """Delete cards sent, and feedback received, before a moment, in one transaction. Returns how many of each.

    Raises: StoreUnavailable.
    """
    with database.transaction() as connection:
        cards = connection.execute(delete(CARDS).where(CARDS.c.sent < before)).rowcount
        feedback = connection.execute(delete(FEEDBACK).where(FEEDBACK.c.received < before)).rowcount
    return cards, feedback
