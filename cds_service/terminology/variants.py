"""Genetic variants by their change in HGVS form: which of them mean something here. A closed list, never a guess."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "variants.json"
_PROTEIN = re.compile(r"\(?([A-Z][a-z]{2})(\d{1,4})([A-Z][a-z]{2}|=)\)?")
_SHORT = re.compile(r"\(?([A-Z])(\d{1,4})([A-Z]|=)\)?")
_CODING = re.compile(r"c\.[0-9+\-_*]+[ACGT]>[ACGT]")
_LONGEST = 200
_LETTER = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What the file holds."""

    genes: dict[str, str]
    ras_codons: frozenset[str]
    braf_v600e: str
    dpyd_variants: dict[str, str]
    dpyd_scores: dict[str, str]


@cache
def known() -> Known:
    """The list, read once."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    return Known(
        data["genes"],
        frozenset(data["ras_codons"]),
        data["braf_v600e"],
        data["dpyd_variants"],
        data["dpyd_scores"],
    )


def gene_named(text: str) -> str | None:
    """The symbol of a gene by its HGNC id or its symbol; None for any other text."""
    genes = known().genes
    plain = text.strip().upper()
    return genes.get(plain) or (plain if plain in genes.values() else None)


def protein_change(text: str) -> str | None:
    """A protein change in one-letter code (``p.Gly12Asp``, ``p.(G12D)``, with or without transcript, give ``G12D``).

    None for any other text, and for one that changes nothing (``p.Gly12=``).
    """
    if len(text) > _LONGEST:
        return None
    stated = text.strip().rpartition(":")[2].strip().removeprefix("p.")
    if match := _PROTEIN.fullmatch(stated):
        before, position, after = _LETTER.get(match[1]), match[2], _LETTER.get(match[3], match[3])
    elif match := _SHORT.fullmatch(stated):
        before, position, after = match.groups()
    else:
        return None
    letters = _LETTER.values()
    return f"{before}{position}{after}" if before in letters and after in letters and before != after else None


def is_silent(text: str) -> bool:
    """Does a text name a protein change that changes nothing?"""
    stated = text.strip().rpartition(":")[2].strip().removeprefix("p.")
    match = _PROTEIN.fullmatch(stated) or _SHORT.fullmatch(stated)
    return match is not None and match[3] in {"=", match[1]}


def coding_change(text: str) -> str | None:
    """A change of the coding DNA without its transcript (``c.2846A>T``); None for any other text."""
    stated = text.strip().rpartition(":")[2].strip() if len(text) <= _LONGEST else ""
    return stated if _CODING.fullmatch(stated) else None


def codon_of(change: str) -> str:
    """The codon of a protein change in one-letter code."""
    return change[1:-1]
