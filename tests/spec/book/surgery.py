"""Surgery: pulmonary metastasectomy (S-01 to S-11)."""

from __future__ import annotations

from tests.spec.tables import table

PRIMARY = table(
    "S-01 X-02",
    "The primary",
    """
    case                        | primary           | resected | surgery | surgery codes  | SBRT | ablation | ablation codes         | needs          | flags
    ----------------------------+-------------------+----------+---------+----------------+------+----------+------------------------+----------------+---------------
    resected with clear margins | r0-resected       |          | E       |                | E    | E        |                        |                |
    complete response           | complete-response | -        | E       |                | E    | E        |                        |                |
    in place, resectable        | resectable        | -        | E       |                | E    | E        |                        |                |
    in place, unresectable      | unresectable      | -        | N       | PRIMARY        | C    | C        | PRIMARY_UNCONTROLLED   |                |
    resected, but uncontrolled  | uncontrolled      |          | N       | PRIMARY        | C    | C        | PRIMARY_UNCONTROLLED   |                |
    not recorded                | -                 | -        | U       | PRIMARY_STATUS | C    | C        | PRIMARY_STATUS_UNKNOWN | PRIMARY_STATUS |
    not recorded, but resected  | -                 |          | E       |                | E    | E        |                        |                | MARGIN_UNKNOWN
    """,
)

ELSEWHERE = table(
    "S-02 R-08 A-12",
    "Disease outside the lung",
    """
    case                             | elsewhere    | abdomen CT | SBA | codes                               | needs
    ---------------------------------+--------------+------------+-----+-------------------------------------+------------------
    none                             | none         |            | EEE |                                     |
    treated, no evidence of disease  | resolved     |            | EEE |                                     |
    active, treatable                | treatable    |            | CCC | EXTRAPULMONARY_TREATABLE            |
    active, not treatable            | untreatable  |            | NNN | EXTRAPULMONARY                      |
    active, treatability not stated  | unstated     |            | CCC | EXTRAPULMONARY_TREATABILITY_UNKNOWN | TREATABILITY
    clinical status not recorded     | undetermined |            | CCC | EXTRAPULMONARY_UNKNOWN              |
    none, abdomen imaged 91 days ago | none         | 2025-03-02 | CCC | EXTRAPULMONARY_UNKNOWN              | CT_ABDOMEN_PELVIS
    none, abdomen never imaged       | none         | -          | CCC | EXTRAPULMONARY_UNKNOWN              | CT_ABDOMEN_PELVIS
    treatable, abdomen never imaged  | treatable    | -          | CCC | EXTRAPULMONARY_TREATABLE            |
    """,
)

NUMBER = table(
    "S-03",
    "Number of lesions",
    """
    case          | lesions                                   | changes           | surgery | surgery codes
    --------------+-------------------------------------------+-------------------+---------+--------------
    one           | 12 R peripheral                           |                   | E       |
    four          | 2 x 12 R peripheral + 2 x 12 L peripheral |                   | E       |
    five          | 3 x 12 R peripheral + 2 x 12 L peripheral |                   | C       | MANY_LESIONS
    ten           | 5 x 12 R peripheral + 5 x 12 L peripheral |                   | C       | MANY_LESIONS
    eleven        | 6 x 12 R peripheral + 5 x 12 L peripheral |                   | N       | DIFFUSE
    innumerable   | none                                      | count=innumerable | N       | DIFFUSE
    multiple      | none                                      | count=multiple    | U       | COUNT
    not known     | none                                      |                   | U       | COUNT
    eleven stated | 12 R peripheral                           | count=11          | N       | DIFFUSE
    """,
    note="There is no numeric ceiling in the guidelines; completeness is the criterion. Above ten is a default of this service.",
)

FITNESS = table(
    "S-05 R-07 A-11",
    "Performance status",
    """
    case                   | ECOG | measured   | SBA | codes          | needs | no need
    -----------------------+------+------------+-----+----------------+-------+--------
    ECOG 0                 | 0    |            | EEE |                |       | ECOG
    ECOG 2                 | 2    |            | EEE |                |       | ECOG
    ECOG 3                 | 3    |            | NCC | ECOG ECOG_POOR |       | ECOG
    ECOG 4                 | 4    |            | NNN | ECOG           |       | ECOG
    not recorded           | -    |            | CCC | ECOG_MISSING   | ECOG  |
    ECOG 1, 90 days old    | 1    | 2025-03-03 | EEE |                |       | ECOG
    ECOG 1, 91 days old    | 1    | 2025-03-02 | CCC | ECOG_MISSING   | ECOG  |
    ECOG 1, of that month  | 1    | 2025-03    | CCC | ECOG_MISSING   | ECOG  |
    ECOG 3, 90 days old    | 3    | 2025-03-03 | NCC | ECOG ECOG_POOR |       |
    ECOG 3, 91 days old    | 3    | 2025-03-02 | CCC | ECOG_STALE     | ECOG  |
    ECOG 4, 91 days old    | 4    | 2025-03-02 | CCC | ECOG_STALE     | ECOG  |
    grade 6 does not exist | 6    |            | CCC | ECOG_MISSING   | ECOG  |
    """,
    given="measured=ecog_on",
)

KARNOFSKY = table(
    "S-05 R-07 A-11",
    "A Karnofsky index instead",
    """
    case          | Karnofsky | SBA | codes
    --------------+-----------+-----+---------------
    Karnofsky 100 | 100       | EEE |
    Karnofsky 80  | 80        | EEE |
    Karnofsky 79  | 79        | EEE |
    Karnofsky 60  | 60        | EEE |
    Karnofsky 59  | 59        | NCC | ECOG ECOG_POOR
    Karnofsky 40  | 40        | NCC | ECOG ECOG_POOR
    Karnofsky 39  | 39        | NNN | ECOG
    """,
    given="ecog=null",
)

