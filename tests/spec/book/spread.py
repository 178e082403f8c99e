"""How much and how far: spread (C-03), number and sides (C-04), oligometastatic (C-05)."""

from __future__ import annotations

from tests.spec.tables import table

SPREAD = table(
    "C-03",
    "Isolated to the lung or not",
    """
    case                                          | elsewhere    | abdomen CT | changes            | sources               | spread       | prior | flags                | needs
    ----------------------------------------------+--------------+------------+--------------------+-----------------------+--------------+-------+----------------------+------------------
    nothing elsewhere, abdomen imaged 90 days ago | none         | 2025-03-03 |                    |                       | isolated     | no    |                      |
    nothing elsewhere, abdomen imaged 91 days ago | none         | 2025-03-02 |                    |                       | unknown      | no    |                      | CT_ABDOMEN_PELVIS
    nothing elsewhere, imaged in that month       | none         | 2025-03    |                    |                       | unknown      | no    |                      | CT_ABDOMEN_PELVIS
    nothing elsewhere, abdomen never imaged       | none         | -          |                    |                       | unknown      | no    |                      | CT_ABDOMEN_PELVIS
    nothing elsewhere, reports could not be read  | none         |            |                    | reports=not allowed   | unknown      | no    |                      | CT_ABDOMEN_PELVIS
    nothing elsewhere, Conditions in part         | none         |            |                    | conditions=incomplete | unknown      | no    |                      |
    active liver metastasis                       | treatable    |            |                    |                       | non_isolated | no    |                      |
    active liver metastasis, abdomen never imaged | untreatable  | -          |                    |                       | non_isolated | no    |                      |
    liver metastasis without clinical status      | undetermined |            |                    |                       | unknown      | no    |                      |
    liver metastasis in remission                 | resolved     |            |                    |                       | isolated     | yes   | PRIOR_EXTRAPULMONARY |
    in remission, abdomen imaged 91 days ago      | resolved     | 2025-03-02 |                    |                       | unknown      | yes   | PRIOR_EXTRAPULMONARY | CT_ABDOMEN_PELVIS
    pleural metastasis                            | none         |            | comorbidity=C78.2  |                       | non_isolated | no    |                      |
    malignant pleural effusion                    | none         |            | comorbidity=J91.0  |                       | non_isolated | no    |                      |
    peritoneal metastasis                         | none         |            | comorbidity=C78.6  |                       | non_isolated | no    |                      |
    bone metastasis                               | none         |            | comorbidity=C79.51 |                       | non_isolated | no    |                      |
    hilar or mediastinal nodes                    | none         |            | comorbidity=C77.1  |                       | isolated     | no    |                      |
    recurrence of the primary                     | none         |            | primary=uncontrolled |                     | isolated     | no    |                      |
    metastasis without its site                   | none         |            | comorbidity=C79.9  |                       | unknown      | no    | METASTASIS_SITE_UNKNOWN |
    """,
)

NUMBER = table(
    "C-04",
    "Number of lesions",
    """
    case                                       | lesions                                                                | changes                      | sources                     | number   | n | at least | too small | flags          | no flag                       | needs
    -------------------------------------------+------------------------------------------------------------------------+------------------------------+-----------------------------+----------+---+----------+-----------+----------------+-------------------------------+------
    one                                        | 15 R peripheral                                                        |                              |                             | solitary | 1 | 1        | 0         |                | COUNT_CONFLICT COUNT_OUTDATED |
    two                                        | 15 R peripheral + 9 L middle                                           |                              |                             | multiple | 2 | 2        | 0         |                | COUNT_CONFLICT                |
    serial measurements of one                 | 15 R peripheral was=2024-12-01:9 was=2025-02-15:12                     |                              |                             | solitary | 1 | 1        | 0         |                |                               |
    stated count above the list                | 15 R peripheral                                                        | count=3                      |                             | multiple | 3 | 3        | 0         | COUNT_CONFLICT |                               | LATERALITY
    stated count below the list                | 15 R peripheral + 9 L middle                                           | count=1                      |                             | multiple | 2 | 2        | 0         | COUNT_CONFLICT |                               |
    stated count equal to the list             | 15 R peripheral + 9 L middle                                           | count=2                      |                             | multiple | 2 | 2        | 0         |                | COUNT_CONFLICT                |
    stated count, no lesion described          | none                                                                   | count=4                      |                             | multiple | 4 | 4        | 0         |                |                               | LATERALITY
    stated count includes the tiny nodules     | 3 x 12 R peripheral + 2 x 4 R peripheral unproven                      | count=5                      |                             | multiple | 3 | 3        | 2         |                | COUNT_CONFLICT                |
    stated before a lesion was ablated         | 15 R peripheral                                                        | count=3; count_on=2025-04-01; ablated_on=2025-05-01 |      |          |   |          |           | COUNT_OUTDATED |                               |
    three, and two below 6 mm                  | 3 x 12 R peripheral + 2 x 4 R peripheral unproven                      |                              |                             | multiple | 3 | 3        | 2         |                |                               |
    the two are proven later                   | 3 x 12 R peripheral + 2 x 4 R peripheral                               |                              |                             | multiple | 5 | 5        | 0         |                |                               |
    said to be multiple                        | none                                                                   | count=multiple               |                             | multiple | - | 2        | 0         |                |                               | COUNT
    said to be innumerable                     | none                                                                   | count=innumerable            |                             | multiple | - | 6        | 0         |                |                               | COUNT
    said to be miliary                         | none                                                                   | count=miliary                |                             | multiple | - | 6        | 0         |                |                               | COUNT
    one described, said to be innumerable      | 15 R peripheral                                                        | count=innumerable            |                             | multiple | - | 6        | 0         | COUNT_CONFLICT |                               | COUNT
    nothing described, nothing stated          | none                                                                   |                              |                             | unknown  | - | 1        | 0         |                |                               | COUNT
    list of lesions cut short                  | 15 R peripheral                                                        |                              | imaging-findings=incomplete | unknown  | - | 1        | 0         |                |                               | COUNT
    list cut short, and four stated            | 15 R peripheral                                                        | count=4                      | imaging-findings=incomplete |          |   | 4        | 0         |                |                               |
    """,
    styles=("mcode",),
)

