"""Licences, bill of materials, and what an audit's answer means."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from supply_chain import audit, sbom
from supply_chain.hashed import ROOT, RUNTIME, Package, listed, packages
from supply_chain.licences import PAGE, not_accepted, page

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


def test_the_same_lists_give_the_same_bytes() -> None:
    assert json.dumps(bill()) == json.dumps(bill())
    assert "timestamp" not in bill()["metadata"]
    assert bill("1700000000")["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"


def test_a_vulnerability_is_told_with_the_version_that_mends_it() -> None:
    answer = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]},
            {"name": "b", "version": "1", "vulns": []},
        ]
    }
    assert audit.findings(json.dumps(answer)) == ["a 1: CVE-1 (mended in 2)"]


@pytest.mark.parametrize("answer", ["", "no network", "[]", "{}"])
def test_an_audit_that_nobody_answered_is_not_taken_for_a_clean_one(answer: str) -> None:
    assert audit.findings(answer) is None


def test_steps_of_the_image_can_be_repeated() -> None:
    """What differs from one build to the next without need: times in wheels and byte code, caches, open versions."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "SOURCE_DATE_EPOCH" in dockerfile
    assert dockerfile.count("--require-hashes") == 2
    assert "--invalidation-mode unchecked-hash" in dockerfile
