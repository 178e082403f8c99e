"""Where in the lung (C-06), and what it means for SBRT (R-03) and ablation (A-03); can it be removed (C-07)."""

from __future__ import annotations

from tests.spec.tables import table

PLACE = table(
    "C-06 R-03 A-03",
    "Zone and distances",
    """
    case                                       | lesions                       | zone         | SBRT | ablation | codes                                   | notes        | flags         | no flag
    -------------------------------------------+-------------------------------+--------------+------+----------+-----------------------------------------+--------------+---------------+--------------
    peripheral                                 | 15 R peripheral               | peripheral   | E    | E        |                                         |              |               | ZONE_CONFLICT
    middle                                     | 15 R middle                   | middle       | E    | E        |                                         |              |               | ZONE_CONFLICT
    medial                                     | 15 R medial                   | medial       | E    | C        | HEAT_SINK_OR_AIRWAY                     |              |               |
    central                                    | 15 R central                  | central      | E    | C        | HEAT_SINK_OR_AIRWAY                     | CENTRAL_RISK |               |
    ultracentral                               | 15 R ultracentral             | ultracentral | C    | C        | HEAT_SINK_OR_AIRWAY ULTRACENTRAL        |              |               |
    zone not recorded                          | 15 R ?                        | -            | C    | C        | ZONE_UNKNOWN                            |              |               |
    lobe alone                                 | 15 RLL ?                      | -            | C    | C        | ZONE_UNKNOWN                            |              |               |
    called peripheral, 10 mm from the bronchi  | 15 R peripheral@10            | ultracentral | C    | C        | HEAT_SINK_OR_AIRWAY ULTRACENTRAL        |              | ZONE_CONFLICT |
    called peripheral, 10.1 mm                 | 15 R peripheral@10.1          | central      | E    | C        | HEAT_SINK_OR_AIRWAY                     | CENTRAL_RISK | ZONE_CONFLICT |
    called peripheral, 20 mm                   | 15 R peripheral@20            | central      | E    | C        | HEAT_SINK_OR_AIRWAY                     | CENTRAL_RISK | ZONE_CONFLICT |
    called peripheral, 20.1 mm                 | 15 R peripheral@20.1          | peripheral   | E    | E        |                                         |              |               | ZONE_CONFLICT
    called medial, 15 mm                       | 15 R medial@15                | central      | E    | C        | HEAT_SINK_OR_AIRWAY                     | CENTRAL_RISK |               | ZONE_CONFLICT
    called medial, 25 mm                       | 15 R medial@25                | medial       | E    | C        | HEAT_SINK_OR_AIRWAY                     |              |               |
    zone not recorded, 10 mm                   | 15 R ?@10                     | ultracentral | C    | C        | HEAT_SINK_OR_AIRWAY ULTRACENTRAL        |              |               |
    zone not recorded, 20 mm                   | 15 R ?@20                     | central      | E    | C        | HEAT_SINK_OR_AIRWAY                     | CENTRAL_RISK |               |
    zone not recorded, 20.1 mm                 | 15 R ?@20.1                   | -            | E    | C        | ZONE_UNKNOWN                            |              |               |
    called peripheral, below 10 mm             | 15 R peripheral@<10           | ultracentral | C    | C        | HEAT_SINK_OR_AIRWAY ULTRACENTRAL        |              | ZONE_CONFLICT |
    called peripheral, below 20 mm             | 15 R peripheral@<20           | medial       | C    | C        | HEAT_SINK_OR_AIRWAY ZONE_UNKNOWN        |              | ZONE_CONFLICT |
    called peripheral, above 10 mm             | 15 R peripheral@>10           | -            | E    | C        | ZONE_UNKNOWN                            | CENTRAL_RISK |               |
    called peripheral, above 20 mm             | 15 R peripheral@>20           | peripheral   | E    | E        |                                         |              |               |
    near a vessel, as coded                    | 15 R peripheral near          | medial       | E    | C        | HEAT_SINK_OR_AIRWAY                     |              |               |
    away from vessels, as coded                | 15 R peripheral apart         | peripheral   | E    | E        |                                         |              |               |
    10 mm from a vessel                        | 15 R peripheral vessel@10     | medial       | E    | C        | HEAT_SINK_OR_AIRWAY                     |              |               |
    10.1 mm from a vessel                      | 15 R peripheral vessel@10.1   | peripheral   | E    | E        |                                         |              |               |
    away as coded, but 5 mm from a vessel      | 15 R peripheral apart vessel@5 | medial      | E    | C        | HEAT_SINK_OR_AIRWAY                     |              |               |
    near a vessel, zone not recorded           | 15 R ? near                   | medial       | E    | C        | HEAT_SINK_OR_AIRWAY                     |              |               |
    away from vessels, zone not recorded       | 15 R ? apart                  | -            | C    | C        | ZONE_UNKNOWN                            |              |               |
    """,
    note="``zone`` is what reports show. A recorded central counts as medial for the choice between SBRT and ablation.",
)

