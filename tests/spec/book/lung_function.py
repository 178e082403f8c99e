"""Lung function before resection (S-04)."""

from __future__ import annotations

from tests.spec.tables import table

SPIROMETRY = table(
    "S-04",
    "FEV1 and DLCO",
    """
    case                              | FEV1 % | DLCO % | measured   | surgery | surgery codes          | needs | no need
    ----------------------------------+--------+--------+------------+---------+------------------------+-------+--------
    both well above                   | 95     | 90     |            | E       |                        |       | PFT CPET
    both just above                   | 80.1   | 80.1   |            | E       |                        |       | PFT CPET
    both one above                    | 81     | 81     |            | E       |                        |       | PFT CPET
    FEV1 at the limit                 | 80     | 90     |            | C       | NEEDS_CPET             | CPET  | PFT
    DLCO at the limit                 | 95     | 80     |            | C       | NEEDS_CPET             | CPET  | PFT
    both low                          | 60     | 62     |            | C       | NEEDS_CPET             | CPET  | PFT
    both missing                      | -      | -      |            | C       | PFT_MISSING            | PFT   | CPET
    FEV1 good, DLCO missing           | 95     | -      |            | C       | PFT_MISSING            | PFT   | CPET
    FEV1 low, DLCO missing            | 60     | -      |            | C       | NEEDS_CPET PFT_MISSING | PFT CPET |
    FEV1 missing, DLCO at the limit   | -      | 80     |            | C       | NEEDS_CPET PFT_MISSING | PFT CPET |
    FEV1 above 80, DLCO good          | >80    | 90     |            | E       |                        |       |
    FEV1 above 79                     | >79    | 90     |            | C       | PFT_MISSING            | PFT   |
    FEV1 at least 80                  | >=80   | 90     |            | C       | PFT_MISSING            | PFT   |
    FEV1 at most 80                   | <=80   | 90     |            | C       | NEEDS_CPET             | CPET  |
    180 days old                      | 95     | 90     | 2024-12-03 | E       |                        |       | PFT
    181 days old                      | 95     | 90     | 2024-12-02 | C       | PFT_MISSING            | PFT   |
    low, 181 days old                 | 60     | 62     | 2024-12-02 | C       | PFT_MISSING            | PFT   |
    month only, perhaps 181 days old  | 95     | 90     | 2024-12    | C       | PFT_MISSING            | PFT   |
    """,
    given="measured=pft_on",
    note="The limits were made for lobectomy and pneumonectomy in lung cancer, and the card says so.",
)

UNREADABLE = table(
    "S-04 E-01",
    "FEV1 that cannot be read",
    """
    case                     | FEV1 % | changes       | surgery | surgery codes | problems
    -------------------------+--------+---------------+---------+---------------+-------------
    percent                  | 95     |               | E       |               |
    without a unit           | 95     | fev1_unit=null | C      | PFT_MISSING   | UNIT_MISSING
    fraction without a unit  | 0.95   | fev1_unit=null | C      | PFT_MISSING   | UNIT_MISSING
    litres                   | 2.9    | fev1_unit=L   | C       | PFT_MISSING   | UNIT_UNKNOWN
    200 percent              | 200    |               | E       |               |
    201 percent              | 201    |               | C       | PFT_MISSING   | VALUE_INVALID
    """,
)

EXERCISE = table(
    "S-04",
    "Exercise test and predicted postoperative function",
    """
    case                                      | VO2  | VO2 % | ppo FEV1 % | ppo DLCO % | changes           | surgery | surgery codes      | needs
    ------------------------------------------+------+-------+------------+------------+-------------------+---------+--------------------+------
    prohibitive                               | 9.9  |       |            |            |                   | N       | VO2_PROHIBITIVE    |
    prohibitive, whatever the rest            | 9.9  |       | 60         | 60         | fev1=95; dlco=90  | N       | VO2_PROHIBITIVE    |
    prohibitive in percent                    |      | 34.9  |            |            |                   | N       | VO2_PROHIBITIVE    |
    prohibitive in percent, 34                |      | 34    |            |            |                   | N       | VO2_PROHIBITIVE    |
    prohibitive in one of the two             | 15   | 34.9  |            |            |                   | N       | VO2_PROHIBITIVE    |
    bottom of the range                       | 10   |       |            |            |                   | C       | PPO_NEEDED         | CPET
    bottom of the range in percent            |      | 35    |            |            |                   | C       | PPO_NEEDED         | CPET
    top of the range                          | 20   |       |            |            |                   | C       | PPO_NEEDED         | CPET
    top of the range in percent               |      | 75    |            |            |                   | C       | PPO_NEEDED         | CPET
    above the range                           | 20.1 |       |            |            |                   | E       |                    |
    above the range, 21                       | 21   |       |            |            |                   | E       |                    |
    above the range in percent                |      | 75.1  |            |            |                   | E       |                    |
    above the range in percent, 76            |      | 76    |            |            |                   | E       |                    |
    in the range, postoperative both 30.1     | 15   |       | 30.1       | 30.1       |                   | E       |                    |
    in the range, postoperative both 31       | 15   |       | 31         | 31         |                   | E       |                    |
    in the range, postoperative FEV1 30       | 15   |       | 30         | 40         |                   | C       | HIGH_RISK_FUNCTION |
    in the range, postoperative DLCO 30       | 15   |       | 40         | 30         |                   | C       | HIGH_RISK_FUNCTION |
    in the range, one postoperative missing   | 15   |       | 40         |            |                   | C       | PPO_NEEDED         | CPET
    in the range, one low and one missing     | 15   |       | 29         |            |                   | C       | HIGH_RISK_FUNCTION |
    above 20                                  | >20  |       |            |            |                   | E       |                    |
    below 10                                  | <10  |       |            |            |                   | N       | VO2_PROHIBITIVE    |
    below 12: prohibitive or in the range     | <12  |       |            |            |                   | U       | PPO_NEEDED         | CPET
    uptake 180 days old                       | 9.9  |       |            |            | vo2_on=2024-12-03 | N       | VO2_PROHIBITIVE    |
    uptake 181 days old                       | 9.9  |       |            |            | vo2_on=2024-12-02 | C       | NEEDS_CPET         | CPET
    """,
    given="fev1=60; dlco=62",
    note="Predicted postoperative values are read where somebody recorded them; they are never calculated here.",
)

TABLES = (SPIROMETRY, UNREADABLE, EXERCISE)
