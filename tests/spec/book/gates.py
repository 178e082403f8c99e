"""Gates: is the rule set for this patient? (G-01 to G-11)"""

from __future__ import annotations

from tests.spec.tables import table

DECEASED = table(
    "G-01",
    "Deceased",
    """
    case                    | changes              | gates     | SBA | MDT | suppressed by | cards
    ------------------------+----------------------+-----------+-----+-----+---------------+-------
    recorded as deceased    | deceased=true        | G-01:stop | --- | no  | gate          | none
    with the date of death  | deceased=2025-05-30  | G-01:stop | --- | no  | gate          | none
    with the year of death  | deceased="2025"      | G-01:stop | --- | no  | gate          | none
    recorded as alive       | deceased=false       |           | EEE | yes | -             | info
    not recorded            | deceased=null        |           | EEE | yes | -             | info
    """,
)

MINORS = table(
    "G-02",
    "Age",
    """
    case                                | birth      | gates     | SBA | cards say                | MDT
    ------------------------------------+------------+-----------+-----+--------------------------+-----
    18 today                            | 2007-06-01 |           | EEE |                          | yes
    18 tomorrow                         | 2007-06-02 | G-02:stop | --- | adults only              | no
    year of birth, 17 or 18             | 2007       | G-02:note | EEE | birth date is not recorded | yes
    year of birth, 18 or 19             | 2006       |           | EEE |                          | yes
    year of birth, 16 or 17             | 2008       | G-02:stop | --- | adults only              | no
    month of birth, 17 or 18            | 2007-06    | G-02:note | EEE |                          | yes
    month of birth, 18                  | 2007-05    |           | EEE |                          | yes
    birth date not recorded             | -          | G-02:note | EEE | birth date is not recorded | yes
    """,
)

HOSPICE = table(
    "G-03",
    "Hospice care",
    """
    case                              | changes                                    | gates     | SBA | MDT | cards
    ----------------------------------+--------------------------------------------+-----------+-----+-----+------
    in progress                       | hospice=true                               | G-03:stop | --- | no  | info
    running until today               | hospice_until=2025-06-01                   | G-03:stop | --- | no  | info
    ended yesterday                   | hospice_until=2025-05-31                   |           | EEE | yes | info
    recorded 180 days ago             | hospice_done=2024-12-03                    | G-03:stop | --- | no  | info
    recorded 181 days ago             | hospice_done=2024-12-02                    |           | EEE | yes | info
    together with palliative care     | hospice=true; palliative=true              | G-03:stop | --- | no  | info
    palliative care without hospice   | palliative=true                            | G-04:note | EEE | yes | info
    """,
    note="Care that is in progress counts until its period has ended.",
)

PALLIATIVE = table(
    "G-04",
    "Palliative care without hospice",
    """
    case                     | changes                    | gates     | SBA | invited         | not invited     | cards say
    -------------------------+----------------------------+-----------+-----+-----------------+-----------------+--------------
    on the problem list      | palliative=true            | G-04:note | EEE | palliative-care |                 | goals of care
    recorded 180 days ago    | palliative_done=2024-12-03 | G-04:note | EEE | palliative-care |                 | goals of care
    recorded 181 days ago    | palliative_done=2024-12-02 |           | EEE |                 | palliative-care |
    not recorded             |                            |           | EEE |                 | palliative-care |
    """,
)

POPULATION = table(
    "G-05",
    "A colorectal primary",
    """
    case                                      | lesions         | changes                                      | population | gates     | cards | cards say
    ------------------------------------------+-----------------+----------------------------------------------+------------+-----------+-------+----------
    colon                                     | 15 R peripheral | style=plain; primary_icd=C18.7               | in         |           | info  |
    rectosigmoid junction                     | 15 R peripheral | style=plain; primary_icd=C19                 | in         |           | info  |
    rectum                                    | 15 R peripheral | style=plain; primary_icd=C20                 | in         |           | info  |
    lung metastasis, no primary               | 15 R peripheral | primary_known=false; resected=null           | out        | G-05:stop | info  | no colorectal primary is documented
    lung metastasis of a known breast cancer  | 15 R peripheral | primary_known=false; resected=null; second_cancer=C50.911 | out | G-05:stop G-08:note | none |
    colon cancer, nothing in the lung         | none            | lung=null                                    | out        |           | none  |
    CEA of 60 and nothing in the lung         | none            | lung=null; cea=60                            | out        |           | none  |
    """,
)

