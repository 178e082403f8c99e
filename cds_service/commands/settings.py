"""`cds-service settings`: every setting, its value and where it comes from; and all that is wrong with them."""

from __future__ import annotations

import argparse
import sys

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cds_service.settings import Settings, unknown_variables
from cds_service.settings.load import Reading, read_settings
from cds_service.settings.model import accepted_form, variable
from cds_service.settings.words import in_words
from cds_service.terminal.console import console

_OK, _REFUSED = 0, 2


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Give the command ``settings`` its arguments."""
    parser.description = "Print every setting with its value and where it comes from. Secrets are never shown."
    parser.epilog = "Exit code 0: the service would start with them. 2: it would not; every fault is named."
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    parser.set_defaults(run=_show)


def _show(options: argparse.Namespace) -> int:
    reading = read_settings()
    unknown = unknown_variables()
    if options.format == "json":
        document = {"settings": _rows(reading), "faults": reading.faults, "unknown": unknown}
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _table(reading, unknown, console())
    return _REFUSED if reading.faults else _OK


def _rows(reading: Reading) -> list[dict[str, str]]:
    return [
        {
            "variable": variable(name),
            "value": "wrong" if name in reading.wrong else in_words(name, getattr(reading.settings, name)),
            "from": reading.origins[name],
            "accepts": accepted_form(name),
        }
        for name in Settings.model_fields
    ]


def _table(reading: Reading, unknown: list[str], screen: Console) -> None:
    table = Table()
    table.add_column("Variable", no_wrap=True)
    table.add_column("Value", overflow="fold")
    table.add_column("From", no_wrap=True)
    for row in _rows(reading):
        style = "red" if row["value"] == "wrong" else "dim" if row["from"] == "default" else ""
        table.add_row(*(Text(row[column], style) for column in ("variable", "value", "from")))
    screen.print(table)
    for name in unknown:
        screen.print(Text(f"{name} is no setting and has no effect."))
    if reading.faults:
        screen.print(Text("The service does not start with these settings:"))
        for fault in reading.faults:
            screen.print(Text(f"  - {fault}"), soft_wrap=True)
