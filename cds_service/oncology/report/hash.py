"""Hash of an assessment: two decisions with the same hash came to the same conclusions for the same reasons."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

import msgspec
import orjson

from cds_service.oncology.report.assessment import Assessment, KnowledgeReport
from cds_service.values import replace

_NO_KNOWLEDGE = KnowledgeReport("", "")


def assessment_hash(assessment: Assessment) -> str:
    """``sha256:`` and the hash of everything that was concluded, and why.

    The clinical content's version and hash are left out: they are told beside it, so that a decision under a new
    release can be seen to be the same. So are the sources: how the facts came is no part of what follows from them.
    There is nothing of the call in it, such as its time or the ids of cards.
    """
    canonical = msgspec.to_builtins(
        replace(assessment, knowledge=_NO_KNOWLEDGE, sources={}), builtin_types=(Decimal,), str_keys=True
    )
    return f"sha256:{sha256(orjson.dumps(canonical, default=_plain, option=orjson.OPT_SORT_KEYS)).hexdigest()}"


def _plain(value: Decimal) -> str:
    """A decimal, where 15 and 15.0 are the same. Nothing else in an assessment is unknown to the JSON library."""
    return str(value.normalize())
