"""Order entry: which draft order calls for which rule (O-01 to O-11)."""

from __future__ import annotations

from tests.spec.tables import table

KNOWN = "mdt_requested=2025-05-20; msi=stable; ras=wild; dpyd=true"

THERAPY = table(
    "O-01",
    "Order of a local therapy that does not fit",
    """
    case                               | order        | changes                            | rules      | cards   | cards say
    -----------------------------------+--------------+------------------------------------+------------+---------+----------
    ablation, an option                | ablation     |                                    |            | none    |
    ablation, platelets 49             | ablation     | plt=49                             | O-01       | warning | not until corrected
    ablation, pacemaker                | ablation     | device=true                        | O-01       | info    | option with caution
    SBRT, an option                    | radiotherapy |                                    |            | none    |
    SBRT, liver not treatable          | radiotherapy | extra=untreatable                  | O-01       | warning | not supported by the rule set
    wedge, an option                   | wedge        |                                    |            | none    |
    wedge, ECOG 3                      | wedge        | ecog=3                             | O-01       | warning | not supported by the rule set
    wedge, low lung function           | wedge        | fev1=60                            | O-01       | info    | option with caution; PulMiCC
    wedge, status of the primary not known | wedge    | primary=null; resected=null        |            | none    |
    ablation of the liver              | ablation elsewhere | plt=49                       |            | none    |
    hospice                            | ablation     | hospice=true; plt=49               |            | none    |
    no lung metastasis                 | wedge        | lung=null; lesions=[]              |            | none    |
    """,
    given=KNOWN,
)

BEFORE_MDT = table(
    "O-02",
    "Treatment ordered before the MDT",
    """
    case                         | order         | changes                  | rules     | cards   | cards say
    -----------------------------+---------------+--------------------------+-----------+---------+----------
    wedge                        | wedge         |                          | O-02      | warning | refer to the MDT
    SBRT                         | radiotherapy  |                          | O-02      | warning | refer to the MDT
    ablation                     | ablation      |                          | O-02      | warning | refer to the MDT
    chemotherapy                 | oxaliplatin   |                          | O-02      | warning | refer to the MDT
    wedge, MDT requested         | wedge         | mdt_requested=2025-05-20 |           | none    |
    wedge, MDT held              | wedge         | mdt_held=2025-05-20      |           | none    |
    drug of another kind         | amlodipine    |                          |           | none    |
    """,
    given="msi=stable; ras=wild; dpyd=true",
)

ANTI_EGFR = table(
    "O-03",
    "Anti-EGFR antibody",
    """
    case                            | order       | changes                                     | rules | cards   | cards say
    --------------------------------+-------------+---------------------------------------------+-------+---------+----------
    RAS mutant                      | cetuximab   | ras=p.Gly12Asp; msi=stable                  | O-03  | warning | RAS-mutant
    RAS not tested                  | panitumumab | msi=stable                                  | O-03  | warning | RAS not tested; extended RAS
    RAS wild type, BRAF V600E       | cetuximab   | ras=wild; braf=true; msi=stable             | O-03  | info    | BRAF V600E
    RAS wild type, BRAF wild type   | cetuximab   | ras=wild; braf=wild; msi=stable             |       | none    |
    """,
    given="mdt_requested=2025-05-20",
)

COAGULATION = table(
    "O-04",
    "Invasive order without current coagulation",
    """
    case                       | order        | changes             | rules     | cards   | cards say
    ---------------------------+--------------+---------------------+-----------+---------+----------
    30 days old                | ablation     | coag_on=2025-05-02  |           | none    |
    31 days old                | ablation     | coag_on=2025-05-01  | O-04      | info    | older than 30 days are not used
    platelets not recorded     | ablation     | plt=null            | O-04      | info    | platelets
    INR not recorded           | biopsy       | inr=null            | O-04      | info    | INR
    INR not recorded, wedge    | wedge        | inr=null            | O-04      | info    | INR
    INR not recorded, SBRT     | radiotherapy | inr=null            |           | none    |
    platelets 49, INR not recorded | ablation | plt=49; inr=null    | O-01 O-04 | warning info | platelets
    """,
    given=KNOWN,
)

LARGE_RESECTION = table(
    "O-05",
    "Large resection of small peripheral lesions",
    """
    case                         | order         | lesions                           | rules | cards | cards say
    -----------------------------+---------------+-----------------------------------+-------+-------+----------
    lobectomy, 20 mm             | lobectomy     | 20 R peripheral                   | O-05  | info  | at most 20 mm; when margins allow
    lobectomy, 20.1 mm           | lobectomy     | 20.1 R peripheral                 |       | none  |
    pneumonectomy, 15 mm         | pneumonectomy | 15 R peripheral                   | O-05  | info  | when margins allow
    wedge, 15 mm                 | wedge         | 15 R peripheral                   |       | none  |
    lobectomy, middle zone       | lobectomy     | 15 R middle                       |       | none  |
    lobectomy, zone not known    | lobectomy     | 15 R ?                            |       | none  |
    lobectomy, size not known    | lobectomy     | ? R peripheral                    |       | none  |
    lobectomy, one of two medial | lobectomy     | 15 R peripheral + 15 R medial     |       | none  |
    """,
    given=KNOWN,
)

