"""MDT referral: when, how soon, when not again (M-01 to M-05)."""

from __future__ import annotations

from tests.spec.tables import table

REFERRAL = table(
    "M-01 M-02",
    "Who is referred",
    """
    case                              | lesions                                   | changes                            | MDT | priority | cards say     | invited
    ----------------------------------+-------------------------------------------+------------------------------------+-----+----------+---------------+--------
    one lesion                        | 15 R peripheral                           |                                    | yes | urgent   |               | colorectal-surgery thoracic-surgery interventional-radiology-ablation medical-oncology radiation-oncology thoracic-radiology pathology specialist-nurse
    innumerable                       | none                                      | count=innumerable                  | yes | urgent   |               | thoracic-surgery interventional-radiology-ablation
    nothing described                 | none                                      |                                    | yes | urgent   |               | thoracic-surgery interventional-radiology-ablation
    stated as not removable           | 15 R peripheral                           | statement=unresectable-technical   | yes | urgent   |               | thoracic-surgery interventional-radiology-ablation
    liver not treatable               | 15 R peripheral                           | extra=untreatable                  | yes | urgent   |               | hepatobiliary-surgery
    brain metastasis                  | 15 R peripheral                           | comorbidity=C79.31                 | yes | urgent   |               | neurosurgery
    ECOG 3                            | 15 R peripheral                           | ecog=3                             | yes | urgent   |               | palliative-care
    lung function not clearly passed  | 15 R peripheral                           | fev1=null                          | yes | urgent   |               | pulmonology
    suspected                         | 15 R peripheral                           | lung_certainty=provisional         | yes | routine  | suspected     |
    suspected, found last week        | 15 R peripheral                           | lung_certainty=provisional; lung=2025-05-25 | yes | routine  | suspected |
    indeterminate                     | 4 R peripheral unproven                   |                                    | yes | routine  | indeterminate |
    another active cancer             | 15 R peripheral                           | second_cancer=C50.911              | yes | urgent   |               |
    """,
)

INVITED_ONLY = table(
    "M-01",
    "Who is not invited without need",
    """
    case                  | changes   | invited                            | not invited
    ----------------------+-----------+------------------------------------+------------
    everything is in order |          | thoracic-surgery                   | pulmonology hepatobiliary-surgery neurosurgery palliative-care
    ECOG 2                | ecog=2    | thoracic-surgery                   | palliative-care
    """,
)

PRIORITY = table(
    "M-03",
    "How soon",
    """
    case                                  | lesions                                         | lung       | changes                    | priority | cards say
    --------------------------------------+-------------------------------------------------+------------+----------------------------+----------+---------------
    found 90 days ago                     | 15 R peripheral                                 | 2025-03-03 | oxaliplatin_on=2025-05-01  | urgent   | within 14 days
    found 91 days ago                     | 15 R peripheral                                 | 2025-03-02 | oxaliplatin_on=2025-05-01  | routine  | within 28 days
    found in that month                   | 15 R peripheral                                 | 2025-03    | oxaliplatin_on=2025-05-01  | routine  |
    new lesion since the last MDT         | 15 R peripheral was=2024-12-01:14 + 12 R middle | 2024-12-01 | mdt_held=2025-03-01        | urgent   | within 14 days
    larger since the last MDT             | 31 R peripheral was=2025-02-01:28               | 2024-12-01 | mdt_held=2025-03-01        | urgent   |
    molecular result since the last MDT   | 15 R peripheral was=2024-12-01:14               | 2024-12-01 | mdt_held=2025-03-01; msi=high; molecular_on=2025-04-01 | routine |
    """,
    note="Symptoms, documented rapid growth and the window after chemotherapy (priority asap) have no data element.",
)

