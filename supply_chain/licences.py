"""Writes ``docs/reference/licences.md``: under which terms each package in service comes."""

from __future__ import annotations

import re
from collections import Counter

from supply_chain.hashed import ROOT, Package, packages

PAGE = ROOT / "docs" / "reference" / "licences.md"

ACCEPTED = {
    "Apache-2.0": "permissive",
    "BSD-2-Clause": "permissive",
    "BSD-3-Clause": "permissive",
    "MIT": "permissive",
    "MIT-0": "permissive",
    "PSF-2.0": "permissive",
    "MPL-2.0": "a changed file of it stays under its licence; we change none",
    "LGPL-3.0-only": "used as a library, replaceable by its user; we change nothing of it",
}
"""The licences that the project has looked at. Another one is a decision, and fails the tests until it is made."""

_HEAD = """# Licences of the dependencies

Written by `make licences` from the packages that `requirements/runtime.txt` names, as they say themselves; a test
compares it. The project's own licence is [Apache-2.0](../../LICENSE); the terms of the code systems named inside stand
in [NOTICE](../../NOTICE).
What is needed for building and testing only is not shipped and not listed.
"""


def not_accepted(listed: list[Package]) -> list[str]:
    """Packages whose licence nobody has looked at."""
    return [
        f"{package.name}: {package.licence}"
        for package in listed
        if not set(re.split(r" (?:AND|OR) |[() ]+", package.licence)) - {""} <= ACCEPTED.keys()
    ]


def page(listed: list[Package]) -> str:
    """The page."""
    counted = Counter(package.licence for package in listed)
    rows = [f"| {package.name} | {', '.join(package.files)} | {package.licence} |" for package in listed]
    sums = [f"| {licence} | {count} |" for licence, count in sorted(counted.items())]
    terms = [f"| {licence} | {why} |" for licence, why in ACCEPTED.items()]
    return "\n".join(
        [
            _HEAD,
            "| package | version | licence (SPDX) |\n|---|---|---|",
            *rows,
            "\n## Counted\n\n| licence | packages |\n|---|---|",
            *sums,
            "\n## What is accepted, and why\n\n| licence | |\n|---|---|",
            *terms,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(packages()), encoding="utf-8")
