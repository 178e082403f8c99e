"""Where in the lung a lesion lies, as therapy asks for it (C-06). Two systems exist and are never mixed silently."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cds_service.fhir.quantities import Measurement
from cds_service.oncology.patient.model import Lesion
from cds_service.oncology.therapy.rulebook import Rulebook
from cds_service.truth import Truth, any_of

_CENTRAL = ("central", "ultracentral")


@dataclass(frozen=True, slots=True)
class Zone:
    """One way a lesion can lie. ``therapy`` is the zone of rule Z-01; ``risk`` the radiotherapy zone."""

    therapy: str | None  # peripheral | middle | medial | None
    risk: str | None  # central | ultracentral | None
    beyond_central: bool = False  # surely farther from the bronchial tree than the central distance


def possible_zones(lesion: Lesion, book: Rulebook) -> list[Zone]:
    """Every zone that the record allows: one when everything is known, several when a distance is only bounded."""
    ultracentral, central = "zone.ultracentralPbtMm", "zone.centralPbtMm"
    near = lesion.near_vessel_or_bronchus
    if lesion.bronchial_distance_mm is None and lesion.vessel_distance_mm is None:
        return [_zone(lesion.zone, None, near is Truth.TRUE, book)]
    distances = _representatives(lesion.bronchial_distance_mm, book, ultracentral, central)
    vessels = _representatives(lesion.vessel_distance_mm, book, "zone.nearVesselMm")
    zones = []
    for to_bronchus in distances:
        for to_vessel in vessels:
            close = any_of(near, book.holds("zone.nearVesselMm", to_vessel), book.holds(ultracentral, to_bronchus))
            zones.append(_zone(lesion.zone, to_bronchus, close is Truth.TRUE, book))
    return zones


def _representatives(distance: Measurement | None, book: Rulebook, *parameters: str) -> list[Measurement | None]:
    if distance is None:
        return [None]
    edges: list[Decimal] = [book.knowledge.parameter(name).number for name in parameters]
    return [Measurement(value) for value in distance.representatives(edges)]


def _zone(recorded: str | None, to_bronchus: Measurement | None, close: bool, book: Rulebook) -> Zone:
    if recorded == "ultracentral" or book.holds("zone.ultracentralPbtMm", to_bronchus) is Truth.TRUE:
        return Zone("medial", "ultracentral")
    if recorded == "central" or book.holds("zone.centralPbtMm", to_bronchus) is Truth.TRUE:
        return Zone("medial", "central")
    if close:
        return Zone("medial", None)
    return Zone(recorded, None, beyond_central=to_bronchus is not None)


def zone_conflicts(lesion: Lesion, book: Rulebook) -> bool:
    """Does a measured distance to the bronchial tree contradict the recorded third?"""
    measured = book.holds("zone.centralPbtMm", lesion.bronchial_distance_mm) is Truth.TRUE
    return measured and lesion.zone in {"peripheral", "middle"}


def therapy_zone(lesion: Lesion, book: Rulebook) -> str | None:
    """The therapy zone where every possibility agrees; None when it is not known."""
    zones = {zone.therapy for zone in possible_zones(lesion, book)}
    return zones.pop() if len(zones) == 1 else None


def shown_zone(lesion: Lesion, book: Rulebook) -> str | None:
    """What reports show: ultracentral or central where it is that, else the therapy zone."""
    risks = {zone.risk for zone in possible_zones(lesion, book)}
    risk = risks.pop() if len(risks) == 1 else None
    return risk if risk in _CENTRAL else therapy_zone(lesion, book)