SIDES = table(
    "C-04",
    "Sides",
    """
    case                              | lesions                                             | changes            | sides      | needs      | no need
    ----------------------------------+-----------------------------------------------------+--------------------+------------+------------+-----------
    two on the right                  | 15 R peripheral + 9 R middle                        |                    | unilateral |            | LATERALITY
    one on each side                  | 15 R peripheral + 9 L middle                        |                    | bilateral  |            | LATERALITY
    one on the right, one not known   | 15 R peripheral + 9 ? middle                        |                    | unknown    | LATERALITY |
    both sides, and one not known     | 15 R peripheral + 9 L middle + 9 ? middle           |                    | bilateral  | LATERALITY |
    side by the lobes alone           | 15 RUL peripheral + 9 RLL middle                    |                    | unilateral |            | LATERALITY
    one, side not known               | 15 ? peripheral                                     |                    | unilateral |            | LATERALITY
    number not known                  | none                                                | lung_icd=C78.00    | unknown    |            |
    coded for the right lung          | none                                                | lung_icd=C78.01    | unknown    |            |
    """,
)

OLIGOMETASTATIC = table(
    "C-05",
    "Oligometastatic",
    """
    case                                        | lesions                                   | elsewhere    | changes                                  | by count | oligometastatic
    --------------------------------------------+-------------------------------------------+--------------+------------------------------------------+----------+----------------
    one, treatability not stated                | 15 R peripheral                           | none         |                                          | true     | unknown
    one, stated as removable                    | 15 R peripheral                           | none         | statement=resectable                     | true     | true
    stated as removable 91 days ago             | 15 R peripheral                           | none         | statement=resectable; statement_on=2025-03-02 | true | unknown
    five                                        | 3 x 12 R peripheral + 2 x 12 L peripheral | none         | statement=resectable                     | true     | true
    six                                         | 3 x 12 R peripheral + 3 x 12 L peripheral | none         | statement=resectable                     | false    | false
    three, and two treatable in the liver       | 3 x 12 R peripheral                       | treatable    | extra_count=2; statement=resectable      | true     | true
    three, and three treatable in the liver     | 3 x 12 R peripheral                       | treatable    | extra_count=3; statement=resectable      | false    | false
    three, and two not treatable in the liver   | 3 x 12 R peripheral                       | untreatable  | extra_count=2; statement=resectable      | true     | false
    three, and an uncounted number in the liver | 3 x 12 R peripheral                       | treatable    | statement=resectable                     | unknown  | unknown
    six, and an uncounted number in the liver   | 3 x 12 R peripheral + 3 x 12 L peripheral | treatable    |                                          | false    | false
    one, isolation not known                    | 15 R peripheral                           |              | extra=null                               | unknown  | unknown
    six, isolation not known                    | 3 x 12 R peripheral + 3 x 12 L peripheral |              | extra=null                               | false    | false
    multiple                                    | none                                      | none         | count=multiple                           | unknown  | unknown
    innumerable                                 | none                                      | none         | count=innumerable                        | false    | false
    """,
    note="The primary need not be controlled, and synchronous and metachronous disease both count.",
)

TABLES = (SPREAD, NUMBER, SIDES, OLIGOMETASTATIC)
