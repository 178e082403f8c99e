"""What the service makes of real FHIR data, row by row, each with the tests that prove it.

Made into ``docs/reference/fhir-data-coverage.md`` by ``make docs``. A test is named as ``folder/file::test``; a test of
this project checks that each exists.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.ehr.dialects import DIALECTS
from tests.spec.fhir_data_rows import ROWS, SECTIONS
from tests.spec.markdown import table

TESTS = Path(__file__).parent.parent


class Row(NamedTuple):
    """One statement about the data, in one section, and the tests that prove it."""

    section: str
    says: str
    tests: tuple[str, ...]


@cache
def rows() -> tuple[Row, ...]:
    """Every row, with the tests that its words stand for."""
    return tuple(
        Row(section, says, tuple(one for one in tests.split()))
        for section, listed in ROWS.items()
        for says, tests in listed
    )


@cache
def functions(file: str) -> frozenset[str]:
    """The test functions of a file under ``tests``; none when there is no such file."""
    path = TESTS / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def missing(row: Row) -> list[str]:
    """The tests of a row that do not exist."""
    return [name for name in row.tests if name.partition("::")[2] not in functions(name.partition("::")[0])]


def fhir_data_page() -> str:
    """The page: each statement with its proof, and what each dialect cannot carry."""
    parts = [
        "# What the service makes of FHIR data, and what proves it",
        "Made by `make docs` from the tests. Do not edit.",
        f"{len(rows())} statements. Each names tests under `tests/`; a test checks that they exist. Every shipped\n"
        "case is also decided through prefetch, through fetching, and through each dialect below, with one result.",
    ]
    for section, title in SECTIONS.items():
        listed = [
            [row.says, "<br>".join(f"`{name}`" for name in row.tests)] for row in rows() if row.section == section
        ]
        parts += [f"## {title}", table(["the service", "proven by"], listed)]
    parts += ["## Dialects", _dialects()]
    return "\n\n".join(parts) + "\n"


def _dialects() -> str:
    listed = []
    for dialect in DIALECTS:
        text = sys.modules[dialect.shape.__module__].__doc__ or ""
        lost = "; ".join(f"{why} (`{case}`)" for case, why in sorted(dialect.loses.items()))
        listed.append([f"`{dialect.name}`", " ".join(text.split()).replace("``", "`"), lost or "nothing"])
    return table(["dialect", "how it keeps the facts", "what it cannot carry, by case"], listed)
