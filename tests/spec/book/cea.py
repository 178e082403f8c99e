"""Carcinoembryonic antigen (E-01 to E-10)."""

from __future__ import annotations

from tests.spec.tables import table

UNITS = table(
    "E-01",
    "Units",
    """
    case                         | CEA    | CEA unit | changes          | ng/mL | raised  | CEA factor | problems     | needs
    -----------------------------+--------+----------+------------------+-------+---------+------------+--------------+---------
    ng/mL                        | 4.9    | ng/mL    |                  | 4.9   | false   | false      |              |
    ug/L                         | 6.1    | ug/L     |                  | 6.1   | true    | true       |              |
    ng/L                         | 6100   | ng/L     |                  | 6.1   | true    | true       |              |
    ng/dL                        | 610    | ng/dL    |                  | 6.1   | true    | true       |              |
    mg/L                         | 0.0061 | mg/L     |                  | 6.1   | true    | true       |              |
    pg/mL                        | 6100   | pg/mL    |                  | 6.1   | true    | true       |              |
    without a unit               | 6.1    | -        |                  | -     | unknown | unknown    | UNIT_MISSING | UNIT CEA
    arbitrary units              | 6.1    | [arb'U]/mL |                | -     | unknown | unknown    | UNIT_UNKNOWN | UNIT CEA
    moles                        | 6.1    | nmol/L   |                  | -     | unknown | unknown    | UNIT_UNKNOWN | UNIT CEA
    test in arbitrary units      | 6.1    | ng/mL    | cea_code=19166-8 | -     | unknown | unknown    | UNIT_UNKNOWN | CEA
    test in moles                | 6.1    | ng/mL    | cea_code=19167-6 | -     | unknown | unknown    | UNIT_UNKNOWN | CEA
    """,
)

RAISED = table(
    "E-02 E-03 P-01",
    "Raised, by the consensus (above 5.0) and by Salah (5.0 or more)",
    """
    case            | CEA   | raised  | CEA factor
    ----------------+-------+---------+-----------
    4.9             | 4.9   | false   | false
    5.0             | 5.0   | false   | true
    5.1             | 5.1   | true    | true
    below 5         | <5    | false   | false
    at most 5       | <=5   | false   | unknown
    below 5.1       | <5.1  | unknown | unknown
    below 10        | <10   | unknown | unknown
    above 5         | >5    | true    | true
    at least 5      | >=5   | unknown | true
    above 4.9       | >4.9  | unknown | unknown
    above 1000      | >1000 | true    | true
    not recorded    | -     | unknown | unknown
    """,
)

WHICH = table(
    "E-04",
    "Which results count",
    """
    case                        | changes                    | raised
    ----------------------------+----------------------------+--------
    final                       | cea_status=final           | true
    amended                     | cea_status=amended         | true
    corrected                   | cea_status=corrected       | true
    preliminary                 | cea_status=preliminary     | unknown
    registered                  | cea_status=registered      | unknown
    entered in error            | cea_status=entered-in-error | unknown
    cancelled                   | cea_status=cancelled       | unknown
    status unknown              | cea_status=unknown         | unknown
    by immunoassay              | cea_code=83085-1           | true
    of cerebrospinal fluid      | cea_code=2037-0            | unknown
    of another body fluid       | cea_code=12515-3           | unknown
    of pleural fluid            | cea_code=19169-2           | unknown
    """,
    given="cea=60",
)

AGE = table(
    "E-05",
    "Age",
    """
    case                | CEA on     | state   | raised  | needs | no need | flags        | problems
    --------------------+------------+---------+---------+-------+---------+--------------+---------
    30 days old         | 2025-05-02 | current | true    |       | CEA     |              |
    31 days old         | 2025-05-01 | usable  | true    |       | CEA     |              |
    90 days old         | 2025-03-03 | usable  | true    |       | CEA     |              |
    91 days old         | 2025-03-02 | stale   | unknown | CEA   |         |              |
    in that month       | 2025-03    | stale   | unknown | CEA   |         |              |
    dated tomorrow      | 2025-06-02 | -       | unknown | CEA   |         | FUTURE_DATED | FUTURE_DATED
    10 years old        | 2015-06-01 | stale   | unknown | CEA   |         |              |
    10 years and a day  | 2015-05-31 | -       | unknown | CEA   |         | DATA_TOO_OLD | TOO_OLD
    """,
    given="cea=60",
)