SCREEN = table(
    "C-07",
    "Resectability: the screen",
    """
    case                                         | lesions                                   | changes                             | resectability                  | basis
    ---------------------------------------------+-------------------------------------------+-------------------------------------+--------------------------------+------
    everything known and passed                  | 15 R peripheral                           |                                     | screen_resectable              | screen
    five lesions                                 | 3 x 12 R peripheral + 2 x 12 L peripheral |                                     | screen_resectable              | screen
    six lesions                                  | 3 x 12 R peripheral + 3 x 12 L peripheral |                                     | screen_potentially_resectable  | screen
    ten lesions                                  | 5 x 12 R peripheral + 5 x 12 L peripheral |                                     | screen_potentially_resectable  | screen
    eleven lesions                               | 6 x 12 R peripheral + 5 x 12 L peripheral |                                     | screen_unresectable            | screen
    innumerable                                  | none                                      | count=innumerable                   | screen_unresectable            | screen
    number not known                             | none                                      |                                     | unknown                        | screen
    primary in place, resectable                 | 15 R peripheral                           | primary=resectable; resected=null   | screen_resectable              | screen
    primary in complete response                 | 15 R peripheral                           | primary=complete-response; resected=null | screen_resectable         | screen
    primary uncontrolled                         | 15 R peripheral                           | primary=uncontrolled                | screen_unresectable            | screen
    primary unresectable                         | 15 R peripheral                           | primary=unresectable; resected=null | screen_unresectable            | screen
    status of the primary not recorded           | 15 R peripheral                           | primary=null; resected=null         | unknown                        | screen
    liver, treatable                             | 15 R peripheral                           | extra=treatable                     | screen_resectable              | screen
    liver, not treatable                         | 15 R peripheral                           | extra=untreatable                   | screen_unresectable            | screen
    liver, treatability not stated               | 15 R peripheral                           | extra=unstated                      | unknown                        | screen
    abdomen and pelvis not imaged                | 15 R peripheral                           | extra=null                          | unknown                        | screen
    malignant effusion                           | 15 R peripheral                           | comorbidity=J91.0                   | screen_unresectable            | screen
    exercise test prohibitive                    | 15 R peripheral                           | vo2=9.9                             | screen_unresectable            | screen
    exercise test at the limit                   | 15 R peripheral                           | fev1=60; vo2=10                     | screen_resectable              | screen
    exercise test prohibitive, percent           | 15 R peripheral                           | vo2_percent=34.9                    | screen_unresectable            | screen
    exercise test at the limit, percent          | 15 R peripheral                           | fev1=60; vo2_percent=35             | screen_resectable              | screen
    lung function low                            | 15 R peripheral                           | fev1=60                             | screen_resectable              | screen
    lung function missing                        | 15 R peripheral                           | fev1=null; dlco=null                | screen_resectable              | screen
    """,
    note="A screen always needs thoracic-surgical judgement, and the card says so.",
)

STATED = table(
    "C-07 S-09",
    "Resectability: the statement of a surgeon or MDT",
    """
    case                               | statement              | statement on | resectability                 | basis  | surgery | surgery codes                 | SBRT | ablation | flags           | no flag
    -----------------------------------+------------------------+--------------+-------------------------------+--------+---------+-------------------------------+------+----------+-----------------+--------
    resectable                         | resectable             |              | stated_resectable             | stated | E       |                               | E    | E        |                 | STATEMENT_STALE
    potentially resectable             | potentially-resectable |              | stated_potentially_resectable | stated | C       | STATED_POTENTIALLY_RESECTABLE | E    | E        |                 | STATEMENT_STALE
    unresectable for technical reasons | unresectable-technical |              | stated_unresectable           | stated | N       | STATED_UNRESECTABLE           | E    | E        |                 | STATEMENT_STALE
    unresectable for medical reasons   | unresectable-medical   |              | stated_unresectable           | stated | N       | STATED_UNRESECTABLE           | E    | E        |                 | STATEMENT_STALE
    90 days old                        | unresectable-technical | 2025-03-03   | stated_unresectable           | stated | N       | STATED_UNRESECTABLE           | E    | E        |                 | STATEMENT_STALE
    91 days old                        | unresectable-technical | 2025-03-02   | screen_resectable             | screen | C       | STATEMENT_STALE               | E    | E        | STATEMENT_STALE |
    of that month, perhaps 91 days old | unresectable-technical | 2025-03      | screen_resectable             | screen | C       | STATEMENT_STALE               | E    | E        | STATEMENT_STALE |
    potentially resectable, 91 days old | potentially-resectable | 2025-03-02  | screen_resectable             | screen | C       | STATEMENT_STALE               | E    | E        | STATEMENT_STALE |
    """,
)

TABLES = (PLACE, SCREEN, STATED)
