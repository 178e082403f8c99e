"""Molecular results: RAS, BRAF, MSI/MMR, HER2 and DPYD, from coded answers only."""

from __future__ import annotations

from cds_service.fhir.references import local_reference
from cds_service.oncology.patient.chart import Chart, Resource, latest, objects
from cds_service.oncology.patient.model import MolecularResult
from cds_service.oncology.patient.variants import texts_of, variants
from cds_service.terminology.variants import codon_of, known, protein_change

_WORDS = {
    "ras": {"molecular-positive": "mutant", "molecular-negative": "wild_type"},
    "braf": {"braf-v600e": "v600e", "molecular-positive": "v600e", "molecular-negative": "wild_type"},
    "msi": {"msi-high": "high", "msi-stable": "stable"},
    "her2": {"molecular-positive": "positive", "molecular-negative": "negative"},
    "dpyd": dict.fromkeys(
        ("dpyd-poor", "dpyd-intermediate", "dpyd-normal", "molecular-positive", "molecular-negative"), "done"
    ),
}
#: A result that one test shows stays true, whatever another test of the same marker did not find.
_LASTING = {"ras": "mutant"}


def molecular_results(chart: Chart) -> tuple[MolecularResult, ...]:
    """The result of each marker, the latest where they differ; a result in words only is reported and decides nothing.

    A variant that is present counts as a test that found it; wild type is never concluded from variants. A RAS mutation
    that any test has shown stays. RAS counts as tested in part (``detail``) while only KRAS was tested.
    """
    found = []
    by_variant = _by_variant(chart)
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
        results += [(item.on, item) for item in by_variant if item.marker == marker]
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
        for text in texts_of(component):
            if change := protein_change(text):
                return f"{gene} {change}"
    return None


KRAS_ONLY = "only KRAS tested"


def _by_variant(chart: Chart) -> list[MolecularResult]:
    """RAS mutations and BRAF V600E of the tumour, and DPYD, that are recorded as genetic variants."""
    found = []
    for variant in variants(chart):
        on, fact = chart.observed(variant.observation), local_reference(variant.observation)
        if variant.gene == "DPYD" and variant.coding in known().dpyd_variants:
            found.append(MolecularResult("dpyd", "done", None, on, fact))
        elif variant.gene == "DPYD" or variant.germline or variant.silent:
            continue
        elif variant.protein is None:
            chart.report(variant.observation, "VALUE_INVALID", "The protein change of the variant cannot be read.")
        elif variant.gene == "BRAF" and variant.protein == known().braf_v600e:
            found.append(MolecularResult("braf", "v600e", None, on, fact))
        elif variant.gene in {"KRAS", "NRAS"} and codon_of(variant.protein) in known().ras_codons:
            found.append(MolecularResult("ras", "mutant", f"{variant.gene} {variant.protein}", on, fact))
    return found


def dpyd(chart: Chart) -> str:
    """What is known of DPD: complete, partial, normal, unreadable (on record, not understood), or unknown.

    By phenotype or activity score (LOINC 79719-1), and by the variants that are told apart: two different ones, or one
    homozygous, are complete, one heterozygous is partial. The graver counts.
    """
    answers = {_phenotype(chart, holder) for _, holder in chart.answers("dpyd")}
    deficient: dict[str, bool] = {}
    for variant in variants(chart):
        if variant.gene == "DPYD" and variant.coding in known().dpyd_variants:
            deficient[variant.coding] = deficient.get(variant.coding, False) or variant.homozygous
        elif variant.gene == "DPYD":
            answers.add("unreadable")
    if deficient:
        answers.add("complete" if len(deficient) > 1 or any(deficient.values()) else "partial")
    return next((word for word in ("complete", "partial", "normal", "unreadable") if word in answers), "unknown")


def _phenotype(chart: Chart, holder: Resource) -> str:
    names = chart.sets(holder.get("valueCodeableConcept"))
    for name, word in (("dpyd-poor", "complete"), ("dpyd-intermediate", "partial"), ("dpyd-normal", "normal")):
        if name in names:
            return word
    if "molecular-negative" in names:
        return "normal"
    quantity = holder.get("valueQuantity")
    score = quantity.get("value") if isinstance(quantity, dict) else holder.get("valueInteger")
    text = holder.get("valueString") if score is None else f"{score:g}" if isinstance(score, int | float) else None
    return known().dpyd_scores.get(str(text).strip().removesuffix(".0"), "unreadable")