RISING = table(
    "E-06",
    "Rising",
    """
    case                                    | CEA | CEA before                                      | changes         | trend
    ----------------------------------------+-----+-------------------------------------------------+-----------------+--------------
    two rises, by 30 percent and 1 ng/mL    | 13  | 2024-12-01:10 2025-03-01:11                     |                 | rising
    two rises, by 29 percent                | 12.9 | 2024-12-01:10 2025-03-01:11                    |                 | not_rising
    by 30 percent, 1.0 ng/mL                | 3.0 | 2024-12-01:2.0 2025-03-01:2.5                   |                 | rising
    by 50 percent, 0.9 ng/mL                | 2.7 | 2024-12-01:1.8 2025-03-01:2.5                   |                 | not_rising
    by 100 percent, 0.9 ng/mL               | 1.8 | 2024-12-01:0.9 2025-03-01:1.5                   |                 | not_rising
    only one rise                           | 20  | 2024-12-01:10 2025-03-01:10                     |                 | not_rising
    up, then down                           | 20  | 2024-12-01:10 2025-03-01:30                     |                 | not_rising
    falling                                 | 6   | 2024-12-01:9 2025-03-01:7                       |                 | not_rising
    two values, higher                      | 4   | 2025-03-01:2                                    |                 | possible_rise
    two values, lower                       | 2   | 2025-03-01:4                                    |                 | not_rising
    one value                               | 9   |                                                 |                 | unknown
    three values within 12 months           | 20  | 2024-05-15:10 2025-03-01:15                     |                 | rising
    first of three a day before             | 20  | 2024-05-14:10 2025-03-01:15                     |                 | possible_rise
    earlier values of another assay         | 20  | 2024-12-01:10 2025-03-01:15                     | cea_assays=true | unknown
    one of three with a comparator          | 20  | 2024-12-01:<10 2025-03-01:15                    |                 | possible_rise
    last value 91 days old                  | 20  | 2024-09-01:10 2024-12-01:15                     | cea_date=2025-03-02 | unknown
    """,
    note="A series is judged only while its last value may be used.",
)

PERSISTENT = table(
    "E-07",
    "Persistently raised",
    """
    case                           | CEA | CEA before                    | changes             | persistent
    -------------------------------+-----+-------------------------------+---------------------+-----------
    two, 28 days apart             | 6   | 2025-04-17:7                  |                     | true
    two, 27 days apart             | 6   | 2025-04-18:7                  |                     | false
    5.1 and 5.1                    | 5.1 | 2025-04-01:5.1                |                     | true
    5.0 and 5.1                    | 5.1 | 2025-04-01:5.0                |                     | false
    one not raised between         | 6   | 2025-01-10:7 2025-03-10:5.0   |                     | false
    one of 5.1 between             | 6   | 2025-01-10:7 2025-03-10:5.1   |                     | true
    one below 10 between           | 6   | 2025-01-10:7 2025-03-10:<10   |                     | unknown
    last not raised                | 4   | 2025-01-10:7 2025-03-10:8     |                     | false
    one value                      | 9   |                               |                     | unknown
    last value 91 days old         | 9   | 2024-12-01:8                  | cea_date=2025-03-02 | unknown
    """,
)

CONFOUNDED = table(
    "E-08",
    "After surgery, and early in oxaliplatin",
    """
    case                                       | changes                    | CEA before                   | raised  | trend
    -------------------------------------------+----------------------------+------------------------------+---------+------
    27 days after lung surgery                 | lung_surgery_on=2025-04-18 |                              | unknown |
    28 days after lung surgery                 | lung_surgery_on=2025-04-17 |                              | true    |
    before lung surgery                        | lung_surgery_on=2025-05-16 |                              | true    |
    27 days after resection of the primary     | resected=2025-04-18; dx=2025-04-01; lung=2025-04-01 |     | unknown |
    28 days after resection of the primary     | resected=2025-04-17; dx=2025-04-01; lung=2025-04-01 |     | true    |
    day 42 of oxaliplatin                      | oxaliplatin_on=2025-04-03  |                              | unknown |
    day 43 of oxaliplatin                      | oxaliplatin_on=2025-04-02  |                              | true    |
    before oxaliplatin                         | oxaliplatin_on=2025-05-16  |                              | true    |
    earlier value after an earlier operation   | lung_surgery_on=2025-02-20; wedges_on=2025-01-05 | 2025-01-20:50 2025-04-01:55 | true | possible_rise
    """,
    given="cea=60",
    note="A value that is left out is left out of the series too.",
)

WORDS = table(
    "E-09 E-10",
    "What CEA is not",
    """
    case                               | lesions                      | changes                             | population | cards say                       | cards
    -----------------------------------+------------------------------+-------------------------------------+------------+---------------------------------+------
    suspected lesion, normal CEA       | 14 R peripheral unproven     | lung_certainty=provisional          | suspected  | normal CEA does not exclude metastasis | warning
    nothing in the lung, CEA 60        | none                         | lung=null; cea=60                   | out        |                                 | none
    nothing in the lung, CEA rising    | none                         | lung=null; cea=60; cea_before=2024-12-01:10 2025-03-01:20 | out |              | none
    """,
)

TABLES = (UNITS, RAISED, WHICH, AGE, RISING, PERSISTENT, CONFOUNDED, WORDS)
