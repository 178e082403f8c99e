"""Asks whether a known vulnerability touches a package of the runtime list. Run by ``make audit``, with pip-audit.

Exit codes: 0 none known, 1 some are, 3 nobody could be asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

NOBODY_ANSWERED = 3


def findings(text: str) -> list[str] | None:
    """One line for each vulnerability in pip-audit's JSON; None where that is no answer."""
    try:
        packages = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    return [
        f"{package['name']} {package['version']}: {fault['id']} (mended in {', '.join(fault['fix_versions']) or '-'})"
        for package in packages
        for fault in package.get("vulns", ())
    ]


def main(program: str, listed: Path) -> int:
    """Run pip-audit over the list and say what it found."""
    command = [program, "--requirement", str(listed), "--disable-pip", "--require-hashes", "--format", "json"]
    done = subprocess.run(
        [*command, "--progress-spinner", "off", "--timeout", "15"], capture_output=True, text=True, check=False
    )
    found = findings(done.stdout)
    if found is None:
        print("Nothing was checked: the list of known vulnerabilities cannot be asked from here.", file=sys.stderr)
        print(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip-audit said nothing", file=sys.stderr
        )
        return NOBODY_ANSWERED
    print("\n".join(found) or f"No vulnerability is known in {listed.name}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
