"""Growth that is progression (M-05), where a size was reported with a comparator."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.fhir.quantities import Comparator, Measurement
from cds_service.knowledge import load_knowledge
from cds_service.oncology.advice.mdt_changes import surely_larger

KNOWLEDGE = load_knowledge()


def size(text: str) -> Measurement:
    number = text.lstrip("<>=")
    return Measurement(Decimal(number), Comparator(sign) if (sign := text.removesuffix(number)) else None)


@pytest.mark.parametrize(
    ("earlier", "now", "larger"),
    [
        ("12", "17", True),
        ("12", "16.9", False),
        ("<12", "17", True),
        ("<=12", "16.9", False),
        (">12", "29", False),
        (">=12", "29", False),
        ("12", ">17", True),
        ("12", ">=17", True),
        ("12", ">16", False),
        ("12", "<29", False),
        ("12", "<=29", False),
        ("30", "36", True),
        ("30", "35.9", False),
        ("0", "9", False),
    ],
)
def test_only_growth_that_is_sure_is_progression(earlier: str, now: str, larger: bool) -> None:
    assert surely_larger(KNOWLEDGE, size(earlier), size(now)) is larger
