"""Single rules at their edges, each through the whole core: both sides of the edge, and every way of not knowing.

``SBA`` are the results of surgery, SBRT and ablation, ``codes`` exactly the reason codes of the three, notes left out.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.tables import STYLES, Row, rows, words
from tests.spec.vignettes import LESION, codes, explain_row, letters

RULES = rows("""
    rule       | story                              | lesions              | changes                                        | SBA | codes
    -----------+------------------------------------+----------------------+------------------------------------------------+-----+------
    G-02       | birth date not recorded            | 15 R peripheral      | birth=null                                     | EEE |
    G-04       | palliative care without hospice    | 15 R peripheral      | palliative=true                                | EEE |
    G-08       | breast cancer                      | 15 R peripheral      | second_cancer=C50.911                          | UUU | ORIGIN_UNCERTAIN
    G-08       | lung cancer                        | 15 R peripheral      | second_cancer=C34.90                           | UUU | ORIGIN_UNCERTAIN
    G-09       | pregnancy                          | 15 R peripheral      | pregnant=true                                  | CCC | PREGNANCY
    S-01       | primary in complete response       | 15 R peripheral      | primary=complete-response                      | EEE |
    S-01       | primary resectable                 | 15 R peripheral      | primary=resectable                             | EEE |
    S-01, X-02 | primary uncontrolled               | 15 R peripheral      | primary=uncontrolled                           | NCC | PRIMARY PRIMARY_UNCONTROLLED
    S-02       | liver, treatability not stated     | 15 R peripheral      | extra=unstated                                 | CCC | EXTRAPULMONARY_TREATABILITY_UNKNOWN
    S-03       | ten lesions                        | 5 x 9 R peripheral + 5 x 9 L peripheral | count=null                  | CNN | MANY_LESIONS N_GT5 BILATERAL_GT5
    S-03       | eleven lesions                     | 6 x 9 R peripheral + 5 x 9 L peripheral |                             | NNN | DIFFUSE N_GT5 BILATERAL_GT5
    S-04       | DLCO alone at the edge             | 15 R peripheral      | dlco=80                                        | CEE | NEEDS_CPET
    S-04       | one low, the other missing         | 15 R peripheral      | fev1=60; dlco=null                             | CEE | NEEDS_CPET PFT_MISSING
    S-04       | one good, the other missing        | 15 R peripheral      | fev1=95; dlco=null                             | CEE | PFT_MISSING
    S-04       | uptake just above the range        | 15 R peripheral      | fev1=60; vo2=20.1                              | EEE |
    S-04       | uptake at the top of the range     | 15 R peripheral      | fev1=60; vo2=20                                | CEE | PPO_NEEDED
    S-04       | uptake at the bottom of the range  | 15 R peripheral      | fev1=60; vo2=10                                | CEE | PPO_NEEDED
    S-04       | tests 180 days old                 | 15 R peripheral      | pft_on=2024-12-03                              | EEE |
    S-04       | tests 181 days old                 | 15 R peripheral      | pft_on=2024-12-02                              | CEE | PFT_MISSING
    S-05       | ECOG 0                             | 15 R peripheral      | ecog=0                                         | EEE |
    S-05       | ECOG 2                             | 15 R peripheral      | ecog=2                                         | EEE |
    R-07, A-11 | ECOG 4                             | 15 R peripheral      | ecog=4                                         | NNN | ECOG
    S-05       | ECOG not recorded                  | 15 R peripheral      | ecog=null                                      | CCC | ECOG_MISSING
    S-05       | ECOG 1, 90 days old                | 15 R peripheral      | ecog_on=2025-03-03                             | EEE |
    S-05       | ECOG 1, 91 days old                | 15 R peripheral      | ecog_on=2025-03-02                             | CCC | ECOG_MISSING
    S-05       | ECOG 3, 91 days old                | 15 R peripheral      | ecog=3; ecog_on=2025-03-02                     | CCC | ECOG_STALE
    S-06       | nodes negative                     | 15 R peripheral      | nodes=negative                                 | EEE |
    S-06       | nodes suspected                    | 15 R peripheral      | nodes=suspected                                | CEE | NODE_SUSPECTED
    S-07       | three earlier metastasectomies     | 15 R peripheral      | k=3                                            | CEE | THIRD_METASTASECTOMY
    S-08, A-07 | one lung                           | 15 R peripheral      | pneumonectomy_on=2010-05-05                    | CEC | SINGLE_LUNG
    S-09       | stated resectable                  | 15 R peripheral      | statement=resectable                           | EEE |
    S-09       | stated potentially resectable      | 15 R peripheral      | statement=potentially-resectable               | CEE | STATED_POTENTIALLY_RESECTABLE
    S-09       | stated technically unresectable    | 15 R peripheral      | statement=unresectable-technical               | NEE | STATED_UNRESECTABLE
    S-09       | stated medically unresectable      | 15 R peripheral      | statement=unresectable-medical                 | NEE | STATED_UNRESECTABLE
    S-09       | statement 90 days old              | 15 R peripheral      | statement=unresectable-technical; statement_on=2025-03-03 | NEE | STATED_UNRESECTABLE
    S-09       | statement 91 days old              | 15 R peripheral      | statement=unresectable-technical; statement_on=2025-03-02 | CEE | STATEMENT_STALE
    R-03, A-03 | central                            | 15 R central         |                                                | EEC | HEAT_SINK_OR_AIRWAY
    R-03, A-03 | ultracentral                       | 15 R ultracentral    |                                                | ECC | ULTRACENTRAL HEAT_SINK_OR_AIRWAY
    C-06       | called peripheral, 10 mm away      | 15 R peripheral@10   |                                                | ECC | ULTRACENTRAL HEAT_SINK_OR_AIRWAY
    C-06       | called peripheral, 10.1 mm away    | 15 R peripheral@10.1 |                                                | EEC | HEAT_SINK_OR_AIRWAY
    C-06       | called peripheral, 20 mm away      | 15 R peripheral@20   |                                                | EEC | HEAT_SINK_OR_AIRWAY
    C-06       | called peripheral, 20.1 mm away    | 15 R peripheral@20.1 |                                                | EEE |
    C-06       | no zone, 25 mm away                | 15 R ?@25            |                                                | EEC | ZONE_UNKNOWN
    R-06, A-08 | interstitial lung disease          | 15 R peripheral      | comorbidity=J84.10                             | ECC | ILD
    R-06       | FEV1 29 percent                    | 15 R peripheral      | fev1=29                                        | CCE | NEEDS_CPET LOW_LUNG_FUNCTION
    R-06       | FEV1 30 percent                    | 15 R peripheral      | fev1=30                                        | CEE | NEEDS_CPET
    A-08       | emphysema                          | 15 R peripheral      | comorbidity=J43.9                              | EEC | EMPHYSEMA
    A-08       | home oxygen                        | 15 R peripheral      | comorbidity=Z99.81                             | EEC | HOME_OXYGEN
    A-08       | pulmonary hypertension             | 15 R peripheral      | comorbidity=I27.20                             | EEC | PULMONARY_HYPERTENSION
    A-01       | four, sides not recorded           | 4 x 12 ? peripheral  |                                                | ECU | N_4_5 LATERALITY
    A-01       | three, sides not recorded          | 3 x 12 ? peripheral  |                                                | EEE |
    A-01       | six, sides not recorded            | 6 x 12 ? peripheral  |                                                | CNN | MANY_LESIONS N_GT5 COUNT
    A-02       | below 30 mm                        | <30 R peripheral     |                                                | EEE |
    A-02       | below 31 mm                        | <31 R peripheral     |                                                | EEC | SIZE
    A-02       | above 30 mm                        | >30 R peripheral     |                                                | EUU | SIZE
    A-02       | above 50 mm                        | >50 R peripheral     |                                                | ENN | SIZE_GT50
    A-02       | below 60 mm                        | <60 R peripheral     |                                                | EUU | SIZE
    A-02       | 51 mm among two                    | 51 R peripheral + 12 R peripheral |                                   | ENN | SIZE_GT50
    A-04       | low platelets, stale               | 15 R peripheral      | plt=49; coag_on=2025-05-01                     | EEK | PLATELETS
    A-04       | good platelets, stale              | 15 R peripheral      | coag_on=2025-05-01                             | EEE |
    A-04       | platelets not recorded             | 15 R peripheral      | plt=null                                       | EEE |
    A-04       | platelets below 50                 | 15 R peripheral      | plt=<50                                        | EEK | PLATELETS
    A-05       | INR 1.51                           | 15 R peripheral      | inr=1.51                                       | EEC | INR
    A-05       | INR above the range, stale         | 15 R peripheral      | inr=2.4; coag_on=2025-05-01                    | EEK | INR
    A-06       | warfarin                           | 15 R peripheral      | anticoagulant=true                             | EEC | HOLD_PLAN
    A-10       | fever                              | 15 R peripheral      | temperature=38.6                               | EEK | INFECTION
    A-10       | 38.5 degrees                       | 15 R peripheral      | temperature=38.5                               | EEE |
