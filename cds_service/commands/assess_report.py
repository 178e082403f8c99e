"""The assessment as a table for people: what `cds-service assess` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cds_service.knowledge import Knowledge
from cds_service.oncology.report import describe

_COLOURS = {
    "ELIGIBLE": "green",
    "CONDITIONAL": "yellow",
    "BLOCKED": "red",
    "UNKNOWN": "magenta",
    "NOT_ELIGIBLE": "red",
    "NOT_OFFERED": "dim",
}


_MOST_CHANGES = 12


def render(explanation: Mapping[str, Any], console: Console, knowledge: Knowledge) -> None:
    """Print classification, findings, options with reasons, what is missing, and what could not be read.

    ``explanation``: the JSON of the assessment contract.
    """
    console.print(
        f"[bold]Colorectal lung metastases[/] · evaluated on {explanation['evaluatedOn']} · "
        f"population: [bold]{explanation['population']}[/] · knowledge {escape(explanation['knowledge']['version'])}"
    )
    for gate in explanation["gates"]:
        console.print(f"[bold red]{gate['id']} {gate['result']}[/] {escape(gate['text'])}")
    classes = describe.rows(explanation["classification"], knowledge)
    _print_table(console, "Classification", ("Axis", "Class"), [(name, escape(text)) for name, text in classes.items()])
    _print_table(console, "What we found", ("Fact", "Date", "From"), _found(explanation["findings"]))
    _print_table(
        console,
        "Lesions",
        ("Lesion", "Side", "Lobe", "Zone", "mm", "SBRT", "Ablation", "Note"),
        _lesions(explanation, knowledge),
    )
    _print_table(console, "Options to discuss", ("Modality", "Result", "Why", "Rule"), _options(explanation, knowledge))
    _print_table(console, "What is missing", ("Code", "Need"), [(n["code"], n["text"]) for n in explanation["needs"]])
    mdt = explanation["mdt"]
    if mdt["suggest"]:
        invited = ", ".join(knowledge.text(f"invitee.{name}") for name in mdt["invitees"])
        console.print(f"[bold]MDT:[/] suggest referral, {mdt['priority']}; invite {invited}")
    else:
        console.print(f"[bold]MDT:[/] no suggestion ({mdt['suppressedBy']})")
    for flag in explanation["flags"]:
        console.print(f"[yellow]![/] {escape(knowledge.text(f'flag.{flag}'))}")
    unread = [(escape(one["resource"]), one["problem"], escape(one["text"])) for one in explanation["dataQuality"]]
    _print_table(console, "Could not be used", ("Resource", "Problem", "Detail"), unread)
    if "whatIf" in explanation:
        _what_if(explanation["whatIf"], console, knowledge)


def _what_if(answer: Mapping[str, Any], console: Console, knowledge: Knowledge) -> None:
    """What would change this: missing facts with what they would settle, then the nearest changes."""
    missing = []
    for item in answer["missing"]:
        name = item["text"]
        for one in item["answers"]:
            values = " / ".join(one["values"])
            effects = "\n".join(effect["text"] for effect in one["effects"]) or knowledge.text("what_if.no_change")
            missing.append((escape(name), escape(values), escape(effects)))
            name = ""
    _print_table(console, knowledge.text("what_if.missing"), ("Fact", "If", "Then"), missing)
    changes = [
        (
            escape(" + ".join(fact["text"] for fact in item["facts"])),
            escape("\n".join(effect["text"] for effect in item["effects"])),
        )
        for item in answer["changes"][:_MOST_CHANGES]
    ]
    _print_table(console, knowledge.text("what_if.changes"), ("If", "Then"), changes)


def _print_table(console: Console, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold", expand=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _found(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    return [(escape(item["text"]), item["date"] or "", escape(", ".join(item["resources"]))) for item in findings]


def _lesions(explanation: Mapping[str, Any], knowledge: Knowledge) -> list[tuple[str, ...]]:
    rows = []
    for lesion in explanation["lesions"]:
        exact, results = lesion["largestDiameterMm"], lesion["results"]
        size = lesion["diameterComparator"] or ("" if exact is None else f"{exact:g}")
        results = [_coloured(results.get(name, "")) for name in ("sbrt", "ablation")]
        cells = (lesion["id"], lesion["side"] or "", lesion["lobe"] or "", lesion["zone"] or "", size)
        rows.append(
            (
                *map(escape, cells),
                *results,
                escape("; ".join(knowledge.text(f"flag.{name}") for name in lesion["flags"])),
            )
        )
    return rows


def _options(explanation: Mapping[str, Any], knowledge: Knowledge) -> list[tuple[str, str, str, str]]:
    rows = []
    for modality, therapy in explanation["therapies"].items():
        name = knowledge.text(f"therapy.{modality}")
        result = _coloured(therapy["result"], knowledge.text(f"result.{therapy['result']}"))
        if not therapy["reasons"]:
            rows.append((name, result, "", ""))
        for reason in therapy["reasons"]:
            rows.append((name, result, escape(reason["text"]), reason["rule"]))
            name = result = ""
    return rows


def _coloured(result: str, words: str = "") -> str:
    """``words``: what the result is called; without, its code is shown."""
    return f"[{_COLOURS.get(result, 'white')}]{escape(words or result)}[/]" if result else ""
