"""What is missing, and what the record contradicts: the needs and flags of every chapter together."""

from __future__ import annotations

from tests.spec.tables import table

MISSING = table(
    "C-08 C-07 S-01 R-02 A-01 C-06 C-03 S-04 A-04 A-05 S-05 N-04 MOL R-04",
    "What is missing, what it leaves open, and what is asked for",
    """
    case                               | lesions                   | changes                               | SBA | needs             | says                                                             | expected
    -----------------------------------+---------------------------+---------------------------------------+-----+-------------------+------------------------------------------------------------------+---------
    date of diagnosis                  | 15 R peripheral           | dx=null                               | EEE | PRIMARY_DATE      | Date of diagnosis of the primary                                 | classification.timing.value=unknown
    status of the primary              | 15 R peripheral           | primary=null; resected=null           | UCC | PRIMARY_STATUS    | Control of the primary: confirm its status                       | classification.resectability.value=unknown
    number                             | none                      |                                       | UUU | COUNT             | Number of lung lesions, from the CT report                       | classification.number.value=unknown
    diameter                           | ? RLL peripheral          |                                       | EUU | LESION_SIZE       | Longest diameter of: RLL                                         | classification.number.value=solitary
    side of four                       | 4 x 12 ? peripheral       |                                       | ECU | LATERALITY        | Side of each lung lesion                                         | classification.sides.value=unknown
    side of three                      | 3 x 12 ? peripheral       |                                       | EEE | LATERALITY        | Side of each lung lesion                                         | classification.sides.value=unknown
    zone                               | 15 RLL ?                  |                                       | ECC | ZONE              | Zone, or distance to the bronchial tree, of: RLL 15 mm           |
    imaging of abdomen and pelvis      | 15 R peripheral           | extra=null                            | CCC | CT_ABDOMEN_PELVIS | no current one on record                                         | classification.spread.value=unknown
    imaging of abdomen, 91 days old    | 15 R peripheral           | abdomen_ct=2025-03-02                 | CCC | CT_ABDOMEN_PELVIS | New CT of abdomen and pelvis: the last one is 91 days old        | classification.spread.value=unknown
    treatability of the liver          | 15 R peripheral           | extra=unstated                        | CCC | TREATABILITY      | Whether the disease outside the lung can be treated: ask the MDT |
    CEA                                | 15 R peripheral           | cea=null                              | EEE | CEA               | CEA: no usable value on record                                   | prognosis.salah.group=null
    CEA, 91 days old                   | 15 R peripheral           | cea_date=2025-03-02                   | EEE | CEA               | Repeat CEA: last value is 91 days old                            | prognosis.salah.group=null
    lung function                      | 15 R peripheral           | fev1=null; dlco=null                  | CEE | PFT               | no current test on record                                        |
    lung function, 181 days old        | 15 R peripheral           | pft_on=2024-12-02                     | CEE | PFT               | Repeat FEV1 and DLCO: the last test is 181 days old              |
    exercise test                      | 15 R peripheral           | fev1=60                               | CEE | CPET              | Cardiopulmonary exercise test                                    |
    platelets                          | 15 R peripheral           | plt=null                              | EEE | PLATELETS         | Platelets before ablation: no current value                      |
    platelets, 31 days old             | 15 R peripheral           | coag_on=2025-05-01                    | EEE | PLATELETS INR     | Repeat platelets before ablation: last value is 31 days old      |
    INR                                | 15 R peripheral           | inr=null                              | EEE | INR               | INR before ablation: no current value                            |
    INR, 31 days old                   | 15 R peripheral           | coag_on=2025-05-01                    | EEE | INR               | Repeat INR before ablation: last value is 31 days old            |
    performance status                 | 15 R peripheral           | ecog=null                             | CCC | ECOG              | Performance status (ECOG): no current one on record              |
    performance status, 91 days old    | 15 R peripheral           | ecog_on=2025-03-02                    | CCC | ECOG              | Performance status (ECOG): the last one is 91 days old           |
    histology of a single lesion       | 15 R peripheral unproven  |                                       | EEE | HISTOLOGY         | Histology of the lung lesion: discuss biopsy                     |
    molecular profile                  | 15 R peripheral           |                                       | EEE | MOLECULAR         | Molecular profile                                                |
    nodes                              | 15 R peripheral           |                                       | EEE | NODES             | status is not recorded, which does not mean negative             | classification.thoracicNodes.value=unknown
    side of earlier radiotherapy       | 15 R peripheral           | prior_rt=unknown                      | ECE | RT_HISTORY        | Radiotherapy records: site and dose of the earlier course        |
    chest CT                           | 15 R peripheral           | chest_ct=null                         | EEE | CT_CHEST          | Chest CT: none on record                                         |
    chest CT, 29 days old              | 15 R peripheral           | chest_ct=2025-05-03                   | EEE | CT_CHEST          | New thin-slice chest CT: the last one is 29 days old             |
    unit of the diameter               | 15 R peripheral unitless  |                                       | EUU | UNIT LESION_SIZE  | A value has no usable unit; it was not used                      |
    """,
)

