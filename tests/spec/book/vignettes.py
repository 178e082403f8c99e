"""The vignettes of the rule base: patients whose results were agreed before the service was written."""

from __future__ import annotations

from tests.spec.tables import table

THERAPIES = table(
    "S-01 S-02 S-03 S-04 S-05 S-06 S-07 R-01 R-02 R-03 R-04 A-01 A-02 A-03 A-04 A-05 A-09 Z-01 H-01 I-01 X-02",
    "Vignettes: therapies",
    """
    case                                   | lesions                                   | changes                                     | SBA | hybrid | IMRT | order of options | reasons
    ---------------------------------------+-------------------------------------------+---------------------------------------------+-----+--------+------+------------------+-------------------------------------------------------------------------------------------------
    1 solitary, peripheral                 | 15 R peripheral                           |                                             | EEE | no     | no   | ablation, sbrt   | none
    2 solitary, middle                     | 15 R middle                               |                                             | EEE | no     | no   | ablation sbrt    | none
    3 solitary, medial, near bronchi       | 15 R medial@15                            |                                             | EEC | no     | no   | sbrt, ablation   | HEAT_SINK_OR_AIRWAY
    4 three on one side                    | 3 x 20 R peripheral                       |                                             | EEE | no     | no   |                  | none
    5 four on one side                     | 4 x 20 R peripheral                       |                                             | ECN | no     | no   |                  | COUNT_CAUTION COUNT_OVER_LIMIT_ONE_SIDE
    6 three and two                        | 3 x 18 R peripheral + 2 x 18 L peripheral |                                             | CCE | no     | no   |                  | MANY_LESIONS COUNT_CAUTION
    7 three and three                      | 3 x 18 R peripheral + 3 x 18 L peripheral |                                             | CNN | yes    | no   |                  | COUNT_OVER_LIMIT_BOTH_SIDES MANY_LESIONS COUNT_OVER_LIMIT
    8 four and one                         | 4 x 18 R peripheral + 1 x 18 L peripheral |                                             | CCC | yes    | no   |                  | MANY_ON_ONE_SIDE MANY_LESIONS COUNT_CAUTION
    9 five, sides not recorded             | 5 x 18 ? peripheral                       |                                             | CCU | yes    | no   |                  | LATERALITY MANY_LESIONS COUNT_CAUTION
    10 30 mm                               | 30 R peripheral                           |                                             | EEE | no     | no   | ablation, sbrt   | none
    10a 30.4 mm is not rounded             | 30.4 R peripheral                         |                                             | EEC | no     | no   | sbrt, ablation   |
    11 31 mm                               | 31 R peripheral                           |                                             | EEC | no     | no   | sbrt, ablation   | LARGE_SOLITARY
    12 one of two over 30 mm               | 31 R peripheral + 12 R peripheral         |                                             | EEN | no     | no   |                  | SIZE_OVER_LIMIT_OF_SEVERAL
    13 50 mm                               | 50 R peripheral                           |                                             | EEC | no     | no   | sbrt, ablation   | LARGE_SOLITARY
    14 51 mm                               | 51 R peripheral                           |                                             | ENN | no     | yes  |                  | SIZE_OVER_LIMIT
    15 CEA at the edge                     | 15 R peripheral                           | cea=5.0                                     | EEE | no     | no   | ablation, sbrt   |
    16 CEA above the edge                  | 15 R peripheral                           | cea=5.1                                     | EEE | no     | no   | ablation, sbrt   |
    17 CEA in micrograms per litre         | 15 R peripheral                           | cea=4.9; cea_unit=ug/L                      | EEE | no     | no   | ablation, sbrt   |
    18 stale CEA                           | 15 R peripheral                           | cea=8; cea_date=2025-02-01                  | EEE | no     | no   | ablation, sbrt   |
    19 CEA below ten                       | 15 R peripheral                           | cea=<10                                     | EEE | no     | no   | ablation, sbrt   |
    20 interval of exactly 36 months       | 15 R peripheral                           | lung=2025-01-10                             | EEE | no     | no   | ablation, sbrt   |
    21 found at staging                    | 15 R peripheral                           | lung=2022-01-20; resected=2022-02-10        | EEE | no     | no   | ablation, sbrt   |
    22 found at 5.7 months                 | 15 R peripheral                           | lung=2022-06-25                             | EEE | no     | no   | ablation, sbrt   |
    23 liver, not treatable                | 15 R peripheral                           | extra=untreatable                           | NNN | no     | no   |                  | EXTRAPULMONARY
    24 liver, treatable                    | 15 R peripheral                           | extra=treatable                             | CCC | no     | no   | ablation, sbrt   | EXTRAPULMONARY_TREATABLE
    25 liver resected, no disease since    | 15 R peripheral                           | extra=resolved; extra_since=2023-02-01      | EEE | no     | no   | ablation, sbrt   |
    26 lung function reduced               | 15 R peripheral                           | fev1=60; dlco=62                            | CEE | no     | no   | ablation, sbrt   | NEEDS_CPET
    26a lung function at the edge          | 15 R peripheral                           | fev1=80                                     | CEE | no     | no   | ablation, sbrt   |
    26b lung function just above the edge  | 15 R peripheral                           | fev1=80.1; dlco=81                          | EEE | no     | no   | ablation, sbrt   |
    27 lung function not recorded          | 15 R peripheral                           | fev1=null; dlco=null                        | CEE | no     | no   | ablation, sbrt   | PFT_MISSING
    28 platelets 49                        | 15 R peripheral                           | plt=49                                      | EEK | no     | no   | sbrt             | PLATELETS
    28a platelets 50                       | 15 R peripheral                           | plt=50                                      | EEE | no     | no   | ablation, sbrt   | none
    29 INR 1.8                             | 15 R peripheral                           | inr=1.8                                     | EEC | no     | no   | sbrt, ablation   | INR
    29a INR 1.9                            | 15 R peripheral                           | inr=1.9                                     | EEK | no     | no   | sbrt             | INR
    29b INR 1.5                            | 15 R peripheral                           | inr=1.5                                     | EEE | no     | no   | ablation, sbrt   |
    30 82 years old                        | 15 R peripheral                           | birth=1943-02-02                            | EEE | no     | no   | ablation, sbrt   |
    31 two earlier metastasectomies        | 15 R peripheral                           | k=2                                         | CEE | no     | no   | ablation, sbrt   | THIRD_METASTASECTOMY
    31a one earlier metastasectomy         | 15 R peripheral                           | k=1                                         | EEE | no     | no   | ablation, sbrt   |
    32 stereotactic course, same lobe      | 15 R peripheral                           | prior_rt=same_lobe                          | ECE | no     | no   | ablation, sbrt   | REIRRADIATION
    32a stereotactic course, other lobe    | 15 R peripheral                           | prior_rt=other_lobe                         | ECE | no     | no   | ablation, sbrt   |
    32b stereotactic course, other lung    | 15 R peripheral                           | prior_rt=other_lung                         | EEE | no     | no   | ablation, sbrt   |
    32c stereotactic course, side unknown  | 15 R peripheral                           | prior_rt=unknown                            | ECE | no     | no   | ablation, sbrt   |
    36 MDT asked for                       | 15 R peripheral                           | mdt_requested=2025-05-20                    | EEE | no     | no   | ablation, sbrt   |
    41 a coded metastasis and nothing else | none                                      | style=icd10; lung_icd=C78.00; resected=null | UUU | no     | no   |                  | COUNT ECOG_MISSING EXTRAPULMONARY_UNKNOWN PFT_MISSING PRIMARY_STATUS PRIMARY_STATUS_UNKNOWN SIZE
    42 innumerable                         | none                                      | count=innumerable                           | NNN | no     | no   |                  | COUNT DIFFUSE COUNT_OVER_LIMIT
    43 ECOG 3                              | 15 R peripheral                           | ecog=3                                      | NCC | no     | no   | ablation, sbrt   | ECOG ECOG_POOR
    44 hilar node proven                   | 15 R peripheral                           | nodes=positive                              | CCC | no     | no   | ablation, sbrt   | NODE_POSITIVE
    45 BRAF V600E and MSI-high             | 15 R peripheral                           | braf=true; msi=high                         | EEE | no     | no   | ablation, sbrt   |
    46 KRAS G12D                           | 15 R peripheral                           | ras=p.Gly12Asp                              | EEE | no     | no   | ablation, sbrt   |
    47 pacemaker                           | 15 R peripheral                           | device=true                                 | EEC | no     | no   | sbrt, ablation   | CARDIAC_DEVICE
    49 abdomen and pelvis not imaged       | 15 R peripheral                           | extra=null                                  | CCC | no     | no   | ablation, sbrt   | EXTRAPULMONARY_UNKNOWN
    50 size not recorded                   | ? R peripheral                            |                                             | EUU | no     | no   |                  | SIZE
    51 zone not recorded                   | 15 R ?                                    |                                             | ECC | no     | no   | ablation sbrt    | ZONE_UNKNOWN
    52 primary in place, unresectable      | 15 R peripheral                           | primary=unresectable; resected=null         | NCC | no     | no   | ablation, sbrt   | PRIMARY PRIMARY_UNCONTROLLED
    53 status of the primary not recorded  | 15 R peripheral                           | primary=null; resected=null                 | UCC | no     | no   | ablation, sbrt   | PRIMARY_STATUS PRIMARY_STATUS_UNKNOWN
    56 one day before the 71st birthday    | 15 R peripheral                           | birth=1954-06-02                            | EEE | no     | no   | ablation, sbrt   |
    57 metastasis dated to the year        | 15 R peripheral                           | lung="2022"                                 | EEE | no     | no   | ablation, sbrt   |
    """,
)