""")  # noqa: E501


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", RULES, ids=lambda row: f"{row['rule']} {row['story']}")
def test_rule(row: Row, style: str) -> None:
    explanation = explain_row(row, style)
    assert letters(explanation) == row["SBA"]
    assert codes(explanation) == set(words(row["codes"]))


STALE = [
    ("90 days", "2025-03-03", "EEE", set()),
    ("91 days", "2025-03-02", "CCC", {"CT_STALE"}),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("on", "expected", "why"), [case[1:] for case in STALE], ids=[case[0] for case in STALE])
def test_age_of_the_ct(on: str, expected: str, why: set[str], style: str) -> None:
    """S-10, X-03."""
    explanation = explain(patient(style=style, chest_ct=on, lesions=[LESION | {"date": on}]))
    assert letters(explanation) == expected
    assert codes(explanation) == why
    assert "CT_CHEST" in {need["code"] for need in explanation["needs"]}


NEEDS = rows("""
    story                    | lesions         | changes                      | need              | asked
    -------------------------+-----------------+------------------------------+-------------------+------
    platelets not recorded   | 15 R peripheral | plt=null                     | PLATELETS         | yes
    platelets 31 days old    | 15 R peripheral | coag_on=2025-05-01           | PLATELETS         | yes
    platelets 30 days old    | 15 R peripheral | coag_on=2025-05-02           | PLATELETS         | no
    INR not recorded         | 15 R peripheral | inr=null                     | INR               | yes
    CEA 91 days old          | 15 R peripheral | cea_date=2025-03-02          | CEA               | yes
    CEA 90 days old          | 15 R peripheral | cea_date=2025-03-03          | CEA               | no
    ECOG not recorded        | 15 R peripheral | ecog=null                    | ECOG              | yes
    exercise test            | 15 R peripheral | fev1=60                      | CPET              | yes
    lung function            | 15 R peripheral | fev1=null; dlco=null         | PFT               | yes
    abdomen 91 days ago      | 15 R peripheral | abdomen_ct=2025-03-02        | CT_ABDOMEN_PELVIS | yes
    abdomen 90 days ago      | 15 R peripheral | abdomen_ct=2025-03-03        | CT_ABDOMEN_PELVIS | no
    treatability             | 15 R peripheral | extra=unstated               | TREATABILITY      | yes
    nothing tested           | 15 R peripheral |                              | MOLECULAR         | yes
    nodes negative           | 15 R peripheral | nodes=negative               | NODES             | no
    size                     | ? R peripheral  |                              | LESION_SIZE       | yes
    radiotherapy, site known | 15 R peripheral | prior_rt=same_lobe           | RT_HISTORY        | no
    radiotherapy, unknown    | 15 R peripheral | prior_rt=unknown             | RT_HISTORY        | yes
    chest CT 28 days ago     | 15 R peripheral | chest_ct=2025-05-12          | CT_CHEST          | no
