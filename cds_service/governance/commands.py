"""``cds-service knowledge check``, ``review`` and ``diff``: running them, printing, the exit codes."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from io import StringIO

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cds_service.errors import InputNotReadable, KnowledgeInvalid
from cds_service.governance import diff_pages, review_pages
from cds_service.governance.check import Check, Complaint, check
from cds_service.governance.check_pages import print_check
from cds_service.governance.content import content_named
from cds_service.governance.diff import compare
from cds_service.governance.review import Review, review
from cds_service.governance.review import to_json as review_json
from cds_service.settings import load_settings
from cds_service.site import load_content, load_site
from cds_service.values import replace
from fhir_fixtures import cases

NOTHING, SOMETHING = 0, 1
_PAGE = 140  # characters of a line in a text file


def run_check(options: argparse.Namespace, console: Console) -> int:
    settings = load_settings(serving=False)
    on = options.on or datetime.now(settings.zone).date()
    try:
        knowledge = load_content(settings.knowledge_overrides)
    except KnowledgeInvalid as invalid:
        print_check(_refused(invalid), None, on, console)
        return SOMETHING
    found = check(knowledge, on)
    print_check(found, knowledge, on, console)
    return SOMETHING if found.complaints else NOTHING


def _refused(invalid: KnowledgeInvalid) -> Check:
    """The faults for which the content is refused at every start, as complaints; each stands on a line of its own."""
    faults = [line.removeprefix("- ") for line in invalid.message.splitlines()[1:]]
    return Check(tuple(Complaint("refused", "at start", fault) for fault in faults), ())


def run_review(options: argparse.Namespace, console: Console) -> int:
    found = review(load_content(load_settings(serving=False).knowledge_overrides))
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


def run_diff(options: argparse.Namespace, console: Console) -> int:
    before, after = content_named(options.before), content_named(options.after)
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
