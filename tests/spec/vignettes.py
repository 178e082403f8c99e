"""What the tests of the vignettes share: the letters, the lesions of some vignettes, and a row explained."""

from __future__ import annotations

from typing import Any

from tests.spec.core import explain
from tests.spec.lesion_words import lesions
from tests.spec.patients import patient
from tests.spec.tables import Row, changes

RESULTS = {"E": "ELIGIBLE", "C": "CONDITIONAL", "N": "NOT_ELIGIBLE", "K": "BLOCKED", "U": "UNKNOWN"}
LETTERS = {name: letter for letter, name in RESULTS.items()}

LESION = {"mm": 15, "side": "R", "lobe": "RLL", "zone": "peripheral"}
TINY = {"mm": 4, "side": "R", "zone": "peripheral", "histology": None}
UNITLESS = [LESION | {"mm": 1.5, "unit": None}]
CENTIMETRES = [LESION | {"mm": 1.5, "unit": "cm"}]
UNPROVEN = [LESION | {"mm": 14, "histology": None}]
ONE_FOLLOWED = [LESION | {"earlier": [("2024-12-01", 14)]}]
OLD_AND_NEW = [*ONE_FOLLOWED, {"mm": 12, "side": "R", "zone": "peripheral"}]


def explain_row(row: Row, style: str) -> dict[str, Any]:
    """The assessment of the patient that a row describes by its ``lesions`` and ``changes``."""
    changed = {"style": style, "lesions": lesions(row["lesions"])} | changes(row["changes"])
    return explain(patient(**changed))


def letters(explanation: dict[str, Any]) -> str:
    """The results of surgery, SBRT and ablation as three letters; ``---`` where no therapy is assessed."""
    therapies = explanation["therapies"]
    if not therapies:
        return "---"
    return "".join(LETTERS[therapies[name]["result"]] for name in ("surgery", "sbrt", "ablation"))


def codes(explanation: dict[str, Any], *modalities: str) -> set[str]:
    """The reason codes of the modalities that are not mere notes."""
    return {
        reason["code"]
        for name in modalities or ("surgery", "sbrt", "ablation")
        for reason in explanation["therapies"].get(name, {"reasons": []})["reasons"]
        if reason["result"] != "ELIGIBLE"
    }


def card_text(card: dict[str, Any]) -> str:
    """Everything that a clinician reads on a card."""
    return f"{card['summary']} {card.get('detail', '')}"