AXES = table(
    "C-01 C-02 C-03 C-04 C-05 C-07",
    "Vignettes: classification",
    """
    case                                   | lesions                                   | changes                                 | expected                                                                                                                                   | needs             | flags
    ---------------------------------------+-------------------------------------------+-----------------------------------------+--------------------------------------------------------------------------------------------------------------------------------------------+-------------------+---------------------
    1 solitary, peripheral                 | 15 R peripheral                           |                                         | classification.number.value=solitary; classification.number.n=1; classification.sides.value=unilateral                                     |                   |
    1a                                     | 15 R peripheral                           |                                         | classification.oligometastatic.byCount=true; classification.oligometastatic.value=unknown                                                  |                   |
    1b                                     | 15 R peripheral                           |                                         | classification.timing.value=metachronous; classification.timing.subtype=late; classification.timing.definitionSensitive=false              |                   |
    1c                                     | 15 R peripheral                           |                                         | classification.timing.policy=egoslim; classification.sequence.value=initial; classification.spread.value=isolated                          |                   |
    1d                                     | 15 R peripheral                           |                                         | classification.resectability.value=screen_resectable; classification.resectability.basis=screen                                            |                   |
    1e                                     | 15 R peripheral                           |                                         | classification.certainty=confirmed; classification.spread.priorExtrapulmonary=false                                                        |                   |
    4 three on one side                    | 3 x 20 R peripheral                       |                                         | classification.number.value=multiple; classification.number.n=3; classification.sides.value=unilateral                                     |                   |
    6 three and two                        | 3 x 18 R peripheral + 2 x 18 L peripheral |                                         | classification.number.n=5; classification.sides.value=bilateral; classification.oligometastatic.byCount=true                               |                   |
    7 three and three                      | 3 x 18 R peripheral + 3 x 18 L peripheral |                                         | classification.sides.value=bilateral; classification.oligometastatic.byCount=false; classification.oligometastatic.value=false             |                   |
    7a                                     | 3 x 18 R peripheral + 3 x 18 L peripheral |                                         | classification.number.n=6; classification.resectability.value=screen_potentially_resectable                                                |                   |
    9 five, sides not recorded             | 5 x 18 ? peripheral                       |                                         | classification.number.n=5; classification.sides.value=unknown                                                                              | LATERALITY        |
    20 interval of exactly 36 months       | 15 R peripheral                           | lung=2025-01-10                         | classification.timing.value=metachronous; classification.timing.subtype=late                                                               |                   |
    21 found at staging                    | 15 R peripheral                           | lung=2022-01-20; resected=2022-02-10    | classification.timing.value=synchronous; classification.timing.subtype=null; classification.timing.definitionSensitive=false               |                   |
    21a                                    | 15 R peripheral                           | lung=2022-02-20; resected=2022-02-10    | classification.timing.value=metachronous; classification.timing.subtype=early; classification.timing.definitionSensitive=true              |                   |
    22 found at 5.7 months                 | 15 R peripheral                           | lung=2022-06-25                         | classification.timing.value=metachronous; classification.timing.subtype=early; classification.timing.definitionSensitive=true              |                   |
    22a                                    | 15 R peripheral                           | lung=2022-07-04                         | classification.timing.value=metachronous; classification.timing.definitionSensitive=true                                                   |                   |
    22b                                    | 15 R peripheral                           | lung=2023-01-04                         | classification.timing.value=metachronous; classification.timing.subtype=early; classification.timing.definitionSensitive=false             |                   |
    22c                                    | 15 R peripheral                           | lung=2023-01-10                         | classification.timing.subtype=early                                                                                                        |                   |
    22d                                    | 15 R peripheral                           | lung=2023-01-11                         | classification.timing.subtype=late                                                                                                         |                   |
    23 liver, not treatable                | 15 R peripheral                           | extra=untreatable                       | classification.spread.value=non_isolated; classification.resectability.value=screen_unresectable                                           |                   |
    24 liver, treatable                    | 15 R peripheral                           | extra=treatable                         | classification.spread.value=non_isolated; classification.sequence.value=initial_concurrent                                                 |                   |
    24a                                    | 15 R peripheral                           | extra=treatable; extra_since=2024-12-31 | classification.sequence.value=initial_concurrent                                                                                           |                   |
    24b                                    | 15 R peripheral                           | extra=treatable; extra_since=2025-01-01 | classification.sequence.value=initial                                                                                                      |                   |
    24c                                    | 15 R peripheral                           | extra=treatable; extra_since=2024-11-01 | classification.sequence.value=initial_concurrent                                                                                           |                   |
    24d                                    | 15 R peripheral                           | extra=treatable; extra_since=2024-10-31 | classification.sequence.value=non_initial                                                                                                  |                   |
    24e                                    | 15 R peripheral                           | extra=treatable; extra_since=null       | classification.sequence.value=unknown; classification.spread.value=non_isolated                                                            |                   |
    25 liver resected, no disease since    | 15 R peripheral                           | extra=resolved; extra_since=2023-02-01  | classification.sequence.value=non_initial; classification.spread.value=isolated; classification.spread.priorExtrapulmonary=true            |                   | PRIOR_EXTRAPULMONARY
    41 a coded metastasis and nothing else | none                                      | style=icd10; lung_icd=C78.00            | classification.number.n=null; classification.number.value=unknown; classification.sides.value=unknown; classification.spread.value=unknown | COUNT             |
    42 innumerable                         | none                                      | count=innumerable                       | classification.number.value=multiple; classification.number.n=null; classification.number.nAtLeast=6; classification.number.diffuse=true   |                   |
    42a                                    | none                                      | count=multiple                          | classification.number.value=multiple; classification.number.n=null; classification.number.nAtLeast=2                                       | COUNT             |
    42b                                    | none                                      | count=innumerable                       | classification.resectability.value=screen_unresectable; classification.oligometastatic.value=false                                         |                   |
    44 hilar node proven                   | 15 R peripheral                           | nodes=positive                          | classification.thoracicNodes.value=proven; classification.spread.value=isolated                                                            |                   |
    44a                                    | 15 R peripheral                           |                                         | classification.thoracicNodes.value=unknown                                                                                                 | NODES             |
    49 abdomen and pelvis not imaged       | 15 R peripheral                           | extra=null                              | classification.spread.value=unknown; classification.resectability.value=unknown                                                            | CT_ABDOMEN_PELVIS |
    51 zone not recorded                   | 15 R ?                                    |                                         | classification.number.n=1                                                                                                                  | ZONE              |
    52 primary in place, unresectable      | 15 R peripheral                           | primary=unresectable; resected=null     | classification.resectability.value=screen_unresectable                                                                                     |                   |
    53 status of the primary not recorded  | 15 R peripheral                           | primary=null; resected=null             | classification.resectability.value=unknown                                                                                                 | PRIMARY_STATUS    |
    57 metastasis dated to the year        | 15 R peripheral                           | lung="2022"                             | classification.timing.value=unknown; classification.timing.subtype=null                                                                    | LUNG_DATE         |
    57a                                    | 15 R peripheral                           | dx=null                                 | classification.timing.value=unknown                                                                                                        | PRIMARY_DATE      |
    """,
)

