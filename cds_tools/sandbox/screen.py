"""What the sandbox prints: the loaded patients, what was taken away, an exchange."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cds_service.terminal.cards import print_cards
from cds_tools.sandbox.clean import Cleaned
from cds_tools.sandbox.exchange import Exchange
from cds_tools.sandbox.load import Loaded
from cds_tools.sandbox.recording import Recorded
from fhir_fixtures import EVALUATED_ON

_PATIENT_VIEW = "patient-view"


def print_loaded(loaded: Sequence[Loaded], base_url: str, console: Console) -> None:
    """Every patient with the id that the server gave, and what to do next."""
    table = Table(title="Patients on the server", title_justify="left", title_style="bold")
    for heading in ("Case", "Patient", "Hook", "Put", "Kept"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Patient")  # an id is there to be copied
    for one in loaded:
        hook = one.record.case.request["hook"]
        table.add_row(one.record.case.id, escape(_id(one)), hook, str(len(one.put)), str(one.unchanged))
    console.print(table)
    for one in loaded:
        for left_out in one.record.left_out:
            console.print(f"[yellow]![/] {one.record.case.id}: not put is {escape(left_out)}")
    put = sum(len(one.put) for one in loaded)
    console.print(f"{put} resources put, {sum(one.unchanged for one in loaded)} were there as they should be.\n")
    if loaded:
        chosen = loaded[0]
        hook = chosen.record.case.request["hook"]
        order = "" if hook == _PATIENT_VIEW else f" --hook {hook} --order {chosen.record.case.id}"
        console.print(
            f"Next, with a service that decides as of the day of the fixtures:\n\n"
            f"  CDS_EVALUATION_DATE={EVALUATED_ON} cds-service serve\n"
            f"  cds-service sandbox try --fhir-server {base_url} --patient {_id(chosen)}{order}\n\n"
            f"To take all of it away again:\n\n  cds-service sandbox clean --fhir-server {base_url}\n",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )


def loaded_as_json(loaded: Sequence[Loaded]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "case": one.record.case.id,
            "patient": _id(one),
            "hook": one.record.case.request["hook"],
            "put": list(one.put),
            "unchanged": one.unchanged,
            "leftOut": list(one.record.left_out),
        }
        for one in loaded
    ]


def _id(loaded: Loaded) -> str:
    return loaded.patient.partition("/")[2]


def print_cleaned(cleaned: Cleaned, console: Console) -> None:
    """How much went, and each resource that did not."""
    console.print(f"{len(cleaned.gone)} resources taken away.")
    for reference, why in cleaned.left.items():
        console.print(f"[red]still there[/] {escape(reference)}: {escape(why)}", soft_wrap=True)


def print_exchange(exchange: Exchange, console: Console) -> None:
    """What was sent under each key, how long the answer took, and the cards or the refusal."""
    table = Table(title="Prefetch", title_justify="left", title_style="bold")
    for heading in ("Key", "Sent", "Query"):
        table.add_column(heading, overflow="fold", ratio=3 if heading == "Query" else None)
    for sent in exchange.sent:
        table.add_row(escape(sent.key), escape(sent.said), escape(_shortened(sent.query)))
    console.print(table)
    access = "with fhirServer" if "fhirServer" in exchange.request else "prefetch only"
    token = " and a token" if "fhirAuthorization" in exchange.request else ""
    answer = exchange.answer
    console.print(
        f"POST {escape(answer.url)} ({access}{token}): {answer.status} in {answer.milliseconds:.0f} ms", soft_wrap=True
    )
    if answer.has_cards:
        print_cards(answer.cards, console)
        if not answer.cards:
            console.print("No card: the service looked, and has nothing to add.")
        return
    console.print(f"[bold red]The service answers {answer.status}.[/] {escape(answer.words)}", soft_wrap=True)
    document = answer.document
    for issue in document.get("issue", ()) if isinstance(document, dict) else ():
        if isinstance(issue, dict) and issue.get("diagnostics"):
            console.print(escape(str(issue["diagnostics"])), soft_wrap=True)


def print_recorded(recorded: Recorded, console: Console) -> None:
    """Where the fixture lies, and what to know about it."""
    console.print(f"Saved in {escape(str(recorded.folder))}: story.md, request.json, expected.json.", soft_wrap=True)
    for remark in recorded.remarks:
        console.print(f"[yellow]![/] {escape(remark)}", soft_wrap=True)


def _shortened(query: str) -> str:
    longest = 120
    return query if len(query) <= longest else f"{query[:longest]}... ({len(query)} characters)"
