"""What a card carries to be told from others, and to be followed back to the decision that it is a view of."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import orjson

from cds_service import __version__
from cds_service.cards.context import EXTENSION
from cds_service.protocol.card import Card, extended


def with_fingerprint(card: Card, facts: Mapping[str, str]) -> Card:
    """The card with a fingerprint: equal as long as its facts are equal, on whatever day.

    A client can show a card once per change with it, instead of at every opening.
    """
    text = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
    return extended(card, {f"{EXTENSION}.fingerprint": sha256(text).hexdigest()[:32]})


def with_origin(card: Card, assessment_hash: str) -> Card:
    """The card with the hash of its assessment, and the version of the service that decided."""
    origin = {"hash": assessment_hash, "serviceVersion": __version__}
    return extended(card, {f"{EXTENSION}.assessment": origin})
