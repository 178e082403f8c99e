"""The rules about therapies (S, R, A, Z, H, I) written a second time, apart from the service, for comparison.

A patient is a dict of changes to the baseline; everything that is not about the therapies is unremarkable. Nothing here
imports the service. The limits are read from the content: what is proved here is how they are used, and the tables of
the book prove what they are. Results are letters, worst first in :data:`WORST`.
"""

from __future__ import annotations

import tomllib
from itertools import product
from pathlib import Path
from typing import Any

WORST = "NKUCE"
Reasons = list[tuple[str, str]]
Patient = dict[str, Any]
_CONTENT = Path(__file__).parent.parent.parent / "cds_service" / "knowledge" / "parameters.toml"
LIMITS: dict[str, Any] = {
    f"{group}.{name}": entry["value"]
    for group, entries in tomllib.loads(_CONTENT.read_text(encoding="utf-8")).items()
    if isinstance(entries, dict)
    for name, entry in entries.items()
}


def worst(reasons: Reasons) -> str:
    return min((letter for letter, _ in reasons), key=WORST.index, default="E")


def partly_known(outcomes: list[tuple[str, str]], missing: str) -> Reasons:
    """Every way it could turn out: all agree, or U where one excludes, or C."""
    letters = {letter for letter, _ in outcomes}
    if letters == {"E"}:
        return []
    if len(letters) == 1:
        codes = {code for _, code in outcomes}
        return [(outcomes[0][0], codes.pop() if len(codes) == 1 else missing)]
    return [("U" if "N" in letters else "C", missing)]


def surgery(p: Patient) -> Reasons:
    found: Reasons = []
    found += {
        "uncontrolled": [("N", "PRIMARY")],
        "unresectable": [("N", "PRIMARY")],
        None: [("U", "PRIMARY_STATUS")],
    }.get(p["primary"], [])
    found += elsewhere(p)
    n = len(p["lesions"])
    found += [("N", "DIFFUSE")] if n > LIMITS["surgery.maxCount"] else []
    many = LIMITS["surgery.cautionCountFrom"] <= n <= LIMITS["surgery.maxCount"]
    found += [("C", "MANY_LESIONS")] if many else []
    low = [
        name for name in ("fev1", "dlco") if p[name] is not None and p[name] <= LIMITS[f"surgery.{name}PassAbovePct"]
    ]
    found += [("C", "NEEDS_CPET")] if low else []
    found += [("C", "PFT_MISSING")] if p["fev1"] is None or p["dlco"] is None else []
    found += (
        [("C", "ECOG_MISSING")]
        if p["ecog"] is None
        else [("N", "ECOG")]
        if p["ecog"] > LIMITS["surgery.maxEcog"]
        else []
    )
    found += {"suspected": [("C", "NODE_SUSPECTED")], "positive": [("C", "NODE_POSITIVE")]}.get(p["nodes"], [])
    return found + ([("C", "THIRD_METASTASECTOMY")] if p["k"] >= LIMITS["surgery.cautionPriorResections"] else [])


def elsewhere(p: Patient) -> Reasons:
    return {
        "none": [],
        "resolved": [],
        "treatable": [("C", "EXTRAPULMONARY_TREATABLE")],
        "untreatable": [("N", "EXTRAPULMONARY")],
        "unstated": [("C", "EXTRAPULMONARY_TREATABILITY_UNKNOWN")],
        None: [("C", "EXTRAPULMONARY_UNKNOWN")],
    }[p["extra"]]


def both(p: Patient) -> Reasons:
    """What SBRT and ablation share."""
    found = elsewhere(p)
    found += [("C", "NODE_POSITIVE")] if p["nodes"] == "positive" else []
    found += {
        "uncontrolled": [("C", "PRIMARY_UNCONTROLLED")],
        "unresectable": [("C", "PRIMARY_UNCONTROLLED")],
        None: [("C", "PRIMARY_STATUS_UNKNOWN")],
    }.get(p["primary"], [])
    if p["ecog"] is None:
        return [*found, ("C", "ECOG_MISSING")]
    if p["ecog"] >= LIMITS["ecog.exclude"]:
        return [*found, ("N", "ECOG")]
    return found + ([("C", "ECOG_POOR")] if p["ecog"] >= LIMITS["ecog.conditional"] else [])


def sbrt(p: Patient) -> Reasons:
    n = len(p["lesions"])
    caution = [("C", "COUNT_CAUTION")] if n > LIMITS["sbrt.maxCountEligible"] else []
    found = [("N", "COUNT_OVER_LIMIT")] if n > LIMITS["sbrt.maxCountConditional"] else caution
    if n <= LIMITS["surgery.maxCount"]:
        found += [reason for lesion in p["lesions"] for reason in sbrt_lesion(lesion)]
    irradiated = {"same_lobe": "R", "other_lobe": "R", "other_lung": "L", "unknown": None, None: ""}[p["prior_rt"]]
    sides = {lesion["side"] for lesion in p["lesions"]}
    if p["prior_rt"] and (irradiated is None or irradiated in sides or None in sides):
        found.append(("C", "REIRRADIATION"))
    low = LIMITS["sbrt.lowFunctionPct"]
    found += [("C", "LOW_LUNG_FUNCTION") for name in ("fev1", "dlco") if p[name] is not None and p[name] < low]
    return found + both(p)


