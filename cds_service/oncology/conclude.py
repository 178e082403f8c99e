"""Conclusions from a case: classification, options and their order, MDT referral, prognosis.

They need no record, only the findings: "what would change this?" runs the same code on changed findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cds_service.oncology.advice.mdt import Mdt, mdt
from cds_service.oncology.advice.prognosis import Prognosis, prognosis
from cds_service.oncology.disease.axes import Classification, Number, Valued
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.gates import Population, population
from cds_service.oncology.disease.spread import oligometastatic, sequence
from cds_service.oncology.disease.timing import timing
from cds_service.oncology.patient.model import Findings
from cds_service.oncology.therapy import ablation, lesion, lung_function, sbrt, shared, surgery  # noqa: F401 - tie rules
from cds_service.oncology.therapy.combination import hybrid, imrt, order
from cds_service.oncology.therapy.resectability import resectability
from cds_service.oncology.therapy.verdict import LOCAL, Ruling, Therapy, rulings, therapy_of
from cds_service.values import ValueObject


class Conclusions(ValueObject, frozen=True):
    """What was concluded about one case.

    ``rulings``: how each rule stands, by local therapy. They and ``therapies`` are empty when a gate stops or the
    population is not ``in``.
    """

    who: Population
    classification: Classification
    rulings: Mapping[str, tuple[Ruling, ...]]
    therapies: Mapping[str, Therapy]
    order: tuple[tuple[str, ...], ...]
    mdt: Mdt
    prognosis: Prognosis


def conclude(case: Case, *, mdt_drafted: bool = False) -> Conclusions:
    """Apply all rules to a case. ``mdt_drafted``: an MDT referral is among the draft orders (O-09)."""
    who = population(case)
    assessed = who.value == "in" and not who.stopped and not who.nothing_active
    ruled = {therapy: rulings(case, therapy) for therapy in LOCAL} if assessed else {}
    therapies = _therapies(case, ruled) if assessed else {}
    return Conclusions(
        who=who,
        classification=classify(case, who),
        rulings=ruled,
        therapies=therapies,
        order=order(case, therapies) if therapies else (),
        mdt=mdt(
            case,
            population=who.value,
            stopped=who.stopped,
            nothing_active=who.nothing_active,
            surgery=therapies.get("surgery"),
            drafted=mdt_drafted,
        ),
        prognosis=prognosis(case, therapies.get("surgery")),
    )


def _therapies(case: Case, ruled: Mapping[str, Iterable[Ruling]]) -> dict[str, Therapy]:
    """The local therapies by their rules, and what combines or replaces them."""
    local = {therapy: therapy_of(found) for therapy, found in ruled.items()}
    return local | {"hybrid": hybrid(case, **local), "imrt": imrt(case, local["sbrt"])}


def classify(case: Case, who: Population) -> Classification:
    """The axes C-01 to C-08."""
    findings, count, knowledge = case.findings, case.count, case.knowledge
    nodes = node_status(findings)
    at_least = 0 if who.nothing_active or who.certainty == "indeterminate" else count.at_least
    n = 0 if who.nothing_active else count.n
    if n is None:
        size = "multiple" if at_least > 1 else "unknown"
    else:
        size = {0: "unknown", 1: "solitary"}.get(n, "multiple")
    return Classification(
        certainty=who.certainty,
        timing=timing(findings, knowledge),
        sequence=sequence(findings, knowledge),
        spread=case.spread,
        number=Number(size, n, len(count.indeterminate), at_least, count.diffuse),
        sides=Valued(_sides(case)),
        oligometastatic=oligometastatic(findings, count, case.spread, knowledge),
        thoracic_nodes=Valued(nodes),
        resectability=resectability(case),
    )


def node_status(findings: Findings) -> str:
    """Status of hilar and mediastinal nodes: a proven metastasis, else the statement, else a suspicion on record."""
    if findings.has("thoracic-node-metastasis"):
        return "proven"
    if findings.nodes:
        return findings.nodes.value
    return "suspected" if findings.has("thoracic-node-suspected") else "unknown"


def _sides(case: Case) -> str:
    count = case.count
    if count.both_sides:
        return "bilateral"
    known = (count.right or count.left) and not count.unsided and count.n is not None
    return "unilateral" if known or count.n == 1 else "unknown"