""")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", NEEDS, ids=lambda row: row["story"])
def test_need(row: Row, style: str) -> None:
    asked = {need["code"] for need in explain_row(row, style)["needs"]}
    assert (row["need"] in asked) is (row["asked"] == "yes")


OFFERED = rows("""
    rule | story                                | lesions                                   | changes           | hybrid | imrt
    -----+--------------------------------------+-------------------------------------------+-------------------+--------+-----
    H-01 | ablation blocked by platelets        | 3 x 18 R peripheral + 3 x 18 L peripheral | plt=49            | no     | no
    H-01 | ten lesions                          | 5 x 9 R peripheral + 5 x 9 L peripheral   |                   | yes    | no
    H-01 | eleven lesions                       | 6 x 9 R peripheral + 5 x 9 L peripheral   |                   | no     | no
    H-01 | no lesion fit for ablation           | 3 x 31 R peripheral + 3 x 31 L peripheral |                   | no     | no
    I-01 | one of five over 50 mm               | 51 R peripheral + 2 x 12 R peripheral + 2 x 12 L peripheral |  | yes   | yes
    I-01 | six lesions, one over 50 mm          | 51 R peripheral + 5 x 12 L peripheral     |                   | yes    | no
    I-01 | over 50 mm, liver not treatable      | 51 R peripheral                           | extra=untreatable | no     | no
