"""Prognosis: published groups and factors (P-01 to P-04)."""

from __future__ import annotations

from tests.spec.tables import table

SALAH = table(
    "P-01",
    "Salah model",
    """
    case                                       | lesions             | CEA  | CEA on     | lung       | changes                              | CEA factor | interval factor | number factor | factors | group        | 5 years %
    -------------------------------------------+---------------------+------+------------+------------+--------------------------------------+------------+-----------------+---------------+---------+--------------+----------
    none                                       | 15 R peripheral     | 4.9  |            | 2025-01-10 |                                      | false      | false           | false         | 0       | good         | 68.2
    one                                        | 15 R peripheral     | 4.9  |            | 2025-01-09 |                                      | false      | true            | false         | 1       | good         | 68.2
    two                                        | 15 R peripheral     | 5.0  |            | 2025-01-09 |                                      | true       | true            | false         | 2       | intermediate | 46.4
    three                                      | 2 x 15 R peripheral | 5.0  |            | 2025-01-09 |                                      | true       | true            | true          | 3       | high         | 26.1
    CEA 5.1                                    | 15 R peripheral     | 5.1  |            | 2025-01-10 |                                      | true       | false           | false         | 1       | good         | 68.2
    CEA below 5                                | 15 R peripheral     | <5   |            | 2025-01-10 |                                      | false      | false           | false         | 0       | good         | 68.2
    CEA at most 5                              | 15 R peripheral     | <=5  |            | 2025-01-10 |                                      | unknown    | false           | false         | 0       | -            | -
    CEA not recorded                           | 15 R peripheral     | -    |            | 2025-01-10 |                                      | unknown    | false           | false         | 0       | -            | -
    CEA 90 days old                            | 15 R peripheral     | 8    | 2025-03-03 | 2025-01-10 |                                      | true       | false           | false         | 1       | good         | 68.2
    CEA 91 days old                            | 15 R peripheral     | 8    | 2025-03-02 | 2025-01-10 |                                      | unknown    | false           | false         | 0       | -            | -
    interval of exactly 36 months              | 15 R peripheral     |      |            | 2025-01-10 |                                      | false      | false           | false         | 0       | good         | 68.2
    found before the resection                 | 15 R peripheral     |      |            | 2022-01-20 | resected=2022-02-10                  | false      | true            | false         | 1       | good         | 68.2
    synchronous, primary in place              | 15 R peripheral     |      |            | 2022-01-20 | resected=null; primary=resectable    | false      | true            | false         | 1       | good         | 68.2
    metachronous, resection not recorded       | 15 R peripheral     |      |            | 2024-12-01 | resected=null; primary=complete-response | false  | unknown         | false         | 0       | -            | -
    metastasis dated to a year within          | 15 R peripheral     |      |            | 2024       |                                      | false      | true            | false         | 1       | good         | 68.2
    metastasis dated to a year around the limit | 15 R peripheral    |      |            | 2025       |                                      | false      | unknown         | false         | 0       | -            | -
    number not known                           | none                |      |            | 2025-01-10 |                                      | false      | false           | unknown       | 0       | -            | -
    at least two                               | none                |      |            | 2025-01-10 | count=multiple                       | false      | false           | true          | 1       | -            | -
    surgery with caution                       | 15 R peripheral     |      |            | 2025-01-10 | fev1=60                              | false      | false           | false         | 0       | good         | 68.2
    surgery not supported                      | 15 R peripheral     |      |            | 2025-01-10 | ecog=3                               | false      | false           | false         | 0       | -            | -
    surgery not assessable                     | 15 R peripheral     |      |            | 2025-01-10 | primary=null; resected=null          | false      | unknown         | false         | 0       | -            | -
    not confirmed                              | 15 R peripheral     |      |            | 2025-01-10 | lung_certainty=provisional           | false      | false           | false         | 0       | -            | -
    """,
    note="Figures of operated patients of eight studies, never a personal forecast.",
)

SALAH_WORDS = table(
    "P-01",
    "Salah model on the card",
    """
    case                  | lesions             | CEA | changes | cards say                                                | cards never say
    ----------------------+---------------------+-----+---------+----------------------------------------------------------+----------------
    group good            | 15 R peripheral     | 3   |         | five-year survival 68.2 % in operated patients           |
    group intermediate    | 15 R peripheral     | 8   |         | five-year survival 46.4 % in operated patients           |
    group high            | 2 x 15 R peripheral | 8   |         | five-year survival 26.1 % in operated patients           |
    CEA not recorded      | 15 R peripheral     | -   |         | 1-2 of 3 adverse factors; no group while a factor is missing | five-year survival
    surgery not supported | 15 R peripheral     | 3   | ecog=3  |                                                          | Salah; five-year survival
    """,
)

