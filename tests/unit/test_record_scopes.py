"""What an access token covers."""

from __future__ import annotations

import pytest

from cds_service.record.scopes import Coverage, coverage, names_resources
from tests.contract.requirements import proves

WHOLE, PART, NOTHING = Coverage.WHOLE, Coverage.PART, Coverage.NOTHING


@proves("FHIR-04")
@pytest.mark.parametrize(
    ("scope", "read", "search"),
    [
        ("", WHOLE, WHOLE),
        (" ", WHOLE, WHOLE),
        ("openid fhirUser launch", NOTHING, NOTHING),
        ("patient/*.read", WHOLE, WHOLE),
        ("user/Condition.rs", WHOLE, WHOLE),
        ("user/Condition.r", WHOLE, NOTHING),
        ("user/Condition.s", NOTHING, WHOLE),
        ("system/*.cruds", WHOLE, WHOLE),
        ("patient/Condition.*", WHOLE, WHOLE),
        ("patient/Condition.", NOTHING, NOTHING),
        ("patient/Condition.rs?category=problem-list-item", PART, PART),
        ("patient/Condition.rs?category=problem-list-item patient/Condition.rs", WHOLE, WHOLE),
        ("patient/Condition.rs?category=problem-list-item patient/Condition.r", WHOLE, PART),
        ("patient/Observation.rs", NOTHING, NOTHING),
        ("patient/Condition.write", NOTHING, NOTHING),
        ("patient/Observation.rs patient/Condition.rs", WHOLE, WHOLE),
    ],
)
def test_scopes(scope: str, read: Coverage, search: Coverage) -> None:
    assert coverage(scope, "Condition", search=False) is read
    assert coverage(scope, "Condition", search=True) is search


def test_a_scope_of_the_launch_alone_names_no_resources() -> None:
    assert not names_resources("openid fhirUser launch/patient offline_access")
    assert names_resources("openid patient/Observation.rs")
