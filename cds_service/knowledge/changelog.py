"""The changelog of the clinical content, as a document shows it: its versions, newest first."""

from __future__ import annotations

from pathlib import Path

from cds_service.values import ValueObject

_HEADING, _ITEM = "## ", "- "


class Version(ValueObject, frozen=True):
    """One version: what is said about it, and the single changes. Plain text; Markdown marks are left as they are."""

    name: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]


def read_changelog(path: Path = Path(__file__).parent / "CHANGELOG.md") -> tuple[Version, ...]:
    """Every version of the file. Lines of one paragraph or item are joined."""
    text = path.read_text(encoding="utf-8")
    return tuple(_version(part) for part in f"\n{text}".split(f"\n{_HEADING}")[1:])


def _version(text: str) -> Version:
    """A blank line ends a paragraph or item; an item also begins by itself."""
    name, _, rest = text.partition("\n")
    paragraphs: list[str] = []
    items: list[str] = []
    current: list[str] | None = None  # the list whose last text the next line goes on with
    for line in map(str.strip, rest.splitlines()):
        if line.startswith(_ITEM):
            current = items
            items.append(line.removeprefix(_ITEM))
        elif not line:
            current = None
        elif current is not None:
            current[-1] += f" {line}"
        else:
            current = paragraphs
            paragraphs.append(line)
    return Version(name.strip(), tuple(paragraphs), tuple(items))
