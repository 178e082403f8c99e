"""Which rule is carried out where, and what proves it: the page ``docs/reference/coverage.md``."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from cds_service.oncology.rulebook import CARRIED_OUT
from tests.spec.book import BOOK, DECISIONS
from tests.spec.core import site
from tests.spec.left_out import ALSO_LEFT_OUT, PARTS_LEFT_OUT
from tests.spec.markdown import anchor, heading, table

ROOT = Path(__file__).parent.parent.parent
_RANGE = re.compile(r"\b([A-Z])-(\d\d) to \1-(\d\d)\b")
_RULE = re.compile(r"\b(?:[GCNMOSRAXZIHTPE]-\d\d|MOL)\b")
_GROUP = re.compile(r"\b([GCNMOSRAXZIHTPE]) rules\b")
_DEFINITION = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


def rules_named(text: str) -> set[str]:
    """Every rule that a text names, one by one or as a range."""
    found = set(_RULE.findall(text))
    for letter, first, last in _RANGE.findall(text):
        found |= {f"{letter}-{number:02}" for number in range(int(first), int(last) + 1)}
    for letter in _GROUP.findall(text):
        found |= {rule for rule in site().knowledge.rules if rule.startswith(f"{letter}-")}
    return found


def places() -> dict[str, str]:
    """By rule, the function that carries it out, the comorbidities that give its reasons, or why nothing does."""
    found = {}
    for rule in site().knowledge.rules.values():
        rows = [f"{name}: `{told.when}` on record" for name, told in rule.reasons.items() if told.when]
        if function := CARRIED_OUT.get(rule.id):
            module = function.__module__.removeprefix("cds_service.")
            rows.insert(0, f"`{module}:{function.__name__}`")
        found[rule.id] = "<br>".join(rows) or str(rule.text_only)
    return found


def definitions(tree: ast.Module, source: str) -> Iterator[tuple[str, str]]:
    """Each function, class and constant of a module, by name, with its whole text."""
    lines = source.splitlines()
    for node in tree.body:
        if not isinstance(node, _DEFINITION):
            continue
        if isinstance(node, ast.Assign):
            name = ast.unparse(node.targets[0])
        elif isinstance(node, ast.AnnAssign):
            name = ast.unparse(node.target)
        else:
            name = node.name
        yield name, "\n".join(lines[node.lineno - 1 : node.end_lineno])


@cache
def tests() -> dict[str, tuple[str, ...]]:
    """By rule, the files with tests outside the book that name it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests" / "spec").rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        for name, text in definitions(ast.parse(source), source):
            if name.startswith("test_"):
                for rule in rules_named(text):
                    found[rule].add(str(path.relative_to(ROOT / "tests")))
    return {rule: tuple(sorted(files)) for rule, files in found.items()}


def tables() -> dict[str, tuple[str, ...]]:
    """By rule, the tables that are about it, with their number of cases."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in BOOK:
        for rule in one.rules:
            found[rule].append(f"{one.title} ({len(one.rows)})")
    for decision in DECISIONS:
        for rule in decision.rules:
            found[rule].append(f"{decision.title} (every input)")
    return {rule: tuple(items) for rule, items in found.items()}


def coverage_page() -> str:
    """The page: every rule, where it is carried out, what proves it, what is left out."""
    knowledge = site().knowledge
    rows = []
    for rule in knowledge.rules.values():
        where, left_out = places()[rule.id], " ".join(PARTS_LEFT_OUT.get(rule.id, ()))
        proof = [*tables().get(rule.id, ()), *(f"`{file}`" for file in tests().get(rule.id, ()))]
        rows.append(
            [f"[{heading(rule)}](rules.md#{anchor(heading(rule))})", where, "<br>".join(proof) or "see why", left_out]
        )
    cases = sum(len(one.rows) for one in BOOK)
    return "\n\n".join(
        [
            "# Coverage of the rule base",
            "Made by `make docs` from the source and the tests. Do not edit.",
            f"{len(knowledge.rules)} rules, {len(knowledge.parameters)} parameters; {len(BOOK)} tables with {cases} "
            f"cases, {len(DECISIONS)} decision tables tried over every input. *Carried out by* names the function\n"
            "that carries the rule out, and what gives a reason by itself; or why nothing tests it. *Proven by* names "
            "the tables of the [manual](rules.md) with their number of cases, and "
            "further files of tests.",
            table(["rule", "carried out by", "proven by", "left out, and why"], rows),
            "## Left out beside the rules",
            "\n".join(f"- {text}" for text in ALSO_LEFT_OUT) + "\n",
        ]
    )


def unproven(rules: Iterable[str]) -> list[str]:
    """The rules that no table and no test names, but for those that are not carried out."""
    known = site().knowledge.rules
    return [
        f"{rule}: no table and no test names it"
        for rule in rules
        if not (rule in known and known[rule].text_only) and rule not in tables() and rule not in tests()
    ]
