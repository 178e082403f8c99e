"""The decisions about gates and axes as tables of regions, written from the rules and not from the code."""

from __future__ import annotations

from tests.spec.regions import decisions

GATES = decisions(
    "G-01 G-02 G-03 G-04 G-05 G-06 G-07 G-08 G-09 G-10",
    "Which gates fire",
    "deceased, age, hospice, palliative, primary, lung, other cancer, pregnant, declined",
    """
    gate | deceased | age   | hospice | palliative | primary      | lung                | other cancer | pregnant | declined | result
    -----+----------+-------+---------+------------+--------------+---------------------+--------------+----------+----------+-------
    G-01 | yes      | *     | *       | *          | *            | *                   | *            | *        | *        | stop
    G-02 | *        | minor | *       | *          | *            | *                   | *            | *        | *        | stop
    G-02 | *        | -     | *       | *          | *            | *                   | *            | *        | *        | note
    G-03 | *        | *     | yes     | *          | *            | *                   | *            | *        | *        | stop
    G-04 | *        | *     | no      | yes        | *            | *                   | *            | *        | *        | note
    G-05 | *        | *     | *       | *          | -            | confirmed/suspected | *            | *        | *        | stop
    G-06 | *        | *     | *       | *          | *            | suspected           | *            | *        | *        | note
    G-07 | *        | *     | *       | *          | out of scope | *                   | *            | *        | *        | stop
    G-08 | *        | *     | *       | *          | *            | *                   | yes          | *        | *        | note
    G-09 | *        | *     | *       | *          | *            | *                   | *            | yes      | *        | note
    G-10 | *        | *     | *       | *          | *            | *                   | *            | *        | yes      | note
    """,
    note="Several may fire together. One stop ends therapies and MDT.",
)
POPULATION = decisions(
    "G-05 G-06 G-07 N-01 N-02 C-08",
    "Population and certainty",
    "primary, lung, lesion",
    """
    primary      | lung                | lesion               | population | certainty
    -------------+---------------------+----------------------+------------+--------------
    -            | *                   | *                    | out        | indeterminate
    out of scope | *                   | *                    | out        | indeterminate
    in scope     | -                   | -                    | out        | indeterminate
    in scope     | confirmed           | -                    | in         | confirmed
    in scope     | suspected           | -                    | suspected  | suspected
    in scope     | *                   | below 6              | suspected  | indeterminate
    in scope     | confirmed           | below 10/large       | in         | confirmed
    in scope     | suspected/-         | below 10             | suspected  | indeterminate
    in scope     | suspected/-         | large                | suspected  | suspected
    """,
    note="``lesion``: the only one described, unproven and not growing; - where none is described.",
)
OLIGOMETASTATIC = decisions(
    "C-05",
    "Oligometastatic by count",
    "lung, spread, total",
    """
    lung | spread       | total | by count
    -----+--------------+-------+---------
    1..5 | isolated     | *     | true
    1..5 | non_isolated | 2..5  | true
    1..5 | non_isolated | >=6   | false
    1..5 | non_isolated | -     | unknown
    1..5 | unknown      | *     | unknown
    >=6  | *            | *     | false
    """,
    note="``total``: lesions of the lung and elsewhere together; not known where nobody counted those elsewhere.",
)
SYNCHRONOUS = decisions(
    "C-01",
    "Synchronous by each definition",
    "definition, days after diagnosis, first treatment",
    """
    definition         | days after diagnosis | first treatment | value
    -------------------+----------------------+-----------------+-------------
    egoslim/eahpba2023 | <=0                  | *               | synchronous
    egoslim/eahpba2023 | 1..120               | none/not before | synchronous
    egoslim/eahpba2023 | 1..120               | before          | metachronous
    egoslim/eahpba2023 | >=121                | *               | metachronous
    six_months         | <=181                | *               | synchronous
    six_months         | >=182                | *               | metachronous
    twelve_months      | <=365                | *               | synchronous
    twelve_months      | >=366                | *               | metachronous
    """,
    note="For a diagnosis on 2022-01-03: six calendar months are 181 days, twelve are 365. "
    "``first treatment``: before the metastasis was found or not.",
)
SEQUENCE = decisions(
    "C-02",
    "Initial or after other metastases",
    "earliest, undated, Conditions complete",
    """
    earliest  | undated | Conditions complete | sequence
    ----------+---------+---------------------+-------------------
    <=-31     | *       | *                   | non_initial
    -30..30   | no      | yes                 | initial_concurrent
    >=31      | no      | yes                 | initial
    -         | no      | yes                 | initial
    -30..30   | yes     | *                   | unknown
    >=31      | yes     | *                   | unknown
    -         | yes     | *                   | unknown
    -30..30   | no      | no                  | unknown
    >=31      | no      | no                  | unknown
    -         | no      | no                  | unknown
    """,
    note="``earliest``: days from the lung metastasis to the earliest dated metastasis elsewhere; - where there is none.",
)
SPREAD = decisions(
    "C-03",
    "Isolated to the lung or not",
    "active, not active, status unknown, site unknown, Conditions complete, imaging recent",
    """
    active | not active | status unknown | site unknown | Conditions complete | imaging recent | spread       | prior
    -------+------------+----------------+--------------+---------------------+----------------+--------------+------
    yes    | no         | *              | *            | *                   | *              | non_isolated | no
    yes    | yes        | *              | *            | *                   | *              | non_isolated | yes
    no     | no         | yes            | *            | *                   | *              | unknown      | no
    no     | yes        | yes            | *            | *                   | *              | unknown      | yes
    no     | no         | no             | yes          | *                   | *              | unknown      | no
    no     | yes        | no             | yes          | *                   | *              | unknown      | yes
    no     | no         | no             | no           | no                  | *              | unknown      | no
    no     | yes        | no             | no           | no                  | *              | unknown      | yes
    no     | no         | no             | no           | yes                 | no             | unknown      | no
    no     | yes        | no             | no           | yes                 | no             | unknown      | yes
    no     | no         | no             | no           | yes                 | yes            | isolated     | no
    no     | yes        | no             | no           | yes                 | yes            | isolated     | yes
    """,
    note="Metastases elsewhere by whether one is active, not active any more, or without a clinical status.",
)
TABLES = (GATES, POPULATION, SYNCHRONOUS, SEQUENCE, SPREAD, OLIGOMETASTATIC)
