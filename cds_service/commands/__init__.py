"""The command ``cds-service``: run the service, see it work, or assess one record without a server.

Only the command that was called is loaded: a server starts without what checks other services, and is smaller for it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from cds_service import __version__
from cds_service.errors import CdsError
from cds_service.terminal.console import console, day

OK, REFUSED = 0, 2
_HOOKS = ("patient-view", "order-select", "order-sign")
_COMMANDS = {  # name: what it does, and which function gives it its arguments
    "serve": ("run the service", "cds_service.commands:add_serve"),
    "demo": ("start the service, send it a patient, show the cards, stop", "cds_service.commands:add_demo"),
    "assess": ("assess one record, without a server", "cds_service.commands:add_assess"),
    "check": ("check any CDS service against CDS Hooks", "cds_tools.check.commands:add_check"),
    "knowledge": (
        "look after the clinical content: check, review, diff",
        "cds_service.governance.arguments:add_knowledge",
    ),
    "feedback": ("what clinicians made of the cards", "cds_service.commands.feedback:add_feedback"),
    "sandbox": (
        "for integration testers: put patients into a FHIR server, play the EHR, record",
        "cds_tools.sandbox.commands:add_sandbox",
    ),
    "settings": ("every setting, where it comes from, and what is wrong", "cds_service.commands.settings:add_settings"),
    "replay": ("decide again on what was kept for audit", "cds_service.commands.replay:add_replay"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, or 2 when the input or the settings were refused."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parser_of(given[:1]).parse_args(given)
    try:
        return int(options.run(options))
    except CdsError as error:
        print(f"{error.code} {error.message}", file=sys.stderr)  # noqa: T201
        if error.hint:
            print(error.hint, file=sys.stderr)  # noqa: T201
        return REFUSED


def parser_of(names: Sequence[str] = tuple(_COMMANDS)) -> argparse.ArgumentParser:
    """The parser, with the arguments of the commands that are named; of the others it knows what they do."""
    parser = argparse.ArgumentParser(
        prog="cds-service",
        description="CDS Hooks service for colorectal-cancer lung metastases.",
        epilog="Settings come from CDS_ variables of the environment: docs/reference/settings.md",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, (says, where) in _COMMANDS.items():
        command = commands.add_parser(name, help=says)
        if name in names:
            module, _, function = where.partition(":")
            getattr(import_module(module), function)(command)
    return parser


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Give the command ``serve`` its arguments."""
    parser.description = "Run the service until it is told to stop."
    parser.add_argument("--host", help="address to listen on (CDS_HOST, default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port; 0 takes any free one (CDS_PORT, default 8000)")
    parser.add_argument("--workers", type=int, help="processes (CDS_WORKERS, default 1)")
    parser.set_defaults(run=_serve)


def add_demo(parser: argparse.ArgumentParser) -> None:
    """Give the command ``demo`` its description; it takes no arguments."""
    parser.description = "Start the service on a free port, send it a ready-made patient, show the cards, and stop."
    parser.set_defaults(run=_demo)


def add_assess(parser: argparse.ArgumentParser) -> None:
    """Give the command ``assess`` its arguments."""
    parser.description = (
        "Assess one patient's record. A Bundle or folder is taken as the whole record; nothing is fetched."
    )
    parser.epilog = "Exit code 0: assessed. 2: the input could not be read, or needed data are missing."
    parser.add_argument(
        "input", type=Path, metavar="FILE|FOLDER", help="hook request, FHIR Bundle, or folder of resources"
    )
    parser.add_argument("--on", type=day, metavar="DATE", help="evaluate as of YYYY-MM-DD (default: today)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--patient", metavar="ID", help="which patient, when a Bundle or folder holds several")
    parser.add_argument(
        "--hook", choices=_HOOKS, help="for a Bundle or folder; at order hooks its draft requests are the orders"
    )
    parser.add_argument(
        "--what-if", action="store_true", help="also: the nearest facts that would change a class or an option"
    )
    parser.set_defaults(run=_assess)


def _serve(options: argparse.Namespace) -> int:
    from cds_service.app import create_app  # noqa: PLC0415
    from cds_service.monitoring.metrics import sharing  # noqa: PLC0415
    from cds_service.serving.server import run  # noqa: PLC0415
    from cds_service.settings import load_settings  # noqa: PLC0415

    settings = load_settings(host=options.host, port=options.port, workers=options.workers)

    def announce(address: str) -> None:
        print(f"Listening on {address} (discovery: {address}/cds-services)", flush=True)  # noqa: T201

    with sharing():  # before the application is made, which counts into the folder
        run(create_app(settings), settings, announce)
    return OK


def _demo(_: argparse.Namespace) -> int:
    from cds_service.commands import demo  # noqa: PLC0415

    try:
        demo.run(console())
    except demo.DemoFailed as failed:
        print(failed, file=sys.stderr)  # noqa: T201
        return 1
    return OK


def _assess(options: argparse.Namespace) -> int:
    import orjson  # noqa: PLC0415

    from cds_service.commands.assess import assess_input  # noqa: PLC0415
    from cds_service.settings import load_settings  # noqa: PLC0415
    from cds_service.terminal import assessment as report  # noqa: PLC0415

    settings = load_settings(serving=False)
    explanation, knowledge = assess_input(
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
        report.render(explanation, console(), knowledge)
    return OK
