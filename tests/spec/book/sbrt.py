"""Stereotactic radiotherapy (R-01 to R-09)."""

from __future__ import annotations

from tests.spec.tables import table

NUMBER = table(
    "R-01",
    "Number of lesions",
    """
    case               | lesions                                   | changes           | SBRT | SBRT codes
    -------------------+-------------------------------------------+-------------------+------+-----------------------------------
    one                | 12 R peripheral                           |                   | E    |
    three              | 3 x 12 R peripheral                       |                   | E    |
    four               | 2 x 12 R peripheral + 2 x 12 L peripheral |                   | C    | COUNT_CAUTION
    five               | 3 x 12 R peripheral + 2 x 12 L peripheral |                   | C    | COUNT_CAUTION
    six                | 3 x 12 R peripheral + 3 x 12 L peripheral |                   | N    | COUNT_OVER_LIMIT
    innumerable        | none                                      | count=innumerable | N    | COUNT_OVER_LIMIT
    multiple           | none                                      | count=multiple    | U    | COUNT SIZE
    not known          | none                                      |                   | U    | COUNT SIZE
    three, five stated | 3 x 12 R peripheral                       | count=5           | U    | COUNT_CAUTION SIZE ZONE_UNKNOWN
    three, six stated  | 3 x 12 R peripheral                       | count=6           | N    | COUNT_OVER_LIMIT SIZE ZONE_UNKNOWN
    """,
)

SIZE = table(
    "R-02",
    "Size",
    """
    case               | lesions                           | SBRT | SBRT codes      | needs
    -------------------+-----------------------------------+------+-----------------+-----------------
    50 mm              | 50 R peripheral                   | E    |                 |
    50.1 mm            | 50.1 R peripheral                 | N    | SIZE_OVER_LIMIT |
    51 mm              | 51 R peripheral                   | N    | SIZE_OVER_LIMIT |
    5.0 cm             | 5.0 R peripheral cm               | E    |                 |
    5.1 cm             | 5.1 R peripheral cm               | N    | SIZE_OVER_LIMIT |
    one of two 51 mm   | 51 R peripheral + 12 R peripheral | N    | SIZE_OVER_LIMIT |
    above 50 mm        | >50 R peripheral                  | N    | SIZE_OVER_LIMIT |
    at least 50 mm     | >=50 R peripheral                 | U    | SIZE            | LESION_SIZE
    at most 50 mm      | <=50 R peripheral                 | E    |                 |
    below 51 mm        | <51 R peripheral                  | U    | SIZE            | LESION_SIZE
    above 49 mm        | >49 R peripheral                  | U    | SIZE            | LESION_SIZE
    not recorded       | ? R peripheral                    | U    | SIZE            | LESION_SIZE
    without unit       | 1.5 R peripheral unitless         | U    | SIZE            | LESION_SIZE UNIT
    one of two unknown | 12 R peripheral + ? R peripheral  | U    | SIZE            | LESION_SIZE
    """,
)

BEFORE = table(
    "R-04",
    "Earlier thoracic radiotherapy",
    """
    case                                 | lesions           | changes             | SBRT | SBRT codes    | needs      | no need
    -------------------------------------+-------------------+---------------------+------+---------------+------------+-----------
    none                                 | 15 RLL peripheral |                     | E    |               |            | RT_HISTORY
    same lobe                            | 15 RLL peripheral | prior_rt=same_lobe  | C    | REIRRADIATION |            | RT_HISTORY
    same lung, other lobe                | 15 RLL peripheral | prior_rt=other_lobe | C    | REIRRADIATION |            | RT_HISTORY
    other lung                           | 15 RLL peripheral | prior_rt=other_lung | E    |               |            | RT_HISTORY
    lung, side not recorded              | 15 RLL peripheral | prior_rt=unknown    | C    | REIRRADIATION | RT_HISTORY |
    other lung, side of lesion not known | 15 ? peripheral   | prior_rt=other_lung | C    | REIRRADIATION |            |
    """,
    note="A caution, never a bar: reports of toxicity differ.",
)

LUNGS = table(
    "R-06 A-08",
    "Lung disease and low lung function",
    """
    case                       | changes                    | SBRT | SBRT codes        | ablation | ablation codes
    ---------------------------+----------------------------+------+-------------------+----------+-----------------------
    interstitial lung disease  | comorbidity=J84.10         | C    | ILD               | C        | ILD
    FEV1 29.9 percent          | fev1=29.9                  | C    | LOW_LUNG_FUNCTION | E        |
    FEV1 30 percent            | fev1=30                    | E    |                   | E        |
    DLCO 29.9 percent          | dlco=29.9                  | C    | LOW_LUNG_FUNCTION | E        |
    DLCO 30 percent            | dlco=30                    | E    |                   | E        |
    FEV1 29, 181 days old      | fev1=29; pft_on=2024-12-02 | E    |                   | E        |
    lung function not recorded | fev1=null; dlco=null       | E    |                   | E        |
    emphysema                  | comorbidity=J43.9          | E    |                   | C        | EMPHYSEMA
    home oxygen                | comorbidity=Z99.81         | E    |                   | C        | HOME_OXYGEN
    pulmonary hypertension     | comorbidity=I27.20         | E    |                   | C        | PULMONARY_HYPERTENSION
    asthma                     | comorbidity=J45.909        | E    |                   | E        |
    """,
)

AGE = table(
    "R-05",
    "A line for the old",
    """
    case                    | birth      | changes | SBRT | cards say                                | cards never say
    ------------------------+------------+---------+------+------------------------------------------+----------------
    75 today                | 1950-06-01 |         | E    | Age alone is no contraindication to SBRT |
    75 tomorrow             | 1950-06-02 |         | E    |                                          | Age alone
    90                      | 1935-01-01 |         | E    | an extrapolation                         |
    year of birth, 74 or 75 | 1950       |         | E    |                                          | Age alone
    birth date not recorded | -          |         | E    |                                          | Age alone
    90, SBRT not supported  | 1935-01-01 | ecog=4  | N    |                                          | Age alone
    """,
)

TABLES = (NUMBER, SIZE, BEFORE, AGE, LUNGS)
