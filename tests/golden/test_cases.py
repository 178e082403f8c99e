"""Each case through HTTP: the exact answer, and what a clinician expected before the code had a say.

``pytest tests/golden --update-golden`` writes the answers anew and prints each difference for review. The
``assessment`` of a case is written by hand from the rule base and never by a program.
"""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import fhir_fixtures
from fhir_fixtures import Case, cases
from tests.golden.expectations import mismatches
from tests.spec.wire import client, post

CASES = cases()
FOLDER = Path(fhir_fixtures.__file__).parent / "cases"
_REQUEST_ID = re.compile(r"Request id: [\w-]+")
_CONTENT_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@pytest.fixture(scope="module")
def ehr(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return client(tmp_path_factory.mktemp("state"))


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_answer_of_a_case(one: Case, ehr: FlaskClient, update_golden: bool) -> None:
    status, answer = post(ehr, "cds-services", one.request)
    assert status == one.expected["status"]
    got = _written(answer)
    if update_golden:
        _update(one, got)
    else:
        assert got == _written(one.expected["response"])


@pytest.mark.parametrize("one", [one for one in CASES if one.expected["assessment"]], ids=lambda one: one.id)
def test_assessment_of_a_case(one: Case, ehr: FlaskClient) -> None:
    status, explanation = post(ehr, "explain", one.request)
    assert status == 200
    assert mismatches(explanation, one.expected["assessment"]) == []


@pytest.mark.parametrize("one", [one for one in CASES if one.expected["status"] != 200], ids=lambda one: one.id)
def test_failure_is_an_outcome_and_never_an_empty_answer(one: Case, ehr: FlaskClient) -> None:
    for path in ("cds-services", "explain"):
        status, answer = post(ehr, path, one.request)
        assert (status, answer["resourceType"]) == (one.expected["status"], "OperationOutcome")
        assert "conditions" in json.dumps(answer)


def _written(answer: Any) -> str:
    """The answer as text, without what changes with every call (the request id) or word (the content's hash)."""
    text = json.dumps(answer, indent=2, ensure_ascii=False, sort_keys=True)
    return _CONTENT_HASH.sub("sha256:(any)", _REQUEST_ID.sub("Request id: (any)", text))


def _update(one: Case, got: str) -> None:
    path = FOLDER / one.id / "expected.json"
    before = _written(one.expected["response"])
    expected = one.expected | {"response": json.loads(got)}
    path.write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    difference = difflib.unified_diff(before.splitlines(), got.splitlines(), "before", "after", lineterm="", n=1)
    print(f"\n{one.id}", *difference, sep="\n")
