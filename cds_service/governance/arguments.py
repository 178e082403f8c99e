"""The arguments of ``cds-service knowledge``. What its commands need is loaded when one of them runs."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any

from cds_service.terminal.console import console, day

_SAME_CONTENT = "the content in use: packaged, with the overrides of CDS_KNOWLEDGE_OVERRIDES where set"


def add_knowledge(parser: argparse.ArgumentParser) -> None:
    """Give the command ``knowledge`` its three commands."""
    parser.description = (
        "Look after the clinical content: is it sound, what awaits a signature, what would a change do?"
    )
    inner = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    checks = inner.add_parser(
        "check",
        help="uncited, overdue, conflicting",
        description=f"Look for what is uncited, overdue or conflicting in {_SAME_CONTENT}.",
        epilog="Exit code 0: nothing found. 1: something found. 2: the settings were refused.",
    )
    checks.add_argument("--on", type=day, metavar="DATE", help="overdue as of YYYY-MM-DD (default: today)")
    checks.set_defaults(run=lambda options: _commands().run_check(options, console()))

    reviews = inner.add_parser(
        "review",
        help="what was not read in its source, for signing",
        description=f"List every number, rule and source that was not read in full, for signing, of {_SAME_CONTENT}.",
    )
    reviews.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="default: text")
    reviews.add_argument("--out", type=Path, metavar="FILE", help="write to a file instead of printing")
    reviews.set_defaults(run=lambda options: _commands().run_review(options, console()))

    diffs = inner.add_parser(
        "diff",
        help="which shipped cases change between two contents",
        description="Assess every shipped case under two contents and show what changes.",
        epilog="Exit code 0: no difference. 1: the contents or the answers differ. 2: a content was refused.",
    )
    named = "an overrides file, a folder with the TOML files, or 'packaged' (short: -)"
    diffs.add_argument("before", metavar="A", help=named)
    diffs.add_argument("after", metavar="B", help=named)
    diffs.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    diffs.set_defaults(run=lambda options: _commands().run_diff(options, console()))


def _commands() -> Any:
    return import_module("cds_service.governance.commands")
