"""Thermal ablation (A-01 to A-12), and what concerns every lesion by itself (X-04)."""

from __future__ import annotations

from tests.spec.tables import table

NUMBER = table(
    "A-01",
    "Number and sides",
    """
    case                             | lesions                                                 | changes                  | ablation | ablation codes
    ---------------------------------+---------------------------------------------------------+--------------------------+----------+----------------------------
    three on one side                | 3 x 12 R peripheral                                     |                          | E        |
    four on one side                 | 4 x 12 R peripheral                                     |                          | N        | COUNT_OVER_LIMIT_ONE_SIDE
    three and two                    | 3 x 12 R peripheral + 2 x 12 L peripheral               |                          | E        |
    four and one                     | 4 x 12 R peripheral + 1 x 12 L peripheral               |                          | C        | MANY_ON_ONE_SIDE
    three and three                  | 3 x 12 R peripheral + 3 x 12 L peripheral               |                          | N        | COUNT_OVER_LIMIT_BOTH_SIDES
    six on one side                  | 6 x 12 R peripheral                                     |                          | N        | COUNT_OVER_LIMIT_ONE_SIDE
    three, sides not known           | 3 x 12 ? peripheral                                     |                          | E        |
    four, sides not known            | 4 x 12 ? peripheral                                     |                          | U        | LATERALITY
    five, sides not known            | 5 x 12 ? peripheral                                     |                          | U        | LATERALITY
    six, sides not known             | 6 x 12 ? peripheral                                     |                          | N        | COUNT
    three on one side, one not known | 3 x 12 R peripheral + 12 ? peripheral                   |                          | U        | LATERALITY
    two and one, one not known       | 2 x 12 R peripheral + 12 L peripheral + 12 ? peripheral |                          | E        |
    three and one, one not known     | 3 x 12 R peripheral + 12 L peripheral + 12 ? peripheral |                          | C        | LATERALITY
    four, coded for both lungs       | none                                                    | count=4; lung_icd=C78.00 | U        | LATERALITY SIZE
    number not known                 | none                                                    |                          | U        | COUNT SIZE
    multiple                         | none                                                    | count=multiple           | U        | COUNT SIZE
    innumerable                      | none                                                    | count=innumerable        | N        | COUNT
    """,
)

SIZE = table(
    "A-02 X-04",
    "Size",
    """
    case                    | lesions                           | changes        | ablation | ablation codes                               | expected
    ------------------------+-----------------------------------+----------------+----------+----------------------------------------------+-----------------------------------------------------------------------------
    30 mm                   | 30 R peripheral                   |                | E        |                                              |
    30.1 mm                 | 30.1 R peripheral                 |                | C        | LARGE_SOLITARY                               |
    30.4 mm is not rounded  | 30.4 R peripheral                 |                | C        | LARGE_SOLITARY                               |
    31 mm                   | 31 R peripheral                   |                | C        | LARGE_SOLITARY                               |
    50 mm                   | 50 R peripheral                   |                | C        | LARGE_SOLITARY                               |
    50.1 mm                 | 50.1 R peripheral                 |                | N        | SIZE_OVER_LIMIT                              |
    51 mm                   | 51 R peripheral                   |                | N        | SIZE_OVER_LIMIT                              |
    30 mm, two lesions      | 30 R peripheral + 12 R peripheral |                | E        |                                              |
    31 mm, two lesions      | 31 R peripheral + 12 R peripheral |                | N        | SIZE_OVER_LIMIT_OF_SEVERAL                   | lesions.0.results.ablation=NOT_ELIGIBLE; lesions.1.results.ablation=ELIGIBLE
    51 mm, two lesions      | 51 R peripheral + 12 R peripheral |                | N        | SIZE_OVER_LIMIT                              | lesions.0.results.ablation=NOT_ELIGIBLE; lesions.1.results.ablation=ELIGIBLE
    31 mm, two stated       | 31 R peripheral                   | count=2        | N        | SIZE SIZE_OVER_LIMIT_OF_SEVERAL ZONE_UNKNOWN |
    31 mm, number not known | 31 R peripheral                   | count=multiple | N        | COUNT SIZE_OVER_LIMIT_OF_SEVERAL             |
    below 30 mm             | <30 R peripheral                  |                | E        |                                              |
    at most 30 mm           | <=30 R peripheral                 |                | E        |                                              |
    below 31 mm             | <31 R peripheral                  |                | C        | SIZE                                         |
    above 30 mm             | >30 R peripheral                  |                | U        | SIZE                                         |
    at least 50 mm          | >=50 R peripheral                 |                | U        | SIZE                                         |
    above 50 mm             | >50 R peripheral                  |                | N        | SIZE_OVER_LIMIT                              |
    below 60 mm             | <60 R peripheral                  |                | U        | SIZE                                         |
    not recorded            | ? R peripheral                    |                | U        | SIZE                                         |
    without unit            | 15 R peripheral unitless          |                | U        | SIZE                                         |
    """,
)

