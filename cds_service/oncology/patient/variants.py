"""Genetic variants as mCODE and HL7 genomics reporting write them: gene and change in components of one Observation."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.oncology.patient.chart import Chart, Resource, objects
from cds_service.terminology.variants import coding_change, gene_named, is_silent, protein_change


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant that was found. ``protein`` and ``coding``: the change, where it can be read."""

    observation: Resource
    gene: str
    protein: str | None
    coding: str | None
    silent: bool
    germline: bool
    homozygous: bool


def variants(chart: Chart) -> list[Variant]:
    """The variants that are present, of the genes that matter here. What is absent, or not called, proves nothing.

    One without a value is reported: nobody can say whether it is present.
    """
    found = []
    for observation, holder in chart.answers("genomic-variant"):
        parts = _parts(chart, observation)
        gene = next((name for text in parts.get("gene-studied", ()) if (name := gene_named(text))), None)
        if gene is None:
            continue
        names = chart.sets(holder.get("valueCodeableConcept"))
        if "molecular-positive" not in names:
            if not any(key.startswith("value") for key in holder):
                chart.report(observation, "VALUE_MISSING", "The variant does not say whether it is present.")
            continue
        changes = parts.get("protein-change", ())
        codes = frozenset().union(*(chart.sets(item.get("valueCodeableConcept")) for item in _components(observation)))
        found.append(
            Variant(
                observation,
                gene,
                next((change for text in changes if (change := protein_change(text))), None),
                next((change for text in parts.get("coding-change", ()) if (change := coding_change(text))), None),
                any(map(is_silent, changes)),
                "germline" in codes,
                "homozygous" in codes,
            )
        )
    return found


def _components(observation: Resource) -> list[Resource]:
    return list(objects(observation.get("component") or []))


def _parts(chart: Chart, observation: Resource) -> dict[str, list[str]]:
    """By question, every text of the answer: codes, displays and text."""
    found: dict[str, list[str]] = {}
    for component in _components(observation):
        for name in chart.sets(component.get("code")):
            found.setdefault(name, []).extend(texts_of(component))
    return found


def texts_of(component: Resource) -> list[str]:
    """Every text of a component's value: its codes first, then displays and text."""
    concept = component.get("valueCodeableConcept")
    holder = concept if isinstance(concept, dict) else {}
    codings = list(objects(holder.get("coding") or []))
    listed = [*(coding.get("code") for coding in codings), *(coding.get("display") for coding in codings)]
    return [text for text in (*listed, holder.get("text"), component.get("valueString")) if isinstance(text, str)]
