"""`cds-service replay`: decide again on what was kept, and prove that the answer is the same."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time

import orjson
from rich.console import Console
from rich.text import Text

from cds_service.audit.deciding_again import Replayed, decide_again
from cds_service.audit.sealing import load_keys
from cds_service.errors import NotReadable, SettingsInvalid
from cds_service.settings import Settings, load_settings
from cds_service.site import load_site
from cds_service.store import DecisionStore, open_database
from cds_service.store.decisions import KeptDecision
from cds_service.terminal.console import console, day

_OK, _DIFFERENT = 0, 1
_MOST_PATHS = 12


def add_replay(parser: argparse.ArgumentParser) -> None:
    """Give the command ``replay`` its arguments."""
    parser.description = (
        "Decide again on the kept input, as of the recorded day, with the clinical content that is loaded now, and "
        "compare. Needs CDS_AUDIT_KEY_FILE; reads the database that CDS_DATABASE_URL names."
    )
    parser.epilog = (
        "Exit code 0: every answer is the same. 1: some differ, or do not open. "
        "2: nothing is kept under a name, or the settings were refused."
    )
    parser.add_argument(
        "names", nargs="*", metavar="ID", help="a decision's id, its request id (X-Request-Id), or its hookInstance"
    )
    parser.add_argument("--all", action="store_true", help="every decision that is kept")
    parser.add_argument("--since", type=day, metavar="DATE", help="with --all: from YYYY-MM-DD on (facility's day)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text; json: one line each")
    parser.add_argument(
        "--forget-before",
        type=day,
        metavar="DATE",
        help="instead: delete what was kept before YYYY-MM-DD (facility's day). There is no way back",
    )
    parser.set_defaults(run=lambda options: _run(options, parser))


def _run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    chosen = [bool(options.names), options.all, options.forget_before is not None]
    if sum(chosen) != 1 or (options.since and not options.all):
        parser.error("give one or more IDs, or --all (with --since if need be), or --forget-before")
    settings = load_settings(serving=False)
    store = DecisionStore(open_database(settings.database_url.get_secret_value() if settings.database_url else None))
    if options.forget_before:
        gone = store.forget(_start_of(options.forget_before, settings))
        sys.stdout.write(f"Deleted: {gone} decisions.\n")
        return _OK
    kept = store.since(options.since and _start_of(options.since, settings)) if options.all else _named(options, store)
    tell = _tell_json if options.format == "json" else _tell(console())
    return _replay(kept, settings, tell)


def _start_of(day: date, settings: Settings) -> datetime:
    return datetime.combine(day, time(), settings.zone).astimezone(UTC)


def _named(options: argparse.Namespace, store: DecisionStore) -> Iterator[KeptDecision]:
    for name in options.names:
        found = store.under(name)
        if not found:
            raise NotReadable(
                "Nothing is kept under one of the names.",
                hint="Give the decision, requestId or hookInstance of a line of the log, from a time when it was kept.",
            )
        yield from found


def _replay(kept: Iterable[KeptDecision], settings: Settings, tell: Callable[[Replayed], None]) -> int:
    if settings.audit_key_file is None:
        raise SettingsInvalid("CDS_AUDIT_KEY_FILE is not set.", hint="Without the keys nothing that was kept opens.")
    keys, site = load_keys(settings.audit_key_file), load_site(settings, fixed_date=False)
    counts = {"same": 0, "different": 0, "not opened": 0}
    for one in kept:
        replayed = decide_again(one, keys, site)
        counts[replayed.verdict] += 1
        tell(replayed)
    sys.stderr.write(f"{', '.join(f'{number} {verdict}' for verdict, number in counts.items())}\n")
    return _OK if not counts["different"] + counts["not opened"] else _DIFFERENT


def _tell_json(replayed: Replayed) -> None:
    kept = replayed.kept
    line = {
        "decision": kept.id,
        "requestId": kept.request,
        "hookInstance": kept.hook_instance,
        "decided": kept.decided.isoformat(),
        "hook": kept.hook,
        "verdict": replayed.verdict,
        "reason": replayed.reason or None,
        "assessmentHash": {"then": kept.assessment_hash, "now": replayed.assessment_hash or None},
        "knowledge": {"version": kept.knowledge_version, "hash": kept.knowledge_hash},
        "sameKnowledge": replayed.same_knowledge if replayed.knowledge_hash else None,
        "terminology": {"hash": kept.terminology_hash},
        "sameTerminology": replayed.same_terminology if replayed.terminology_hash else None,
        "serviceVersion": kept.service_version,
        "differs": list(replayed.paths),
    }
    sys.stdout.write(orjson.dumps(line).decode() + "\n")


def _tell(screen: Console) -> Callable[[Replayed], None]:
    def tell(replayed: Replayed) -> None:
        kept = replayed.kept
        screen.print(Text(f"{kept.id}  {kept.decided:%Y-%m-%d %H:%M} UTC  {kept.hook}  {replayed.verdict}"))
        if replayed.reason:
            screen.print(Text(f"  {replayed.reason}"))
            return
        content = "the same clinical content" if replayed.same_knowledge else "other clinical content than now"
        screen.print(Text(f"  {kept.assessment_hash}"))
        screen.print(Text(f"  decided with {content} ({kept.knowledge_version})"))
        if replayed.same_terminology is False:
            screen.print(Text("  read with other codes than now: those of the release, or of CDS_TERMINOLOGY_DIR"))
        for path in replayed.paths[:_MOST_PATHS]:
            screen.print(Text(f"  differs: {path}"))
        if (more := len(replayed.paths) - _MOST_PATHS) > 0:
            screen.print(Text(f"  and {more} more places"))

    return tell