""")  # noqa: E501


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", OFFERED, ids=lambda row: row["story"])
def test_hybrid_and_imrt(row: Row, style: str) -> None:
    therapies = explain_row(row, style)["therapies"]
    for modality in ("hybrid", "imrt"):
        assert therapies[modality]["result"] == ("CONDITIONAL" if row[modality] == "yes" else "NOT_OFFERED")


SERIES: list[tuple[str, list[tuple[str, object]], object, str, str]] = [
    (
        "rising: two rises, by 30 percent and 1 ng/mL",
        [("2024-12-01", 2.0), ("2025-03-01", 2.6)],
        3.0,
        "rising",
        "false",
    ),
    ("rise too small", [("2024-12-01", 2.0), ("2025-03-01", 2.5)], 2.9, "not_rising", "false"),
    ("two values only", [("2025-03-01", 2.0)], 4.0, "possible_rise", "false"),
    ("falling", [("2024-12-01", 9), ("2025-03-01", 7)], 6, "not_rising", "true"),
    ("elevated 28 days apart", [("2025-04-17", 7)], 6, "not_rising", "true"),
    ("elevated 27 days apart", [("2025-04-18", 7)], 6, "not_rising", "false"),
    ("normal between", [("2025-01-10", 7), ("2025-03-10", 5.0)], 6, "not_rising", "false"),
]


@pytest.mark.parametrize(
    ("before", "latest", "trend", "persistent"), [case[1:] for case in SERIES], ids=[case[0] for case in SERIES]
)
def test_cea_series(before: list[tuple[str, object]], latest: object, trend: str, persistent: str) -> None:
    """E-06, E-07."""
    cea: dict[str, Any] = explain(patient(cea_before=before, cea=latest))["cea"]
    assert (cea["trend"], cea["persistent"]) == (trend, persistent)


UNREAD = rows("""
    key            | SBA | code              | need
    ---------------+-----+-------------------+------------------
    procedures     | CEE | HISTORY_UNKNOWN   |
    reports        | CCC | EXTRAPULMONARY_UNKNOWN | CT_ABDOMEN_PELVIS
    requests       | EEE |                   |
    medications    | EEE |                   |
""")


@pytest.mark.parametrize("row", UNREAD, ids=lambda row: row["key"])
def test_source_that_was_not_read(row: Row) -> None:
    request = patient()
    del request["prefetch"][row["key"]]
    explanation = explain(request)
    assert explanation["sources"][row["key"]]["state"] == "not_asked"
    assert letters(explanation) == row["SBA"]
    assert codes(explanation) == set(words(row["code"]))
    assert set(words(row["need"])) <= {need["code"] for need in explanation["needs"]}


def test_pneumonectomy_status_alone_changes_nothing() -> None:
    """S-08: Z90.2 may stand for a lobe."""
    explanation = explain(patient(comorbidity="Z90.2"))
    assert letters(explanation) == "EEE"
    assert "LUNG_RESECTION_HISTORY" in explanation["flags"]


def test_prohibitive_oxygen_uptake() -> None:
    """S-04: whatever the rest."""
    for fev1 in (60, 95):
        explanation = explain(patient(fev1=fev1, vo2=9.9))
        assert letters(explanation) == "NEE"
        assert "VO2_PROHIBITIVE" in codes(explanation, "surgery")


def test_zone_conflict_is_flagged() -> None:
    """C-06: the distance decides, and the disagreement is said."""
    explanation = explain(patient(lesions=[LESION | {"to_bronchi_mm": 8}]))
    lesion = explanation["lesions"][0]
    assert "ZONE_CONFLICT" in {*explanation["flags"], *lesion["flags"]}
    assert explanation["order"] == [["sbrt"], ["ablation"]]


def test_vessel_alone_is_medial_without_a_central_note() -> None:
    explanation = explain(patient(lesions=[LESION | {"near": True}]))
    assert letters(explanation) == "EEC"
    assert codes(explanation, "ablation") == {"HEAT_SINK_OR_AIRWAY"}
    assert "CENTRAL_RISK" not in {reason["code"] for reason in explanation["therapies"]["sbrt"]["reasons"]}
    assert explanation["order"] == [["sbrt"], ["ablation"]]
