"""The decisions about therapies as tables of regions, written from the rules and not from the code."""

from __future__ import annotations

from tests.spec.regions import decisions

ABLATION_NUMBER = decisions(
    "A-01",
    "Ablation by number and sides",
    "sides, total, most on one side",
    """
    sides | total | most on one side | result       | code
    ------+-------+------------------+--------------+----------------------------
    one   | 1..3  | *                | ELIGIBLE     |
    one   | >=4   | *                | NOT_ELIGIBLE | COUNT_OVER_LIMIT_ONE_SIDE
    both  | 2..5  | 1..3             | ELIGIBLE     |
    both  | 2..5  | >=4              | CONDITIONAL  | MANY_ON_ONE_SIDE
    both  | >=6   | *                | NOT_ELIGIBLE | COUNT_OVER_LIMIT_BOTH_SIDES
    """,
)
ABLATION_SIDES_UNKNOWN = decisions(
    "A-01",
    "Ablation by number, no side known",
    "total",
    """
    total | result       | code
    ------+--------------+-----------
    1..3  | ELIGIBLE     |
    4..5  | UNKNOWN      | LATERALITY
    >=6   | NOT_ELIGIBLE | COUNT
    """,
)
SBRT_NUMBER = decisions(
    "R-01",
    "SBRT by number",
    "total",
    """
    total | result       | code
    ------+--------------+-----------------
    1..3  | ELIGIBLE     |
    4..5  | CONDITIONAL  | COUNT_CAUTION
    >=6   | NOT_ELIGIBLE | COUNT_OVER_LIMIT
    """,
)
SURGERY_NUMBER = decisions(
    "S-03",
    "Surgery by number",
    "total",
    """
    total | result       | code
    ------+--------------+-------------
    1..4  | ELIGIBLE     |
    5..10 | CONDITIONAL  | MANY_LESIONS
    >=11  | NOT_ELIGIBLE | DIFFUSE
    """,
)
LUNG_FUNCTION = decisions(
    "S-04",
    "Lung function before resection",
    "VO2, VO2 %, FEV1, DLCO, ppo FEV1, ppo DLCO",
    """
    VO2      | VO2 %    | FEV1 | DLCO | ppo FEV1 | ppo DLCO | result       | codes
    ---------+----------+------+------+----------+----------+--------------+-----------------------
    <10      | *        | *    | *    | *        | *        | NOT_ELIGIBLE | VO2_PROHIBITIVE
    -/>=10   | <35      | *    | *    | *        | *        | NOT_ELIGIBLE | VO2_PROHIBITIVE
    >20      | -/>=35   | *    | *    | *        | *        | ELIGIBLE     |
    -/10..20 | >75      | *    | *    | *        | *        | ELIGIBLE     |
    10..20   | -/35..75 | *    | *    | >30      | >30      | ELIGIBLE     |
    10..20   | -/35..75 | *    | *    | <=30     | *        | CONDITIONAL  | HIGH_RISK_FUNCTION
    10..20   | -/35..75 | *    | *    | -/>30    | <=30     | CONDITIONAL  | HIGH_RISK_FUNCTION
    10..20   | -/35..75 | *    | *    | -        | -/>30    | CONDITIONAL  | PPO_NEEDED
    10..20   | -/35..75 | *    | *    | >30      | -        | CONDITIONAL  | PPO_NEEDED
    -        | 35..75   | *    | *    | >30      | >30      | ELIGIBLE     |
    -        | 35..75   | *    | *    | <=30     | *        | CONDITIONAL  | HIGH_RISK_FUNCTION
    -        | 35..75   | *    | *    | -/>30    | <=30     | CONDITIONAL  | HIGH_RISK_FUNCTION
    -        | 35..75   | *    | *    | -        | -/>30    | CONDITIONAL  | PPO_NEEDED
    -        | 35..75   | *    | *    | >30      | -        | CONDITIONAL  | PPO_NEEDED
    -        | -        | >80  | >80  | *        | *        | ELIGIBLE     |
    -        | -        | <=80 | <=80 | *        | *        | CONDITIONAL  | NEEDS_CPET
    -        | -        | <=80 | >80  | *        | *        | CONDITIONAL  | NEEDS_CPET
    -        | -        | >80  | <=80 | *        | *        | CONDITIONAL  | NEEDS_CPET
    -        | -        | <=80 | -    | *        | *        | CONDITIONAL  | NEEDS_CPET PFT_MISSING
    -        | -        | -    | <=80 | *        | *        | CONDITIONAL  | NEEDS_CPET PFT_MISSING
    -        | -        | >80  | -    | *        | *        | CONDITIONAL  | PFT_MISSING
    -        | -        | -    | >80  | *        | *        | CONDITIONAL  | PFT_MISSING
    -        | -        | -    | -    | *        | *        | CONDITIONAL  | PFT_MISSING
    """,
    note="An exercise test that was done decides; FEV1 and DLCO are asked only without one.",
)
PERFORMANCE = decisions(
    "S-05 R-07 A-11",
    "Performance status",
    "modality, ECOG, current",
    """
    modality      | ECOG | current | result       | code
    --------------+------+---------+--------------+-------------
    *             | -    | *       | CONDITIONAL  | ECOG_MISSING
    *             | 0..2 | yes     | ELIGIBLE     |
    *             | 0..2 | no      | CONDITIONAL  | ECOG_MISSING
    *             | 3..5 | no      | CONDITIONAL  | ECOG_STALE
    surgery       | 3..5 | yes     | NOT_ELIGIBLE | ECOG
    SBRT/ablation | 3    | yes     | CONDITIONAL  | ECOG_POOR
    SBRT/ablation | 4..5 | yes     | NOT_ELIGIBLE | ECOG
    """,
)
PLACE = decisions(
    "C-06 R-03 A-03",
    "Zone, and what it means for SBRT and ablation",
    "recorded, to the bronchi, close",
    """
    recorded                           | to the bronchi | close | zone         | SBRT        | SBRT code    | ablation    | ablation code
    -----------------------------------+----------------+-------+--------------+-------------+--------------+-------------+--------------------
    ultracentral                       | *              | *     | ultracentral | CONDITIONAL | ULTRACENTRAL | CONDITIONAL | HEAT_SINK_OR_AIRWAY
    peripheral/middle/medial/central/- | <=10           | *     | ultracentral | CONDITIONAL | ULTRACENTRAL | CONDITIONAL | HEAT_SINK_OR_AIRWAY
    central                            | -/>10          | *     | central      | ELIGIBLE    | CENTRAL_RISK | CONDITIONAL | HEAT_SINK_OR_AIRWAY
    peripheral/middle/medial/-         | 10.1..20       | *     | central      | ELIGIBLE    | CENTRAL_RISK | CONDITIONAL | HEAT_SINK_OR_AIRWAY
    peripheral/middle/-                | -/>20          | yes   | medial       | ELIGIBLE    |              | CONDITIONAL | HEAT_SINK_OR_AIRWAY
    medial                             | -/>20          | *     | medial       | ELIGIBLE    |              | CONDITIONAL | HEAT_SINK_OR_AIRWAY
    peripheral                         | -/>20          | no    | peripheral   | ELIGIBLE    |              | ELIGIBLE    |
    middle                             | -/>20          | no    | middle       | ELIGIBLE    |              | ELIGIBLE    |
    -                                  | >20            | no    | -            | ELIGIBLE    |              | CONDITIONAL | ZONE_UNKNOWN
    -                                  | -              | no    | -            | CONDITIONAL | ZONE_UNKNOWN | CONDITIONAL | ZONE_UNKNOWN
    """,
    note="``close``: near a larger vessel or bronchus, as coded or at most 10 mm from a vessel. CENTRAL_RISK is a note only.",
)
SIZE = decisions(
    "R-02 A-02",
    "Size",
    "diameter, number",
    """
    diameter | number | SBRT         | SBRT code       | ablation     | ablation code
    ---------+--------+--------------+-----------------+--------------+---------------------------
    -        | *      | UNKNOWN      | SIZE            | UNKNOWN      | SIZE
    <=30     | *      | ELIGIBLE     |                 | ELIGIBLE     |
    30.1..50 | 1      | ELIGIBLE     |                 | CONDITIONAL  | LARGE_SOLITARY
    30.1..50 | >=2    | ELIGIBLE     |                 | NOT_ELIGIBLE | SIZE_OVER_LIMIT_OF_SEVERAL
    30.1..50 | -      | ELIGIBLE     |                 | UNKNOWN      | COUNT
    >50      | *      | NOT_ELIGIBLE | SIZE_OVER_LIMIT | NOT_ELIGIBLE | SIZE_OVER_LIMIT
    """,
)
ORDER = decisions(
    "Z-01",
    "SBRT or ablation first",
    "zone, SBRT, ablation",
    """
    zone       | SBRT                         | ablation                     | order
    -----------+------------------------------+------------------------------+---------------
    *          | ELIGIBLE                     | CONDITIONAL                  | sbrt, ablation
    *          | CONDITIONAL                  | ELIGIBLE                     | ablation, sbrt
    peripheral | ELIGIBLE                     | ELIGIBLE                     | ablation, sbrt
    peripheral | CONDITIONAL                  | CONDITIONAL                  | ablation, sbrt
    middle/-   | ELIGIBLE                     | ELIGIBLE                     | ablation sbrt
    middle/-   | CONDITIONAL                  | CONDITIONAL                  | ablation sbrt
    medial     | ELIGIBLE                     | ELIGIBLE                     | sbrt, ablation
    medial     | CONDITIONAL                  | CONDITIONAL                  | sbrt, ablation
    *          | ELIGIBLE/CONDITIONAL         | BLOCKED/UNKNOWN/NOT_ELIGIBLE | sbrt
    *          | BLOCKED/UNKNOWN/NOT_ELIGIBLE | ELIGIBLE/CONDITIONAL         | ablation
    *          | BLOCKED/UNKNOWN/NOT_ELIGIBLE | BLOCKED/UNKNOWN/NOT_ELIGIBLE |
    """,
)
HYBRID = decisions(
    "H-01",
    "Resection combined with ablation",
    "total, surgery, SBRT, ablation, blocked, one suits ablation",
    """
    total    | surgery                               | SBRT      | ablation  | blocked | one suits ablation | result      | codes
    ---------+---------------------------------------+-----------+-----------+---------+--------------------+-------------+-------------------
    2..4     | CONDITIONAL                           | not first | not first | no      | yes                | CONDITIONAL | HYBRID
    5..10    | CONDITIONAL                           | not first | not first | no      | yes                | CONDITIONAL | HYBRID HYBRID_MANY
    -/1/>=11 | *                                     | *         | *         | *       | *                  | NOT_OFFERED |
    2..10    | ELIGIBLE/BLOCKED/UNKNOWN/NOT_ELIGIBLE | *         | *         | *       | *                  | NOT_OFFERED |
    2..10    | CONDITIONAL                           | ELIGIBLE  | *         | *       | *                  | NOT_OFFERED |
    2..10    | CONDITIONAL                           | not first | ELIGIBLE  | *       | *                  | NOT_OFFERED |
    2..10    | CONDITIONAL                           | not first | not first | yes     | *                  | NOT_OFFERED |
    2..10    | CONDITIONAL                           | not first | not first | no      | no                 | NOT_OFFERED |
    """,
    note="``not first``: any result but ELIGIBLE.",
)
IMRT = decisions(
    "I-01",
    "IMRT",
    "total, against SBRT",
    """
    total | against SBRT       | result
    ------+--------------------+------------
    1..5  | size               | CONDITIONAL
    1..5  | nothing/other/both | NOT_OFFERED
    -/>=6 | *                  | NOT_OFFERED
    """,
    note="``against SBRT``: what makes SBRT NOT_ELIGIBLE.",
)
LIVER = decisions(
    "T-05",
    "Lung and liver only",
    "lung, liver",
    """
    lung        | liver       | text
    ------------+-------------+-------------
    curable     | curable     | T-05-both
    curable     | not curable | T-05-lung
    not curable | curable     | T-05-liver
    not curable | not curable | T-05-neither
    not known   | *           | T-05-unknown
    curable     | not known   | T-05-unknown
    not curable | not known   | T-05-unknown
    """,
)
TABLES = (
    SURGERY_NUMBER,
    LUNG_FUNCTION,
    PERFORMANCE,
    PLACE,
    SIZE,
    SBRT_NUMBER,
    ABLATION_NUMBER,
    ABLATION_SIDES_UNKNOWN,
    ORDER,
    HYBRID,
    IMRT,
    LIVER,
)
