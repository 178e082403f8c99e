"""Which rule is carried out where, and what proves it: the page ``docs/reference/coverage.md``."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from cds_service.knowledge.loader import HERE
from tests.spec.book import BOOK, DECISIONS
from tests.spec.core import site
from tests.spec.left_out import ALSO_LEFT_OUT, NOT_CARRIED_OUT, PARTS_LEFT_OUT
from tests.spec.markdown import anchor, heading, table

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("oncology", "cards", "fhir", "hooks")
_RANGE = re.compile(r"\b([A-Z])-(\d\d) to \1-(\d\d)\b")
_RULE = re.compile(r"\b(?:[GCNMOSRAXZIHTPE]-\d\d|MOL)\b")
_GROUP = re.compile(r"\b([GCNMOSRAXZIHTPE]) rules\b")
_SHAPES = ("assessment.py", "model.py")  # what is decided is written there, not how
_DEFINITION = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


def rules_named(text: str) -> set[str]:
    """Every rule that a text names, one by one or as a range."""
    found = set(_RULE.findall(text))
    for letter, first, last in _RANGE.findall(text):
        found |= {f"{letter}-{number:02}" for number in range(int(first), int(last) + 1)}
    for letter in _GROUP.findall(text):
        found |= {rule for rule in site().knowledge.rules if rule.startswith(f"{letter}-")}
    return found


@cache
def places() -> dict[str, tuple[str, ...]]:
    """By rule, the functions and constants of the deciding rooms that name it; failing these, the modules that do."""
    exact: dict[str, set[str]] = defaultdict(set)
    modules: dict[str, set[str]] = defaultdict(set)
    for room in ROOMS:
        for path in sorted((ROOT / "cds_service" / room).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT / "cds_service").with_suffix("").parts)
            source = path.read_text(encoding="utf-8")
            tree = ast.parse(source)
            if path.name in _SHAPES:
                continue
            docstring = ast.get_docstring(tree) or ""
            for rule in rules_named(docstring):
                (exact if f"({rule}" in docstring else modules)[rule].add(module)
            for name, text in definitions(tree, source):
                for rule in rules_named(text):
                    exact[rule].add(f"{module}:{name}")
    return {rule: tuple(sorted(exact.get(rule) or modules[rule])) for rule in {*exact, *modules}}


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


@cache
def explained() -> dict[str, str]:
    """How a rule answers whose id no code carries, as the content itself explains it."""
    exceptions = tomllib.loads((HERE / "exceptions.toml").read_text(encoding="utf-8"))
    return dict(exceptions["explained"]["rules"])


def coverage_page() -> str:
    """The page: every rule, where it is carried out, what proves it, what is left out."""
    knowledge = site().knowledge
    rows = []
    for rule in knowledge.rules.values():
        if rule.id in NOT_CARRIED_OUT:
            where, left_out = "not carried out", NOT_CARRIED_OUT[rule.id]
        else:
            named = "<br>".join(f"`{name}`" for name in places().get(rule.id, ()))
            where, left_out = named or explained()[rule.id], " ".join(PARTS_LEFT_OUT.get(rule.id, ()))
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
            f"cases, {len(DECISIONS)} decision tables tried over every input. *Carried out by* names what cites the\n"
            "rule in the code. *Proven by* names the tables of the [manual](rules.md) with their number of cases, and "
            "further files of tests.",
            table(["rule", "carried out by", "proven by", "left out, and why"], rows),
            "## Left out beside the rules",
            "\n".join(f"- {text}" for text in ALSO_LEFT_OUT) + "\n",
        ]
    )


def neither(rules: Iterable[str]) -> list[str]:
    """The rules that nothing carries out and no reason excuses, and those that nothing proves."""
    found = []
    for rule in rules:
        if rule in NOT_CARRIED_OUT:
            continue
        if rule not in places() and rule not in explained():
            found.append(f"{rule}: nothing in the code names it, and nothing explains why")
        if rule not in tables() and rule not in tests():
            found.append(f"{rule}: no table and no test names it")
    return found
