"""Outcome: the classes and the options of a case, each as one word, to compare two of them."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.oncology.conclude import Conclusions
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.cea import above
from cds_service.oncology.report.compare import OPTIONS, axes, word
from cds_service.oncology.therapy.verdict import State

Facet = str
"""``surgery``, ``timing``, ``mdt`` ...: the name of one conclusion."""

NOT_ASSESSED = "NOT_ASSESSED"


def outcome(case: Case, concluded: Conclusions) -> dict[Facet, str]:
    """Every conclusion by its name, options first."""
    therapies = concluded.therapies
    return {
        **{name: therapies[name].result.value if name in therapies else NOT_ASSESSED for name in OPTIONS},
        "order": " > ".join(" = ".join(rank) for rank in concluded.order),
        "mdt": concluded.mdt.suppressed_by or concluded.mdt.priority or "",
        **{name: word(axis) for name, axis in axes(concluded.classification).items()},
        "cea": above(case.findings, case.knowledge, "cea.consensusOp").value,
        "salah": concluded.prognosis.salah.group or "",
    }


def open_questions(concluded: Conclusions) -> Mapping[str, frozenset[str]]:
    """For each local modality the topics of the criteria that are not known."""
    return {
        modality: frozenset(str(ruling.rule.topic) for ruling in found if ruling.state is State.UNKNOWN)
        for modality, found in concluded.rulings.items()
    }
