"""The vignettes of the rule base that the book has no words for, in two ways of writing down the same patient.

Letters: E ELIGIBLE, C CONDITIONAL, N NOT_ELIGIBLE, K BLOCKED, U UNKNOWN. Evaluation date 2025-06-01. All others stand
in ``book/vignettes.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.tables import STYLES, Row, rows
from tests.spec.vignettes import CENTIMETRES, LESION, OLD_AND_NEW, TINY, UNITLESS, UNPROVEN, explain_row, letters

SPECIAL = [
    ("33 solitary 5 mm without histology", {"lesions": [LESION | {"mm": 5, "histology": None}]}, "---"),
    ("33a solitary 5 mm, proven", {"lesions": [LESION | {"mm": 5}]}, "EEE"),
    (
        "34 suspected: provisional, 14 mm, smoker",
        {
            "lesions": UNPROVEN,
            "lung_certainty": "provisional",
            "smoker": True,
            "dx": "2019-03-01",
            "resected": "2019-03-20",
        },
        "---",
    ),
    ("35 confirmed, histology not known", {"lesions": UNPROVEN}, "EEE"),
    ("37 new lesion since the MDT", {"lesions": OLD_AND_NEW, "mdt_held": "2025-03-01"}, "EEE"),
    ("38 hospice", {"hospice": True}, "---"),
    ("39 deceased", {"deceased": True}, "---"),
    ("39a deceased, dated", {"deceased": "2025-05-30"}, "---"),
    ("40 sixteen years old", {"birth": "2009-01-01"}, "---"),
    ("50 unit missing", {"lesions": UNITLESS}, "EUU"),
    ("50a centimetres", {"lesions": CENTIMETRES}, "EEE"),
    ("54 three, and two below 6 mm", {"lesions": [*[LESION | {"mm": 20}] * 3, TINY, TINY]}, "EEE"),
    (
        "54a the two are proven later",
        {"lesions": [*[LESION | {"mm": 20}] * 3, *[TINY | {"histology": "metastasis-confirmed"}] * 2]},
        "CCN",
    ),
    ("55 both lungs operated on one day", {"wedges_on": "2024-12-20"}, "EEE"),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("changed", "expected"), [case[1:] for case in SPECIAL], ids=[case[0] for case in SPECIAL])
def test_therapies_of_a_vignette_of_its_own(changed: dict[str, Any], expected: str, style: str) -> None:
    assert letters(explain(patient(style=style, **changed))) == expected


def test_ablated_lesion_is_not_counted() -> None:
    """Vignette 48: an ablation of the very lesion, known by its BodyStructure, after its last measurement."""
    explanation = explain(patient(style="mcode", ablated_on="2025-05-20"))
    assert explanation["therapies"] == {}
    assert [lesion["counted"] for lesion in explanation["lesions"]] == [False]
    assert (explanation["mdt"]["suggest"], explanation["mdt"]["suppressedBy"]) == (False, "no_active_lesion")


REASONS = rows("""
    vignette | lesions                                   | changes             | modality | code
    ---------+-------------------------------------------+---------------------+----------+---------------------
    7        | 3 x 18 R peripheral + 3 x 18 L peripheral |                     | hybrid   | HYBRID_MANY
    8        | 4 x 18 R peripheral + 1 x 18 L peripheral |                     | hybrid   | HYBRID_MANY
    9        | 5 x 18 ? peripheral                       |                     | hybrid   | HYBRID_MANY
    23       | 15 R peripheral                           | extra=untreatable   | sbrt     | EXTRAPULMONARY
    43       | 15 R peripheral                           | ecog=3              | surgery  | ECOG
    43a      | 15 R peripheral                           | ecog=3              | ablation | ECOG_POOR
    42       |                                           | count=innumerable   | surgery  | DIFFUSE
    42a      |                                           | count=innumerable   | sbrt     | COUNT_OVER_LIMIT
    42b      |                                           | count=innumerable   | ablation | COUNT
""")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", REASONS, ids=lambda row: row["vignette"])
def test_reason_of_the_vignette(row: Row, style: str) -> None:
    reasons = explain_row(row, style)["therapies"][row["modality"]]["reasons"]
    assert row["code"] in {reason["code"] for reason in reasons}
