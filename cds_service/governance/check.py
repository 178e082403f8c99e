"""``knowledge check``: what in the clinical content is uncited, overdue or conflicting.

What no code carries out, and what has no words, is refused at start already (``oncology.rulebook``, the loader).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cds_service.governance.agreement import parted, quoted_numbers, unfounded, unpublished
from cds_service.governance.drafts import refused_drafts
from cds_service.governance.records import read_content
from cds_service.knowledge import Knowledge
from cds_service.knowledge.entries import Pair

KINDS = ("refused", "invalid", "uncited", "overdue", "conflicting")
"""What a complaint can be; docs/how-to/clinical-review.md explains each."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to put right; ``kind`` is one of KINDS."""

    kind: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Check:
    """The complaints, and beside them what a reader should know: the numbers that are known to differ."""

    complaints: tuple[Complaint, ...]
    differing: tuple[Pair, ...]


def check(knowledge: Knowledge, on: date) -> Check:
    """Everything that a look at the content finds on that day. Raises: KnowledgeInvalid for a faulty record."""
    content = read_content()
    complaints = [Complaint("uncited", *found) for found in unfounded(knowledge)]
    complaints += [
        Complaint("overdue", item.id, f"Was to be looked at again by {item.review_by}.")
        for item in knowledge.due_for_review(on)
    ]
    complaints += [Complaint("invalid", *found) for found in refused_drafts(knowledge, on)]
    complaints += [Complaint("conflicting", *found) for found in quoted_numbers(knowledge)]
    complaints += [Complaint("conflicting", *found) for found in parted(knowledge, content.pairs)]
    complaints += [Complaint("conflicting", *found) for found in unpublished(knowledge, content.published)]
    return Check(tuple(complaints), tuple(pair for pair in content.pairs if not pair.agree))
