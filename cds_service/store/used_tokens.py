"""Used tokens, for all workers and across restarts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete

from cds_service.store.database import Database
from cds_service.store.tables import TOKENS

_PURGE_EVERY_S = 300
KEPT_LONGER = timedelta(days=1)
"""After it would be refused as expired: a clock that was wrong by up to that, here or on another machine with the same
database, has forgotten no token that is good again once the clock is right, and makes none good that was used."""


class UsedTokens:
    """Remembers each token until it would be refused as expired, and a day longer. Holds a hash, never a token."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now
        self._purged = time.monotonic()

    def first_use(self, issuer: str, jti: str, until: datetime) -> bool:
        """Is this token used for the first time? The database decides, so two workers never both say yes.

        Raises: StoreUnavailable (503): without the memory nobody can know.
        """
        row = {"token": sha256(f"{issuer}\0{jti}".encode()).hexdigest(), "until": until}
        with self._database.transaction() as connection:
            new = self._database.insert_once(connection, TOKENS, [row])
            if time.monotonic() - self._purged > _PURGE_EVERY_S:
                self._purged = time.monotonic()
                connection.execute(delete(TOKENS).where(TOKENS.c.until < self._now() - KEPT_LONGER))
        return new == 1
