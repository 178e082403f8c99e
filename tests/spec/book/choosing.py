"""Choosing between modalities: order (Z-01, Z-02), IMRT (I-01), hybrid (H-01), and the least that is needed."""

from __future__ import annotations

from tests.spec.tables import table

ORDER = table(
    "Z-01",
    "SBRT or ablation first, for a solitary lesion",
    """
    case                                   | lesions                 | changes            | SBRT | ablation | order of options | cards say
    ---------------------------------------+-------------------------+--------------------+------+----------+------------------+----------
    peripheral                             | 15 R peripheral         |                    | E    | E        | ablation, sbrt   | consensus preference, low-level evidence
    middle                                 | 15 R middle             |                    | E    | E        | ablation sbrt    | Middle zone: no order
    medial                                 | 15 R medial             |                    | E    | C        | sbrt, ablation   | An option without caution stands before one with caution
    near a vessel                          | 15 R peripheral near    |                    | E    | C        | sbrt, ablation   |
    ultracentral                           | 15 R ultracentral       |                    | C    | C        | sbrt, ablation   | consensus preference, low-level evidence
    medial, both with caution              | 15 R medial             | prior_rt=unknown   | C    | C        | sbrt, ablation   | consensus preference, low-level evidence
    zone not known                         | 15 R ?                  |                    | C    | C        | ablation sbrt    | Zone not known: no order
    zone not known, ablation with caution alone | 15 R ?@25          |                    | E    | C        | sbrt, ablation   |
    peripheral, ablation with caution      | 31 R peripheral         |                    | E    | C        | sbrt, ablation   | An option without caution stands before one with caution
    peripheral, SBRT with caution          | 15 R peripheral         | prior_rt=same_lobe | C    | E        | ablation, sbrt   |
    peripheral, both with caution          | 15 R peripheral         | ecog=3             | C    | C        | ablation, sbrt   | consensus preference, low-level evidence
    medial, SBRT excluded by size          | 51 R medial             |                    | N    | N        |                  |
    peripheral, ablation blocked           | 15 R peripheral         | plt=49             | E    | K        | sbrt             |
    size not known                         | ? R peripheral          |                    | U    | U        |                  |
    two lesions                            | 2 x 15 R peripheral     |                    | E    | E        |                  | no overall order
    number not known                       | none                    |                    | U    | U        |                  |
    """,
    note="A consensus preference on low-level evidence; there is no randomised comparison.",
)

CARD_ORDER = table(
    "Z-02",
    "What stands on the card, and what is not offered",
    """
    case                              | lesions                                   | changes             | cards say                                              | cards never say
    ----------------------------------+-------------------------------------------+---------------------+--------------------------------------------------------+----------------
    surgery among the options         | 15 R peripheral                           |                     | PulMiCC; assess for lung-sparing resection             |
    surgery with caution              | 15 R peripheral                           | fev1=60             | PulMiCC; assess for lung-sparing resection             |
    surgery not supported             | 15 R peripheral                           | ecog=3              | Surgery (lung resection); not supported by the rule set | PulMiCC (; assess for lung-sparing resection
    ablation blocked                  | 15 R peripheral                           | plt=49              | Ablation not until corrected: platelets                | assess for thermal ablation
    nothing supported                 | 15 R peripheral                           | extra=untreatable   | no local option by the rule set                        | assess for
    two modalities not assessable     | ? R peripheral                            |                     | Too few data to name local therapies                   | assess for; option to discuss
    """,
)

IMRT = table(
    "I-01",
    "IMRT",
    """
    case                                     | lesions                                                     | changes           | SBRT | IMRT
    -----------------------------------------+-------------------------------------------------------------+-------------------+------+-----
    solitary, 51 mm                          | 51 R peripheral                                             |                   | N    | yes
    solitary, 50 mm                          | 50 R peripheral                                             |                   | E    | no
    one of five above 50 mm                  | 51 R peripheral + 2 x 12 R peripheral + 2 x 12 L peripheral |                   | N    | yes
    one of six above 50 mm                   | 51 R peripheral + 2 x 12 R peripheral + 3 x 12 L peripheral |                   | N    | no
    above 50 mm, and liver not treatable     | 51 R peripheral                                             | extra=untreatable | N    | no
    above 50 mm, and ECOG 4                  | 51 R peripheral                                             | ecog=4            | N    | no
    above 50 mm, with cautions               | 51 R peripheral                                             | ecog=3            | N    | yes
    ultracentral                             | 15 R ultracentral                                           |                   | C    | no
    number not known                         | 51 R peripheral                                             | count=multiple    | N    | no
    """,
)

HYBRID = table(
    "H-01",
    "Resection combined with ablation",
    """
    case                                    | lesions                                   | changes              | SBA | hybrid | hybrid codes
    ----------------------------------------+-------------------------------------------+----------------------+-----+--------+-------------
    one lesion                              | 15 R peripheral                           | ecog=2; prior_rt=same_lobe; device=true; fev1=60 | CCC | no |
    two, each option with caution           | 2 x 15 R peripheral                       | prior_rt=same_lobe; device=true; fev1=60 | CCC | yes | HYBRID
    two, surgery an option for all          | 2 x 15 R peripheral                       |                      | EEE | no     |
    four, ablation above its number         | 4 x 15 R peripheral                       | fev1=60              | CCN | yes    | HYBRID
    five                                    | 4 x 15 R peripheral + 1 x 15 L peripheral |                      | CCC | yes    | HYBRID HYBRID_MANY
    three and two: ablation for all         | 3 x 15 R peripheral + 2 x 15 L peripheral |                      | CCE | no     |
    ten                                     | 5 x 9 R peripheral + 5 x 9 L peripheral   |                      | CNN | yes    | HYBRID HYBRID_MANY
    eleven                                  | 6 x 9 R peripheral + 5 x 9 L peripheral   |                      | NNN | no     |
    six, platelets 49                       | 3 x 9 R peripheral + 3 x 9 L peripheral   | plt=49               | CNN | no     |
    six, none up to 30 mm                   | 3 x 31 R peripheral + 3 x 31 L peripheral |                      | CNN | no     |
    six, one up to 30 mm                    | 3 x 31 R peripheral + 2 x 31 L peripheral + 30 L peripheral |    | CNN | yes    | HYBRID HYBRID_MANY
    six, one of them peripheral             | 3 x 15 R medial + 2 x 15 L medial + 15 L peripheral |            | CNN | yes    | HYBRID HYBRID_MANY
    six, all medial                         | 3 x 15 R medial + 3 x 15 L medial         |                      | CNN | no     |
    six, ECOG 3: surgery not supported      | 3 x 9 R peripheral + 3 x 9 L peripheral   | ecog=3               | NNN | no     |
    number not known                        | 15 R peripheral                           | count=multiple       | UUU | no     |
    """,
)

TABLES = (ORDER, CARD_ORDER, IMRT, HYBRID)
