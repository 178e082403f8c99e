"""Every threat on the page has a test, and that test exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "SECURITY.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [STRIDE]\d+ \|", line)
]


def test_every_letter_of_stride_has_threats() -> None:
    assert {row[0][0] for row in ROWS} == set("STRIDE")
    assert len({row[0] for row in ROWS}) == len(ROWS) >= 20


def test_every_threat_names_its_flow_its_countermeasure_and_its_test() -> None:
    flows = set(re.findall(r"\((\d) ", PAGE)) | set(re.findall(r"--\((\d)", PAGE))
    for number, flow, threat, countermeasure, named in ROWS:
        assert threat, number
        assert countermeasure, number
        assert set(flow.split(", ")) <= flows, number
        assert re.fullmatch(r"`tests/[\w/]+\.py(::test_\w+)?`", named), number


def test_every_named_test_exists() -> None:
    missing = []
    for row in ROWS:
        path, _, name = row[4].strip("`").partition("::")
        file = ROOT / path
        if not file.is_file() or not re.search(rf"^def {name or 'test_'}", file.read_text(), re.MULTILINE):
            missing.append(row[4])
    assert missing == []
