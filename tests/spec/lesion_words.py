"""Lesions as a cell of a table says them: ``3 x 20 R peripheral + <30 LLL medial@15 unproven growing``."""

from __future__ import annotations

from tests.spec.tables import value_of

SIDE_OF_LOBE = {"RUL": "R", "RML": "R", "RLL": "R", "LUL": "L", "LLL": "L"}
_GROWTH = ("stable", "growing", "new")
_FLAGS: dict[str, dict[str, object]] = {
    "unproven": {"histology": None},
    "left": {"side": "L"},
    "other": {"histology": "other"},
    "near": {"near": True},
    "apart": {"near": False},
    "cm": {"unit": "cm"},
    "unitless": {"unit": None},
} | {word: {"growth": word} for word in _GROWTH}


def lesions(cell: str) -> list[dict[str, object]]:
    """The lesions of a cell, each ``size side zone`` with more words behind; ``?`` is not recorded.

    Sizes are in mm; the side is ``R``, ``L`` or a lobe. ``medial@15``: also 15 mm from the bronchial tree. More words:
    ``vessel@8`` (mm), ``near``/``apart`` (coded nearness), ``left`` (called left, whatever its lobe),
    ``unproven``/``other`` (histology; without, a proven
    metastasis), ``stable``/``growing``/``new``, ``cm``, ``unitless``, ``on=DATE`` (of the measurement) and
    ``was=DATE:SIZE`` (an earlier one). ``none``: no lesion is described.
    Raises: ValueError for a word that means nothing.
    """
    if cell == "none":
        return []
    found: list[dict[str, object]] = []
    for part in filter(None, (part.strip() for part in cell.split("+"))):
        count, times, rest = part.partition(" x ")
        lesion = _lesion((rest if times else part).split())
        found += [dict(lesion) for _ in range(int(count) if times else 1)]
    return found


def _lesion(words: list[str]) -> dict[str, object]:
    size, side, place, *more = words
    zone, at, distance = place.partition("@")
    lesion: dict[str, object] = {
        "mm": None if size == "?" else value_of(size),
        "side": SIDE_OF_LOBE.get(side, None if side == "?" else side),
        "zone": None if zone == "?" else zone,
    }
    if side in SIDE_OF_LOBE:
        lesion["lobe"] = side
    if at:
        lesion["to_bronchi_mm"] = value_of(distance)
    earlier = []
    for word in more:
        name, mark, value = word.partition("@" if "@" in word else "=")
        if word in _FLAGS:
            lesion |= _FLAGS[word]
        elif mark and name == "vessel":
            lesion["to_vessel_mm"] = value_of(value)
        elif mark and name == "on":
            lesion["date"] = value
        elif mark and name == "was":
            on, _, before = value.partition(":")
            earlier.append((on, value_of(before)))
        else:
            raise ValueError(f"not a word about a lesion: {word}")
    return lesion | ({"earlier": earlier} if earlier else {})
