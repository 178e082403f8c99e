"""Commands, clinical numbers and the events of the log: what the code has, a page names.

Settings, routes, services and error codes: ``test_commands.py``.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from cds_service.commands import parser_of
from cds_service.knowledge import load_knowledge

ROOT = Path(__file__).parent.parent.parent
PAGES = {
    path: path.read_text() for path in (ROOT / "README.md", *ROOT.glob("docs/**/*.md")) if "decisions" not in path.parts
}
OPERATE = (ROOT / "docs" / "how-to" / "operate.md").read_text()


def commands(parser: argparse.ArgumentParser, name: str = "cds-service") -> Iterator[str]:
    """Every command that can be typed, with the words before it."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield name
    for action in below:
        for word, child in action.choices.items():
            yield from commands(child, f"{name} {word}")


def test_every_command_is_on_a_page() -> None:
    everything = "\n".join(PAGES.values())
    found = set(commands(parser_of()))
    assert len(found) >= 8
    assert {command for command in found if not re.search(rf"{command}\b", everything)} == set()


def test_every_clinical_number_is_on_the_page_of_rules() -> None:
    rules = PAGES[ROOT / "docs" / "reference" / "rules.md"]
    assert {name for name in load_knowledge().parameters if name not in rules} == set()


def test_every_warning_of_the_log_is_among_the_incidents() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "cds_service").rglob("*.py"))
    events = set(re.findall(r"log_warning\(\s*\"([^\"]+)\"", sources))
    assert len(events) >= 5
    incidents = OPERATE.partition("## Incidents")[2]
    assert {event for event in events if f"`{event}`" not in incidents} == set()


def test_every_other_event_of_the_log_is_known() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "cds_service").rglob("*.py"))
    events = set(re.findall(r"log_event\(\s*\"([^\"]+)\"", sources))
    assert {event for event in events if f"`{event}`" not in OPERATE} == set()
