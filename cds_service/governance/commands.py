"""``cds-service knowledge check``, ``review`` and ``diff``: reading the arguments, printing, the exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cds_service.errors import InputNotReadable, KnowledgeInvalid
from cds_service.governance import diff_pages, review_pages
from cds_service.governance.check import Check, Finding, check
from cds_service.governance.check_pages import print_check
from cds_service.governance.content import load_content
from cds_service.governance.diff import compare
from cds_service.governance.review import Review, review
from cds_service.governance.review import to_json as review_json
from cds_service.knowledge import load_knowledge
from cds_service.settings import load_settings
from cds_service.site import load_site
from fhir_fixtures import cases

NOTHING, SOMETHING = 0, 1
_PAGE = 140  # characters of a line in a text file
_SAME_CONTENT = "the content in use: packaged, with the overrides of CDS_KNOWLEDGE_OVERRIDES where set"


def add_knowledge(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    *,
    day: Callable[[str], date],
    console: Callable[[], Console],
) -> None:
    """Hang ``knowledge`` with its three commands under the program. ``day`` reads a date of the command line."""
    top = commands.add_parser(
        "knowledge",
        help="look after the clinical content: check, review, diff",
        description="Look after the clinical content: is it sound, what awaits a signature, what would a change do?",
    )
    inner = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    checks = inner.add_parser(
        "check",
        help="uncited, unused, unreachable, overdue, conflicting",
        description=f"Look for what is uncited, unused, unreachable, overdue or conflicting in {_SAME_CONTENT}.",
        epilog="Exit code 0: nothing found. 1: something found. 2: the settings were refused.",
    )
    checks.add_argument("--on", type=day, metavar="DATE", help="overdue as of YYYY-MM-DD (default: today)")
    checks.set_defaults(run=lambda options: _check(options, console()))

    reviews = inner.add_parser(
        "review",
        help="what was not read in its source, for signing",
        description=f"List every number, rule and source that was not read in full, for signing, of {_SAME_CONTENT}.",
    )
    reviews.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="default: text")
    reviews.add_argument("--out", type=Path, metavar="FILE", help="write to a file instead of printing")
    reviews.set_defaults(run=lambda options: _review(options, console()))

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
    diffs.set_defaults(run=lambda options: _diff(options, console()))


def _check(options: argparse.Namespace, console: Console) -> int:
    settings = load_settings(serving=False)
    on = options.on or datetime.now(settings.zone).date()
    try:
        knowledge = load_knowledge(settings.knowledge_overrides)
    except KnowledgeInvalid as invalid:
        print_check(_refused(invalid), None, on, console)
        return SOMETHING
    found = check(knowledge, on)
    print_check(found, knowledge, on, console)
    return SOMETHING if found.findings else NOTHING


def _refused(invalid: KnowledgeInvalid) -> Check:
    """The faults for which the content is refused at every start, as findings; each stands on a line of its own."""
    faults = [line.removeprefix("- ") for line in invalid.message.splitlines()[1:]]
    return Check(tuple(Finding("refused", "at start", fault) for fault in faults), {}, {}, ())


def _review(options: argparse.Namespace, console: Console) -> int:
    found = review(load_knowledge(load_settings(serving=False).knowledge_overrides))
    if options.out is None and options.format == "text":
        review_pages.print_review(found, console)
    elif options.out is None:
        sys.stdout.write(_written(found, options.format))
    else:
        try:
            options.out.write_text(_written(found, options.format), encoding="utf-8")
        except OSError as error:
            raise InputNotReadable(f"{options.out.name} cannot be written ({error.strerror}).") from None
    return NOTHING


def _written(found: Review, form: str) -> str:
    if form == "json":
        return _json(review_json(found))
    if form == "markdown":
        return review_pages.markdown(found)
    page = StringIO()
    review_pages.print_review(found, Console(file=page, width=_PAGE))
    return page.getvalue()


def _diff(options: argparse.Namespace, console: Console) -> int:
    before, after = load_content(options.before), load_content(options.after)
    settings = load_settings(serving=False).model_copy(update={"knowledge_overrides": None})
    site = replace(load_site(settings, fixed_date=True), public_base_url=None)
    shipped = cases()
    bar = (TextColumn("Assessing the cases"), BarColumn(), MofNCompleteColumn())
    errors = Console(stderr=True)
    with Progress(*bar, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("", total=2 * len(shipped))
        found = compare(before, after, shipped, site=site, each=lambda: progress.advance(task))
    if options.format == "json":
        sys.stdout.write(_json(diff_pages.to_json(found, before, after)))
    else:
        diff_pages.print_difference(found, before, after, console)
    return NOTHING if found.nothing else SOMETHING


def _json(document: object) -> str:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