INTERVAL = table(
    "P-03 P-01",
    "Disease-free interval",
    """
    case                             | resected   | lung       | interval | present               | absent                | open
    ---------------------------------+------------+------------+----------+-----------------------+-----------------------+----------------------
    23 months and 30 days            | 2022-01-10 | 2024-01-09 | 23       | disease-free-interval |                       |
    24 months to the day             | 2022-01-10 | 2024-01-10 | 24       |                       | disease-free-interval |
    35 months and 30 days            | 2022-01-10 | 2025-01-09 | 35       |                       | disease-free-interval |
    36 months to the day             | 2022-01-10 | 2025-01-10 | 36       |                       | disease-free-interval |
    found before the resection       | 2022-02-10 | 2022-01-20 | 0        | disease-free-interval |                       |
    found a month after the resection | 2022-02-10 | 2022-03-20 | 1       | disease-free-interval |                       |
    resected on the 31st             | 2022-01-31 | 2022-02-28 | 1        | disease-free-interval |                       |
    metastasis dated to the year     | 2022-01-10 | 2024       | -        |                       |                       | disease-free-interval
    metastasis dated to a month      | 2022-01-10 | 2024-02    | -        |                       | disease-free-interval |
    resection not recorded           | -          | 2024-12-01 | -        |                       |                       | disease-free-interval
    """,
    note="Whole months completed. ``interval`` is given only where every possible date agrees.",
)

CONSENSUS = table(
    "P-03",
    "Factors of the consensus",
    """
    case                                | lesions                                   | changes                            | present                                 | absent                               | open
    ------------------------------------+-------------------------------------------+------------------------------------+-----------------------------------------+--------------------------------------+-----
    one lesion                          | 15 R peripheral                           |                                    |                                         | multiple more-than-four-or-bilateral |
    two on one side                     | 2 x 15 R peripheral                       |                                    | multiple                                | more-than-four-or-bilateral          |
    one on each side                    | 15 R peripheral + 15 L peripheral         |                                    | multiple more-than-four-or-bilateral    |                                      |
    four on one side                    | 4 x 15 R peripheral                       |                                    | multiple                                | more-than-four-or-bilateral          |
    five on one side                    | 5 x 15 R peripheral                       |                                    | multiple more-than-four-or-bilateral    |                                      |
    four, sides not known               | 4 x 15 ? peripheral                       |                                    | multiple                                |                                      | more-than-four-or-bilateral
    number not known                    | none                                      |                                    |                                         |                                      | multiple more-than-four-or-bilateral
    CEA 5.0                             | 15 R peripheral                           | cea=5.0                            |                                         | cea                                  |
    CEA 5.1                             | 15 R peripheral                           | cea=5.1                            | cea                                     |                                      |
    CEA not recorded                    | 15 R peripheral                           | cea=null                           |                                         |                                      | cea
    nodes proven                        | 15 R peripheral                           | nodes=positive                     | nodes                                   |                                      |
    nodes negative                      | 15 R peripheral                           | nodes=negative                     |                                         | nodes                                |
    nodes suspected                     | 15 R peripheral                           | nodes=suspected                    |                                         |                                      | nodes
    nodes not recorded                  | 15 R peripheral                           |                                    |                                         |                                      | nodes
    rectum                              | 15 R peripheral                           | primary_icd=C20; style=plain       | rectal-primary                          |                                      |
    sigmoid                             | 15 R peripheral                           |                                    |                                         | rectal-primary                       |
    rectosigmoid junction               | 15 R peripheral                           | primary_icd=C19; style=plain       |                                         |                                      | rectal-primary
    stage of the primary                | 15 R peripheral                           |                                    |                                         |                                      | primary-stage
    """,
    note="An unweighted list. Size, margin and lobectomy are not read; the stage of the primary is never known here.",
)

DISAGREEMENT = table(
    "P-04 P-03",
    "The interval is worded as reported by some studies",
    """
    case                   | lung       | cards say
    -----------------------+------------+----------
    interval of 23 months  | 2024-01-09 | disease-free interval below 24 months (reported by some studies)
    """,
)

AGE_WORDS = table(
    "P-03",
    "Factors on the card, with their limits",
    """
    case              | lesions             | changes          | cards say
    ------------------+---------------------+------------------+-----------------------
    71 years old      | 15 R peripheral     | birth=1953-01-01 | age above 70
    CEA raised        | 15 R peripheral     | cea=8            | CEA above 5 ng/mL
    on both sides     | 15 R peripheral + 15 L peripheral |    | more than 4 lesions, or both sides
    """,
)

TABLES = (SALAH, SALAH_WORDS, INTERVAL, CONSENSUS, AGE_WORDS, DISAGREEMENT)
