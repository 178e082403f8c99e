"""Molecular results as genetic variants, and what is known of DPD."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.reported import SUBJECT, request
from tests.spec.resources import LOINC, Resource, concept

PRESENT, ABSENT, NO_CALL = "LA9633-4", "LA9634-2", "LA18198-4"
GERMLINE, SOMATIC = "LA6683-2", "LA6684-0"
HOMOZYGOUS, HETEROZYGOUS = "LA6705-3", "LA6706-1"
HGNC = {"KRAS": "HGNC:6407", "NRAS": "HGNC:7989", "BRAF": "HGNC:1097", "DPYD": "HGNC:3012", "TP53": "HGNC:11998"}


def part(code: str, value: Any) -> Resource:
    answer = {"valueString": value} if isinstance(value, str) else {"valueCodeableConcept": value}
    return {"code": concept(LOINC, code), **answer}


def variant(
    gene: str,
    protein: str | None = None,
    *,
    coding: str | None = None,
    value: str | None = PRESENT,
    source: str | None = None,
    state: str | None = None,
    id_: str = "v",
    as_text: bool = False,
) -> Resource:
    named: Any = gene if as_text else concept("http://www.genenames.org/geneId", HGNC[gene], gene)
    hgvs = "http://varnomen.hgvs.org"
    parts = [part("48018-6", named)]
    parts += [part("48005-3", protein if as_text else concept(hgvs, protein))] if protein else []
    parts += [part("48004-6", concept(hgvs, coding))] if coding else []
    parts += [part("48002-0", concept(LOINC, source))] if source else []
    parts += [part("53034-5", concept(LOINC, state))] if state else []
    fixed: Resource = {"resourceType": "Observation", "id": id_, "status": "final", "subject": SUBJECT}
    fixed |= {"code": concept(LOINC, "69548-6"), "effectiveDateTime": "2024-05-01", "component": parts}
    return fixed | ({"valueCodeableConcept": concept(LOINC, value)} if value else {})


def profile(*observations: Resource) -> dict[str, Any]:
    found: dict[str, Any] = explain(request(observations=list(observations)))["molecular"]
    return found


VARIANTS: list[tuple[Resource, str, str | None, str]] = [
    (variant("KRAS", "p.Gly12Cys"), "mutant", "KRAS G12C", "unknown"),
    (variant("KRAS", "p.G12C"), "mutant", "KRAS G12C", "unknown"),
    (variant("KRAS", "p.(Gly12Cys)"), "mutant", "KRAS G12C", "unknown"),
    (variant("KRAS", "NP_004976.2:p.Gly12Cys"), "mutant", "KRAS G12C", "unknown"),
    (variant("KRAS", "NM_004985.5(KRAS):p.(Gly12Cys)"), "mutant", "KRAS G12C", "unknown"),
    (variant("KRAS", "p.Gly12Cys", as_text=True), "mutant", "KRAS G12C", "unknown"),
    (variant("KRAS", "p.Gly12Cys", source=SOMATIC), "mutant", "KRAS G12C", "unknown"),
    (variant("NRAS", "p.Gln61Lys"), "mutant", "NRAS Q61K", "unknown"),
    *[(variant("KRAS", f"p.A{codon}V"), "mutant", f"KRAS A{codon}V", "unknown") for codon in (13, 59, 61, 117, 146)],
    (variant("KRAS", "p.A11V"), "unknown", None, "unknown"),
    (variant("KRAS", "p.A60V"), "unknown", None, "unknown"),
    (variant("KRAS", "p.Gly12="), "unknown", None, "unknown"),
    (variant("KRAS", "p.(Gly12=)"), "unknown", None, "unknown"),
    (variant("KRAS", "p.Gly12Gly"), "unknown", None, "unknown"),
    (variant("KRAS", "p.Gly12Cys", source=GERMLINE), "unknown", None, "unknown"),
    (variant("KRAS", "p.Gly12Cys", value=ABSENT), "unknown", None, "unknown"),
    (variant("KRAS", "p.Gly12Cys", value=NO_CALL), "unknown", None, "unknown"),
    (variant("KRAS", "p.Gly12Cys", value=None), "unknown", None, "unknown"),
    (variant("KRAS"), "unknown", None, "unknown"),
    (variant("TP53", "p.Gly12Cys"), "unknown", None, "unknown"),
    (variant("BRAF", "p.Val600Glu"), "unknown", None, "v600e"),
    (variant("BRAF", "p.Val600Lys"), "unknown", None, "unknown"),
    (variant("BRAF", "p.Val600Glu", source=GERMLINE), "unknown", None, "unknown"),
]


@pytest.mark.parametrize(("observation", "ras", "detail", "braf"), VARIANTS)
def test_variant(observation: Resource, ras: str, detail: str | None, braf: str) -> None:
    found = profile(observation)
    assert (found["ras"], found["rasDetail"], found["braf"]) == (ras, detail, braf)


@pytest.mark.parametrize("protein", [None, "p.Xxx12Cys"])
def test_a_variant_that_cannot_be_read_is_reported(protein: str | None) -> None:
    for observation in (variant("KRAS", protein), variant("KRAS", "p.G12C", value=None)):
        problems = explain(request(observations=[observation]))["dataQuality"]
        assert [item["resource"] for item in problems] == ["Observation/v"]


def test_wild_type_is_never_concluded_from_variants() -> None:
    absent = [variant(gene, "p.G12C", value=ABSENT, id_=gene) for gene in ("KRAS", "NRAS", "BRAF")]
    found = profile(*absent)
    assert (found["ras"], found["braf"]) == ("unknown", "unknown")


def test_a_variant_outweighs_a_test_of_kras_without_mutation() -> None:
    negative: Resource = {"resourceType": "Observation", "id": "k", "status": "final", "subject": SUBJECT}
    negative |= {"code": concept(LOINC, "21702-6"), "effectiveDateTime": "2025-01-01"}
    negative |= {"valueCodeableConcept": concept(LOINC, ABSENT)}
    found = profile(negative, variant("NRAS", "p.Gln61Lys"))
    assert (found["ras"], found["rasDetail"]) == ("mutant", "NRAS Q61K")


def test_deficient_repair_by_immune_stain_is_unstable() -> None:
    stain: Resource = {"resourceType": "Observation", "id": "m", "status": "final", "subject": SUBJECT}
    stain |= {"code": concept(LOINC, "62862-8"), "effectiveDateTime": "2024-05-01"}
    assert profile(stain | {"valueCodeableConcept": concept(LOINC, "LA14123-6")})["msi"] == "high"


def dpyd(id_: str = "d", **value: Any) -> Resource:
    fixed: Resource = {"resourceType": "Observation", "id": id_, "status": "final", "subject": SUBJECT}
    return fixed | {"code": concept(LOINC, "79719-1"), "effectiveDateTime": "2024-05-01"} | value


def answer(code: str) -> dict[str, Any]:
    return {"valueCodeableConcept": concept(LOINC, code)}


def gene(coding: str, state: str | None = HETEROZYGOUS, id_: str = "v") -> Resource:
    return variant("DPYD", coding=coding, source=GERMLINE, state=state, id_=id_)


DPYD: list[tuple[list[Resource], str]] = [
    ([], "unknown"),
    ([dpyd(**answer("LA9657-3"))], "complete"),
    ([dpyd(**answer("LA10317-8"))], "partial"),
    ([dpyd(**answer("LA25391-6"))], "normal"),
    ([dpyd(**answer("LA10315-2"))], "unreadable"),
    ([dpyd(valueString="poor metabolizer")], "unreadable"),
    ([dpyd()], "unreadable"),
    ([dpyd(valueQuantity={"value": 0})], "complete"),
    ([dpyd(valueQuantity={"value": 0.5})], "complete"),
    ([dpyd(valueQuantity={"value": 1.0})], "partial"),
    ([dpyd(valueQuantity={"value": 1.5})], "partial"),
    ([dpyd(valueQuantity={"value": 2})], "normal"),
    ([dpyd(valueQuantity={"value": 3})], "unreadable"),
    ([dpyd(valueInteger=1)], "partial"),
    ([dpyd(valueString="1.0")], "partial"),
    *[([gene(change)], "partial") for change in ("c.1905+1G>A", "c.1679T>G", "c.2846A>T", "c.1129-5923C>G")],
    ([gene("NM_000110.4:c.1905+1G>A")], "partial"),
    ([gene("c.1905+1G>A", HOMOZYGOUS)], "complete"),
    ([gene("c.1905+1G>A", None)], "partial"),
    ([gene("c.1905+1G>A"), gene("c.2846A>T", id_="w")], "complete"),
    ([gene("c.1905+1G>A"), gene("c.1905+1G>A", id_="w")], "partial"),
    ([gene("c.85T>C")], "unreadable"),
    ([gene("c.85T>C"), dpyd(**answer("LA25391-6"))], "normal"),
    ([gene("c.2846A>T"), dpyd(**answer("LA25391-6"))], "partial"),
    ([variant("DPYD", coding="c.1905+1G>A", value=ABSENT)], "unknown"),
]


@pytest.mark.parametrize(("observations", "known"), DPYD)
def test_dpyd(observations: list[Resource], known: str) -> None:
    assert profile(*observations)["dpyd"] == known
