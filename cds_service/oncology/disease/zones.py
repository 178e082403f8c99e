"""Zones of a lesion (C-06), in two systems: peripheral, middle, medial; for radiotherapy central, ultracentral."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from cds_service.fhir.quantities import Measurement
from cds_service.knowledge import Knowledge
from cds_service.oncology.patient.model import Lesion
from cds_service.oncology.rulebook import rule
from cds_service.truth import any_of
from cds_service.values import ValueObject

_CENTRAL = ("central", "ultracentral")


class Zone(ValueObject, frozen=True):
    """One possible zone of a lesion. ``therapy``: the zone that rule Z-01 asks for. ``risk``: the radiotherapy zone."""

    therapy: str | None  # peripheral | middle | medial | None
    risk: str | None  # central | ultracentral | None
    beyond_central: bool = False  # surely farther from the bronchial tree than the central distance


@rule("C-06")
def possible_zones(lesion: Lesion, knowledge: Knowledge) -> list[Zone]:
    """C-06: every zone of ``lesion`` that the record allows: several when a distance is only bounded."""
    ultracentral, central = "zone.ultracentralPbtMm", "zone.centralPbtMm"
    near = lesion.near_vessel_or_bronchus
    at_vessel = "zone.nearVesselMm"
    if lesion.bronchial_distance_mm is None and lesion.vessel_distance_mm is None:
        return [_zone(lesion.zone, None, near.surely, knowledge)]
    distances = _representatives(lesion.bronchial_distance_mm, knowledge, ultracentral, central)
    vessels = _representatives(lesion.vessel_distance_mm, knowledge, "zone.nearVesselMm")
    zones = []
    for to_bronchus in distances:
        for to_vessel in vessels:
            close = any_of(near, knowledge.holds(at_vessel, to_vessel), knowledge.holds(ultracentral, to_bronchus))
            zones.append(_zone(lesion.zone, to_bronchus, close.surely, knowledge))
    return zones


def _representatives(distance: Measurement | None, knowledge: Knowledge, *parameters: str) -> list[Measurement | None]:
    if distance is None:
        return [None]
    edges: list[Decimal] = [knowledge.parameter(name).number for name in parameters]
    return [Measurement(value) for value in distance.representatives(edges)]


def _zone(recorded: str | None, to_bronchus: Measurement | None, close: bool, knowledge: Knowledge) -> Zone:
    if recorded == "ultracentral" or knowledge.holds("zone.ultracentralPbtMm", to_bronchus).surely:
        return Zone("medial", "ultracentral")
    if recorded == "central" or knowledge.holds("zone.centralPbtMm", to_bronchus).surely:
        return Zone("medial", "central")
    if close:
        return Zone("medial", None)
    return Zone(recorded, None, beyond_central=to_bronchus is not None)


def zone_conflicts(lesion: Lesion, knowledge: Knowledge) -> bool:
    """True if the measured distance to the bronchial tree contradicts the recorded zone."""
    measured = knowledge.holds("zone.centralPbtMm", lesion.bronchial_distance_mm).surely
    return measured and lesion.zone in {"peripheral", "middle"}


def therapy_zone(possible: Iterable[Zone]) -> str | None:
    """The therapy zone where every possibility agrees; None when it is not known."""
    zones = {zone.therapy for zone in possible}
    return zones.pop() if len(zones) == 1 else None


def shown_zone(possible: Collection[Zone]) -> str | None:
    """The zone that cards and pages name: ultracentral or central if surely so, else the therapy zone."""
    risks = {zone.risk for zone in possible}
    risk = risks.pop() if len(risks) == 1 else None
    return risk if risk in _CENTRAL else therapy_zone(possible)
