"""The command ``cds-service check``: what may be asked, and how the answer is told."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cds_service.terminal.console import console
from cds_tools.caller import Caller, Times, Unsendable
from cds_tools.check import pages
from cds_tools.check.results import COULD_NOT_RUN, Report
from cds_tools.check.run import PROBES, CouldNotRun, run
from cds_tools.check.subject import DEFAULT_ORIGIN, Subject
from cds_tools.signing import ALGORITHMS, Signer

_TIMEOUT_S = 10.0


def add_check(check: argparse.ArgumentParser) -> None:
    """Give the command ``check`` its arguments."""
    check.description = (
        "Call a CDS service as a client would, with invented patients and with bad requests, and judge it. "
        "Send it to services that may be tested: it makes some hundred calls, and leaves feedback."
    )
    check.epilog = "Exit code 0: nothing that SHALL be is missing. 1: something is. 2: the check could not run."
    check.add_argument("url", metavar="URL", help="base address of the service, with or without /cds-services")
    check.add_argument("--service", metavar="ID", help="this service alone (default: all that discovery lists)")
    check.add_argument("--prefetch-only", action="store_true", help="offer no FHIR server to fetch from")
    check.add_argument("--timeout", type=_seconds, default=_TIMEOUT_S, metavar="S", help="for each call (default: 10)")
    check.add_argument("--origin", default=DEFAULT_ORIGIN, help="browser origin to send (default: %(default)s)")
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    signing = check.add_argument_group("signed calls")
    signing.add_argument("--jwt-key", type=Path, metavar="FILE", help="private key, PEM or JWK: sign every call")
    signing.add_argument("--jwt-issuer", metavar="URI", help="iss; needed with --jwt-key")
    signing.add_argument("--jwt-alg", choices=ALGORITHMS, help="default: what the key is for")
    signing.add_argument("--jwt-kid", metavar="ID", help="default: the JWK's own, else the key's thumbprint")
    signing.add_argument("--jwt-jku", metavar="URL", help="where the service finds the public keys")
    signing.add_argument("--jwt-tenant", metavar="NAME")
    check.set_defaults(run=lambda options: _check(options, check))


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= 600:
        raise argparse.ArgumentTypeError("must be a number of seconds, up to 600")
    return found


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if urlsplit(options.url).scheme not in ("http", "https") or not urlsplit(options.url).hostname:
        parser.error("URL must be an absolute http(s) address")
    caller = Caller(Times.of(options.timeout), agent="cds-service-check", signer=_signer(options, parser))
    subject = Subject(
        caller, options.url, only=options.service, prefetch_only=options.prefetch_only, origin=options.origin
    )
    try:
        report = _with_progress(subject)
    except (CouldNotRun, Unsendable) as reason:
        print(f"The check could not run: {reason}", file=sys.stderr)  # noqa: T201
        return COULD_NOT_RUN
    if options.json:
        sys.stdout.write(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        pages.show(report, console())
    return report.exit_code


def _signer(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Signer | None:
    named = {name: getattr(options, f"jwt_{name}") for name in ("issuer", "alg", "kid", "jku", "tenant")}
    if options.jwt_key is None:
        if any(named.values()):
            parser.error("the --jwt options need --jwt-key")
        return None
    if not named["issuer"]:
        parser.error("--jwt-key needs --jwt-issuer")
    algorithm = named.pop("alg")
    return Signer.from_file(options.jwt_key, algorithm=algorithm, **named)


def _with_progress(subject: Subject) -> Report:
    """The report; on a terminal a bar on stderr shows how far it is."""
    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(PROBES))

        def progress(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        return run(subject, PROBES, progress=progress)
