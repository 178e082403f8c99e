"""The changelog of the clinical content, as a document shows it: its versions, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_HEADING, _ITEM = "## ", "- "


@dataclass(frozen=True, slots=True)
class Version:
    """One version: what is said about it, and the single changes. Plain text; Markdown marks are left as they are."""

    name: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]


def read_changelog(path: Path = Path(__file__).parent / "CHANGELOG.md") -> tuple[Version, ...]:
    """Every version of the file. Lines of one paragraph or item are joined."""
    text = path.read_text(encoding="utf-8")
    return tuple(_version(part) for part in f"\n{text}".split(f"\n{_HEADING}")[1:])


def _version(text: str) -> Version:
    name, _, rest = text.partition("\n")
    paragraphs: list[str] = []
    items: list[str] = []
    for block in rest.split("\n\n"):
        for line in block.strip().splitlines():
            if line.startswith(_ITEM):
                items.append(line.removeprefix(_ITEM))
            elif block.lstrip().startswith(_ITEM):
                items[-1] += f" {line.strip()}"
            elif line is block.strip().splitlines()[0]:
                paragraphs.append(line.strip())
            else:
                paragraphs[-1] += f" {line.strip()}"
    return Version(name.strip(), tuple(paragraphs), tuple(items))