BEST = table(
    "A-02",
    "The size that was controlled best",
    """
    case    | lesions           | ablation | cards say                                         | cards never say
    --------+-------------------+----------+---------------------------------------------------+----------------
    20 mm   | 20 R peripheral   | E        |                                                   | was best up to
    20.1 mm | 20.1 R peripheral | E        | Local control after ablation was best up to 20 mm |
    50.1 mm | 50.1 R peripheral | N        |                                                   | was best up to
    """,
)

PLATELETS = table(
    "A-04 E-01",
    "Platelets",
    """
    case                 | platelets | measured   | changes         | ablation | ablation codes | needs     | no need   | problems
    ---------------------+-----------+------------+-----------------+----------+----------------+-----------+-----------+-------------
    49                   | 49        |            |                 | K        | PLATELETS      |           | PLATELETS |
    50                   | 50        |            |                 | E        |                |           | PLATELETS |
    not recorded         | -         |            |                 | E        |                | PLATELETS |           |
    220, 30 days old     | 220       | 2025-05-02 |                 | E        |                |           | PLATELETS |
    220, 31 days old     | 220       | 2025-05-01 |                 | E        |                | PLATELETS |           |
    49, 31 days old      | 49        | 2025-05-01 |                 | K        | PLATELETS      | PLATELETS |           |
    220, of that month   | 220       | 2025-05    |                 | E        |                | PLATELETS |           |
    below 50             | <50       |            |                 | K        | PLATELETS      |           |           |
    below 51             | <51       |            |                 | C        | PLATELETS      |           |           |
    at least 50          | >=50      |            |                 | E        |                |           |           |
    above 49             | >49       |            |                 | C        | PLATELETS      |           |           |
    49 in 10*9/L         | 49        |            | plt_unit=10*9/L | K        | PLATELETS      |           |           |
    49000 per microlitre | 49000     |            | plt_unit=/uL    | K        | PLATELETS      |           |           |
    50000 per microlitre | 50000     |            | plt_unit=/uL    | E        |                |           |           |
    49 without unit      | 49        |            | plt_unit=null   | E        |                | PLATELETS |           | UNIT_MISSING
    """,
    given="measured=coag_on",
    note="Missing values never block; they are listed as needed.",
)

INR = table(
    "A-05",
    "INR",
    """
    case             | INR  | measured   | changes       | ablation | ablation codes | needs | no need
    -----------------+------+------------+---------------+----------+----------------+-------+--------
    1.5              | 1.5  |            |               | E        |                |       | INR
    1.51             | 1.51 |            |               | C        | INR            |       | INR
    1.6              | 1.6  |            |               | C        | INR            |       | INR
    1.8              | 1.8  |            |               | C        | INR            |       | INR
    1.81             | 1.81 |            |               | K        | INR            |       | INR
    1.9              | 1.9  |            |               | K        | INR            |       | INR
    not recorded     | -    |            |               | E        |                | INR   |
    1.0, 30 days old | 1.0  | 2025-05-02 |               | E        |                |       | INR
    1.0, 31 days old | 1.0  | 2025-05-01 |               | E        |                | INR   |
    1.6, 31 days old | 1.6  | 2025-05-01 |               | C        | INR            | INR   |
    2.4, 31 days old | 2.4  | 2025-05-01 |               | K        | INR            | INR   |
    above 1.8        | >1.8 |            |               | K        | INR            |       |
    above 1.5        | >1.5 |            |               | C        | INR            |       |
    below 1.5        | <1.5 |            |               | E        |                |       |
    below 2          | <2   |            |               | C        | INR            |       |
    1.9 without unit | 1.9  |            | inr_unit=null | K        | INR            |       |
    """,
    given="measured=coag_on",
)