KARNOFSKY_WORDS = table(
    "S-05",
    "The ECOG grade that a Karnofsky index stands for",
    """
    case         | Karnofsky | says
    -------------+-----------+-------
    Karnofsky 80 | 80        | ECOG 1
    Karnofsky 79 | 79        | ECOG 2
    Karnofsky 60 | 60        | ECOG 2
    Karnofsky 59 | 59        | ECOG 3
    Karnofsky 40 | 40        | ECOG 3
    Karnofsky 39 | 39        | ECOG 4
    """,
    given="ecog=null",
)

NODES = table(
    "S-06 X-01 P-02",
    "Hilar and mediastinal nodes",
    """
    case                   | nodes     | changes           | SBA | codes          | node status | spread   | needs | no need | says
    -----------------------+-----------+-------------------+-----+----------------+-------------+----------+-------+---------+------------------
    negative               | negative  |                   | EEE |                | negative    | isolated |       | NODES   |
    suspected              | suspected |                   | CEE | NODE_SUSPECTED | suspected   | isolated |       | NODES   |
    proven                 | positive  |                   | CCC | NODE_POSITIVE  | proven      | isolated |       | NODES   | hazard ratio 1.65
    proven, as a Condition | -         | comorbidity=C77.1 | CCC | NODE_POSITIVE  | proven      | isolated |       | NODES   |
    not recorded           | -         |                   | EEE |                | unknown     | isolated | NODES |         |
    """,
)

REPEATED = table(
    "S-07",
    "Earlier lung metastasectomies",
    """
    case                               | operations | changes              | sources                | surgery | surgery codes        | says
    -----------------------------------+------------+----------------------+------------------------+---------+----------------------+-------------------------------------
    none                               | 0          |                      |                        | E       |                      |
    one                                | 1          |                      |                        | E       |                      |
    two                                | 2          |                      |                        | C       | THIRD_METASTASECTOMY | recurrence was more frequent
    three                              | 3          |                      |                        | C       | THIRD_METASTASECTOMY | recurrence was clearly more frequent
    both lungs on one day              | 0          | wedges_on=2024-12-20 |                        | E       |                      |
    both lungs on one day, and another | 1          | wedges_on=2024-12-20 |                        | C       | THIRD_METASTASECTOMY |
    procedures could not be read       | 0          |                      | procedures=not allowed | C       | HISTORY_UNKNOWN      |
    procedures not asked for           | 0          |                      | procedures=not asked   | C       | HISTORY_UNKNOWN      |
    procedures read in part            | 1          |                      | procedures=incomplete  | C       | HISTORY_UNKNOWN      |
    two, procedures read in part       | 2          |                      | procedures=incomplete  | C       | THIRD_METASTASECTOMY |
    read, and nothing there            | 0          |                      | procedures=empty       | E       |                      |
    """,
)

SINGLE_LUNG = table(
    "S-08 A-07",
    "One lung",
    """
    case                          | changes                     | SBA | codes       | flags
    ------------------------------+-----------------------------+-----+-------------+-----------------------
    pneumonectomy                 | pneumonectomy_on=2010-05-05 | CEC | SINGLE_LUNG |
    status code of an absent lung | comorbidity=Z90.2           | EEE |             | LUNG_RESECTION_HISTORY
    """,
    note="The status code may stand for a lobe, so it changes nothing but a flag.",
)

CHEST_CT = table(
    "S-10 X-03",
    "Age of the chest CT",
    """
    case           | chest CT   | SBA | codes    | needs    | no need  | flags    | no flag
    ---------------+------------+-----+----------+----------+----------+----------+---------
    28 days old    | 2025-05-04 | EEE |          |          | CT_CHEST |          | CT_STALE
    29 days old    | 2025-05-03 | EEE |          | CT_CHEST |          |          | CT_STALE
    90 days old    | 2025-03-03 | EEE |          | CT_CHEST |          |          | CT_STALE
    91 days old    | 2025-03-02 | CCC | CT_STALE | CT_CHEST |          | CT_STALE |
    month only     | 2025-03    | CCC | CT_STALE | CT_CHEST |          | CT_STALE |
    none on record | -          | EEE |          | CT_CHEST |          |          | CT_STALE
    """,
)

AGE = table(
    "S-11 R-05 P-03",
    "Age never excludes",
    """
    case                    | birth      | SBA | present | absent | open
    ------------------------+------------+-----+---------+--------+-----
    71 today                | 1954-06-01 | EEE | age     |        |
    71 tomorrow             | 1954-06-02 | EEE |         | age    |
    70 today                | 1955-06-01 | EEE |         | age    |
    year of birth, 70 or 71 | 1954       | EEE |         |        | age
    year of birth, 71 or 72 | 1953       | EEE | age     |        |
    82                      | 1943-02-02 | EEE | age     |        |
    99                      | 1926-02-02 | EEE | age     |        |
    birth date not recorded | -          | EEE |         |        | age
    """,
)

TABLES = (
    PRIMARY,
    ELSEWHERE,
    NUMBER,
    FITNESS,
    KARNOFSKY,
    KARNOFSKY_WORDS,
    NODES,
    REPEATED,
    SINGLE_LUNG,
    CHEST_CT,
    AGE,
)
