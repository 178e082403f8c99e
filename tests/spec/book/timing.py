"""When: synchronous or metachronous (C-01), and what came first (C-02)."""

from __future__ import annotations

from tests.spec.tables import table

TIMING = table(
    "C-01",
    "Synchronous or metachronous",
    """
    case                                         | diagnosed  | resected   | lung       | timing       | subtype | definitions differ
    ---------------------------------------------+------------+------------+------------+--------------+---------+-------------------
    found before the diagnosis                   | 2022-01-03 | 2022-02-10 | 2021-12-01 | synchronous  | -       | no
    found on the day of diagnosis                | 2022-01-03 | 2022-02-10 | 2022-01-03 | synchronous  | -       | no
    found on the day of the first treatment      | 2022-01-03 | 2022-02-10 | 2022-02-10 | synchronous  | -       | no
    found one day after the first treatment      | 2022-01-03 | 2022-02-10 | 2022-02-11 | metachronous | early   | yes
    day 120 of staging, treated later            | 2022-01-03 | 2022-06-01 | 2022-05-03 | synchronous  | -       | no
    day 121 of staging, treated later            | 2022-01-03 | 2022-06-01 | 2022-05-04 | metachronous | early   | yes
    day 120 of staging, never treated            | 2022-01-03 | -          | 2022-05-03 | synchronous  | -       | no
    day 121 of staging, never treated            | 2022-01-03 | -          | 2022-05-04 | metachronous | -       | yes
    12 months after surgery to the day           | 2022-01-03 | 2022-01-10 | 2023-01-10 | metachronous | early   | no
    12 months and one day after surgery          | 2022-01-03 | 2022-01-10 | 2023-01-11 | metachronous | late    | no
    leap day, 12 months after surgery            | 2024-02-20 | 2024-02-29 | 2025-02-28 | metachronous | early   | no
    diagnosis not recorded                       | -          | 2022-01-10 | 2024-12-01 | unknown      | -       | no
    year of the metastasis, around the diagnosis | 2022-01-03 | 2022-01-10 | 2022       | unknown      | -       | no
    year of the metastasis, before the diagnosis | 2022-01-03 | 2022-01-10 | 2021       | synchronous  | -       | no
    year of the metastasis, around the limit     | 2022-01-03 | 2022-01-10 | 2023       | metachronous | -       | no
    year of the metastasis, long after           | 2022-01-03 | 2022-01-10 | 2024       | metachronous | late    | no
    month of the metastasis, around the limit    | 2022-01-03 | 2022-01-10 | 2023-01    | metachronous | -       | no
    month of the metastasis, before the limit    | 2022-01-03 | 2022-01-10 | 2022-12    | metachronous | early   | yes
    year of the diagnosis, long before           | 2022       | 2022-01-10 | 2024-12-01 | metachronous | late    | no
    year of the diagnosis, around the metastasis | 2024       | 2024-12-20 | 2024-12-01 | unknown      | -       | no
    month of the surgery, around the limit       | 2022-01-03 | 2022-01    | 2023-01-10 | metachronous | -       | no
    """,
    note="By EGOSLIM, the definition in use. ``definitions differ``: at least one other known definition gives another answer.",
)

PRESETS = table(
    "C-01",
    "The four definitions beside each other",
    """
    case                                     | lung       | expected
    -----------------------------------------+------------+---------
    found at the diagnosis                   | 2022-01-03 | classification.timing.labels.egoslim=synchronous; classification.timing.labels.eahpba2023=synchronous; classification.timing.labels.six_months=synchronous; classification.timing.labels.twelve_months=synchronous
    6 months after the diagnosis to the day  | 2022-07-03 | classification.timing.labels.egoslim=metachronous; classification.timing.labels.eahpba2023=metachronous; classification.timing.labels.six_months=synchronous; classification.timing.labels.twelve_months=synchronous
    6 months and one day                     | 2022-07-04 | classification.timing.labels.six_months=metachronous; classification.timing.labels.twelve_months=synchronous
    12 months after the diagnosis to the day | 2023-01-03 | classification.timing.labels.six_months=metachronous; classification.timing.labels.twelve_months=synchronous
    12 months and one day                    | 2023-01-04 | classification.timing.labels.six_months=metachronous; classification.timing.labels.twelve_months=metachronous
    """,
)

