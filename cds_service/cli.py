"""The command ``cds-service``: run the service, see it work, or assess one record without a server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from cds_service import __version__
from cds_service.app import create_app
from cds_service.assess import assess_input
from cds_service.checking.commands import add_check
from cds_service.errors import CdsError
from cds_service.feedback import add_feedback
from cds_service.governance.arguments import add_knowledge
from cds_service.serving.server import run
from cds_service.settings import load_settings
from cds_service.workbench.commands import add_sandbox

if TYPE_CHECKING:
    from rich.console import Console

OK, REFUSED = 0, 2
_WIDTH = 100  # where the output is not a terminal
_HOOKS = ("patient-view", "order-select", "order-sign")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, or 2 when the input or the settings were refused."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except CdsError as error:
        print(f"{error.code} {error.message}", file=sys.stderr)  # noqa: T201
        if error.hint:
            print(error.hint, file=sys.stderr)  # noqa: T201
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cds-service",
        description="CDS Hooks service for colorectal-cancer lung metastases.",
        epilog="Settings come from CDS_ variables of the environment: docs/reference/settings.md",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    serve = commands.add_parser(
        "serve", help="run the service", description="Run the service until it is told to stop."
    )
    serve.add_argument("--host", help="address to listen on (CDS_HOST, default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port; 0 takes any free one (CDS_PORT, default 8000)")
    serve.add_argument("--workers", type=int, help="processes (CDS_WORKERS, default 1)")
    serve.set_defaults(run=_serve)

    show = commands.add_parser(
        "demo",
        help="start the service, send it a patient, show the cards, stop",
        description="Start the service on a free port, send it a ready-made patient, show the cards, and stop.",
    )
    show.set_defaults(run=_demo)

    assess = commands.add_parser(
        "assess",
        help="assess one record, without a server",
        description="Assess one patient's record. A Bundle or folder is taken as the whole record; nothing is fetched.",
        epilog="Exit code 0: assessed. 2: the input could not be read, or needed data are missing.",
    )
    assess.add_argument(
        "input", type=Path, metavar="FILE|FOLDER", help="hook request, FHIR Bundle, or folder of resources"
    )
    assess.add_argument("--on", type=_day, metavar="DATE", help="evaluate as of YYYY-MM-DD (default: today)")
    assess.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    assess.add_argument("--patient", metavar="ID", help="which patient, when a Bundle or folder holds several")
    assess.add_argument(
        "--hook", choices=_HOOKS, help="for a Bundle or folder; at order hooks its draft requests are the orders"
    )
    assess.add_argument(
        "--what-if", action="store_true", help="also: the nearest facts that would change a class or an option"
    )
    assess.set_defaults(run=_assess)
    add_check(commands, console=_console)
    add_knowledge(commands, day=_day, console=_console)
    add_feedback(commands, day=_day, console=_console)
    add_sandbox(commands, console=_console)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date, YYYY-MM-DD") from None


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415 - the server starts without what only other commands need

    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _serve(options: argparse.Namespace) -> int:
    settings = load_settings(host=options.host, port=options.port, workers=options.workers)
    app = create_app(settings)

    def announce(address: str) -> None:
        print(f"Listening on {address} (discovery: {address}/cds-services)", flush=True)  # noqa: T201

    run(app, host=settings.host, port=settings.port, workers=settings.workers, announce=announce)
    return OK


def _demo(_: argparse.Namespace) -> int:
    from cds_service import demo  # noqa: PLC0415

    try:
        demo.run(_console())
    except demo.DemoFailed as failed:
        print(failed, file=sys.stderr)  # noqa: T201
        return 1
    return OK


def _assess(options: argparse.Namespace) -> int:
    from cds_service import report  # noqa: PLC0415

    settings = load_settings(serving=False)
    explanation, wording = assess_input(
        options.input,
        settings,
        on=options.on,
        hook=options.hook,
        patient_id=options.patient,
        with_what_if=options.what_if,
    )
    if options.format == "json":
        sys.stdout.write(orjson.dumps(explanation, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        report.render(explanation, _console(), wording)
    return OK


if __name__ == "__main__":
    sys.exit(main())
