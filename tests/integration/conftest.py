"""The FHIR server of the record tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from tests.integration.fhir_double import Ehr


@pytest.fixture
def ehr() -> Iterator[Ehr]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield Ehr(mocked)