LEFT = table(
    "M-03",
    "Known for longer, without an MDT and without treatment",
    """
    case                                | lesions                           | lung       | changes                                       | sources                  | priority
    ------------------------------------+-----------------------------------+------------+-----------------------------------------------+--------------------------+---------
    known for 18 months                 | 15 R peripheral                   | 2023-12-01 |                                               |                          | urgent
    procedures not asked                | 15 R peripheral                   | 2023-12-01 |                                               | procedures=not asked     | routine
    procedures cut short                | 15 R peripheral                   | 2023-12-01 |                                               | procedures=incomplete    | routine
    procedures not allowed              | 15 R peripheral                   | 2023-12-01 |                                               | procedures=not allowed   | routine
    requests not asked                  | 15 R peripheral                   | 2023-12-01 |                                               | requests=not asked       | routine
    requests cut short                  | 15 R peripheral                   | 2023-12-01 |                                               | requests=incomplete      | routine
    drug ordered on the day of the find | 15 R peripheral                   | 2023-12-01 | oxaliplatin_on=2023-12-01                     |                          | routine
    drug ordered the day before         | 15 R peripheral                   | 2023-12-01 | oxaliplatin_on=2023-11-30                     |                          | urgent
    drug ordered in that month          | 15 R peripheral                   | 2023-12-01 | oxaliplatin_on="2023-12"                      |                          | routine
    operated on since                   | 15 R peripheral                   | 2023-12-01 | lung_surgery_on=2024-02-01                    |                          | routine
    operated on before                  | 15 R peripheral                   | 2023-12-01 | lung_surgery_on=2023-02-01                    |                          | urgent
    irradiated, nobody knows where      | 15 R peripheral                   | 2023-12-01 | prior_rt=unknown                              |                          | routine
    lung removed since                  | 15 R peripheral                   | 2023-12-01 | pneumonectomy_on=2024-02-01                   |                          | routine
    date of the metastasis not known    | none                              | -          | lung_icd=C78.01                               |                          | urgent
    the same, and treated               | none                              | -          | lung_icd=C78.01; oxaliplatin_on=2024-02-01    |                          | routine
    MDT of then, molecular result since | 15 R peripheral was=2023-12-01:14 | 2023-12-01 | mdt_held=2024-01-10; msi=high; molecular_on=2025-04-01 |                 | routine
    MDT may have been before            | none                              | 2023-12    | mdt_held=2023-12-10                           |                          | urgent
    suspected                           | 7 R peripheral unproven           | 2023-12-01 | lung_certainty=provisional                    |                          | routine
    """,
)

UNPROVEN = table(
    "M-03",
    "A single lesion without histology",
    """
    case                              | lesions                                            | changes                    | priority | invited         | not invited
    ----------------------------------+----------------------------------------------------+----------------------------+----------+-----------------+----------------
    8 mm                              | 8 R peripheral unproven                            | lung_certainty=provisional | urgent   | lung-cancer-mdt |
    7.9 mm                            | 7.9 R peripheral unproven                          | lung_certainty=provisional | routine  |                 | lung-cancer-mdt
    at least 8 mm                     | >=8 R peripheral unproven                          | lung_certainty=provisional | urgent   | lung-cancer-mdt |
    below 9 mm                        | <9 R peripheral unproven                           | lung_certainty=provisional | routine  |                 | lung-cancer-mdt
    size not known                    | ? R peripheral unproven                            | lung_certainty=provisional | routine  |                 | lung-cancer-mdt
    7 mm, called growing              | 7 R peripheral unproven growing                    | lung_certainty=provisional | urgent   | lung-cancer-mdt |
    5 mm, called growing              | 5 R peripheral unproven growing                    | lung_certainty=provisional | urgent   | lung-cancer-mdt |
    7 mm, called stable               | 7 R peripheral unproven stable                     | lung_certainty=provisional | routine  |                 | lung-cancer-mdt
    from 2 to 7 mm                    | 7 R peripheral unproven was=2025-01-10:2           | lung_certainty=provisional | urgent   | lung-cancer-mdt |
    from 2.1 to 7 mm                  | 7 R peripheral unproven was=2025-01-10:2.1         | lung_certainty=provisional | routine  |                 | lung-cancer-mdt
    proven metastasis                 | 15 R peripheral                                    | oxaliplatin_on=2025-05-01  | routine  |                 | lung-cancer-mdt
    not proven, charted as metastasis | 15 R peripheral unproven                           | oxaliplatin_on=2025-05-01  | urgent   | lung-cancer-mdt |
    two lesions                       | 15 R peripheral unproven + 9 L peripheral unproven | lung_certainty=provisional | routine  |                 | lung-cancer-mdt
    more were counted                 | 15 R peripheral unproven                           | lung_certainty=provisional; count=3 | routine |         | lung-cancer-mdt
    """,
)

