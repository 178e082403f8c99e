"""Changes of one fact to try on a case, in a fixed order and bounded in number."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.oncology.disease.case import Case
from cds_service.oncology.what_if.disease_changes import disease_changes
from cds_service.oncology.what_if.fact import Change
from cds_service.oncology.what_if.lesion_changes import lesion_changes
from cds_service.oncology.what_if.patient_changes import patient_changes


def changes(case: Case) -> tuple[Change, ...]:
    """All changes of one fact that may matter; whether they do is seen by deciding again."""
    return tuple(_changes(case))


def _changes(case: Case) -> Iterator[Change]:
    yield from lesion_changes(case)
    yield from disease_changes(case)
    yield from patient_changes(case)
