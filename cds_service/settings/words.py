"""A setting's value as a person reads it; a secret is never written out."""

from __future__ import annotations

from datetime import date
from enum import Enum

from pydantic import SecretStr

from cds_service.settings.model import SECRETS

HIDDEN = "set, not shown"


def in_words(name: str, value: object) -> str:
    """The value as the environment would say it; ``not set`` and ``none`` for what is absent."""
    if value is None:
        return "not set"
    if name in SECRETS or isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    return value.isoformat() if isinstance(value, date) else str(value)