SUPPRESSED = table(
    "M-04",
    "No second referral",
    """
    case                             | changes                                            | MDT | suppressed by    | cards say
    ---------------------------------+----------------------------------------------------+-----+------------------+----------
    requested 90 days ago            | mdt_requested=2025-03-03                           | no  | mdt_requested    | requested on 2025-03-03
    requested 91 days ago            | mdt_requested=2025-03-02                           | yes | -                |
    requested in that month          | mdt_requested="2025-03"                            | yes | -                |
    request drafted                  | mdt_requested=2025-05-20; mdt_status=draft         | no  | mdt_requested    |
    request on hold                  | mdt_requested=2025-05-20; mdt_status=on-hold       | no  | mdt_requested    |
    request revoked                  | mdt_requested=2025-05-20; mdt_status=revoked       | yes | -                |
    request completed                | mdt_requested=2025-05-20; mdt_status=completed     | no  | mdt_held         | discussed on 2025-05-20
    held on the day of the CT        | mdt_held=2025-05-12                                | no  | mdt_held         |
    held the day before the CT       | mdt_held=2025-05-11                                | yes | -                |
    held in the month of the CT      | mdt_held="2025-05"                                 | yes | -                |
    held in the month after the CT   | mdt_held="2025-06"                                 | no  | mdt_held         |
    held in the year of the CT       | mdt_held="2025"                                    | yes | -                |
    held then, and in that month     | mdt_held="2025-05"; mdt_requested=2025-05-20; mdt_status=completed | no | mdt_held |
    every lesion treated             | ablated_on=2025-05-20                              | no  | no_active_lesion | no active lung lesion
    """,
    styles=("mcode",),
)

OLDER = table(
    "M-04",
    "An MDT before the metastasis was on record",
    """
    case                                   | lesions                                           | lung       | changes                                       | MDT | suppressed by | changed    | cards say
    ---------------------------------------+---------------------------------------------------+------------+-----------------------------------------------+-----+---------------+------------+----------
    MDT of the primary                     | none                                              | 2025-04-02 | mdt_held=2022-01-20                           | yes | -             | new_lesion | changed since the MDT of 2022-01-20: new lesion
    the day before the onset               | none                                              | 2025-04-02 | mdt_held=2025-04-01                           | yes | -             | new_lesion |
    on the day of the onset                | none                                              | 2025-04-02 | mdt_held=2025-04-02                           | no  | mdt_held      | -          |
    onset given as a month, MDT in it      | none                                              | 2025-04    | mdt_held=2025-04-10                           | yes | -             | -          | not known whether before or after
    onset given as a month, MDT after it   | none                                              | 2025-04    | mdt_held=2025-05-01                           | no  | mdt_held      | -          |
    onset given as a month, MDT before it  | none                                              | 2025-04    | mdt_held=2025-03-31                           | yes | -             | new_lesion |
    MDT given as a year, onset in it       | none                                              | 2025-04-02 | mdt_held="2025"                               | yes | -             | -          | not known whether before or after
    MDT given as a year, onset after it    | none                                              | 2025-04-02 | mdt_held="2024"                               | yes | -             | new_lesion |
    no date of the metastasis              | none                                              | -          | lung_icd=C78.01; mdt_held=2025-04-10          | yes | -             | -          | not known whether before or after
    onset later than the first imaging     | 15 R peripheral was=2025-02-01:14                 | 2025-04-02 | mdt_held=2025-02-01                           | no  | mdt_held      | -          |
    the day before the first imaging       | 15 R peripheral was=2025-02-01:14                 | 2025-04-02 | mdt_held=2025-01-31                           | yes | -             | new_lesion |
    charted 30 days after the MDT          | none                                              | -          | lung_recorded=2025-04-30; mdt_held=2025-03-31 | no  | mdt_held      | -          | before the metastasis was charted (2025-04-30)
    charted 31 days after the MDT          | none                                              | -          | lung_recorded=2025-04-30; mdt_held=2025-03-30 | yes | -             | new_lesion |
    charted before the MDT                 | none                                              | -          | lung_recorded=2025-04-30; mdt_held=2025-05-05 | no  | mdt_held      | -          | MDT discussed on 2025-05-05.
    charted some day of the month after it | none                                              | -          | lung_recorded="2025-04"; mdt_held=2025-03-10  | yes | -             | -          | not known whether before or after
    onset known, charted later             | none                                              | 2025-04-02 | lung_recorded=2025-04-20; mdt_held=2025-04-01 | yes | -             | new_lesion |
    requested for the primary, still open  | none                                              | 2025-04-02 | mdt_requested=2025-03-20                      | no  | mdt_requested | new_lesion | changed since: new lesion
    MDT again since                        | none                                              | 2025-04-02 | mdt_held=2022-01-20; mdt_requested=2025-04-20; mdt_status=completed | no | mdt_held | - |
    suspected, MDT of the primary          | none                                              | 2025-04-02 | lung_certainty=provisional; mdt_held=2022-01-20 | yes | -           | new_lesion | suspected
    """,
    note="The order of two dates is open where one is a month or a year, or is not known; then nothing is suppressed.",
)