FIRST_TREATMENT = table(
    "C-01",
    "The first treatment",
    """
    case                                     | resected   | lung       | changes                    | sources                | timing       | flags                        | no flag
    -----------------------------------------+------------+------------+----------------------------+------------------------+--------------+------------------------------+--------
    chemotherapy first, found before it      | 2022-06-01 | 2022-01-20 | oxaliplatin_on=2022-01-20  |                        | synchronous  |                              | FIRST_TREATMENT_DATE_UNKNOWN
    chemotherapy first, found after it       | 2022-06-01 | 2022-01-21 | oxaliplatin_on=2022-01-20  |                        | metachronous |                              | FIRST_TREATMENT_DATE_UNKNOWN
    procedures could not be read             | 2022-01-10 | 2022-04-01 |                            | procedures=not allowed | synchronous  | FIRST_TREATMENT_DATE_UNKNOWN |
    resection without a date                 | 2022-01-10 | 2022-04-01 | resection_dated=false      |                        | synchronous  | FIRST_TREATMENT_DATE_UNKNOWN |
    never treated                            | -          | 2022-04-01 |                            |                        | synchronous  |                              | FIRST_TREATMENT_DATE_UNKNOWN
    """,
    note="Where the first treatment is not known, the staging window of 120 days decides alone, and a flag says so.",
)

DETECTION = table(
    "C-01",
    "The date of the metastasis",
    """
    case                                     | lesions                                | changes                                        | timing       | interval | flags                 | needs     | no need
    -----------------------------------------+----------------------------------------+------------------------------------------------+--------------+----------+-----------------------+-----------+--------
    onset of the Condition                   | 15 R peripheral                        |                                                | metachronous | 34       |                       |           | LUNG_DATE
    no onset: the earliest imaging           | 15 R peripheral was=2025-04-02:9       | lung=null; lung_icd=C78.01                     | metachronous | 38       |                       |           | LUNG_DATE
    no onset, no imaging: the recorded date  | none                                   | lung=null; lung_recorded=2024-12-09            | metachronous | 34       | DATE_IS_RECORDED_DATE |           |
    no date at all                           | none                                   | lung=null; lung_icd=C78.01                     | unknown      | -        |                       | LUNG_DATE |
    year only                                | 15 R peripheral                        | lung="2024"                                    | metachronous | -        |                       | LUNG_DATE |
    diagnosis of the primary not recorded    | 15 R peripheral                        | dx=null                                        | unknown      | 34       |                       | PRIMARY_DATE |
    """,
)

SEQUENCE = table(
    "C-02",
    "Initial or after other metastases",
    """
    case                                 | elsewhere    | since      | lung       | sources               | sequence
    -------------------------------------+--------------+------------+------------+-----------------------+-------------------
    nothing elsewhere                    | none         |            |            |                       | initial
    nothing elsewhere, Conditions in part | none        |            |            | conditions=incomplete | unknown
    31 days before                       | treatable    | 2024-10-31 |            |                       | non_initial
    30 days before                       | treatable    | 2024-11-01 |            |                       | initial_concurrent
    the same day                         | treatable    | 2024-12-01 |            |                       | initial_concurrent
    30 days after                        | treatable    | 2024-12-31 |            |                       | initial_concurrent
    31 days after                        | treatable    | 2025-01-01 |            |                       | initial
    long before, resected since          | resolved     | 2023-02-01 |            |                       | non_initial
    date not recorded                    | treatable    | -          |            |                       | unknown
    month, all of it in the window       | treatable    | 2024-11    |            |                       | initial_concurrent
    month, all of it before the window   | treatable    | 2024-10    |            |                       | non_initial
    year, on both sides of the window    | treatable    | 2024       |            |                       | unknown
    lung metastasis dated to the year    | treatable    | 2024-12-10 | 2024       |                       | unknown
    before, Conditions in part           | treatable    | 2024-10-31 |            | conditions=incomplete | non_initial
    concurrent, Conditions in part       | treatable    | 2024-12-10 |            | conditions=incomplete | unknown
    """,
)

TABLES = (TIMING, PRESETS, FIRST_TREATMENT, DETECTION, SEQUENCE)
