"""ARCHITECTURE.md names files that exist, every room of the house, and the layers that are in force."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
LAYERS = [
    contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    if contract["type"] == "layers"
]


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def named() -> set[str]:
    """What stands between backticks and looks like a file or a folder; rooms of the service go by bare names."""
    words = {
        word for word in re.findall(r"`([^`\n]+)`", PAGE) if re.fullmatch(r"[\w.-]+(/[\w.-]*)+|\w+\.(py|toml|md)", word)
    }
    held_by = re.findall(r"^\| I-\d+ \|.*\| ([^|]+) \|$", PAGE, flags=re.MULTILINE)
    return words | {room for cell in held_by for room in re.findall(r"`([a-z_]+)`", cell)}


def test_every_file_that_is_named_exists():
    words = named()
    assert {"errors.py", "tests/property", "knowledge/parameters.toml", "record"} <= words
    missing = [word for word in words if not any((ROOT / base / word).exists() for base in ("", "cds_service"))]
    assert sorted(missing) == []


def rooms(folder: str) -> set[str]:
    return {
        path.name
        for path in (ROOT / folder).iterdir()
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
    } - {"__init__.py"}


def test_the_tree_holds_every_room():
    tree = section("The tree")
    service, _, tools = tree.partition("\ncds_tools/")
    shown = set(re.findall(r"^  ([\w.]+)", service, flags=re.MULTILINE))
    assert shown == rooms("cds_service")
    assert set(
        re.findall(r"(?:^  |; )([\w.]+\.py|\w+(?=/))", tools.partition("\nfhir_fixtures/")[0], flags=re.MULTILINE)
    ) == rooms("cds_tools")


def test_the_layers_are_those_in_force():
    shown = section("Who may import whom")
    house, oncology = [contract["layers"] for contract in LAYERS]
    drawing = shown.partition("```")[2].partition("```")[0]
    arrows = re.findall(r"(?:^|-> )([a-z_]+(?: (?:->|\|) [a-z_]+)*)", drawing, flags=re.MULTILINE)
    assert " -> ".join(arrows).split(" -> ") == house
    assert f"`{' -> '.join(oncology)}`" in shown
