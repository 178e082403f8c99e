"""A fingerprint of what a card says, so that a client can show it once per change instead of at every opening."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from cds_service.guidance.context import EXTENSION
from cds_service.protocol.card import Card, extended


def with_fingerprint(card: Card, facts: Mapping[str, str]) -> Card:
    """The card with the extension: equal as long as its facts are equal, on whatever day."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return extended(card, {f"{EXTENSION}.fingerprint": sha256(text.encode()).hexdigest()[:32]})
