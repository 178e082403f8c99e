"""The case before the rules: findings, the count, the disease elsewhere, and the rulebook that answers for numbers."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.oncology.disease.count import LesionCount, count_lesions
from cds_service.oncology.disease.spread import Elsewhere, elsewhere
from cds_service.oncology.patient.model import Facts, Findings
from cds_service.oncology.therapy.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Case:
    """One patient on one date, as every therapy rule sees it."""

    findings: Findings
    count: LesionCount
    elsewhere: Elsewhere
    elsewhere_facts: Facts
    book: Rulebook

    @property
    def solitary(self) -> bool:
        """Exactly one lesion is known to count."""
        return self.count.n == 1


def open_case(findings: Findings, book: Rulebook) -> Case:
    """Count the lesions and settle the disease elsewhere, once, for all rules."""
    outside, facts = elsewhere(findings, book)
    return Case(findings, count_lesions(findings, book), outside, facts, book)
