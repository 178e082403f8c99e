"""The marker ``process``: which tests start a program beside the tests, such as a server, a browser or a database.

Nobody writes it by hand. A helper that starts a program is decorated with :func:`starts_process`; every test whose own
code, or the code of a fixture it asks for, names that helper gets the marker (:func:`mark`). What that misses, the
guard finds: a test without the marker that starts a program fails (:func:`guarded`).
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar

import pytest
from xdist.scheduler import LoadScopeScheduling

MARKER = "process"
_TESTS = Path(__file__).parent
TOGETHER = ("tests/browser", "tests/resilience")
EACH_ITS_OWN = frozenset(
    {
        "tests/docs/test_benchmarks.py",
        "tests/docs/test_commands_run.py",
        "tests/integration/test_dialects.py",
        "tests/integration/test_server_store.py",
    }
)
BRIEF = frozenset({"git", "promtool", "pip-audit"})
"""Programs that answer at once and stay running for nobody: a test may ask them without the marker."""
_Helper = TypeVar("_Helper", bound=Callable[..., Any])
_guarded: list[str] = []
"""The test that runs now, when it may start no program."""


def starts_process(helper: _Helper) -> _Helper:
    """Declare that a function, or each method of a class, starts a program."""
    helper.starts_process = True  # type: ignore[attr-defined]
    return helper


def mark(item: pytest.Item) -> None:
    """Give a test the marker if it, or a fixture it asks for, names a helper that starts a program."""
    fixtures = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]
    functions = [found[-1].func for found in fixtures if found]
    if any(_starts(function) for function in (*functions, item.function)):  # type: ignore[attr-defined]
        item.add_marker(MARKER)


def scope(nodeid: str) -> str:
    """What a test belongs to that one worker runs, one test after the other, so that what they share starts once.

    That is its file, or for browsers and for faults under load its folder. Tests that each start their own stand alone.
    """
    path = nodeid.partition("::")[0]
    folder = path.rpartition("/")[0]
    if folder in TOGETHER:
        return folder
    return nodeid if path in EACH_ITS_OWN else path


def longest_first(item: pytest.Item) -> bool:
    """The key by which the longest scopes stand before the others, so that no worker ends long after the rest."""
    return scope(item.nodeid) not in TOGETHER


class ByScope(LoadScopeScheduling):
    """How ``--dist loadscope`` gives tests to workers: by :func:`scope`."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


@cache
def _starts(function: Any) -> bool:
    """Follows the names in a function's code through the functions and classes of the tests."""
    seen: set[int] = set()
    waiting = [function]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if getattr(one, "starts_process", False) is True:  # a module may hold the decorator of that name
            return True
        waiting += _named_by(one)
    return False


def _named_by(one: Any) -> Iterator[Any]:
    """What a function or class of the tests names; nothing for anything else."""
    one = inspect.unwrap(one) if callable(one) else one
    if inspect.isclass(one):
        yield from (getattr(value, "fget", value) for value in vars(one).values())
    elif isinstance(one, FunctionType) and Path(one.__code__.co_filename).is_relative_to(_TESTS):
        names = set(_names(one.__code__))
        for value in (one.__globals__[name] for name in names & one.__globals__.keys()):
            yield value
            if isinstance(value, ModuleType):
                yield from (getattr(value, name) for name in names if hasattr(value, name))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


@contextmanager
def guarded(item: pytest.Item) -> Iterator[None]:
    """Until the block ends, a program that is started fails this test, unless it has the marker."""
    if item.get_closest_marker(MARKER):
        yield
        return
    _guarded.append(item.nodeid)
    try:
        yield
    finally:
        _guarded.pop()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "subprocess.Popen" or not _guarded:
        return
    program = os.path.basename(os.fsdecode(arguments[0]))  # noqa: PTH119 - a hook that every event passes
    if program not in BRIEF:
        pytest.fail(
            f"{_guarded[-1]} starts {program} and has no marker '{MARKER}': decorate the helper that starts it "
            "with tests.processes.starts_process",
            pytrace=False,
        )


sys.addaudithook(_watch)
