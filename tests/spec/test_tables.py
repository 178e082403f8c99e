"""The tables themselves: a slip in a table is an error, never a case."""

from __future__ import annotations

import pytest

from tests.spec.lesion_words import lesions
from tests.spec.patients import patient
from tests.spec.tables import changes, rows


def test_rows() -> None:
    assert rows("""
        case   | value
        -------+------
        first  | 1
        second |
    """) == [{"case": "first", "value": "1"}, {"case": "second", "value": ""}]


@pytest.mark.parametrize("text", ["a | b\n1 | 2 | 3", "a | b\n1", "a | a\n1 | 2"])
def test_rows_that_do_not_fit(text: str) -> None:
    with pytest.raises(ValueError, match="heading"):
        rows(text)


def test_changes() -> None:
    assert changes('cea=<10; fev1=null; lung="2022"; hook=order-sign') == {
        "cea": "<10",
        "fev1": None,
        "lung": "2022",
        "hook": "order-sign",
    }
    with pytest.raises(ValueError, match="not a change"):
        changes("cea")


def test_lesions() -> None:
    assert lesions("2 x 9 R peripheral + <30 ? medial@15 + ? L ?") == [
        {"mm": 9, "side": "R", "zone": "peripheral"},
        {"mm": 9, "side": "R", "zone": "peripheral"},
        {"mm": "<30", "side": None, "zone": "medial", "to_bronchi_mm": 15},
        {"mm": None, "side": "L", "zone": None},
    ]


def test_change_that_no_patient_knows() -> None:
    with pytest.raises(TypeError, match="ceaa"):
        patient(ceaa=5)
