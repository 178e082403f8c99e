"""The vignettes of the rule base, each through the whole core, in two ways of writing down the same patient.

Letters: E ELIGIBLE, C CONDITIONAL, N NOT_ELIGIBLE, K BLOCKED, U UNKNOWN; ``yes`` and ``no`` for the modalities that
are offered or not. Evaluation date 2025-06-01.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.tables import STYLES, Row, rows, words
from tests.spec.vignettes import CENTIMETRES, LESION, OLD_AND_NEW, TINY, UNITLESS, UNPROVEN, codes, explain_row, letters

VIGNETTES = [json.loads(line) for line in Path(__file__).with_name("vignettes.jsonl").read_text().splitlines()]
# Where no lesion is listed, nothing is known of size and place either: these codes may stand beside the row's own.
WITHOUT_LESIONS = {"SIZE", "ZONE_UNKNOWN", "LATERALITY"}


def vignette_patient(given: dict[str, Any], style: str) -> dict[str, Any]:
    """The request for one machine-readable vignette, whose names for the changes are its own."""
    changed: dict[str, Any] = {"style": style, "lesions": given.get("lesions", [])}
    changed |= {
        key: given[key] for key in ("fev1", "dlco", "plt", "inr", "ecog", "k", "device", "extra") if key in given
    }
    if "nodes" in given:
        changed["nodes"] = given["nodes"]
    if "priorRT" in given:
        changed["prior_rt"] = given["priorRT"]
    if "n" in given:
        changed["count"] = "innumerable"
    if "primary" in given:
        changed |= {"primary": given["primary"], "resected": None}
    return patient(**changed)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette["id"])
def test_machine_readable_vignette(vignette: dict[str, Any], style: str) -> None:
    explanation = explain(vignette_patient(vignette["in"], style))
    expected = vignette["out"]
    assert letters(explanation) == expected["S"] + expected["B"] + expected["A"]
    for modality, letter in (("hybrid", "H"), ("imrt", "I")):
        assert explanation["therapies"][modality]["result"] == ("CONDITIONAL" if expected[letter] else "NOT_OFFERED")
    found, why = codes(explanation), set(expected["why"])
    allowed = set() if vignette["in"].get("lesions") else WITHOUT_LESIONS
    assert why <= found
    assert found - why <= allowed


THERAPIES = rows("""
    vignette | story                                 | lesions             | changes                                     | SBA | hybrid | imrt | order
    ---------+---------------------------------------+---------------------+---------------------------------------------+-----+--------+------+---------------
    1        | solitary, peripheral                  | 15 R peripheral     |                                             | EEE | no     | no   | ablation, sbrt
    2        | solitary, middle                      | 15 R middle         |                                             | EEE | no     | no   | ablation sbrt
    3        | solitary, medial, near bronchi        | 15 R medial@15      |                                             | EEC | no     | no   | sbrt, ablation
    4        | three on one side                     | 3 x 20 R peripheral |                                             | EEE | no     | no   |
    5        | four on one side                      | 4 x 20 R peripheral |                                             | ECN | no     | no   |
    6        | three and two                         | 3 x 18 R peripheral + 2 x 18 L peripheral |                       | CCE | no     | no   |
    7        | three and three                       | 3 x 18 R peripheral + 3 x 18 L peripheral |                       | CNN | yes    | no   |
    8        | four and one                          | 4 x 18 R peripheral + 1 x 18 L peripheral |                       | CCC | yes    | no   |
    9        | five, sides not recorded              | 5 x 18 ? peripheral |                                             | CCU | yes    | no   |
    10       | 30 mm                                 | 30 R peripheral     |                                             | EEE | no     | no   | ablation, sbrt
    10a      | 30.4 mm is not rounded                | 30.4 R peripheral   |                                             | EEC | no     | no   | sbrt, ablation
    11       | 31 mm                                 | 31 R peripheral     |                                             | EEC | no     | no   | sbrt, ablation
    12       | one of two over 30 mm                 | 31 R peripheral + 12 R peripheral |                               | EEN | no     | no   |
    13       | 50 mm                                 | 50 R peripheral     |                                             | EEC | no     | no   | sbrt, ablation
    14       | 51 mm                                 | 51 R peripheral     |                                             | ENN | no     | yes  |
    15       | CEA at the edge                       | 15 R peripheral     | cea=5.0                                     | EEE | no     | no   | ablation, sbrt
    16       | CEA above the edge                    | 15 R peripheral     | cea=5.1                                     | EEE | no     | no   | ablation, sbrt
    17       | CEA in micrograms per litre           | 15 R peripheral     | cea=4.9; cea_unit=ug/L                      | EEE | no     | no   | ablation, sbrt
    18       | stale CEA                             | 15 R peripheral     | cea=8; cea_date=2025-02-01                  | EEE | no     | no   | ablation, sbrt
    19       | CEA below ten                         | 15 R peripheral     | cea=<10                                     | EEE | no     | no   | ablation, sbrt
    20       | interval of exactly 36 months         | 15 R peripheral     | lung=2025-01-10                             | EEE | no     | no   | ablation, sbrt
    21       | found at staging                      | 15 R peripheral     | lung=2022-01-20; resected=2022-02-10        | EEE | no     | no   | ablation, sbrt
    22       | found at 5.7 months                   | 15 R peripheral     | lung=2022-06-25                             | EEE | no     | no   | ablation, sbrt
    23       | liver, not treatable                  | 15 R peripheral     | extra=untreatable                           | NNN | no     | no   |
    24       | liver, treatable                      | 15 R peripheral     | extra=treatable                             | CCC | no     | no   | ablation, sbrt
    25       | liver resected, no disease since      | 15 R peripheral     | extra=resolved; extra_since=2023-02-01      | EEE | no     | no   | ablation, sbrt
    26       | lung function reduced                 | 15 R peripheral     | fev1=60; dlco=62                            | CEE | no     | no   | ablation, sbrt
    26a      | lung function at the edge             | 15 R peripheral     | fev1=80                                     | CEE | no     | no   | ablation, sbrt
    26b      | lung function just above the edge     | 15 R peripheral     | fev1=80.1; dlco=81                          | EEE | no     | no   | ablation, sbrt
    27       | lung function not recorded            | 15 R peripheral     | fev1=null; dlco=null                        | CEE | no     | no   | ablation, sbrt
    28       | platelets 49                          | 15 R peripheral     | plt=49                                      | EEK | no     | no   | sbrt
    28a      | platelets 50                          | 15 R peripheral     | plt=50                                      | EEE | no     | no   | ablation, sbrt
    29       | INR 1.8                               | 15 R peripheral     | inr=1.8                                     | EEC | no     | no   | sbrt, ablation
    29a      | INR 1.9                               | 15 R peripheral     | inr=1.9                                     | EEK | no     | no   | sbrt
    29b      | INR 1.5                               | 15 R peripheral     | inr=1.5                                     | EEE | no     | no   | ablation, sbrt
    30       | 82 years old                          | 15 R peripheral     | birth=1943-02-02                            | EEE | no     | no   | ablation, sbrt
    31       | two earlier metastasectomies          | 15 R peripheral     | k=2                                         | CEE | no     | no   | ablation, sbrt
    31a      | one earlier metastasectomy            | 15 R peripheral     | k=1                                         | EEE | no     | no   | ablation, sbrt
    32       | stereotactic course, same lobe        | 15 R peripheral     | prior_rt=same_lobe                          | ECE | no     | no   | ablation, sbrt
    32a      | stereotactic course, other lobe       | 15 R peripheral     | prior_rt=other_lobe                         | ECE | no     | no   | ablation, sbrt
    32b      | stereotactic course, other lung       | 15 R peripheral     | prior_rt=other_lung                         | EEE | no     | no   | ablation, sbrt
    32c      | stereotactic course, side unknown     | 15 R peripheral     | prior_rt=unknown                            | ECE | no     | no   | ablation, sbrt
    36       | MDT asked for                         | 15 R peripheral     | mdt_requested=2025-05-20                    | EEE | no     | no   | ablation, sbrt
    41       | a coded metastasis and nothing else   |                     | style=icd10; lung_icd=C78.00; resected=null | UUU | no     | no   |
    42       | innumerable                           |                     | count=innumerable                           | NNN | no     | no   |
    43       | ECOG 3                                | 15 R peripheral     | ecog=3                                      | NCC | no     | no   | ablation, sbrt
    44       | hilar node proven                     | 15 R peripheral     | nodes=positive                              | CCC | no     | no   | ablation, sbrt
    45       | BRAF V600E and MSI-high               | 15 R peripheral     | braf=true; msi=high                         | EEE | no     | no   | ablation, sbrt
    46       | KRAS G12D                             | 15 R peripheral     | ras=p.Gly12Asp                              | EEE | no     | no   | ablation, sbrt
    47       | pacemaker                             | 15 R peripheral     | device=true                                 | EEC | no     | no   | sbrt, ablation
    49       | abdomen and pelvis not imaged         | 15 R peripheral     | extra=null                                  | CCC | no     | no   | ablation, sbrt
    51       | zone not recorded                     | 15 R ?              |                                             | ECC | no     | no   | ablation sbrt
    52       | primary in place, unresectable        | 15 R peripheral     | primary=unresectable; resected=null         | NCC | no     | no   | ablation, sbrt
    53       | status of the primary not recorded    | 15 R peripheral     | primary=null; resected=null                 | UCC | no     | no   | ablation, sbrt
    56       | one day before the 71st birthday      | 15 R peripheral     | birth=1954-06-02                            | EEE | no     | no   | ablation, sbrt
    57       | metastasis dated to the year          | 15 R peripheral     | lung="2022"                                 | EEE | no     | no   | ablation, sbrt
""")  # noqa: E501


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", THERAPIES, ids=lambda row: f"{row['vignette']} {row['story']}")
def test_therapies_of_the_vignette(row: Row, style: str) -> None:
    explanation = explain_row(row, style)
    therapies = explanation["therapies"]
    assert letters(explanation) == row["SBA"]
    assert therapies["hybrid"]["result"] == ("CONDITIONAL" if row["hybrid"] == "yes" else "NOT_OFFERED")
    assert therapies["imrt"]["result"] == ("CONDITIONAL" if row["imrt"] == "yes" else "NOT_OFFERED")
    assert [sorted(rank) for rank in explanation["order"]] == [words(rank) for rank in row["order"].split(",") if rank]


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