CAUTIONS = table(
    "A-06 A-09",
    "Anticoagulants, antiplatelets, cardiac devices",
    """
    case          | changes                               | SBA | codes          | sources
    --------------+---------------------------------------+-----+----------------+------------------------
    warfarin      | anticoagulant=true                    | EEC | HOLD_PLAN      |
    clopidogrel   | antiplatelet=true                     | EEC | HOLD_PLAN      |
    both          | anticoagulant=true; antiplatelet=true | EEC | HOLD_PLAN      |
    none          |                                       | EEE |                |
    not read      |                                       | EEE |                | medications=not allowed
    pacemaker     | comorbidity=Z95.0                     | EEC | CARDIAC_DEVICE |
    defibrillator | comorbidity=Z95.810                   | EEC | CARDIAC_DEVICE |
    """,
)

INFECTION = table(
    "A-10",
    "Infection, fever, effusion",
    """
    case                   | temperature | measured   | condition | ablation | ablation codes
    -----------------------+-------------+------------+-----------+----------+----------------
    38.5 degrees           | 38.5        |            |           | E        |
    38.6 degrees           | 38.6        |            |           | K        | FEVER
    39 degrees, 3 days ago | 39          | 2025-05-29 |           | K        | FEVER
    39 degrees, 4 days ago | 39          | 2025-05-28 |           | E        |
    pneumonia              |             |            | J18.9     | K        | INFECTION
    sepsis                 |             |            | A41.9     | K        | INFECTION
    pneumonia and fever    | 39          |            | J18.9     | K        | FEVER INFECTION
    neither                |             |            |           | E        |
    """,
    given="measured=temperature_on",
)

EFFUSION = table(
    "A-10 C-03",
    "Malignant effusion",
    """
    case               | condition | ablation | ablation codes
    -------------------+-----------+----------+-------------------------------------------------------
    malignant effusion | J91.0     | K        | EXTRAPULMONARY_TREATABILITY_UNKNOWN MALIGNANT_EFFUSION
    """,
    note="A malignant effusion is disease outside the lung, and it blocks ablation until it is controlled.",
)

BLEEDING = table(
    "A-14",
    "Bleeding disorders",
    """
    case                             | condition | SBA | ablation codes
    ---------------------------------+-----------+-----+------------------
    haemophilia A                    | D66       | EEC | BLEEDING_DISORDER
    haemophilia B                    | D67       | EEC | BLEEDING_DISORDER
    von Willebrand disease, type 1   | D68.01    | EEC | BLEEDING_DISORDER
    factor XI deficiency             | D68.1     | EEC | BLEEDING_DISORDER
    deficiency of another factor     | D68.2     | EEC | BLEEDING_DISORDER
    by circulating anticoagulants    | D68.32    | EEC | BLEEDING_DISORDER
    acquired factor deficiency       | D68.4     | EEC | BLEEDING_DISORDER
    thrombophilia                    | D68.51    | EEE |
    antiphospholipid syndrome        | D68.61    | EEE |
    coagulation defect, not specified | D68.9    | EEE |
    """,
    note="The list of the rule ends with D68.4; thrombophilia is the opposite.",
)

TABLES = (NUMBER, SIZE, BEST, PLATELETS, INR, CAUTIONS, INFECTION, EFFUSION, BLEEDING)
