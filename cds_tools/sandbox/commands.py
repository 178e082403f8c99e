"""``cds-service sandbox load``, ``clean``, ``try`` and ``record``: reading the arguments, progress, the exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cds_service.errors import InputNotReadable
from cds_service.terminal.console import console
from cds_tools.sandbox import screen
from cds_tools.sandbox.clean import Cleaned, clean
from cds_tools.sandbox.exchange import Exchange, Wishes, play
from cds_tools.sandbox.fhir_server import FhirServer, read_token
from cds_tools.sandbox.fixture_records import record_of
from cds_tools.sandbox.load import Loader
from cds_tools.sandbox.orders import ORDER_HOOKS, read_orders
from cds_tools.sandbox.presence import KINDS, present
from cds_tools.sandbox.recording import check_folder, record
from cds_tools.sandbox.servers import CdsService
from cds_tools.signing import ALGORITHMS, Signer
from fhir_fixtures import Case, cases

DONE, NOT_ALL = 0, 1
HOOKS = ("patient-view", *ORDER_HOOKS)
_SERVICE = "http://127.0.0.1:8000"
_PAGE = "A walk through it with public servers: docs/how-to/public-sandbox.md"
_EXITS = "2: refused, or another server did not do what was asked; the message says what, and what to do."

Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_sandbox(parser: argparse.ArgumentParser) -> None:
    """Give the command ``sandbox`` its four commands."""
    parser.description = "For integration testers, with any FHIR R4 server. Never point it at real patients' data."
    parser.epilog = _PAGE
    inner = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    load = _command(inner, "load", "put the fixture patients into a FHIR server", _load)
    load.description = (
        "Put the invented patients of the fixtures into a FHIR server, each in one transaction, tagged and with "
        "identifiers of their own, and print their ids. A second run changes nothing."
    )
    load.epilog = f"Exit code 0: all are there. {_EXITS}"
    load.add_argument("--case", action="append", metavar="ID", help="only this case; may be given again (default: all)")
    load.add_argument("--format", choices=("text", "json"), default="text", help="default: text")

    cleans = _command(inner, "clean", "take them away again", _clean)
    cleans.description = "Take away what `load` put there: what has its tag and its identifiers, and nothing else."
    cleans.epilog = f"Exit code 0: nothing is left. 1: something is, each is named. {_EXITS}"

    tries = _command(inner, "try", "play the EHR: fetch, call the service, show the cards", _try)
    tries.description = (
        "Play the EHR: read discovery of a running service, fill its prefetch templates, fetch from the FHIR server, "
        "leave out the keys that you choose, call the service, and show the cards."
    )
    tries.epilog = (
        f"Exit code 0: cards, or none to show. 1: the service answered with an error, which is shown. {_EXITS}"
    )
    _add_call(tries)

    records = _command(inner, "record", "the same, and save the exchange as a new fixture", _record)
    records.description = (
        "Play the EHR as `try` does, and save the exchange as a new fixture: story.md, request.json and expected.json. "
        "Ids, names, identifiers, addresses, telecoms, narratives, notes and texts are replaced, dates are not."
    )
    records.epilog = f"Exit code 0: saved. {_EXITS} Then nothing was saved."
    _add_call(records)
    records.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="a new folder; its name is the case's id"
    )


def _command(
    inner: Parsers,
    name: str,
    says: str,
    run: Callable[[argparse.Namespace, Console], int],
) -> argparse.ArgumentParser:
    parser = inner.add_parser(name, help=says)
    parser.add_argument(
        "--fhir-server", required=True, metavar="URL", help="base address, such as http://localhost:8080/fhir"
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds the server's bearer token")
    parser.set_defaults(run=lambda options: run(options, console()))
    return parser


def _add_call(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--patient", required=True, metavar="ID", help="the patient's id on the FHIR server")
    parser.add_argument("--hook", choices=HOOKS, help="default: patient-view; order-select with --order")
    parser.add_argument(
        "--order",
        metavar="FILE",
        help="an order, a Bundle of orders or a hook request; or a fixture's id; for order-dispatch, Type/id there",
    )
    parser.add_argument(
        "--omit", action="append", default=[], metavar="KEY", help="do not send this prefetch key; may be given again"
    )
    parser.add_argument(
        "--prefetch-only", action="store_true", help="send neither fhirServer nor the token: nothing can be fetched"
    )
    parser.add_argument(
        "--service-url", default=_SERVICE, metavar="URL", help=f"of the CDS service (default: {_SERVICE})"
    )
    parser.add_argument("--service", metavar="ID", help="which service, when several listen to the hook")
    signing = parser.add_argument_group("signed calls")
    signing.add_argument(
        "--jwt-key", type=Path, metavar="FILE", help="private key, PEM or JWK: sign every call with it"
    )
    signing.add_argument("--issuer", metavar="URL", help="iss of the token; needed with --jwt-key")
    signing.add_argument("--kid", help="id of the key (default: the JWK's own, else its thumbprint)")
    signing.add_argument("--jku", metavar="URL", help="where the service finds the public key")
    signing.add_argument("--tenant", help="tenant of the token")
    signing.add_argument("--algorithm", choices=ALGORITHMS, help="default: the one that fits the key")


def _load(options: argparse.Namespace, console: Console) -> int:
    records = [record_of(case) for case in _chosen(options.case)]
    server = FhirServer(options.fhir_server, read_token(options.token_file))
    about = server.about()
    text = options.format == "text"
    if text:
        console.print(f"{about.name}, FHIR {about.version}, at {server.base_url}", highlight=False)
    with _progress("Looking what is there", len(KINDS)) as step:
        found = present(server, step)
    loader = Loader(server, found, one_by_one=not about.transactions)
    with _progress("Loading patients", len(records)) as step:
        loaded = loader.load(records, step)
    if loader.one_by_one and any(one.put for one in loaded):
        print("The server takes no transactions: the resources were put one by one.", file=sys.stderr)  # noqa: T201
    elif loader.refusals:
        why = "; ".join(dict.fromkeys(loader.refusals.values()))
        cases_put = ", ".join(loader.refusals)
        print(f"Put one by one, as the server refused the transaction ({why}): {cases_put}.", file=sys.stderr)  # noqa: T201
    if text:
        screen.print_loaded(loaded, server.base_url, console)
    else:
        sys.stdout.write(orjson.dumps(screen.loaded_as_json(loaded), option=orjson.OPT_INDENT_2).decode() + "\n")
    return DONE


def _clean(options: argparse.Namespace, console: Console) -> int:
    server = FhirServer(options.fhir_server, read_token(options.token_file))
    server.about()
    gone: list[str] = []
    while True:  # a server may answer a search with fewer than there are, and not say so
        with _progress("Looking what is there", len(KINDS)) as step:
            found = present(server, step)
        with _progress("Taking away", len(found)) as step:
            cleaned = clean(server, found.values(), step)
        fresh = [reference for reference in cleaned.gone if reference not in gone]
        gone += fresh
        if not fresh:
            break
    screen.print_cleaned(Cleaned(tuple(gone), cleaned.left), console)
    return NOT_ALL if cleaned.left else DONE


def _try(options: argparse.Namespace, console: Console) -> int:
    _, _, exchange = _played(options)
    screen.print_exchange(exchange, console)
    return DONE if exchange.answer.has_cards else NOT_ALL


def _record(options: argparse.Namespace, console: Console) -> int:
    check_folder(options.out)
    service, service_id, exchange = _played(options)
    screen.print_exchange(exchange, console)
    screen.print_recorded(record(exchange, service, service_id, options.out), console)
    return DONE


def _played(options: argparse.Namespace) -> tuple[CdsService, str, Exchange]:
    hook = options.hook or ("order-select" if options.order else "patient-view")
    if (hook in ORDER_HOOKS) != bool(options.order):
        wanted = "needs --order" if hook in ORDER_HOOKS else "takes no --order"
        raise InputNotReadable(f"{hook} {wanted}.", hint=f"Order hooks: {', '.join(ORDER_HOOKS)}.")
    wishes = Wishes(
        patient=options.patient.removeprefix("Patient/"),
        hook=hook,
        orders=read_orders(options.order) if options.order else None,
        omit=options.omit,
        prefetch_only=options.prefetch_only,
    )
    server = FhirServer(options.fhir_server, read_token(options.token_file))
    service = CdsService(options.service_url, _signer(options))
    entry = service.service(hook, options.service)
    server.about()
    with _progress("Fetching", len(entry.get("prefetch") or {})) as step:
        exchange = play(server, service, entry, wishes, step)
    return service, entry["id"], exchange


def _signer(options: argparse.Namespace) -> Signer | None:
    given = (options.issuer, options.kid, options.jku, options.tenant, options.algorithm)
    if options.jwt_key is None:
        if any(given):
            raise InputNotReadable("Calls are signed only with --jwt-key.", hint="Give the private key with --jwt-key.")
        return None
    if options.issuer is None:
        raise InputNotReadable("--jwt-key needs --issuer.", hint="The iss under which the service knows this client.")
    return Signer.from_file(
        options.jwt_key,
        issuer=options.issuer,
        kid=options.kid,
        jku=options.jku,
        tenant=options.tenant,
        algorithm=options.algorithm,
    )


def _chosen(ids: list[str] | None) -> list[Case]:
    by_id = {case.id: case for case in cases()}
    if unknown := sorted(set(ids or ()) - by_id.keys()):
        raise InputNotReadable(f"There is no case {', '.join(unknown)}.", hint=f"There are: {', '.join(by_id)}.")
    return [by_id[name] for name in dict.fromkeys(ids)] if ids else list(by_id.values())


@contextmanager
def _progress(says: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on the error stream, where that is a terminal; it leaves nothing behind."""
    errors = Console(stderr=True)
    columns = (TextColumn(says), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
