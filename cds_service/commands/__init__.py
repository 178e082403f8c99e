"""The command ``cds-service``: the list of its commands, each in a file of its own.

Only the command that was called is loaded: a server starts without what checks other services, and is smaller for it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from cds_service import __version__
from cds_service.errors import CdsError

REFUSED = 2
_COMMANDS = {  # name: what it does, and which function gives it its arguments
    "serve": ("run the service", "cds_service.commands.serve:add_serve"),
    "demo": ("start the service, send it a patient, show the cards, stop", "cds_service.commands.demo:add_demo"),
    "assess": ("assess one record, without a server", "cds_service.commands.assess:add_assess"),
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
