"""Which nodules count: tiny, small, benign, unproven (C-08, N-01 to N-04)."""

from __future__ import annotations

from tests.spec.tables import table

TINY = table(
    "N-01 C-08",
    "Nodules below the size edge",
    """
    case                                   | lesions                                                | population | certainty     | n | too small | SBA | MDT | cards say                          | cards never say
    ---------------------------------------+--------------------------------------------------------+------------+---------------+---+-----------+-----+-----+------------------------------------+----------------
    5.9 mm, unproven                       | 5.9 R peripheral unproven                              | suspected  | indeterminate | - | 1         | --- | yes | about 3 months; below 6 mm         | option to discuss
    6 mm, unproven                         | 6 R peripheral unproven                                | in         | confirmed     | 1 | 0         | EEE | yes |                                    |
    5.9 mm, stable                         | 5.9 R peripheral unproven stable                       | suspected  | indeterminate | - | 1         | --- | yes | about 3 months                     | option to discuss
    5.9 mm, growing                        | 5.9 R peripheral unproven growing                      | in         | confirmed     | 1 | 0         | EEE | yes |                                    |
    5.9 mm, new                            | 5.9 R peripheral unproven new                          | suspected  | indeterminate | - | 1         | --- | yes | about 3 months                     | option to discuss
    5.9 mm, proven                         | 5.9 R peripheral                                       | in         | confirmed     | 1 | 0         | EEE | yes |                                    |
    below 6 mm                             | <6 R peripheral unproven                               | suspected  | indeterminate | - | 1         | --- | yes | about 3 months                     |
    at most 6 mm                           | <=6 R peripheral unproven                              | in         | confirmed     | 1 | 0         | EEE | yes |                                    |
    below 5 mm                             | <5 R peripheral unproven                               | suspected  | indeterminate | - | 1         | --- | yes | about 3 months                     |
    size not recorded                      | ? R peripheral unproven                                | in         | confirmed     | 1 | 0         | EUU | yes |                                    |
    size without unit                      | 4 R peripheral unproven unitless                       | in         | confirmed     | 1 | 0         | EUU | yes |                                    |
    two of 4 mm                            | 2 x 4 R peripheral unproven                            | suspected  | indeterminate | - | 2         | --- | yes |                                    | option to discuss
    two of 4 mm beside three               | 3 x 20 R peripheral + 2 x 4 R peripheral unproven      | in         | confirmed     | 3 | 2         | EEE | yes | 3 (+2 below 6 mm)                  |
    two of 4 mm beside one                 | 20 R peripheral + 2 x 4 R peripheral unproven          | in         | confirmed     | 1 | 2         | EEE | yes | (+2 below 6 mm)                    |
    """,
)

SMALL = table(
    "N-02 C-08",
    "One small nodule whose Condition is not confirmed",
    """
    case                          | lesions                            | population | certainty     | SBA | MDT | cards say       | changes
    ------------------------------+------------------------------------+------------+---------------+-----+-----+-----------------+--------
    9.9 mm                        | 9.9 R peripheral unproven          | suspected  | indeterminate | --- | yes | below 10 mm     |
    10 mm                         | 10 R peripheral unproven           | suspected  | suspected     | --- | yes | suspected       |
    9.9 mm, new                   | 9.9 R peripheral unproven new      | suspected  | indeterminate | --- | yes |                 |
    9.9 mm, growing               | 9.9 R peripheral unproven growing  | suspected  | suspected     | --- | yes |                 |
    9.9 mm, stable                | 9.9 R peripheral unproven stable   | suspected  | indeterminate | --- | yes |                 |
    two of 9.9 mm                 | 2 x 9.9 R peripheral unproven      | suspected  | suspected     | --- | yes |                 |
    size not recorded             | ? R peripheral unproven            | suspected  | suspected     | --- | yes |                 |
    9.9 mm, Condition confirmed   | 9.9 R peripheral unproven          | in         | confirmed     | EEE | yes |                 | lung_certainty=confirmed
    """,
    given="lung_certainty=provisional",
)

BENIGN = table(
    "N-03 C-04",
    "Benign, stable for long, or something else",
    """
    case                                   | lesions                                                                     | n | SBA | expected
    ---------------------------------------+-----------------------------------------------------------------------------+---+-----+---------
    stable for 24 months                   | 20 R peripheral + 8 R peripheral unproven stable was=2023-05-12:8           | 1 | EEE | lesions.1.counted=false
    stable for one day less                | 20 R peripheral + 8 R peripheral unproven stable was=2023-05-13:8           | 2 | EEE | lesions.1.counted=true
    24 months, change not recorded         | 20 R peripheral + 8 R peripheral unproven was=2023-05-12:8                  | 2 | EEE | lesions.1.counted=true
    24 months, growing                     | 20 R peripheral + 8 R peripheral unproven growing was=2023-05-12:7          | 2 | EEE | lesions.1.counted=true
    24 months, but proven metastasis       | 20 R peripheral + 8 R peripheral stable was=2023-05-12:8                    | 2 | EEE | lesions.1.counted=true
    first seen in that month               | 20 R peripheral + 8 R peripheral unproven stable was=2023-05:8              | 2 | EEE | lesions.1.counted=true
    proven to be something else            | 20 R peripheral + 8 R peripheral other                                      | 1 | EEE | lesions.1.counted=false
    """,
    styles=("mcode",),
)

SINGLE = table(
    "N-04 G-06",
    "A single lesion without histology",
    """
    case                               | lesions                         | changes                    | cards        | needs     | no need   | cards say
    -----------------------------------+---------------------------------+----------------------------+--------------+-----------+-----------+----------
    one, unproven                      | 14 R peripheral unproven        |                            | info warning | HISTOLOGY |           | second primary lung cancer
    one, unproven, smoker              | 14 R peripheral unproven        | smoker=true                | info warning | HISTOLOGY |           | second primary lung cancer
    one, proven                        | 14 R peripheral                 |                            | info         |           | HISTOLOGY |
    two, unproven                      | 2 x 14 R peripheral unproven    |                            | info         |           | HISTOLOGY |
    one, unproven, not confirmed       | 14 R peripheral unproven        | lung_certainty=provisional | warning      | HISTOLOGY |           | second primary lung cancer
    one beside a tiny nodule, unproven | 14 R peripheral unproven + 4 R peripheral unproven |         | info warning | HISTOLOGY |           | second primary lung cancer
    """,
    note="Every single lesion without histology gets the warning, so no further feature changes anything.",
)

TABLES = (TINY, SMALL, BENIGN, SINGLE)