REFERRAL = table(
    "M-01 M-03 M-04",
    "Vignettes: MDT",
    """
    case                                   | lesions         | changes                      | MDT | priority | suppressed by | changed
    ---------------------------------------+-----------------+------------------------------+-----+----------+---------------+-----------
    1 solitary, peripheral                 | 15 R peripheral |                              | yes | urgent   | -             | -
    1a                                     | 15 R peripheral | lung=2025-03-02              | yes | urgent   | -             | -
    1b                                     | 15 R peripheral | lung=2025-03-03              | yes | urgent   | -             | -
    23 liver, not treatable                | 15 R peripheral | extra=untreatable            | yes | urgent   | -             | -
    36 MDT asked for                       | 15 R peripheral | mdt_requested=2025-05-20     | no  | -        | mdt_requested | -
    36a                                    | 15 R peripheral | mdt_requested=2025-03-03     | no  | -        | mdt_requested | new_lesion
    36b                                    | 15 R peripheral | mdt_requested=2025-03-02     | yes | urgent   | -             | -
    37b                                    | 15 R peripheral | mdt_held=2025-05-20          | no  | -        | mdt_held      | -
    38                                     | 15 R peripheral | hospice=true                 | no  | -        | gate          | -
    39                                     | 15 R peripheral | deceased=true                | no  | -        | gate          | -
    40                                     | 15 R peripheral | birth=2009-01-01             | no  | -        | gate          | -
    41 a coded metastasis and nothing else | none            | style=icd10; lung_icd=C78.00 | yes | urgent   | -             | -
    42 innumerable                         | none            | count=innumerable            | yes | urgent   | -             | -
    """,
)

