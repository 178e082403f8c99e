"""The option that writes the golden answers anew."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the answers of the service into fhir_fixtures and print each difference for review",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether to write instead of compare; false when the whole suite runs."""
    return bool(request.config.getoption("--update-golden", default=False))