CERTAINTY_OF_THE_RECORD = table(
    "G-06",
    "Verification of the lung metastasis",
    """
    case                              | lesions         | changes                        | population | certainty | gates     | SBA | MDT
    ----------------------------------+-----------------+--------------------------------+------------+-----------+-----------+-----+----
    confirmed                         | 15 R peripheral |                                | in         | confirmed |           | EEE | yes
    provisional                       | 15 R peripheral | lung_certainty=provisional     | suspected  | suspected | G-06:note | --- | yes
    differential                      | 15 R peripheral | lung_certainty=differential    | suspected  | suspected | G-06:note | --- | yes
    unconfirmed                       | 15 R peripheral | lung_certainty=unconfirmed     | suspected  | suspected | G-06:note | --- | yes
    verification not recorded         | 15 R peripheral | lung_certainty=null            | in         | confirmed |           | EEE | yes
    refuted, no lesion described      | none            | lung_certainty=refuted         | out        |           |           | --- | no
    entered in error, no lesion       | none            | lung_certainty=entered-in-error | out       |           |           | --- | no
    """,
    note="A metastasis without a verification status is taken as confirmed, and the card asks to check it.",
)

HISTOLOGY = table(
    "G-07",
    "Histology of the primary",
    """
    case                           | changes             | population | gates     | SBA | MDT
    -------------------------------+---------------------+------------+-----------+-----+----
    anal canal                     | primary_icd=C21.0   | out        | G-07:stop | --- | no
    neuroendocrine tumour of colon | primary_icd=C7A.020 | out        | G-07:stop | --- | no
    appendix                       | primary_icd=C18.1   | out        | G-07:stop | --- | no
    sigmoid                        | primary_icd=C18.7   | in         |           | EEE | yes
    """,
    given="style=plain",
    styles=("plain",),
)

SECOND_CANCER = table(
    "G-08",
    "Another active cancer",
    """
    case                     | changes                                                 | gates     | SBA | codes            | cards say       | MDT
    -------------------------+---------------------------------------------------------+-----------+-----+------------------+-----------------+----
    breast                   | second_cancer=C50.911                                   | G-08:note | UUU | ORIGIN_UNCERTAIN | consider biopsy | yes
    lung                     | second_cancer=C34.90                                    | G-08:note | UUU | ORIGIN_UNCERTAIN | consider biopsy | yes
    kidney                   | second_cancer=C64.9                                     | G-08:note | UUU | ORIGIN_UNCERTAIN | consider biopsy | yes
    breast, in remission     | second_cancer=C50.911; second_cancer_clinical=remission |           | EEE |                  |                 | yes
    breast, status not known | second_cancer=C50.911; second_cancer_clinical=null      | G-08:note | UUU | ORIGIN_UNCERTAIN | consider biopsy | yes
    breast, and a size that excludes SBRT and ablation | second_cancer=C50.911; extra=untreatable      | G-08:note | NNN | ORIGIN_UNCERTAIN EXTRAPULMONARY | | yes
    """,
    note="The sub-result is UNKNOWN for every therapy; a worse one still outranks it.",
)

PREGNANCY = table(
    "G-09",
    "Pregnancy",
    """
    case                            | changes                 | gates     | SBA | codes     | cards say
    --------------------------------+-------------------------+-----------+-----+-----------+----------------
    on the problem list             | pregnant=true           | G-09:note | CCC | PREGNANCY | fluoropyrimidines
    status recorded 280 days ago    | pregnant_on=2024-08-25  | G-09:note | CCC | PREGNANCY | fluoropyrimidines
    status recorded 281 days ago    | pregnant_on=2024-08-24  |           | EEE |           |
    not recorded                    |                         |           | EEE |           |
    """,
)

DECLINED = table(
    "G-10",
    "Declined by the patient",
    """
    case              | changes           | gates     | SBA | codes            | order of options
    ------------------+-------------------+-----------+-----+------------------+-----------------
    surgery           | declined=surgery  | G-10:note | CEE | PATIENT_DECLINED | ablation, sbrt
    SBRT              | declined=sbrt     | G-10:note | ECE | PATIENT_DECLINED | ablation, sbrt
    ablation          | declined=ablation | G-10:note | EEC | PATIENT_DECLINED | sbrt, ablation
    ablation, and SBRT with caution | declined=ablation; prior_rt=same_lobe | G-10:note | ECC | PATIENT_DECLINED REIRRADIATION | sbrt, ablation
    SBRT, and ablation with caution | declined=sbrt; device=true            | G-10:note | ECC | PATIENT_DECLINED CARDIAC_DEVICE | ablation, sbrt
    nothing           |                   |           | EEE |                  | ablation, sbrt
    """,
)

MDT_KNOWN = table(
    "G-11 M-04",
    "MDT requested or held",
    """
    case             | changes                  | MDT | suppressed by | SBA
    -----------------+--------------------------+-----+---------------+----
    requested        | mdt_requested=2025-05-20 | no  | mdt_requested | EEE
    held             | mdt_held=2025-05-20      | no  | mdt_held      | EEE
    neither          |                          | yes | -             | EEE
    """,
)

TABLES = (
    DECEASED,
    MINORS,
    HOSPICE,
    PALLIATIVE,
    POPULATION,
    CERTAINTY_OF_THE_RECORD,
    HISTOLOGY,
    SECOND_CANCER,
    PREGNANCY,
    DECLINED,
    MDT_KNOWN,
)
