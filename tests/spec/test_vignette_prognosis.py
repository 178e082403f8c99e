"""CEA and prognosis of the vignettes."""

from __future__ import annotations

import pytest

from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.tables import STYLES, Row, changes, rows, words
from tests.spec.vignettes import explain_row

PROGNOSIS = rows("""
    vignette | lesions             | changes                              | elevated | cea factor | interval factor | multiple | range | group        | percent
    ---------+---------------------+--------------------------------------+----------+------------+-----------------+----------+-------+--------------+--------
    1        | 15 R peripheral     |                                      | false    | false      | true            | false    | 1 1   | good         | 68.2
    4        | 3 x 20 R peripheral |                                      | false    | false      | true            | true     | 2 2   | intermediate | 46.4
    15       | 15 R peripheral     | cea=5.0                              | false    | true       | true            | false    | 2 2   | intermediate | 46.4
    16       | 15 R peripheral     | cea=5.1                              | true     | true       | true            | false    | 2 2   | intermediate | 46.4
    16a      | 3 x 20 R peripheral | cea=5.1                              | true     | true       | true            | true     | 3 3   | high         | 26.1
    17       | 15 R peripheral     | cea=4.9; cea_unit=ug/L               | false    | false      | true            | false    | 1 1   | good         | 68.2
    18       | 15 R peripheral     | cea=8; cea_date=2025-02-01           | unknown  | unknown    | true            | false    | 1 2   |              |
    18a      | 15 R peripheral     | cea=8; cea_date=2025-03-03           | true     | true       | true            | false    | 2 2   | intermediate | 46.4
    18b      | 15 R peripheral     | cea=8; cea_date=2025-03-02           | unknown  | unknown    | true            | false    | 1 2   |              |
    19       | 15 R peripheral     | cea=<10                              | unknown  | unknown    | true            | false    | 1 2   |              |
    19a      | 15 R peripheral     | cea=<5                               | false    | false      | true            | false    | 1 1   | good         | 68.2
    19b      | 15 R peripheral     | cea=<=5                              | false    | unknown    | true            | false    | 1 2   |              |
    19c      | 15 R peripheral     | cea=>5                               | true     | true       | true            | false    | 2 2   | intermediate | 46.4
    19d      | 15 R peripheral     | cea=>=5                              | unknown  | true       | true            | false    | 2 2   | intermediate | 46.4
    19e      | 15 R peripheral     | cea=null                             | unknown  | unknown    | true            | false    | 1 2   |              |
    20       | 15 R peripheral     | lung=2025-01-10                      | false    | false      | false           | false    | 0 0   | good         | 68.2
    20a      | 15 R peripheral     | lung=2025-01-09                      | false    | false      | true            | false    | 1 1   | good         | 68.2
    21       | 15 R peripheral     | lung=2022-01-20; resected=2022-02-10 | false    | false      | true            | false    | 1 1   | good         | 68.2
    23       | 15 R peripheral     | extra=untreatable                    | false    | false      | true            | false    | 1 1   |              |
    41       |                     | style=icd10; lung_icd=C78.00         | unknown  | unknown    | unknown         | unknown  | 0 3   |              |
    53       | 15 R peripheral     | primary=null; resected=null          | false    | false      | unknown         | false    | 0 1   |              |
    57       | 15 R peripheral     | lung="2022"                          | false    | false      | true            | false    | 1 1   | good         | 68.2
""")  # noqa: E501


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", PROGNOSIS, ids=lambda row: row["vignette"])
def test_cea_and_salah_of_the_vignette(row: Row, style: str) -> None:
    explanation = explain_row(row, style)
    salah = explanation["prognosis"]["salah"]
    assert explanation["cea"]["elevated"] == row["elevated"]
    assert salah["factors"] == {
        "cea": row["cea factor"],
        "diseaseFreeInterval": row["interval factor"],
        "multiple": row["multiple"],
    }
    assert salah["range"] == [int(word) for word in words(row["range"])]
    assert salah["count"] == salah["range"][0]
    assert (salah["group"] or "") == row["group"]
    assert salah["fiveYearSurvivalPercent"] == (float(row["percent"]) if row["percent"] else None)


CONSENSUS = rows("""
    vignette | changes                                       | factor                | present
    ---------+-----------------------------------------------+-----------------------+--------
    15       | cea=5.0                                       | cea                   | no
    16       | cea=5.1                                       | cea                   | yes
    30       | birth=1943-02-02                              | age                   | yes
    56       | birth=1954-06-02                              | age                   | no
    56a      | birth=1954-06-01                              | age                   | yes
    44       | nodes=positive                                | nodes                 | yes
    21       | lung=2022-01-20; resected=2022-02-10          | disease-free-interval | yes
    20       | lung=2025-01-10                               | disease-free-interval | no
    20b      | lung=2024-01-10                               | disease-free-interval | no
    20c      | lung=2024-01-09                               | disease-free-interval | yes
    1        | primary_icd=C20                               | rectal-primary        | yes
    1a       |                                               | rectal-primary        | no
    1b       |                                               | multiple              | no
""")


@pytest.mark.parametrize("row", CONSENSUS, ids=lambda row: row["vignette"])
def test_consensus_factor_of_the_vignette(row: Row) -> None:
    factors = explain(patient(**changes(row["changes"])))["prognosis"]["consensusFactors"]
    assert (row["factor"] in factors["present"]) is (row["present"] == "yes")
    assert row["factor"] not in factors["unknown"]