def sbrt_lesion(lesion: dict[str, Any]) -> Reasons:
    most = LIMITS["sbrt.maxDiameterMm"]
    found = [("U", "SIZE")] if lesion["mm"] is None else [("N", "SIZE_OVER_LIMIT")] if lesion["mm"] > most else []
    return found + {"ultracentral": [("C", "ULTRACENTRAL")], None: [("C", "ZONE_UNKNOWN")]}.get(lesion["zone"], [])


def ablation(p: Patient) -> Reasons:
    n = len(p["lesions"])
    found = by_sides([lesion["side"] for lesion in p["lesions"]])
    if n <= LIMITS["surgery.maxCount"]:
        found += [reason for lesion in p["lesions"] for reason in ablation_lesion(lesion, n)]
    found += [("K", "PLATELETS")] if p["plt"] is not None and p["plt"] < LIMITS["rfa.minPlatelets10e9L"] else []
    if p["inr"] is not None and p["inr"] > LIMITS["rfa.inrPass"]:
        found.append(("K" if p["inr"] > LIMITS["rfa.inrMax"] else "C", "INR"))
    found += [("C", "CARDIAC_DEVICE")] if p["device"] else []
    found += [("C", "HOLD_PLAN")] if p["anticoagulant"] else []
    return found + both(p)


def by_sides(sides: list[str | None]) -> Reasons:
    unknown = sides.count(None)
    outcomes = []
    for guess in product("RL", repeat=unknown):
        right = sides.count("R") + guess.count("R")
        left = sides.count("L") + guess.count("L")
        if right and left:
            crowded = ("C", "MANY_ON_ONE_SIDE") if max(right, left) > LIMITS["rfa.maxUnilateral"] else ("E", "")
            outcomes.append(
                ("N", "COUNT_OVER_LIMIT_BOTH_SIDES") if right + left > LIMITS["rfa.maxBilateral"] else crowded
            )
        else:
            outcomes.append(
                ("N", "COUNT_OVER_LIMIT_ONE_SIDE") if right + left > LIMITS["rfa.maxUnilateral"] else ("E", "")
            )
    excluded = {letter for letter, _ in outcomes} == {"N"}
    return partly_known(outcomes, "COUNT" if excluded else "LATERALITY")


def ablation_lesion(lesion: dict[str, Any], n: int) -> Reasons:
    size, found = lesion["mm"], []
    if size is None:
        found.append(("U", "SIZE"))
    elif size > LIMITS["rfa.maxSolitaryConditionalMm"]:
        found.append(("N", "SIZE_OVER_LIMIT"))
    elif size > LIMITS["rfa.maxDiameterMm"]:
        found.append(("C", "LARGE_SOLITARY") if n == 1 else ("N", "SIZE_OVER_LIMIT_OF_SEVERAL"))
    if lesion["zone"] is None:
        return [*found, ("C", "ZONE_UNKNOWN")]
    return found + ([("C", "HEAT_SINK_OR_AIRWAY")] if lesion["zone"] not in ("peripheral", "middle") else [])


def hybrid(p: Patient) -> bool:
    n, thermal = len(p["lesions"]), ablation(p)
    operable = worst(surgery(p)) in "EC"
    sole = "E" in {worst(surgery(p)), worst(sbrt(p)), worst(thermal)}
    suits = any(not ablation_lesion(lesion, n) for lesion in p["lesions"])
    few = LIMITS["hybrid.minCount"] <= n <= LIMITS["hybrid.maxCount"]
    return few and operable and suits and not sole and "K" not in {letter for letter, _ in thermal}


def imrt(p: Patient) -> bool:
    against = {code for letter, code in sbrt(p) if letter == "N"}
    return len(p["lesions"]) <= LIMITS["imrt.maxCount"] and against == {"SIZE_OVER_LIMIT"}


def order(p: Patient) -> list[list[str]]:
    """Z-01: only for one lesion, only between equal results."""
    if len(p["lesions"]) != 1:
        return []
    results = {"ablation": worst(ablation(p)), "sbrt": worst(sbrt(p))}
    first = {"peripheral": "ablation", "middle": None, None: None}.get(p["lesions"][0]["zone"], "sbrt")
    ranks: list[list[str]] = []
    for letter in "EC":
        equal = [name for name in ("ablation", "sbrt") if results[name] == letter]
        if len(equal) == 2 and first:
            ranks += [[first], [name for name in equal if name != first]]
        elif equal:
            ranks.append(equal)
    return ranks