CHANGES = table(
    "M-05 M-04",
    "What has changed since the last MDT",
    """
    case                                | lesions                                         | changes                                              | MDT | suppressed by | changed
    ------------------------------------+-------------------------------------------------+------------------------------------------------------+-----+---------------+--------------
    nothing                             | 15 R peripheral was=2024-12-01:14               |                                                      | no  | mdt_held      | -
    new lesion                          | 15 R peripheral was=2024-12-01:14 + 12 R middle |                                                      | yes | -             | new_lesion
    5.9 to 6 mm                         | 6 R peripheral was=2025-02-01:5.9               |                                                      | yes | -             | size
    6 to 29 mm                          | 29 R peripheral was=2025-02-01:6                |                                                      | yes | -             | progression
    29 to 30 mm                         | 30 R peripheral was=2025-02-01:29               |                                                      | no  | mdt_held      | -
    30 to 30.1 mm                       | 30.1 R peripheral was=2025-02-01:30             |                                                      | yes | -             | size
    49 to 50 mm                         | 50 R peripheral was=2025-02-01:49               |                                                      | no  | mdt_held      | -
    50 to 50.1 mm                       | 50.1 R peripheral was=2025-02-01:50             |                                                      | yes | -             | size
    smaller, below 30 mm again          | 28 R peripheral was=2025-02-01:33               |                                                      | yes | -             | size
    number stated, more than described  | 15 R peripheral was=2024-12-01:14               | count=3                                              | yes | -             | count
    liver metastasis recorded           | 15 R peripheral was=2024-12-01:14               | extra=treatable; extra_since=2025-04-01              | yes | -             | extrapulmonary
    liver metastasis known then         | 15 R peripheral was=2024-12-01:14               | extra=treatable; extra_since=2024-12-10              | no  | mdt_held      | -
    liver metastasis resolved           | 15 R peripheral was=2024-12-01:14               | extra=resolved; extra_since=2024-12-10; extra_ended=2025-04-01 | yes | -   | extrapulmonary
    molecular result                    | 15 R peripheral was=2024-12-01:14               | msi=high; molecular_on=2025-03-02                    | yes | -             | molecular
    molecular result of that day        | 15 R peripheral was=2024-12-01:14               | msi=high; molecular_on=2025-03-01                    | no  | mdt_held      | -
    CEA from 5.0 to 5.1                 | 15 R peripheral was=2024-12-01:14               | cea=5.1; cea_before=2025-01-10:5.0                   | yes | -             | cea
    CEA from 5.1 to 5.0                 | 15 R peripheral was=2024-12-01:14               | cea=5.0; cea_before=2025-01-10:5.1                   | yes | -             | cea
    CEA from 4.9 to 5.0                 | 15 R peripheral was=2024-12-01:14               | cea=5.0; cea_before=2025-01-10:4.9                   | no  | mdt_held      | -
    CEA raised all along                | 15 R peripheral was=2024-12-01:14               | cea=9; cea_before=2025-01-10:7                       | no  | mdt_held      | -
    CEA crossed before the MDT          | 15 R peripheral was=2024-12-01:14               | cea=9; cea_before=2025-01-10:3 2025-02-20:7          | no  | mdt_held      | -
    changed, and requested again        | 15 R peripheral was=2024-12-01:14 + 12 R middle | mdt_requested=2025-04-01                             | no  | mdt_requested | new_lesion
    """,
    given="mdt_held=2025-03-01",
)

