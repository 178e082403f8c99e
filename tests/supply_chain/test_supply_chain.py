"""Licences, bill of materials, and what an audit's answer means."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from supply_chain import audit, sbom
from supply_chain.hashed import ROOT, RUNTIME, Package, listed, packages
from supply_chain.licences import PAGE, not_accepted, page
from tests.processes import starts_process

LISTED = packages()


def test_the_page_of_licences_is_what_make_licences_writes() -> None:
    assert page(LISTED) == PAGE.read_text(encoding="utf-8"), "run `make licences`"


def test_every_entry_of_the_hashed_list_is_read() -> None:
    """Counted in another way: every line that pins something, and every hash."""
    text = RUNTIME.read_text()
    read = listed(text)
    assert sum(map(len, read.values())) == len(re.findall(r"^\S+==", text, re.MULTILINE))
    assert sum(len(hashes) for files in read.values() for hashes in files.values()) == text.count("--hash=sha256:")


def test_every_licence_was_looked_at() -> None:
    assert not_accepted(LISTED) == []


@pytest.mark.parametrize(
    ("licence", "accepted"),
    [("MIT", True), ("MPL-2.0 AND (Apache-2.0 OR MIT)", True), ("MIT AND GPL-3.0-only", False), ("Proprietary", False)],
)
def test_another_licence_is_seen(licence: str, accepted: bool) -> None:
    assert (not_accepted([Package("x", {"1": ()}, licence, ())]) == []) is accepted


def bill(epoch: str | None = None) -> dict[str, Any]:
    return sbom.bill(LISTED, epoch)


def test_the_bill_names_every_package_once_for_each_version_with_its_hashes() -> None:
    components = bill()["components"]
    assert {(one["name"], one["version"]): [item["value"] for item in one["properties"]] for one in components} == {
        (package.name, version): list(hashes) for package in LISTED for version, hashes in package.files.items()
    }
    assert len({one["bom-ref"] for one in components}) == len(components)


def test_the_bill_tells_what_needs_what() -> None:
    made = bill()
    needs = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    references = {one["bom-ref"] for one in made["components"]} | {made["metadata"]["component"]["bom-ref"]}
    assert set(needs) == references
    assert {reference for many in needs.values() for reference in many} <= references
    own = needs[made["metadata"]["component"]["bom-ref"]]
    assert any(reference.startswith("pkg:pypi/flask@") for reference in own)
    reached, waiting = set(), list(own)
    while waiting:
        if (reference := waiting.pop()) not in reached:
            reached.add(reference)
            waiting += needs[reference]
    assert reached == {one["bom-ref"] for one in made["components"]}  # nothing is there that nothing needs


def test_the_bill_is_what_cyclonedx_asks_for() -> None:
    """By the standard's own schema, all formats included; one that is not is refused."""
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    for epoch in (None, "1700000000"):
        assert validator.validate_str(json.dumps(bill(epoch))) is None
    for breach in ({"serialNumber": "1"}, {"components": [{"type": "library"}]}, {"unknown": 1}):
        assert validator.validate_str(json.dumps(bill() | breach)) is not None


@starts_process
def test_make_sbom_writes_it() -> None:
    """With the packages as they are; nothing is installed."""
    target = ROOT / "dist" / "sbom.json"
    target.unlink(missing_ok=True)
    venv = Path(sys.executable).parent.parent
    command = ["make", f"VENV={venv}", f"--assume-old={venv}/.dev-installed", "sbom"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    assert json.loads(target.read_text()) == bill()


def test_the_same_lists_give_the_same_bytes() -> None:
    assert json.dumps(bill()) == json.dumps(bill())
    assert "timestamp" not in bill()["metadata"]
    assert bill("1700000000")["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"


def pip_audit(**packages: list[str] | None) -> str:
    """What pip-audit prints: for each package its faults, or None where nobody could be asked about it."""
    said = [
        {"name": name, "skip_reason": "not found"}
        if faults is None
        else {"name": name, "version": "1", "vulns": [{"id": one, "fix_versions": ["2"]} for one in faults]}
        for name, faults in packages.items()
    ]
    return json.dumps({"dependencies": said})


KNOWN = pip_audit(jinja2=["CVE-0"])


@pytest.mark.parametrize(
    ("control", "found", "code", "told"),
    [
        (KNOWN, pip_audit(a=[], b=[]), 0, "No vulnerability is known in any of 2 packages."),
        (KNOWN, pip_audit(a=["CVE-1"], b=[]), 1, "a 1: CVE-1 (mended in 2)"),
        (KNOWN, pip_audit(a=["CVE-1"], b=None), 1, "a 1: CVE-1 (mended in 2)"),
        (KNOWN, pip_audit(a=[], b=None), 3, "Not checked: b."),
        (KNOWN, pip_audit(a=None, b=None), 3, "Nothing was checked"),
        (KNOWN, pip_audit(), 3, "Nothing was checked"),
        (KNOWN, "", 3, "Nothing was checked"),
        (pip_audit(jinja2=[]), pip_audit(a=[]), 3, "Nothing was checked"),  # a list that knows of nothing
        (pip_audit(jinja2=None), pip_audit(a=[]), 3, "Nothing was checked"),
        ("", pip_audit(a=[]), 3, "Nothing was checked"),
        ("no network", "[]", 3, "Nothing was checked"),
        ("{}", '{"dependencies": [{}]}', 3, "Nothing was checked"),
    ],
)
def test_an_audit_passes_only_when_every_package_was_asked_about(
    control: str, found: str, code: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "control").write_text(control)
    (tmp_path / "found").write_text(found)
    program = tmp_path / "pip-audit"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *--require-hashes*) cat {tmp_path}/found;; *) cat {tmp_path}/control;; esac\n'
    )
    program.chmod(0o755)
    assert audit.main(str(program), RUNTIME) == code
    said = capsys.readouterr()
    assert told in (said.out if code == 0 else said.err)
    assert (said.err if code == 0 else said.out) == ""


def test_steps_of_the_image_can_be_repeated() -> None:
    """What differs from one build to the next without need: times in wheels and byte code, caches, open versions."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "SOURCE_DATE_EPOCH" in dockerfile
    assert dockerfile.count("--require-hashes") == 2
    assert "--invalidation-mode unchecked-hash" in dockerfile
