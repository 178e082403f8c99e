"""Taking the fixture patients away again: what has our tag and our identifier, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from cds_tools.sandbox.errors import AccessRefused, SandboxStopped, ServerRefused
from cds_tools.sandbox.fhir_server import FhirServer
from cds_tools.sandbox.presence import Present


@dataclass(frozen=True, slots=True)
class Cleaned:
    """``gone``: references of what was taken away. ``left``: what is still there, and why."""

    gone: tuple[str, ...]
    left: dict[str, str]


def clean(server: FhirServer, found: Iterable[Present], each: Callable[[], None] = lambda: None) -> Cleaned:
    """Take away, each before what it points to. What the server does not give up is named; the rest still goes."""
    gone: list[str] = []
    left: dict[str, str] = {}
    todo = _pointing_first(list(found))
    for index, reference in enumerate(todo):
        try:
            server.delete(reference)
            gone.append(reference)
        except ServerRefused as refused:  # this one only: something else points to it, perhaps
            left[reference] = refused.message
        except SandboxStopped as stopped:
            why = (
                stopped.message if isinstance(stopped, AccessRefused) else f"{stopped.message} It was not tried again."
            )
            left |= dict.fromkeys(todo[index:], why)
            break
        each()
    return Cleaned(tuple(gone), left)


def _pointing_first(found: list[Present]) -> list[str]:
    """References in an order in which nothing is deleted that another one of them still points to."""
    ours = {item.reference for item in found}
    sorter = TopologicalSorter({item.reference: item.points_to & ours for item in found})
    try:
        return list(sorter.static_order())[::-1]
    except CycleError:  # nobody's fixture, but no reason to leave everything there
        return sorted(ours, reverse=True)
