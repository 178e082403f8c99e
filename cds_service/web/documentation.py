"""The documentation at ``/docs``: the Markdown files of ``docs/`` and their neighbours, rendered on the server.

In a checkout they lie where they are written; in an installed package they were copied beside the code
(pyproject.toml).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from flask import Blueprint, Response, render_template, send_file
from markdown_it.token import Token
from markupsafe import Markup

import cds_service
from cds_service.errors import PathUnknown
from cds_service.knowledge import Knowledge
from cds_service.web.policy import secure
from cds_service.web.safe_markdown import parsed, rendered, words_of
from cds_service.web.templates_folder import TEMPLATES

_PACKAGE = Path(cds_service.__file__).parent
_BESIDE = {
    "README.md": "about",
    "ARCHITECTURE.md": "architecture",
    "GLOSSARY.md": "glossary",
    "CHANGELOG.md": "changelog",
}
_KINDS = {
    "Start": ("docs/README.md", "README.md"),
    "Tutorial": ("docs/tutorial/",),
    "How to": ("docs/how-to/",),
    "Reference": ("docs/reference/", "GLOSSARY.md", "CHANGELOG.md"),
    "Explanation": ("docs/explanation/", "ARCHITECTURE.md", "docs/decisions/README.md"),
}
_CALLED = {"docs/README.md": "All pages", "README.md": "About this service"}
_PICTURES = (".png", ".svg", ".jpg")
_REMARK = re.compile(r"^<!--.*?-->\n", re.MULTILINE | re.DOTALL)  # for who edits the file, not for who reads the page
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as HTML: its title, its text below the title, its sections as (anchor, words)."""

    title: str
    html: Markup
    sections: tuple[tuple[str, str], ...]


class Documentation:
    """The files under one folder, by the path at which they are served."""

    def __init__(self, root: Path) -> None:
        """``root``: the folder that holds README.md and docs/."""
        self.root = root
        self._read: dict[str, Page] = {}

    @cached_property
    def paths(self) -> dict[str, str]:
        """Each file, as its path below the root, with the path at which it is served, below ``/docs``."""
        found = {name: path for name, path in _BESIDE.items() if (self.root / name).is_file()}
        for file in sorted((self.root / "docs").rglob("*.md")):
            name = file.relative_to(self.root).as_posix()
            found[name] = name.removeprefix("docs/").removesuffix(".md").removesuffix("README").strip("/")
        return found

    @cached_property
    def contents(self) -> dict[str, list[tuple[str, str]]]:
        """The navigation: for each kind of page, addresses and titles."""
        listed = {
            kind: [(address(self.paths[name]), self._title(name)) for place in places for name in self._within(place)]
            for kind, places in _KINDS.items()
        }
        return {kind: pages for kind, pages in listed.items() if pages}

    def page(self, path: str) -> Page | None:
        """The page served at a path; None for no page. Rendered once."""
        name = next((name for name, served in self.paths.items() if served == path), None)
        if name is not None and path not in self._read:
            self._read[path] = self._render(name)
        return self._read.get(path)

    def picture(self, path: str) -> Path | None:
        """The picture at a path below ``docs/``; None for none."""
        folder = self.root / "docs"
        file = (folder / path).resolve()
        inside = file.is_relative_to(folder.resolve()) and file.suffix in _PICTURES
        return file if inside and file.is_file() else None

    def _within(self, place: str) -> Iterator[str]:
        yield from (name for name in self.paths if name == place or (place.endswith("/") and name.startswith(place)))

    def _title(self, name: str) -> str:
        if name in _CALLED:
            return _CALLED[name]
        found = _TITLE.search((self.root / name).read_text(encoding="utf-8"))
        return found[1] if found else name

    def _render(self, name: str) -> Page:
        text = _REMARK.sub("", (self.root / name).read_text(encoding="utf-8"))
        tokens = parsed(text, lambda url: self._address(name, url), pictures=True)
        title = self._title(name)
        if [token.type for token in tokens[:1]] == ["heading_open"] and tokens[0].tag == "h1":
            tokens = tokens[3:]  # its opening, its words, its end: the page has a place of its own for it
        sections = tuple(_anchored(tokens))
        return Page(title, rendered(tokens), sections)

    def _address(self, name: str, url: str) -> str | None:
        """Where a link of a file leads when it is served; None where nothing is served."""
        if url.startswith(("http://", "https://", "#", "mailto:")):
            return url
        target, mark, fragment = url.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        if file in self.paths:
            return address(self.paths[file]) + mark + fragment
        if file.startswith("docs/") and self.picture(file.removeprefix("docs/")):
            return f"/{file}"
        return None


def address(path: str) -> str:
    """The address of a page: ``/docs`` and the path below it."""
    return f"/docs/{path}".rstrip("/")


def _anchored(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """Give each heading an id as GitHub does, and a link to itself; tell the sections (``h2``)."""
    seen: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        words = words_of(inline)
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        count = seen[slug] = seen.get(slug, -1) + 1
        slug = f"{slug}-{count}" if count else slug
        opening.attrSet("id", slug)
        if opening.tag == "h2":
            yield slug, words
        label = {"class": "anchor", "href": f"#{slug}", "aria-label": f"Link to {words}"}
        mark = Token("text", "", 0, content="#")
        inline.children = [
            *(inline.children or ()),
            Token("link_open", "a", 1, attrs=dict(label)),
            mark,
            Token("link_close", "a", -1),
        ]


def packaged() -> Documentation:
    """The documentation of this installation."""
    copied = _PACKAGE / "documentation"
    return Documentation(copied if copied.is_dir() else _PACKAGE.parent)


def blueprint(knowledge: Knowledge, served: Documentation | None = None) -> Blueprint:
    """The pages below ``/docs``."""
    pages = secure(Blueprint("documentation", __name__, template_folder=TEMPLATES))
    documentation = served or packaged()

    @pages.get("/docs", defaults={"path": ""})
    @pages.get("/docs/<path:path>")
    def docs(path: str) -> Response:
        if picture := documentation.picture(path):
            return send_file(picture)
        page = documentation.page(path.strip("/"))
        if page is None:
            raise PathUnknown("There is no such page.", hint="GET /docs lists the documentation.")
        html = render_template("documentation.html", page=page, contents=documentation.contents, knowledge=knowledge)
        return Response(html, mimetype="text/html")

    return pages
