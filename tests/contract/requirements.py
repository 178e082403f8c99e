"""Which test proves which requirement of CDS Hooks: the decorator, and what is found by reading the tests."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent


def proves(*ids: str) -> pytest.MarkDecorator:
    """The test fails when one of these requirements (``cds_tools/check/requirements.toml``) is not kept."""
    return pytest.mark.requirement(*ids)


@cache
def proofs() -> dict[str, tuple[str, ...]]:
    """By requirement, the tests that prove it, as ``folder/file.py: name``."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        if "proves(" not in source:
            continue
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for id_ in _ids(node):
                    found[id_].append(f"{path.relative_to(TESTS)}: {node.name.removeprefix('test_')}")
    return {id_: tuple(tests) for id_, tests in found.items()}


def _ids(test: ast.FunctionDef) -> list[str]:
    """The requirements in the ``proves`` decorators of a test."""
    return [
        str(ast.literal_eval(argument))
        for decorator in test.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "proves"
        for argument in decorator.args
    ]
