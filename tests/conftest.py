"""What every test stands on: a place of its own for what the service keeps, and the marker of what starts programs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

# Before anything is imported that may open the store, and for the processes that tests start.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="cds-tests-")

import pytest

from tests import hypothesis_profiles, processes

hypothesis_profiles.load()


@pytest.hookimpl(tryfirst=True)  # before -m chooses by the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        processes.mark(item)
    items.sort(key=processes.longest_first)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> processes.ByScope | None:
    return processes.ByScope(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with processes.guarded(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with processes.guarded(item):
        return (yield)