PROGNOSIS = table(
    "P-01 E-02 E-03 E-05",
    "Vignettes: CEA and Salah model",
    """
    case                                   | lesions             | changes                              | raised  | CEA factor | interval factor | number factor | factors | expected                  | group        | 5 years %
    ---------------------------------------+---------------------+--------------------------------------+---------+------------+-----------------+---------------+---------+---------------------------+--------------+----------
    1 solitary, peripheral                 | 15 R peripheral     |                                      | false   | false      | true            | false         | 1       | prognosis.salah.range.1=1 | good         | 68.2
    4 three on one side                    | 3 x 20 R peripheral |                                      | false   | false      | true            | true          | 2       | prognosis.salah.range.1=2 | intermediate | 46.4
    15 CEA at the edge                     | 15 R peripheral     | cea=5.0                              | false   | true       | true            | false         | 2       | prognosis.salah.range.1=2 | intermediate | 46.4
    16 CEA above the edge                  | 15 R peripheral     | cea=5.1                              | true    | true       | true            | false         | 2       | prognosis.salah.range.1=2 | intermediate | 46.4
    16a                                    | 3 x 20 R peripheral | cea=5.1                              | true    | true       | true            | true          | 3       | prognosis.salah.range.1=3 | high         | 26.1
    17 CEA in micrograms per litre         | 15 R peripheral     | cea=4.9; cea_unit=ug/L               | false   | false      | true            | false         | 1       | prognosis.salah.range.1=1 | good         | 68.2
    18 stale CEA                           | 15 R peripheral     | cea=8; cea_date=2025-02-01           | unknown | unknown    | true            | false         | 1       | prognosis.salah.range.1=2 | -            | -
    18a                                    | 15 R peripheral     | cea=8; cea_date=2025-03-03           | true    | true       | true            | false         | 2       | prognosis.salah.range.1=2 | intermediate | 46.4
    18b                                    | 15 R peripheral     | cea=8; cea_date=2025-03-02           | unknown | unknown    | true            | false         | 1       | prognosis.salah.range.1=2 | -            | -
    19 CEA below ten                       | 15 R peripheral     | cea=<10                              | unknown | unknown    | true            | false         | 1       | prognosis.salah.range.1=2 | -            | -
    19a                                    | 15 R peripheral     | cea=<5                               | false   | false      | true            | false         | 1       | prognosis.salah.range.1=1 | good         | 68.2
    19b                                    | 15 R peripheral     | cea=<=5                              | false   | unknown    | true            | false         | 1       | prognosis.salah.range.1=2 | -            | -
    19c                                    | 15 R peripheral     | cea=>5                               | true    | true       | true            | false         | 2       | prognosis.salah.range.1=2 | intermediate | 46.4
    19d                                    | 15 R peripheral     | cea=>=5                              | unknown | true       | true            | false         | 2       | prognosis.salah.range.1=2 | intermediate | 46.4
    19e                                    | 15 R peripheral     | cea=null                             | unknown | unknown    | true            | false         | 1       | prognosis.salah.range.1=2 | -            | -
    20 interval of exactly 36 months       | 15 R peripheral     | lung=2025-01-10                      | false   | false      | false           | false         | 0       | prognosis.salah.range.1=0 | good         | 68.2
    20a                                    | 15 R peripheral     | lung=2025-01-09                      | false   | false      | true            | false         | 1       | prognosis.salah.range.1=1 | good         | 68.2
    21 found at staging                    | 15 R peripheral     | lung=2022-01-20; resected=2022-02-10 | false   | false      | true            | false         | 1       | prognosis.salah.range.1=1 | good         | 68.2
    23 liver, not treatable                | 15 R peripheral     | extra=untreatable                    | false   | false      | true            | false         | 1       | prognosis.salah.range.1=1 | -            | -
    41 a coded metastasis and nothing else | none                | style=icd10; lung_icd=C78.00         | unknown | unknown    | unknown         | unknown       | 0       | prognosis.salah.range.1=3 | -            | -
    53 status of the primary not recorded  | 15 R peripheral     | primary=null; resected=null          | false   | false      | unknown         | false         | 0       | prognosis.salah.range.1=1 | -            | -
    57 metastasis dated to the year        | 15 R peripheral     | lung="2022"                          | false   | false      | true            | false         | 1       | prognosis.salah.range.1=1 | good         | 68.2
    """,
)

