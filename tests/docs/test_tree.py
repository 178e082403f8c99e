"""The hashed lists hold what the project asks for, and no file holds what none may."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def page(name: str) -> str:
    return (ROOT / name).read_text()


def pins(name: str) -> dict[str, str]:
    found = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", page(f"requirements/{name}.txt"), flags=re.MULTILINE
    )
    return {canonicalize_name(package): version for package, version in found}


@pytest.mark.parametrize(
    ("lists", "wanted"),
    [
        (["build"], PYPROJECT["build-system"]["requires"]),
        (["runtime"], PYPROJECT["project"]["dependencies"]),
        (["dev"], PYPROJECT["project"]["dependencies"] + PYPROJECT["project"]["optional-dependencies"]["dev"]),
        (["hadolint"], page("requirements/hadolint.in").split()),
    ],
    ids=lambda value: value[0] if len(value) == 1 else None,
)
def test_hashed_lists_hold_what_the_project_asks_for(lists, wanted):
    pinned = pins(lists[0])
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement.name


def test_hashed_lists_agree_with_each_other():
    runtime, dev, build = pins("runtime"), pins("dev"), pins("build")
    assert runtime.items() <= dev.items()
    assert all(dev.get(name, version) == version for name, version in build.items())
    assert set(PYPROJECT["build-system"]["requires"]) <= set(page("requirements/build.in").splitlines())


def test_node_packages_are_pinned_with_hashes_and_without_addresses():
    wanted = json.loads(page("tests/node/package.json"))["dependencies"]
    locked = json.loads(page("tests/node/package-lock.json"))["packages"]
    assert locked.pop("")["dependencies"] == wanted
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert all(item["integrity"].startswith("sha512-") and "resolved" not in item for item in locked.values())
    assert "://" not in page("tests/node/package-lock.json")


def tracked_texts() -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = (name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())
    return {name: (ROOT / name).read_text(errors="replace") for name in names}


MUST_NOT_STAND = {
    "the host of a package registry": re.compile(
        "|".join(["py" + r"pi\.org", "pythonhosted" + r"\.org", "npm" + r"js\.(org|com)"])
    ),
    "a path of one machine": re.compile(
        r"(?<![\w.])/(" + "home/" + r"[a-z]|" + "work/" + r"[a-z.]|" + "root/|" + r"Users/\w)"
    ),
}


@pytest.mark.parametrize("what", MUST_NOT_STAND)
def test_no_file_names(what):
    found = {name: match[0] for name, text in tracked_texts().items() if (match := MUST_NOT_STAND[what].search(text))}
    assert found == {}
