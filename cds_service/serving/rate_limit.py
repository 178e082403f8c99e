"""The rate limit: how often one caller may call in a minute, in each worker process."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from cds_service.errors import RateLimited


class RateLimit:
    """A sliding window of a minute. Callers are told apart by issuer and tenant; without these, by address."""

    def __init__(self, per_minute: int) -> None:
        """``per_minute``: calls; 0 means no limit."""
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, caller: str) -> None:
        """Count a call. Raises: RateLimited (429) with the seconds after which to come back."""
        if self._item is None or self._limiter.hit(self._item, caller):
            return
        reset = self._limiter.get_window_stats(self._item, caller).reset_time
        raise RateLimited(
            f"More than {self._item.amount} calls in a minute.",
            hint="Wait as long as Retry-After says, or ask the operator for a higher limit.",
            retry_after=max(1, math.ceil(reset - time.time())),
        )
