"""Molecular results: RAS, BRAF, MSI/MMR, HER2 and DPYD, from coded answers only."""

from __future__ import annotations

import re

from cds_service.fhir.references import local_reference
from cds_service.oncology.patient.chart import Chart, Resource, latest, objects
from cds_service.oncology.patient.model import MolecularResult

_WORDS = {
    "ras": {"molecular-positive": "mutant", "molecular-negative": "wild_type"},
    "braf": {"braf-v600e": "v600e", "molecular-positive": "v600e", "molecular-negative": "wild_type"},
    "msi": {"msi-high": "high", "msi-stable": "stable"},
    "her2": {"molecular-positive": "positive", "molecular-negative": "negative"},
    "dpyd": {"molecular-positive": "done", "molecular-negative": "done"},
}
#: A result that one test shows stays true, whatever another test of the same marker did not find.
_LASTING = {"ras": "mutant"}
_PROTEIN_CHANGE = re.compile(r"(?:p\.)?\(?([A-Z][a-z]{2})(\d{1,4})([A-Z][a-z]{2})\)?")
_SHORT_CHANGE = re.compile(r"(?:p\.)?([ACDEFGHIKLMNPQRSTVWY]\d{1,4}[ACDEFGHIKLMNPQRSTVWY])")
_LETTER = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V",
}  # fmt: skip


def molecular_results(chart: Chart) -> tuple[MolecularResult, ...]:
    """The result of each marker, the latest where they differ; a result in words only is reported and decides nothing.

    A RAS mutation that any test has shown stays. RAS counts as tested in part (``detail``) while only KRAS was tested.
    """
    found = []
    for marker, words in _WORDS.items():
        results = []
        for observation, holder in chart.answers(marker):
            names = chart.sets([holder.get("valueCodeableConcept"), *objects(holder.get("interpretation") or [])])
            value = next((word for name, word in words.items() if name in names), None)
            if value is None:
                chart.report(
                    observation, "VALUE_INVALID", f"The result of the {marker} test is not coded in a way known here."
                )
                continue
            on = chart.observed(observation)
            detail = _ras_detail(chart, observation, value) if marker == "ras" else None
            results.append((on, MolecularResult(marker, value, detail, on, local_reference(observation))))
        results.sort(key=lambda item: (item[1].detail is None, item[1].value, item[1].fact))
        lasting = [item for item in results if item[1].value == _LASTING.get(marker)]
        if newest := latest(lasting or results):
            found.append(newest)
    return tuple(found)


def _ras_detail(chart: Chart, observation: Resource, value: str) -> str | None:
    """The protein change of a mutation (``KRAS G12D``); for a wild type that only KRAS was tested, if so."""
    both = "ras-extended" in chart.sets(observation.get("code"))
    gene = "RAS" if both else "KRAS"
    if value == "wild_type":
        return None if both else KRAS_ONLY
    for component in objects(observation.get("component") or []):
        answer = component.get("valueCodeableConcept")
        texts = [component.get("valueString")]
        for concept in objects(answer):
            texts += [concept.get("text"), *(coding.get("code") for coding in objects(concept.get("coding") or []))]
        for text in texts:
            if isinstance(text, str) and (change := protein_change(text)):
                return f"{gene} {change}"
    return None


KRAS_ONLY = "only KRAS tested"


def protein_change(text: str) -> str | None:
    """A protein change in one-letter code (``p.Gly12Asp`` and ``p.G12D`` give ``G12D``); None for any other text."""
    if long := _PROTEIN_CHANGE.fullmatch(text.strip()):
        before, position, after = long.groups()
        if before in _LETTER and after in _LETTER:
            return f"{_LETTER[before]}{position}{_LETTER[after]}"
    short = _SHORT_CHANGE.fullmatch(text.strip())
    return short.group(1) if short else None
