"""Asks whether a known vulnerability touches a package of the runtime list. Run by ``make audit``, with pip-audit.

Exit codes: 0 none known, 1 some are, 3 nobody could be asked, or not about every package. A list of vulnerabilities
that knows of none at all is told from one that knows of none here by a control: a release whose faults are known.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

NOBODY_ANSWERED = 3
CONTROL = "jinja2==2.4.1"
"""A release of 2010 with vulnerabilities that every list has."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What pip-audit's JSON says. ``faults``: one line each. ``passed_over``: packages that nobody was asked about."""

    faults: tuple[str, ...]
    passed_over: tuple[str, ...]
    asked: int


def answer(text: str) -> Answer | None:
    """The answer; None where the text is none."""
    try:
        packages = json.loads(text)["dependencies"]
        return Answer(
            tuple(
                f"{package['name']} {package['version']}: {fault['id']} "
                f"(mended in {', '.join(fault['fix_versions']) or '-'})"
                for package in packages
                for fault in package.get("vulns", ())
            ),
            tuple(package["name"] for package in packages if "vulns" not in package),
            sum("vulns" in package for package in packages),
        )
    except (ValueError, KeyError, TypeError):
        return None


def verdict(control: Answer | None, found: Answer | None) -> tuple[int, str]:
    """The exit code, and what to tell."""
    if found and found.faults:
        return 1, "\n".join(found.faults)
    if not (control and control.faults):
        return NOBODY_ANSWERED, "Nothing was checked: no list of known vulnerabilities can be asked from here."
    if found is None or not found.asked:
        return NOBODY_ANSWERED, "Nothing was checked: there was no answer about any package."
    if found.passed_over:
        return NOBODY_ANSWERED, f"Not checked: {', '.join(found.passed_over)}. Nothing is known of the others."
    return 0, f"No vulnerability is known in any of {found.asked} packages."


def _ask(program: str, *arguments: str) -> Answer | None:
    command = [program, *arguments, "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "15"]
    return answer(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def main(program: str, listed: Path) -> int:
    """Run pip-audit over the list and say what it found."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as control:
        control.write(f"{CONTROL}\n")
        control.flush()
        known = _ask(program, "--requirement", control.name, "--no-deps")
    code, text = verdict(known, _ask(program, "--requirement", str(listed), "--require-hashes"))
    print(text, file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
