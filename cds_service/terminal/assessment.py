"""The assessment as a table for people: what `cds-service assess` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_COLOURS = {
    "ELIGIBLE": "green",
    "CONDITIONAL": "yellow",
    "BLOCKED": "red",
    "UNKNOWN": "magenta",
    "NOT_ELIGIBLE": "red",
    "NOT_OFFERED": "dim",
}


_MOST_CHANGES = 12


def render(explanation: Mapping[str, Any], console: Console, wording: Mapping[str, str]) -> None:
    """Print classification, findings, options with reasons, what is missing, and what could not be read.

    ``explanation`` is the JSON of the assessment contract; ``wording`` gives the words for results and modalities by
    their keys (``result.ELIGIBLE``, ``therapy.sbrt``, ``axis.late``); a missing key shows the code itself.
    """
    knowledge = explanation["knowledge"]
    console.print(
        f"[bold]Colorectal lung metastases[/] · evaluated on {explanation['evaluatedOn']} · "
        f"population: [bold]{explanation['population']}[/] · knowledge {escape(str(knowledge['version']))}"
    )
    for gate in explanation["gates"]:
        console.print(f"[bold red]{gate['id']} {gate['result']}[/] {escape(gate['text'])}")
    console.print(_classification(explanation["classification"], wording))
    _print_table(console, "What we found", ("Fact", "Date", "From"), _found(explanation["findings"]))
    _print_table(
        console,
        "Lesions",
        ("Lesion", "Side", "Lobe", "Zone", "mm", "SBRT", "Ablation", "Note"),
        _lesions(explanation, wording),
    )
    _print_table(console, "Options to discuss", ("Modality", "Result", "Why", "Rule"), _options(explanation, wording))
    _print_table(console, "What is missing", ("Code", "Need"), [(n["code"], n["text"]) for n in explanation["needs"]])
    mdt = explanation["mdt"]
    if mdt["suggest"]:
        invited = ", ".join(wording.get(f"invitee.{name}", name) for name in mdt["invitees"])
        console.print(f"[bold]MDT:[/] suggest referral, {mdt['priority']}; invite {invited}")
    else:
        console.print(f"[bold]MDT:[/] no suggestion ({mdt['suppressedBy']})")
    for flag in explanation["flags"]:
        console.print(f"[yellow]![/] {escape(wording.get(f'flag.{flag}', flag))}")
    unread = [(escape(one["resource"]), one["problem"], escape(one["text"])) for one in explanation["dataQuality"]]
    _print_table(console, "Could not be used", ("Resource", "Problem", "Detail"), unread)
    if "whatIf" in explanation:
        _what_if(explanation["whatIf"], console, wording)


def _what_if(answer: Mapping[str, Any], console: Console, wording: Mapping[str, str]) -> None:
    """What would change this: missing facts with what they would settle, then the nearest changes."""
    missing = []
    for item in answer["missing"]:
        name = item["text"]
        for one in item["answers"]:
            values = " / ".join(one["values"])
            effects = "\n".join(effect["text"] for effect in one["effects"]) or wording.get("what_if.no_change", "-")
            missing.append((escape(name), escape(values), escape(effects)))
            name = ""
    _print_table(console, wording.get("what_if.missing", "Missing"), ("Fact", "If", "Then"), missing)
    changes = [
        (
            escape(" + ".join(fact["text"] for fact in item["facts"])),
            escape("\n".join(effect["text"] for effect in item["effects"])),
        )
        for item in answer["changes"][:_MOST_CHANGES]
    ]
    _print_table(console, wording.get("what_if.changes", "Changes"), ("If", "Then"), changes)


def _print_table(console: Console, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold", expand=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _classification(axes: Mapping[str, Any], wording: Mapping[str, str]) -> Table:
    def words(value: str) -> str:
        return wording.get(f"axis.{value}", value.replace("_", " "))

    timing, number, sites = axes["timing"], axes["number"], axes["spread"]["sites"]
    count = "not known" if number["n"] is None else str(number["n"])
    if number["n"] is None and number["nAtLeast"] > 1:
        count = f"at least {number['nAtLeast']}"
    if number["nIndeterminate"]:
        count += f" (+{number['nIndeterminate']} indeterminate)"
    sensitive = " (definitions disagree)" if timing["definitionSensitive"] else ""
    rows = (
        ("Certainty", words(axes["certainty"])),
        ("Timing", f"{words(timing['subtype'] or timing['value'])}, by {timing['policy']}{sensitive}"),
        ("Sequence", words(axes["sequence"]["value"])),
        ("Spread", words(axes["spread"]["value"]) + (f": {', '.join(sites)}" if sites else "")),
        ("Number", f"{words(number['value'])}, n = {count}"),
        ("Sides", words(axes["sides"]["value"])),
        ("Oligometastatic", f"{axes['oligometastatic']['value']} (by count: {axes['oligometastatic']['byCount']})"),
        ("Thoracic nodes", words(axes["thoracicNodes"]["value"])),
        ("Complete removal", words(axes["resectability"]["value"])),
    )
    table = Table(title="Classification", title_justify="left", title_style="bold", show_header=False)
    for name, value in rows:
        table.add_row(name, escape(value))
    return table


def _found(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    return [(escape(item["text"]), item["date"] or "", escape(", ".join(item["resources"]))) for item in findings]


def _lesions(explanation: Mapping[str, Any], wording: Mapping[str, str]) -> list[tuple[str, ...]]:
    rows = []
    for lesion in explanation["lesions"]:
        exact, results = lesion["largestDiameterMm"], lesion["results"]
        size = lesion["diameterComparator"] or ("" if exact is None else f"{exact:g}")
        results = [_coloured(results.get(name, ""), {}) for name in ("sbrt", "ablation")]
        cells = (lesion["id"], lesion["side"] or "", lesion["lobe"] or "", lesion["zone"] or "", size)
        rows.append(
            (
                *map(escape, cells),
                *results,
                escape("; ".join(wording.get(f"flag.{name}", name) for name in lesion["flags"])),
            )
        )
    return rows


def _options(explanation: Mapping[str, Any], wording: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    rows = []
    for modality, therapy in explanation["therapies"].items():
        name = wording.get(f"therapy.{modality}", modality)
        result = _coloured(therapy["result"], wording)
        if not therapy["reasons"]:
            rows.append((name, result, "", ""))
        for reason in therapy["reasons"]:
            rows.append((name, result, escape(reason["text"]), reason["rule"]))
            name = result = ""
    return rows


def _coloured(result: str, wording: Mapping[str, str]) -> str:
    if not result:
        return ""
    words = escape(wording.get(f"result.{result}", result))
    return f"[{_COLOURS.get(result, 'white')}]{words}[/]"
