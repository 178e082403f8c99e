"""Writes the pages that are made from data and tests: ``python -m tests.spec.render`` (``make docs``).

From the rule base and its tables ``rules.md`` and ``coverage.md``; from the requirements of CDS Hooks
``cds-hooks-coverage.md``; from Grafana's dashboard the page that Prometheus serves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cds_service.knowledge import CERTAINTY_TAGS, Knowledge, Parameter, Rule
from tests.contract import coverage as cds_hooks
from tests.spec.book import BOOK, DECISIONS, vignettes
from tests.spec.console_page import CONSOLE, console_page
from tests.spec.core import site
from tests.spec.coverage import coverage_page
from tests.spec.departures import DEPARTURES
from tests.spec.fhir_data import fhir_data_page
from tests.spec.in_words import RESULTS, changes_in_words, lesions_in_words, measured_in_words, region_in_words
from tests.spec.markdown import anchor, heading
from tests.spec.markdown import table as table_of
from tests.spec.regions import DecisionTable
from tests.spec.settings_page import settings_page
from tests.spec.tables import Row, Table

ROOT = Path(__file__).parent.parent.parent
PAGES = {
    "docs/reference/rules.md": "rules_page",
    "docs/reference/coverage.md": "coverage_page",
    "cds_service/web/rule_tables.json": "rule_tables",
    "docs/reference/cds-hooks-coverage.md": "cds_hooks_page",
    "docs/reference/fhir-data-coverage.md": "fhir_data_page",
}
SETTINGS = ROOT / "docs/reference/settings.md"
MADE = "Made by `make docs` from the rule base and its tables of cases. Do not edit: change those and run it again."

_COMPARISONS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}
_UNITS = {
    "1": "",
    "a": " years",
    "mo": " months",
    "wk": " weeks",
    "d": " days",
    "{INR}": "",
    "{score}": "",
    "%": " %",
    "Cel": " °C",
    "10*9/L": " ×10⁹/L",
}
_GROUPS = {
    "G": "Gates: is the rule set for this patient?",
    "C": "Classification",
    "N": "Nodules",
    "M": "MDT",
    "O": "Order entry",
    "S": "Surgery",
    "R": "SBRT",
    "A": "Thermal ablation",
    "X": "SBRT and ablation together",
    "Z": "Choosing between modalities",
    "I": "IMRT",
    "H": "Resection combined with ablation",
    "T": "Systemic therapy",
    "MOL": "Molecular profile",
    "P": "Prognosis",
    "E": "CEA and other values",
}
_COLUMNS = {
    "changes": "given",
    "sources": "what could not be read",
    "expected": "further",
    "prior": "earlier disease elsewhere",
    "present": "adverse factors",
    "absent": "not adverse",
    "open": "not known",
    "on": "evaluated on",
}
_HOW_TO_READ = """\
Each rule stands here with its statement, its numbers and sources, and the cases that prove it. Every case is a patient
who runs through the whole service whenever the tests run; moving any number by one unit breaks at least one case.

**The patient of the cases**, unless a row says otherwise: 65 years old; sigmoid cancer diagnosed on 2022-01-03 and
resected with clear margins on 2022-01-10; one proven lung metastasis of 15 mm, right, peripheral, found on 2024-12-01;
nothing elsewhere, abdomen and pelvis imaged on 2025-05-10; chest CT of 2025-05-12; ECOG 1, FEV1 95 %, DLCO 90 %,
platelets 220, INR 1.0, CEA 3.0 ng/mL of 2025-05-15; no MDT, no earlier treatment of the lung. Evaluated on 2025-06-01.

**The results**: *option* (ELIGIBLE), *with caution* (CONDITIONAL), *blocked* until corrected (BLOCKED), *cannot be
assessed* (UNKNOWN), *not supported* (NOT_ELIGIBLE). An empty cell is the patient above, or not what the row is about; a
dash is "not recorded" among what is given and "none" among what follows. Reason codes are explained at the end.