RADIOTHERAPY = table(
    "O-06 R-04",
    "Thoracic radiotherapy after earlier thoracic radiotherapy",
    """
    case                   | order        | changes             | rules     | cards   | cards say
    -----------------------+--------------+---------------------+-----------+---------+----------
    same lobe              | radiotherapy | prior_rt=same_lobe  | O-01 O-06 | warning info | summed dose plans
    same lung, other lobe  | radiotherapy | prior_rt=other_lobe | O-01 O-06 | warning info | summed dose plans
    side not recorded      | radiotherapy | prior_rt=unknown    | O-01 O-06 | warning info | summed dose plans
    other lung             | radiotherapy | prior_rt=other_lung | O-06      | info    | earlier radiotherapy of the other lung
    none                   | radiotherapy |                     |           | none    |
    ablation, same lobe    | ablation     | prior_rt=same_lobe  |           | none    |
    """,
    given=KNOWN,
)

LUNG_FUNCTION = table(
    "O-07",
    "Resection order without lung-function test",
    """
    case                  | order    | changes                       | rules     | cards say
    ----------------------+----------+-------------------------------+-----------+----------
    180 days old          | wedge    | pft_on=2024-12-03             |           |
    181 days old          | wedge    | pft_on=2024-12-02             | O-01 O-07 | of the last 180 days
    not recorded          | wedge    | fev1=null; dlco=null          | O-01 O-07 | Draft test: FEV1 and DLCO
    one of two            | wedge    | dlco=null                     | O-01 O-07 | Draft test: FEV1 and DLCO
    low, but recorded     | wedge    | fev1=60                       | O-01      |
    ablation, not recorded | ablation | fev1=null; dlco=null         |           |
    """,
    given=KNOWN,
)

WORK_UP = table(
    "O-08 O-09",
    "Consultation, imaging or MDT referral",
    """
    case                            | order              | changes                  | rules | cards   | MDT | suppressed by | cards never say
    --------------------------------+--------------------+--------------------------+-------+---------+-----+---------------+----------------
    chest CT, MDT due               | chest ct           |                          | O-08  | info    | yes | -             | option to discuss
    CT of abdomen, MDT due          | abdomen ct         |                          | O-08  | info    | yes | -             | option to discuss
    thoracic surgery, MDT due       | thoracic surgery   |                          | O-08  | info    | yes | -             | option to discuss
    chest CT, MDT requested         | chest ct           | mdt_requested=2025-05-20 |       | none    | no  | mdt_requested |
    MDT referral itself             | mdt                |                          |       | none    | no  | mdt_requested |
    chest CT and MDT referral       | chest ct + mdt     |                          |       | none    | no  | mdt_requested |
    wedge and MDT referral          | wedge + mdt        |                          |       | none    | no  | mdt_requested |
    potassium                       | potassium          |                          |       | none    | yes | -             |
    """,
    given="msi=stable; ras=wild",
)

TESTS_FIRST = table(
    "O-10 O-11",
    "Drugs before their test",
    """
    case                                     | order         | changes                               | rules | cards | cards say
    -----------------------------------------+---------------+---------------------------------------+-------+-------+----------
    checkpoint inhibitor, MSI not tested     | pembrolizumab | dpyd=true                             | O-10  | info  | MSI/MMR not tested
    checkpoint inhibitor, MSI tested         | pembrolizumab | dpyd=true; msi=high                   |       | none  |
    first chemotherapy, MSI not tested       | oxaliplatin   | dpyd=true                             | O-10  | info  | MSI/MMR not tested
    later chemotherapy, MSI not tested       | oxaliplatin   | dpyd=true; oxaliplatin_on=2022-03-01  |       | none  |
    fluoropyrimidine, DPYD not tested        | fluorouracil  | msi=stable                            | O-11  | info  | DPYD
    fluoropyrimidine, DPYD tested            | fluorouracil  | msi=stable; dpyd=true                 |       | none  |
    """,
    given="mdt_requested=2025-05-20; ras=wild",
)

TABLES = (
    THERAPY,
    BEFORE_MDT,
    ANTI_EGFR,
    COAGULATION,
    LARGE_RESECTION,
    RADIOTHERAPY,
    LUNG_FUNCTION,
    WORK_UP,
    TESTS_FIRST,
)
