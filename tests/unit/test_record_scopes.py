"""What an access token covers."""

from __future__ import annotations

import pytest

from cds_service.record.scopes import covers
from tests.contract.requirements import proves


@proves("FHIR-04")
@pytest.mark.parametrize(
    ("scope", "read", "search"),
    [
        ("", True, True),
        ("openid fhirUser launch", True, True),
        ("patient/*.read", True, True),
        ("user/Condition.rs", True, True),
        ("user/Condition.r", True, False),
        ("user/Condition.s", False, True),
        ("system/*.cruds", True, True),
        ("patient/Condition.*", True, True),
        ("patient/Condition.rs?category=problem-list-item", True, True),
        ("patient/Observation.rs", False, False),
        ("patient/Condition.write", False, False),
        ("patient/Observation.rs patient/Condition.rs", True, True),
    ],
)
def test_scopes(scope: str, read: bool, search: bool) -> None:
    assert covers(scope, "Condition", search=False) is read
    assert covers(scope, "Condition", search=True) is search
