"""The documentation as it is served: every page, every link between pages, and nothing else of the disk."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from cds_service.web import documentation
from cds_service.web.documentation import Documentation, address
from tests.contract.service import app

ROOT = Path(__file__).parent.parent.parent
SERVED = Documentation(ROOT)
WRITTEN = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))


CLIENT = app().test_client()


@pytest.mark.parametrize("name", [*WRITTEN, "README.md", "ARCHITECTURE.md", "GLOSSARY.md", "CHANGELOG.md"])
def test_every_file_is_a_page_with_its_title(name: str) -> None:
    answer = CLIENT.get(address(SERVED.paths[name]))
    assert answer.status_code == 200
    assert answer.text.count("<h1>") == 1
    assert "&lt;!--" not in answer.text


@pytest.mark.parametrize("name", sorted(SERVED.paths))
def test_every_link_between_pages_leads_to_a_page_and_to_a_section_of_it(name: str) -> None:
    page = SERVED.page(SERVED.paths[name])
    assert page is not None
    for link in re.findall(r'href="(/docs[^"]*|#[^"]*)"', page.html):
        path, _, section = link.partition("#")
        target = CLIENT.get(path or address(SERVED.paths[name]))
        assert target.status_code == 200, link
        assert not section or f'id="{section}"' in target.text, link
    assert ".md" not in "".join(re.findall(r'href="(?!https?:)[^"]*"', page.html))


def test_every_page_of_the_four_kinds_is_in_the_navigation() -> None:
    listed = {path for entries in SERVED.contents.values() for path, _ in entries}
    decisions = {address(path) for name, path in SERVED.paths.items() if re.match(r"docs/decisions/\d", name)}
    assert {address(path) for path in SERVED.paths.values()} - listed == decisions
    assert {"Start", "How to", "Reference", "Explanation"} <= SERVED.contents.keys()


@pytest.mark.parametrize(
    "path", ["/docs/nothing", "/docs/../pyproject.toml", "/docs/..%2Fpyproject.toml", "/docs//etc/passwd"]
)
def test_nothing_else_is_served(path: str) -> None:
    assert CLIENT.get(path).status_code == 404


def test_headings_are_anchors_as_on_github(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "README.md").write_text("# T\n\n## One `code` & more\n\n## One\n\n## One\n\n<b>x</b> [out](../LICENSE)\n")
    page = Documentation(tmp_path).page("")
    assert page is not None
    assert [slug for slug, _ in page.sections] == ["one-code--more", "one", "one-1"]
    assert "&lt;b&gt;x&lt;/b&gt; out" in page.html


def test_what_is_served_is_shipped_with_the_package() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    shipped = wheel["force-include"]
    assert set(shipped) == {"docs", *documentation._BESIDE}
    assert all(target == f"cds_service/documentation/{name}" for name, target in shipped.items())
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{name}" if name != "docs" else "!docs/" for name in shipped} <= set(allowed)
