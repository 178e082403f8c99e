"""``knowledge diff``: which of the shipped cases are answered otherwise under another content, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cds_service.errors import CdsError
from cds_service.hooks.decide import Site, decide_request
from cds_service.knowledge import Knowledge
from cds_service.protocol.request import read_request
from fhir_fixtures import EVALUATED_ON, Case

Facets = dict[str, Any]
"""What a clinician would notice about one answer: the name of a facet and its value as plain JSON."""


@dataclass(frozen=True, slots=True)
class Change:
    """One facet, under the first content and under the second; None where it is not there."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class CaseChanges:
    """A shipped case that is answered otherwise."""

    id: str
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two contents, and which of the assessed cases that changes."""

    parameters: tuple[Change, ...]
    other: Mapping[str, tuple[str, ...]]
    cases: tuple[CaseChanges, ...]
    assessed: int

    @property
    def nothing(self) -> bool:
        """Do the contents say the same?"""
        return not (self.parameters or self.cases or any(self.other.values()))


def compare(
    before: Knowledge,
    after: Knowledge,
    cases: Sequence[Case],
    *,
    site: Site,
    each: Callable[[], object] = lambda: None,
) -> Difference:
    """Both contents side by side. ``site`` gives codes and time zone; ``each`` is called after every assessment."""
    found = []
    for case in cases:
        sides = []
        for knowledge in (before, after):
            sides.append(facets(case, replace(site, knowledge=knowledge)))
            each()
        if changes := tuple(_changes(*sides)):
            found.append(CaseChanges(case.id, case.title, changes))
    limits = tuple(_changes(_limits(before), _limits(after)))
    beside = _differing(before.parameters, after.parameters)
    return Difference(
        parameters=limits,
        other={
            "details of numbers": tuple(name for name in beside if name not in {item.what for item in limits}),
            "rules": _differing(before.rules, after.rules),
            "sources": _differing(before.evidence, after.evidence),
            "texts": _differing(before.texts, after.texts),
        },
        cases=tuple(found),
        assessed=len(cases),
    )


def facets(case: Case, site: Site) -> Facets:
    """One case assessed, through the code path of ``cds-service assess``, as what would be noticed of it.

    A request that is refused is one facet; so is a content that lacks a name which the code needs.
    """
    try:
        explanation = decide_request(
            read_request(case.request), site, on=date.fromisoformat(EVALUATED_ON)
        ).explanation()
    except CdsError as error:
        return {"answer": f"refused: {error.code}"}
    except KeyError as missing:
        return {"answer": f"cannot be assessed: the content lacks {missing}"}
    return dict(_facets(explanation))


def _facets(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "population", said["population"]
    yield "gates", [f"{gate['id']} {gate['result']}" for gate in said["gates"]]
    yield from _flat("classification", said["classification"])
    for lesion in said["lesions"]:
        results = [f"{name} {result}" for name, result in lesion["results"].items()]
        yield f"lesion {lesion['id']}", ["counted", *results] if lesion["counted"] else ["not counted"]
    for modality, therapy in said["therapies"].items():
        yield f"{modality} result", therapy["result"]
        yield f"{modality} reasons", sorted(f"{item['code']} ({item['rule']})" for item in therapy["reasons"])
    yield "order of options", [" = ".join(rank) for rank in said["order"]]
    yield from _flat("mdt", {name: said["mdt"][name] for name in ("suggest", "priority", "suppressedBy", "trigger")})
    yield "mdt.invitees", said["mdt"]["invitees"]
    yield "needs", [need["code"] for need in said["needs"]]
    yield "flags", said["flags"]
    yield from _flat("cea", {name: said["cea"][name] for name in ("elevated", "trend", "persistent")})
    salah = said["prognosis"]["salah"]
    yield "salah.range", "-".join(map(str, salah["range"]))
    yield from _flat("salah", {name: salah[name] for name in ("group", "fiveYearSurvivalPercent")})
    yield "consensus factors", said["prognosis"]["consensusFactors"]["present"]
    yield "systemic notes", [note["rule"] for note in said["systemic"]]
    yield "order rules", [f"{order['reference']}: {', '.join(order['rules'])}" for order in said["orders"]]
    yield "cards", [f"{card['indicator']}: {card['summary']}" for card in said["cards"]]


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}", item)
    else:
        yield name, value


def _changes(before: Facets, after: Facets) -> Iterator[Change]:
    for what in dict.fromkeys((*before, *after)):
        if before.get(what) != after.get(what):
            yield Change(what, before.get(what), after.get(what))


def _limits(knowledge: Knowledge) -> Facets:
    """Every number as it is tested: comparison, value and unit."""
    return {
        item.id: " ".join(filter(None, (item.comparison, item.text, "" if item.unit == "1" else item.unit)))
        for item in knowledge.parameters.values()
    }


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    names: Iterable[str] = dict.fromkeys((*before, *after))
    return tuple(name for name in names if before.get(name) != after.get(name))