FLAGS = table(
    "C-01 C-04 C-06 C-07 C-03 S-10 E-05 S-08 G-06",
    "What the record contradicts or leaves in doubt",
    """
    case                              | lesions                                   | changes                                  | flags                    | cards say
    ----------------------------------+-------------------------------------------+------------------------------------------+--------------------------+----------
    count differs from the list       | 15 R peripheral                           | count=3                                  | COUNT_CONFLICT           | the larger was used
    side contradicts the lobe         | 15 RUL peripheral left                    |                                          | SIDE_CONFLICT            | Two different sides are recorded for one lesion
    lesion missing from the latest CT | 15 R peripheral + 9 L middle on=2024-12-01 |                                         | LESION_NOT_IN_LATEST_CT  | it still counts
    distance contradicts the zone     | 15 R peripheral@8                         |                                          | ZONE_CONFLICT            | the nearer counts
    statement outdated                | 15 R peripheral                           | statement=resectable; statement_on=2025-01-02 | STATEMENT_STALE     | the screen was used
    CT outdated                       | 15 R peripheral                           | chest_ct=2025-01-02                      | CT_STALE                 | is older than 90 days
    two primaries                     | 15 R peripheral                           | second_primary=C20                       | PRIMARY_IN_TWO_SITES     | Two colorectal primaries are on record
    history of rectum or anus         | 15 R peripheral                           | primary_icd=Z85.048                      | PRIMARY_SITE_IMPRECISE   | which of them is not recorded
    metastasis without a site         | 15 R peripheral                           | unsited=true                             | METASTASIS_SITE_UNKNOWN  | without its site
    verification not recorded         | 15 R peripheral                           | lung_certainty=null                      | VERIFICATION_NOT_RECORDED | carries no verification status
    margin not recorded               | 15 R peripheral                           | primary=null                             | MARGIN_UNKNOWN           | the margin is not recorded
    absent lung without an operation  | 15 R peripheral                           | comorbidity=Z90.2                        | LUNG_RESECTION_HISTORY   | no procedure is on record
    only the recorded date            | none                                      | lung=null; lung_recorded=2024-12-09      | DATE_IS_RECORDED_DATE    | may lag by months
    first treatment undated           | 15 R peripheral                           | resection_dated=false                    | FIRST_TREATMENT_DATE_UNKNOWN | date of the first treatment is not known
    value of tomorrow                 | 15 R peripheral                           | cea_date=2025-06-02                      | FUTURE_DATED             | with a future date
    value of eleven years ago         | 15 R peripheral                           | cea_date=2014-05-05                      | DATA_TOO_OLD             | older than 10 years
    """,
    styles=("mcode",),
)

SOURCES = table(
    "S-07 C-03 C-04 S-10 S-05 S-04",
    "What could not be read",
    """
    case                          | sources                     | SBA | codes                   | needs                     | expected
    ------------------------------+-----------------------------+-----+-------------------------+---------------------------+---------
    procedures not asked for      | procedures=not asked        | CEE | HISTORY_UNKNOWN         |                           | sources.procedures.state=not_asked
    procedures not allowed        | procedures=not allowed      | CEE | HISTORY_UNKNOWN         |                           | sources.procedures.state=not_allowed
    procedures in part            | procedures=incomplete       | CEE | HISTORY_UNKNOWN         |                           | sources.procedures.state=incomplete
    procedures read, none there   | procedures=empty            | EEE |                         |                           | sources.procedures.state=empty
    reports not asked for         | reports=not asked           | CCC | EXTRAPULMONARY_UNKNOWN  | CT_ABDOMEN_PELVIS         | sources.reports.state=not_asked
    imaging studies not allowed   | imaging-studies=not allowed | EEE |                         | CT_CHEST                  | sources.imaging-studies.state=not_allowed
    Conditions in part            | conditions=incomplete       | CCC | EXTRAPULMONARY_UNKNOWN  |                           | sources.conditions.state=incomplete
    observations not allowed      | observations=not allowed    | CCC | ECOG_MISSING PFT_MISSING | ECOG PFT CEA PLATELETS INR | sources.observations.state=not_allowed
    sizes not asked for           | imaging-findings=not asked  | EUU | SIZE ZONE_UNKNOWN       | LESION_SIZE ZONE          | sources.imaging-findings.state=not_asked
    requests not asked for        | requests=not asked          | EEE |                         |                           | mdt.suggest=true
    medications not allowed       | medications=not allowed     | EEE |                         |                           | sources.medications.state=not_allowed
    """,
    styles=("mcode",),
    note="Absence is concluded only from what was read to the end.",
)

TABLES = (MISSING, SOURCES, FLAGS)
