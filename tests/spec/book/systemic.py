"""Systemic therapy, as information: T-01 to T-06, and the molecular profile (MOL)."""

from __future__ import annotations

from tests.spec.tables import table

NOTES = table(
    "T-01 T-02 T-03 T-04 T-06",
    "Which lines apply",
    """
    case                                | lesions                                   | changes                              | systemic            | not systemic
    ------------------------------------+-------------------------------------------+--------------------------------------+---------------------+--------------------
    surgery an option                   | 15 R peripheral                           |                                      | T-01 T-06           | T-02 T-03 T-04 T-05
    surgery not supported, SBRT is      | 15 R peripheral                           | ecog=3                               |                     | T-01 T-06 T-03 T-04
    six lesions                         | 3 x 12 R peripheral + 3 x 12 L peripheral |                                      | T-01 T-03 T-06      | T-04 T-05
    stated as potentially removable     | 15 R peripheral                           | statement=potentially-resectable     | T-03                | T-04
    stated as not removable             | 15 R peripheral                           | statement=unresectable-technical     | T-04                | T-01 T-03
    innumerable                         | none                                      | count=innumerable                    | T-04                | T-01 T-02 T-03 T-06
    primary unresectable                | 15 R peripheral                           | primary=unresectable; resected=null  | T-04                | T-01
    liver not treatable                 | 15 R peripheral                           | extra=untreatable                    | T-04 T-05           | T-01 T-02 T-03 T-06
    liver and lung treatable            | 15 R peripheral                           | extra=treatable                      | T-02 T-05 T-01      | T-04
    not confirmed                       | 15 R peripheral                           | lung_certainty=provisional           |                     | T-01 T-02 T-03 T-04 T-05 T-06
    """,
)

TEXTS = table(
    "T-02 T-03 T-05",
    "How long, and how often",
    """
    case                    | lesions                                   | changes         | says
    ------------------------+-------------------------------------------+-----------------+-----
    perioperative treatment | 15 R peripheral                           | extra=treatable | Perioperative treatment of about 6 months in total
    staged treatment        | 15 R peripheral                           | extra=treatable | 6 months of perioperative therapy in total
    conversion therapy      | 3 x 12 R peripheral + 3 x 12 L peripheral |                 | return to the MDT every 6-8 weeks
    """,
)

LIVER = table(
    "T-05",
    "Lung and liver only",
    """
    case                                    | lesions                                   | elsewhere   | changes                          | says                             | not systemic
    ----------------------------------------+-------------------------------------------+-------------+----------------------------------+----------------------------------+-------------
    both curable                            | 15 R peripheral                           | treatable   |                                  | Lung and liver curable: staged radical treatment; liver first if equally difficult |
    lung curable, liver not                 | 15 R peripheral                           | untreatable |                                  | Lung curable, liver not          |
    liver curable, lung stated as not removable | 51 R peripheral                       | treatable   | statement=unresectable-technical | Liver curable, lung not          |
    liver curable, lung innumerable         | none                                      | treatable   | count=innumerable                | Liver curable, lung not          |
    liver curable, eleven in the lung       | 6 x 12 R peripheral + 5 x 12 L peripheral | treatable   |                                  | Liver curable, lung not          |
    liver curable, number in the lung not known | none                                  | treatable   |                                  | ask the MDT                      |
    neither                                 | none                                      | untreatable | count=innumerable                | Neither lung nor liver curable   |
    treatability of the liver not stated    | 15 R peripheral                           | unstated    |                                  | ask the MDT                      |
    liver and bone                          | 15 R peripheral                           | treatable   | comorbidity=C79.51               |                                  | T-05
    liver treated, no evidence of disease   | 15 R peripheral                           | resolved    |                                  |                                  | T-05
    nothing elsewhere                       | 15 R peripheral                           | none        |                                  |                                  | T-05
    """,
)

PROFILE = table(
    "MOL",
    "Molecular profile",
    """
    case                            | changes                                     | RAS       | BRAF      | MSI     | HER2     | says                                              | cards never say    | needs     | no need
    --------------------------------+---------------------------------------------+-----------+-----------+---------+----------+---------------------------------------------------+--------------------+-----------+--------
    nothing tested                  |                                             | unknown   | unknown   | unknown | unknown  | extended RAS                                      |                    | MOLECULAR |
    MSI-high                        | msi=high                                    | unknown   | unknown   | high    | unknown  | checkpoint inhibition before surgery              |                    | MOLECULAR |
    RAS mutant                      | ras=p.Gly12Asp                              | mutant    | unknown   | unknown | unknown  | no anti-EGFR antibody                             |                    | MOLECULAR |
    BRAF V600E and MSI-high         | braf=true; msi=high                         | unknown   | v600e     | high    | unknown  | encorafenib with cetuximab; checkpoint inhibition |                    |           |
    HER2 positive                   | her2=positive                               | unknown   | unknown   | unknown | positive | HER2-amplified                                    |                    |           |
    HER2 negative                   | her2=negative                               | unknown   | unknown   | unknown | negative |                                                   |                    |           |
    RAS, BRAF wild type, MSS, rectum | ras=wild; braf=wild; msi=stable; primary_icd=C20; style=plain | wild_type | wild_type | stable | unknown | left side                        |                    |           |
    RAS, BRAF wild type, MSS, colon | ras=wild; braf=wild; msi=stable             | wild_type | wild_type | stable  | unknown  | side of the primary                               |                    |           |
    everything tested               | ras=wild; braf=wild; msi=stable; her2=negative | wild_type | wild_type | stable | negative |                                                |                    |           | MOLECULAR
    results of 2015                 | msi=high; molecular_on=2015-07-01           | unknown   | unknown   | high    | unknown  |                                                   |                    |           |
    """,
    note="Results do not age, apart from the limit of ten years for all data.",
)

TABLES = (NOTES, TEXTS, LIVER, PROFILE)
