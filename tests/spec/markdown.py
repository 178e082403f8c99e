"""Markdown for the generated pages: headings with their addresses, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cds_service.knowledge import Rule


def heading(rule: Rule) -> str:
    """A rule's heading on its page."""
    return f"{rule.id} {rule.title}"


def anchor(heading: str) -> str:
    """The address of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; a bar or an angle bracket in a cell is no markup."""
    lines = [list(columns), *([_escaped(cell) for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", r"\|").replace("<", "&lt;").replace("&lt;br>", "<br>")
