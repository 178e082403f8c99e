"""The long form of the resilience suite, its database server, and the table at its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict

import pytest

from tests.integration.postgres import Postgres, running_postgres
from tests.resilience.ehr import Ehr, running_ehr
from tests.resilience.table import Row, table

LONG = "RESILIENCE"
"""``RESILIENCE=long``: each fault three times and for longer. Otherwise once and short, as in every build."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seconds" in metafunc.fixturenames:
        long = os.environ.get(LONG) == "long"
        metafunc.parametrize("seconds", [8.0] * 3 if long else [1.0], ids=lambda value: f"{value:.0f}s")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def ehr() -> Iterator[Ehr]:
    with running_ehr() as server:
        yield server


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[Row], None]:
    """Puts a row into the table at the end."""
    return lambda seen: record_property("resilience", asdict(seen))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for group in ("passed", "failed") for report in terminalreporter.stats.get(group, ())]
    rows = [
        Row(**value)
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == "resilience"
    ]
    if rows:
        terminalreporter.section("What was done, and what was seen")
        terminalreporter.write_line(table(rows))
