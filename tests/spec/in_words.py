"""Cells of the tables as a clinician reads them: changes of the record, lesions, results, regions."""

from __future__ import annotations

from tests.spec.lesion_words import SIDE_OF_LOBE
from tests.spec.tables import changes

RESULTS = {
    "E": "option",
    "C": "with caution",
    "K": "blocked",
    "N": "not supported",
    "U": "cannot be assessed",
    "-": "none",
}
CHANGES = {
    "abdomen_ct": "abdomen and pelvis imaged on",
    "ablated_on": "lesion ablated on",
    "anticoagulant": "anticoagulant",
    "antiplatelet": "antiplatelet",
    "birth": "born",
    "braf": "BRAF V600E",
    "cea": "CEA",
    "cea_assays": "earlier CEA of another assay",
    "cea_before": "CEA before",
    "cea_code": "LOINC",
    "cea_date": "CEA of",
    "cea_status": "status",
    "chest_ct": "chest CT of",
    "cea_unit": "unit of CEA",
    "coag_on": "platelets and INR of",
    "comorbidity": "diagnosis",
    "count": "stated count",
    "count_on": "count stated on",
    "deceased": "deceased",
    "declined": "declined",
    "device": "cardiac device",
    "dlco": "DLCO %",
    "dlco_unit": "unit of DLCO",
    "dpyd": "DPYD tested",
    "dx": "diagnosed",
    "ecog": "ECOG",
    "ecog_on": "performance status of",
    "extra": "elsewhere",
    "extra_count": "lesions of the liver",
    "extra_ended": "liver metastasis resolved on",
    "extra_since": "liver metastasis since",
    "fev1": "FEV1 %",
    "fev1_unit": "unit of FEV1",
    "her2": "HER2",
    "hospice": "hospice care in progress",
    "hospice_done": "hospice care completed on",
    "hospice_until": "hospice care until",
    "inr": "INR",
    "inr_unit": "unit of INR",
    "k": "earlier metastasectomies",
    "karnofsky": "Karnofsky index",
    "lesions": "lesions described",
    "lung": "lung metastasis since",
    "lung_certainty": "verification of the lung metastasis",
    "lung_icd": "lung metastasis coded",
    "lung_recorded": "lung metastasis charted on",
    "lung_surgery_on": "lung surgery on",
    "mdt_held": "MDT held on",
    "mdt_requested": "MDT requested on",
    "mdt_status": "status of the request",
    "molecular_on": "molecular results of",
    "msi": "MSI",
    "nodes": "nodes",
    "oxaliplatin_on": "oxaliplatin since",
    "palliative": "palliative care",
    "palliative_done": "palliative care completed on",
    "pft_on": "lung function of",
    "plt": "platelets",
    "plt_unit": "unit of platelets",
    "pneumonectomy_on": "pneumonectomy on",
    "ppo_dlco": "predicted postoperative DLCO %",
    "ppo_fev1": "predicted postoperative FEV1 %",
    "pregnant": "pregnancy",
    "pregnant_on": "pregnancy status recorded on",
    "primary": "primary",
    "primary_icd": "primary coded",
    "primary_known": "primary on record",
    "prior_rt": "earlier thoracic radiotherapy",
    "ras": "RAS",
    "resected": "primary resected",
    "resection_dated": "resection dated",
    "second_cancer": "other cancer",
    "second_primary": "second colorectal primary",
    "second_cancer_clinical": "its status",
    "smoker": "smoker",
    "statement": "statement on removal",
    "statement_on": "stated on",
    "temperature": "temperature °C",
    "temperature_on": "temperature of",
    "unsited": "metastasis without its site",
    "vo2": "peak oxygen uptake",
    "vo2_on": "exercise test of",
    "vo2_percent": "peak oxygen uptake %",
    "wedges_on": "both lungs operated on",
}
UNSEEN = ("style", "measured", "hook", "orders", "selections")  # how the record is written down, not what it says
_DATE_OF = {
    "pft_on": "lung function",
    "coag_on": "platelets and INR",
    "ecog_on": "performance status",
    "temperature_on": "temperature",
}


def changes_in_words(cell: str) -> str:
    """The changes of a cell, without those of how a record is written. Raises: KeyError for an unknown one."""
    said = []
    for name, value in changes(cell).items():
        if name in UNSEEN:
            continue
        label = CHANGES[name]
        if value is True:
            said.append(label)
        elif value is False:
            said.append(f"{label}: no")
        elif value is None or value == []:
            said.append(f"{label}: not recorded")
        else:
            said.append(f"{label} {str(value).replace('_', ' ')}")
    return "; ".join(said)


def measured_in_words(given: str) -> str | None:
    """What the column ``measured`` dates, where a table has one."""
    name = changes(given).get("measured")
    return _DATE_OF[str(name)] if name else None


_SIDES = {"R": "right", "L": "left", "?": "side not known"}
_LESION = {
    "unproven": "no histology",
    "left": "called left",
    "other": "proven to be something else",
    "near": "near a vessel or bronchus",
    "apart": "away from vessels and bronchi",
    "cm": "in cm",
    "unitless": "without unit",
}


def lesions_in_words(cell: str) -> str:
    """``3 × 20 mm right peripheral; 15 mm RLL medial, 15 mm from the bronchi``."""
    if cell == "none":
        return "none described"
    return "; ".join(_lesion(part.strip()) for part in cell.split("+"))


def _lesion(part: str) -> str:
    count, times, rest = part.partition(" x ")
    size, side, place, *more = (rest if times else part).split()
    unit = "" if {"cm", "unitless"} & set(more) else " mm"
    zone, at, distance = place.partition("@")
    words = [
        f"{count} ×" if times else "",
        "size not known" if size == "?" else f"{size}{' cm' if 'cm' in more else unit}",
        side if side in SIDE_OF_LOBE else _SIDES[side],
        "zone not known" if zone == "?" else zone,
    ]
    said = [" ".join(filter(None, words))]
    said += [f"{distance} mm from the bronchi"] if at else []
    for word in more:
        name, _, value = word.partition("@" if "@" in word else "=")
        on, _, before = value.partition(":")
        if word == "cm":
            continue
        said.append(
            {
                "vessel": f"{value} mm from a vessel",
                "on": f"measured {value}",
                "was": f"{before} mm on {on}",
            }.get(name, _LESION.get(word, word))
        )
    return ", ".join(said)


def region_in_words(cell: str) -> str:
    """A cell of a decision table: ``any``, ``not known``, ``10 to 20``, ``at least 10``."""
    return " or ".join(_region(part.strip()) for part in cell.split("/"))


def _region(part: str) -> str:
    if part in ("*", "-"):
        return {"*": "any", "-": "not known"}[part]
    for sign, words in (("<=", "at most"), (">=", "at least"), ("<", "below"), (">", "above")):
        if part.startswith(sign):
            return f"{words} {part.removeprefix(sign)}"
    return part.replace("..", " to ")
