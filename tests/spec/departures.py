"""Cases in which the service is known to depart from the rule base, each with the rule and what it does instead.

A case that is listed here must fail; one that no longer fails must be taken out.
"""

from __future__ import annotations

DEPARTURES: dict[str, str] = {}