**How far a statement was checked**:"""


def rules_page() -> str:
    """The manual of the rules."""
    knowledge = site().knowledge
    parts = [
        f"# Rules\n\n{MADE}\n\nRule set {knowledge.version}; {knowledge.status}.\n\n{_HOW_TO_READ}",
        "\n".join(f"- **{tag}**: {meaning}" for tag, meaning in CERTAINTY_TAGS.items()),
        _contents(knowledge),
    ]
    group = None
    for rule in knowledge.rules.values():
        if (own := _group(rule)) != group:
            group = own
            parts.append(f"## {_GROUPS[own]}")
        parts += _rule(rule, knowledge)
    parts.append("## Vignettes\n\nPatients whose results were agreed before the service was written, by their numbers.")
    parts += [part for table in vignettes.TABLES for part in _cases(table)]
    parts += _codes(knowledge)
    return "\n\n".join(parts) + "\n"


def _group(rule: Rule) -> str:
    return rule.id if rule.id in _GROUPS else rule.id[0]


def _contents(knowledge: Knowledge) -> str:
    groups: dict[str, list[str]] = {}
    for rule in knowledge.rules.values():
        groups.setdefault(_group(rule), []).append(f"[{rule.id}](#{anchor(heading(rule))})")
    return "\n".join(f"- {_GROUPS[name]}: {', '.join(links)}" for name, links in groups.items())


def _rule(rule: Rule, knowledge: Knowledge) -> Iterator[str]:
    yield f"### {heading(rule)}"
    sources = "; ".join(_source(id_, knowledge) for id_ in rule.evidence)
    yield f"{rule.statement}\n\nCertainty: {', '.join(rule.certainty)}. Sources: {sources}."
    if rule.parameters:
        rows = [_number(knowledge.parameter(id_), knowledge) for id_ in rule.parameters]
        yield table_of(["number", "value", "certainty", "sources"], rows)
    elsewhere = []
    for table in BOOK:
        if rule.id == table.rules[0] and table not in vignettes.TABLES:
            yield from _cases(table)
        elif rule.id in table.rules:
            elsewhere.append(table)
    for decision in DECISIONS:
        if rule.id == decision.rules[0]:
            yield from _decision(decision)
        elif rule.id in decision.rules:
            elsewhere.append(decision)
    if elsewhere:
        links = dict.fromkeys(f"[{_title(table)}](#{anchor(_title(table))})" for table in elsewhere)
        yield f"Cases of this rule stand also under: {', '.join(links)}."


def _title(table: Table | DecisionTable) -> str:
    kind = "Every input" if isinstance(table, DecisionTable) else "Cases"
    if table in vignettes.TABLES:
        return table.title
    return f"{kind}: {table.title} ({table.rules[0]})"


def _source(id_: str, knowledge: Knowledge) -> str:
    evidence = knowledge.evidence[id_]
    return f"[{evidence.label}]({evidence.url})" if evidence.url else evidence.label


def _number(parameter: Parameter, knowledge: Knowledge) -> list[str]:
    comparison = f"{_COMPARISONS[parameter.comparison]} " if parameter.comparison else ""
    value = f"{comparison}{parameter.text}{_UNITS.get(parameter.unit, f' {parameter.unit}' if parameter.unit else '')}"
    sources = "; ".join(_source(id_, knowledge) for id_ in parameter.sources)
    title = f"{parameter.title} (`{parameter.id}`)" + (f". {parameter.note}" if parameter.note else "")
    return [title, value, ", ".join(parameter.certainty), sources]


@dataclass(frozen=True, slots=True)
class Shown:
    """A table in words, ready for a page."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _cases(table: Table) -> Iterator[str]:
    yield from _markdown(cases_in_words(table))


def _markdown(shown: Shown) -> Iterator[str]:
    yield f"#### {shown.title}"
    if shown.note:
        yield shown.note
    yield table_of(shown.columns, shown.rows)


