"""A probe: a function that looks at a service and yields what is wrong with it, one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cds_tools.check.catalogue import Strength, requirements
from cds_tools.check.subject import ListedService, Subject

OfAddress = Callable[[Subject], Iterable[str]]
OfService = Callable[[Subject, ListedService], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Probe:
    """``title`` is the first line of the function's docstring, said as what must hold."""

    id: str
    title: str
    requirements: tuple[str, ...]
    of_address: OfAddress | None = None
    of_service: OfService | None = None

    @property
    def strength(self) -> Strength:
        """That of its requirements, which share one."""
        return requirements()[self.requirements[0]].strength


def of_address(*ids: str) -> Callable[[OfAddress], Probe]:
    """A probe of the whole address, of the requirements ``ids``."""
    return lambda function: Probe(_name(function), _title(function), ids, of_address=function)


def of_service(*ids: str) -> Callable[[OfService], Probe]:
    """A probe of each service, of the requirements ``ids``."""
    return lambda function: Probe(_name(function), _title(function), ids, of_service=function)


def _name(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", "-")


def _title(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").strip().splitlines()[0]
