"""The time grows with the number of lesions, not with its square."""

from __future__ import annotations

import pytest

from cds_service.oncology.patient.model import Lesion
from tests.spec.core import decision
from tests.spec.patients import patient
from tests.spec.vignettes import LESION

MANY = 100


def test_lesions_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def equal(one: object, two: object) -> bool:
        compared.append(one)
        return one is two

    monkeypatch.setattr(Lesion, "__eq__", equal)
    assessment = decision(patient(lesions=[LESION | {"mm": 10 + index % 20} for index in range(MANY)])).assessment
    assert len(assessment.lesions) == MANY
    assert len(compared) < 4 * MANY