def cases_in_words(table: Table) -> Shown:
    """The cases of a table of the book, without empty columns."""
    given = changes_in_words(table.given)
    words = [f"Given: {given}." if given else "", table.note.replace("``", "`")]
    rows = [_case(row, table) for row in table.rows]
    columns = [name for name in rows[0] if any(row[name] for row in rows)]
    return Shown(
        _title(table),
        " ".join(filter(None, words)),
        tuple(_COLUMNS.get(name, name) for name in columns),
        tuple(tuple(row[name] for name in columns) for row in rows),
    )


def _case(row: Row, table: Table) -> Row:
    """One case with its cells in words; the three results of ``SBA`` stand in columns of their own."""
    departs = DEPARTURES.get(table.id(row))
    found: Row = {}
    for column, cell in row.items():
        if column == "SBA":
            letters = dict(zip(("surgery", "SBRT", "ablation"), cell, strict=True)) if cell else {}
            found |= {name: RESULTS[letters[name]] if letters else "" for name in ("surgery", "SBRT", "ablation")}
        elif column == "measured":
            found[f"{measured_in_words(table.given)} of"] = _dash(cell)
        else:
            found[column] = _cell(column, cell)
    return found | ({"not yet so": departs} if departs else {})


def _cell(column: str, cell: str) -> str:
    if column in ("surgery", "SBRT", "ablation"):
        return RESULTS[cell] if cell else ""
    if column == "lesions":
        return lesions_in_words(cell) if cell else ""
    if column == "changes":
        return changes_in_words(cell)
    if column.endswith("codes") or column in ("needs", "no need", "flags", "no flag", "notes", "problems"):
        return ", ".join(f"`{word}`" for word in cell.split())
    if column == "expected":
        return "; ".join(f"`{part.strip()}`" for part in cell.split(";")) if cell else ""
    if column == "gates":
        return ", ".join(word.replace(":", " ") for word in cell.split())
    return _dash(cell).replace("_", " ")


def _dash(cell: str) -> str:
    return "–" if cell == "-" else cell


def _decision(decision: DecisionTable) -> Iterator[str]:
    yield from _markdown(decision_in_words(decision))


def decision_in_words(decision: DecisionTable) -> Shown:
    """A decision table, its regions in words."""
    note = f" {decision.note.replace('``', '`')}" if decision.note else ""
    columns = tuple(decision.rows[0])
    return Shown(
        _title(decision),
        f"Every input lies in exactly one row.{note}" if decision.title != "Which gates fire" else note.strip(),
        columns,
        tuple(
            tuple(region_in_words(row[name]) if name in decision.inputs else _outcome(row[name]) for name in columns)
            for row in decision.rows
        ),
    )


def _outcome(cell: str) -> str:
    return _dash(cell).replace("initial_concurrent", "initial concurrent")


def _codes(knowledge: Knowledge) -> Iterator[str]:
    yield "## Codes"
    for group, title in (("reason", "Reasons"), ("need", "What is missing"), ("flag", "Flags")):
        yield f"### {title}"
        rows = [[f"`{code}`", knowledge.texts[f"{group}.{code}"].pattern] for code in knowledge.group(group)]
        head = "rule and code" if group == "reason" else "code"
        yield table_of([head, "as a card says it"], rows)


def rule_tables() -> str:
    """Every table with its rules as JSON, one table a line, for the pages that the service shows."""
    decisions = [{"rules": one.rules, **asdict(decision_in_words(one))} for one in DECISIONS]
    cases = [{"rules": one.rules, **asdict(cases_in_words(one))} for one in BOOK if one not in vignettes.TABLES]
    parts = [
        f'"{name}": [\n' + ",\n".join(json.dumps(item, ensure_ascii=False) for item in items) + "\n]"
        for name, items in (("decisions", decisions), ("cases", cases))
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def pages() -> dict[Path, str]:
    """Every generated page, by its path."""
    makers = {
        "rules_page": rules_page,
        "coverage_page": coverage_page,
        "rule_tables": rule_tables,
        "cds_hooks_page": cds_hooks.coverage_page,
        "fhir_data_page": fhir_data_page,
    }
    made = {ROOT / path: makers[name]() for path, name in PAGES.items()}
    return made | {SETTINGS: settings_page(SETTINGS), CONSOLE: console_page()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
