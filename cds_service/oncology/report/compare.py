"""Items: the conclusions of an assessment by name, as plain JSON; every comparison of two decisions uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cds_service.oncology.disease.axes import Classification
from cds_service.oncology.report.assessment import Assessment, json_names, to_json

AXES = tuple(written for _, written in json_names(Classification))
OPTIONS = ("surgery", "sbrt", "ablation", "hybrid", "imrt")


class Changed(NamedTuple):
    """A place at which two documents differ, with what stands there in both; None: nothing."""

    what: str
    before: Any
    after: Any


def axes(classification: Classification) -> dict[str, Any]:
    """Every axis of the classification by its name in JSON."""
    return {written: to_json(getattr(classification, name)) for name, written in json_names(Classification)}


def word(item: Any) -> str:
    """The class that an axis names, or the result of an option: ``late``, ``solitary``, ``unknown``, ``ELIGIBLE``."""
    if isinstance(item, Mapping):
        return str(item.get("subtype") or item.get("value") or item["result"])
    return str(item)


def items(assessment: Assessment) -> dict[str, Any]:
    """Everything that was concluded, by name, without texts, dates and references.

    An option that was not assessed is absent. ``reasons`` of an option: each code with its rule.
    """
    mdt, cea, prognosis = assessment.mdt, assessment.cea, assessment.prognosis
    salah = prognosis.salah
    return {
        "population": assessment.population,
        "gates": sorted(gate.id for gate in assessment.gates),
        **axes(assessment.classification),
        "lesions": {
            lesion.id: {"counted": lesion.counted, **{name: result.value for name, result in lesion.results.items()}}
            for lesion in assessment.lesions
        },
        **{
            name: {"result": therapy.result.value, "reasons": {one.code: one.rule for one in therapy.reasons}}
            for name, therapy in assessment.therapies.items()
        },
        "order": [" = ".join(rank) for rank in assessment.order],
        "mdt": {
            "suggest": mdt.suggest,
            "priority": mdt.priority,
            "suppressedBy": mdt.suppressed_by,
            "trigger": mdt.trigger,
            "invitees": list(mdt.invitees),
        },
        "needs": sorted({need.code for need in assessment.needs}),
        "flags": list(assessment.flags),
        "cea": {"elevated": cea.elevated.value, "trend": cea.trend, "persistent": cea.persistent.value},
        "salah": {
            "group": salah.group,
            "range": "-".join(map(str, salah.range)),
            "fiveYearSurvivalPercent": to_json(salah.five_year_survival_percent),
        },
        "consensusFactors": list(prognosis.consensus_factors.present),
        "systemic": [note.rule for note in assessment.systemic],
        "orders": {order.reference: list(order.rules) for order in assessment.orders},
    }


def changed(before: Any, after: Any, path: str = "") -> Iterator[Changed]:
    """The places at which two JSON documents differ.

    Lists are compared entry by entry where they hold objects and are of one length, else as a whole.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            yield from changed(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif _entry_by_entry(before) and _entry_by_entry(after) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changed(one, other, f"{path}[{index}]")
    elif before != after:
        yield Changed(path, before, after)


def _entry_by_entry(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) for item in value)
