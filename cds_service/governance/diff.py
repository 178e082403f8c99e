"""``knowledge diff``: which of the shipped cases are answered otherwise under another content, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cds_service.errors import CdsError
from cds_service.hooks.decide import Site, decide_request
from cds_service.knowledge import Knowledge
from cds_service.oncology.report.compare import Changed, changed, items
from cds_service.protocol.request import read_request
from cds_service.values import replace
from fhir_fixtures import EVALUATED_ON, Case

Facets = dict[str, Any]
"""What a clinician would notice about one answer: the name of a facet and its value as plain JSON."""


@dataclass(frozen=True, slots=True)
class CaseChanges:
    """A shipped case that is answered otherwise."""

    id: str
    title: str
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two contents, and which of the assessed cases that changes."""

    parameters: tuple[Changed, ...]
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
        old = facets(case, replace(site, knowledge=before))
        each()
        new = facets(case, replace(site, knowledge=after))
        each()
        if changes := tuple(changed(old, new)):
            found.append(CaseChanges(case.id, case.title, changes))
    limits = tuple(changed(_limits(before), _limits(after)))
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
        decided = decide_request(read_request(case.request), site, on=date.fromisoformat(EVALUATED_ON))
    except CdsError as error:
        return {"answer": f"refused: {error.code}"}
    except KeyError as missing:
        return {"answer": f"cannot be assessed: the content lacks {missing}"}
    return items(decided.assessment) | {"cards": [f"{card.indicator}: {card.summary}" for card in decided.cards]}


def _limits(knowledge: Knowledge) -> Facets:
    """Every number as it is tested: comparison, value and unit."""
    return {
        item.id: " ".join(filter(None, (item.comparison, item.text, "" if item.unit == "1" else item.unit)))
        for item in knowledge.parameters.values()
    }


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(name for name, *_ in changed(before, after))
