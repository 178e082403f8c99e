"""The list for signing as a document to print (Markdown) and as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cds_service.governance.review import Group, Part, Review
from cds_service.knowledge import CERTAINTY_TAGS, Evidence, Knowledge, Parameter

_PARTS = (
    ("Not seen in a source (M, D, REVIEW)", "unread"),
    ("Seen in a secondary text only (V2)", "secondary"),
)
_NUMBER_HEADINGS = ("Rule or number", "Value", "Tags", "Source", "Review by", "Signed: name, date")
_SOURCE_HEADINGS = ("Source", "Cited for", "Tags", "Signed: name, date")
_STATES = (("total", "in all"), ("unread", "not seen"), ("secondary", "secondary text"), ("read", "seen"))


def limit(item: Parameter) -> str:
    """``<= 50 mm``: comparison, value and unit; a count has no unit."""
    return " ".join(part for part in (item.comparison, item.text, item.unit if item.unit != "1" else "") if part)


def print_review(found: Review, console: Console) -> None:
    """The list as tables."""
    console.print(*_head(found.knowledge), sep="\n", markup=False)
    console.print(_table("How much", *_counts(found)))
    for title, name in _PARTS:
        part: Part = getattr(found, name)
        console.print(_table(title, _NUMBER_HEADINGS, *(list(_rows(group, found)) for group in part.groups)))
        console.print(_table(f"{title}: sources", _SOURCE_HEADINGS, *([_source(source)] for source in part.sources)))


def markdown(found: Review) -> str:
    """The list as one document, a section for each rule."""
    lines = ["# Clinical content for signature", "", *_head(found.knowledge), ""]
    lines += [*_markdown_table(*_counts(found)), ""]
    lines += [f"- {tag}: {meaning}" for tag, meaning in CERTAINTY_TAGS.items()]
    for title, name in _PARTS:
        part: Part = getattr(found, name)
        lines += ["", f"## {title}"]
        for group in part.groups:
            lines += ["", f"### {group.rule.id} {group.rule.title}", "", group.rule.statement, ""]
            lines += _markdown_table(_NUMBER_HEADINGS, list(_rows(group, found, statement=False)))
        lines += ["", f"### Sources: {title[0].lower()}{title[1:]}", ""]
        lines += _markdown_table(_SOURCE_HEADINGS, [_source(source) for source in part.sources])
    return "\n".join(lines) + "\n"


def _head(knowledge: Knowledge) -> list[str]:
    return [
        f"Version {knowledge.version} ({knowledge.status}), content {knowledge.hash}",
        f"To be signed by: {knowledge.reviewer_role}",
    ]


def _counts(found: Review) -> tuple[Sequence[str], list[Sequence[str]]]:
    """One row a kind: how many, in which state, and how many carry each tag."""
    tags = tuple(found.counts["numbers"])[len(_STATES) :]
    headings = ("", *(words for _, words in _STATES), *(f"tag {tag}" for tag in tags))
    rows = [
        (kind, *(str(counts[name]) for name in (*(name for name, _ in _STATES), *tags)))
        for kind, counts in found.counts.items()
    ]
    return headings, list(rows)


def _rows(group: Group, found: Review, *, statement: bool = True) -> Iterator[Sequence[str]]:
    """The rule, and below it its numbers. A rule that was read has a row only to say so."""
    rule = group.rule
    said = f"{rule.id} {rule.title}: {rule.statement}" if statement else "the rule as a whole"
    sources = _labels(rule.evidence, found.knowledge)
    yield said, "", ", ".join(rule.certainty), sources, "", "" if group.sign_rule else "not needed here"
    for item in group.numbers:
        others = [name for name in item.rules if name != rule.id]
        local = ["local policy"] if item.local else []
        more = "; ".join(
            [*local, *([f"also {', '.join(others)}"] if others else []), *([item.note] if item.note else [])]
        )
        name = f"{item.title} ({item.id}){f': {more}' if more else ''}"
        cited = _labels(item.sources, found.knowledge)
        yield name, limit(item), ", ".join(item.certainty), cited, item.review_by.isoformat(), ""


def _source(source: Evidence) -> Sequence[str]:
    address = f" doi:{source.doi}" if source.doi else f" {source.url}" if source.url else ""
    note = f" {source.note}" if source.note else ""
    return f"{source.citation}{address}", f"{source.finding}{note}", ", ".join(source.verified), ""


def _labels(sources: Sequence[str], knowledge: Knowledge) -> str:
    return "; ".join(knowledge.evidence[name].label for name in sources)


def _table(title: str, headings: Sequence[str], *sections: Sequence[Sequence[str]]) -> Table:
    """A table with a line between its sections."""
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for rows in sections:
        for row in rows:
            table.add_row(*map(escape, row))
        table.add_section()
    return table


def _markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in cells]