CONSENSUS = table(
    "P-03",
    "Vignettes: factors of the consensus",
    """
    case                                | changes                              | present               | absent
    ------------------------------------+--------------------------------------+-----------------------+----------------------
    15 CEA at the edge                  | cea=5.0                              |                       | cea
    16 CEA above the edge               | cea=5.1                              | cea                   |
    30 82 years old                     | birth=1943-02-02                     | age                   |
    56 one day before the 71st birthday | birth=1954-06-02                     |                       | age
    56a                                 | birth=1954-06-01                     | age                   |
    44 hilar node proven                | nodes=positive                       | nodes                 |
    21 found at staging                 | lung=2022-01-20; resected=2022-02-10 | disease-free-interval |
    20 interval of exactly 36 months    | lung=2025-01-10                      |                       | disease-free-interval
    20b                                 | lung=2024-01-10                      |                       | disease-free-interval
    20c                                 | lung=2024-01-09                      | disease-free-interval |
    1 solitary, peripheral              | primary_icd=C20                      | rectal-primary        |
    1a                                  |                                      |                       | rectal-primary
    1b                                  |                                      |                       | multiple
    """,
)

SYSTEMIC = table(
    "T-03 T-04 T-05",
    "Vignettes: systemic therapy",
    """
    case                              | lesions                                   | changes                             | systemic
    ----------------------------------+-------------------------------------------+-------------------------------------+---------
    7 three and three                 | 3 x 18 R peripheral + 3 x 18 L peripheral |                                     | T-03
    23 liver, not treatable           | 15 R peripheral                           | extra=untreatable                   | T-05
    24 liver, treatable               | 15 R peripheral                           | extra=treatable                     | T-05
    42 innumerable                    | none                                      | count=innumerable                   | T-04
    52 primary in place, unresectable | 15 R peripheral                           | primary=unresectable; resected=null | T-04
    """,
)

TABLES = (THERAPIES, AXES, REFERRAL, PROGNOSIS, CONSENSUS, SYSTEMIC)