PROGRESSION = table(
    "M-05",
    "Progression since the last MDT",
    """
    case                                     | lesions                                                              | MDT | changed     | priority
    -----------------------------------------+----------------------------------------------------------------------+-----+-------------+---------
    12 to 29 mm, no size limit crossed       | 29 R peripheral was=2025-02-20:12                                    | yes | progression | urgent
    5 mm, and 20 %                           | 30 R peripheral was=2025-02-20:25                                    | yes | progression | urgent
    4.9 mm, more than 20 %                   | 19.9 R peripheral was=2025-02-20:15                                  | no  | -           |
    5 mm, less than 20 %                     | 35.1 R peripheral was=2025-02-20:30.1                                | no  | -           |
    7.8 mm, 19.5 %                           | 47.8 R peripheral was=2025-02-20:40                                  | no  | -           |
    6 mm, exactly 20 %                       | 36.6 R peripheral was=2025-02-20:30.5                                | yes | progression | urgent
    measured on the day of the MDT           | 20 R peripheral was=2025-03-01:15                                    | yes | progression | urgent
    grown before the MDT                     | 21 R peripheral was=2024-12-01:12 was=2025-03-01:20                  | no  | -           |
    smaller since, then grown                | 20 R peripheral was=2025-02-20:20 was=2025-04-01:14                  | yes | progression | urgent
    grown since, then smaller                | 15 R peripheral was=2025-02-20:15 was=2025-04-01:21                  | no  | -           |
    small before the last before the MDT     | 20 R peripheral was=2024-12-01:12 was=2025-02-20:19                  | no  | -           |
    the earlier size at least 51 mm          | 70 R peripheral was=2025-02-20:>51                                   | no  | -           |
    the size now at least 66 mm              | >=66 R peripheral was=2025-02-20:55                                  | yes | progression | urgent
    the size now not known                   | ? R peripheral was=2025-02-20:12                                     | no  | -           |
    the other lesion has grown               | 15 R peripheral was=2025-02-20:15 + 18 L peripheral was=2025-02-20:12 | yes | progression | urgent
    too small to count                       | 5.5 R peripheral unproven was=2025-02-20:1 + 15 R peripheral was=2025-02-20:15 | no | - |
    """,
    given="mdt_held=2025-03-01",
)

RESULT = table(
    "M-05",
    "What was done since the last MDT",
    """
    case                                  | changes                                             | MDT | changed         | priority
    --------------------------------------+-----------------------------------------------------+-----+-----------------+---------
    operated on 90 days after             | mdt_held=2025-02-20; lung_surgery_on=2025-05-21     | no  | -               |
    operated on 91 days after             | mdt_held=2025-02-20; lung_surgery_on=2025-05-22     | yes | local_treatment | routine
    operated on before                    | mdt_held=2025-02-20; lung_surgery_on=2025-01-10     | no  | -               |
    operated on in the month of the edge  | mdt_held=2025-02-20; lung_surgery_on="2025-05"      | yes | local_treatment | routine
    MDT in some day of that month         | mdt_held="2025-02"; lung_surgery_on=2025-05-15      | yes | local_treatment | routine
    lung removed 91 days after            | mdt_held=2025-02-20; pneumonectomy_on=2025-05-22    | yes | local_treatment | routine
    irradiated before                     | mdt_held=2025-02-20; prior_rt=other_lung            | no  | -               |
    irradiated 91 days after              | mdt_held=2024-10-21; lung=2024-10-01; prior_rt=other_lung | yes | local_treatment | routine
    drug ordered 90 days after            | mdt_held=2025-02-20; oxaliplatin_on=2025-05-21      | no  | -               |
    drug ordered 91 days after            | mdt_held=2025-02-20; oxaliplatin_on=2025-05-22      | yes | systemic_line   | routine
    drug ordered before                   | mdt_held=2025-02-20; oxaliplatin_on=2025-01-10      | no  | -               |
    """,
    lesions="15 R peripheral was=2024-10-15:14 was=2025-02-20:15",
)

REGROWTH = table(
    "M-05",
    "Growth after a local treatment",
    """
    case                                | lesions                                   | changes                                   | MDT | changed    | priority
    ------------------------------------+-------------------------------------------+-------------------------------------------+-----+------------+---------
    growth recorded after the MDT       | 15 R peripheral was=2024-12-01:14 growing | ablated_on=2025-02-01; mdt_held=2025-03-01 | yes | recurrence | urgent
    growth recorded on the day of it    | 15 R peripheral was=2024-12-01:14 growing | ablated_on=2025-02-01; mdt_held=2025-05-12 | no  | -          |
    nothing recorded: counts as treated | 15 R peripheral was=2024-12-01:14         | ablated_on=2025-02-01; mdt_held=2025-03-01 | no  | -          |
    """,
    styles=("mcode",),
)

TABLES = (REFERRAL, INVITED_ONLY, PRIORITY, LEFT, UNPROVEN, SUPPRESSED, OLDER, CHANGES, PROGRESSION, RESULT, REGROWTH)
