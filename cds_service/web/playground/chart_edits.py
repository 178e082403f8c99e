"""Small edits to the FHIR data of a hook request, whatever shape the data are in. Pure: they work on a copy.

A request that was pasted may hold anything: what is not as expected is passed over, and nothing is raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

Resource = dict[str, Any]
Request = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
_UCUM = "http://unitsofmeasure.org"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"

TUMOUR_SIZE = frozenset({"21889-1", "33728-7"})


@dataclass(frozen=True, slots=True)
class Chart:
    """A copy of a request that may be edited. ``on``: the day that new facts get. ``own``: base of our own codes."""

    request: Request
    on: date
    own: str

    @classmethod
    def copy_of(cls, request: Request, *, on: date, own: str) -> Chart:
        """The chart to edit; the request itself stays as it is."""
        return cls(deepcopy(request), on, own)

    @property
    def subject(self) -> Resource:
        """The reference to the patient of the context."""
        context = self.request.get("context")
        patient_id = context.get("patientId") if isinstance(context, dict) else None
        return {"reference": f"Patient/{patient_id}"}

    def resources(self, key: str) -> Iterator[Resource]:
        """The resources under a prefetch key."""
        prefetch = self.request.get("prefetch")
        bundle = prefetch.get(key) if isinstance(prefetch, dict) else None
        entries = bundle.get("entry") if isinstance(bundle, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(resource, dict):
                yield resource

    def everything(self) -> Iterator[Resource]:
        """The resources under every prefetch key."""
        prefetch = self.request.get("prefetch")
        for key in prefetch if isinstance(prefetch, dict) else ():
            yield from self.resources(key)

    def add(self, key: str, resource: Resource) -> None:
        """Put a resource under a key; a key without a Bundle gets one."""
        prefetch = self.request.get("prefetch")
        if not isinstance(prefetch, dict):
            prefetch = self.request["prefetch"] = {}
        bundle = prefetch.get(key)
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            bundle = prefetch[key] = {"resourceType": "Bundle", "type": "searchset", "entry": []}
        entries = bundle.get("entry")
        if not isinstance(entries, list):
            entries = bundle["entry"] = []
        entries.append({"resource": resource})
        if isinstance(bundle.get("total"), int):
            bundle["total"] += 1

    def own_code(self, code: str, system: str = "imaging-finding") -> Resource:
        """A concept of one of the service's own code systems."""
        return concept(f"{self.own}/CodeSystem/{system}", code)

    def observe(
        self, id_: str, code: Resource, *, category: str = "laboratory", on: str | None = None, **value: Any
    ) -> None:
        """Add an Observation of this day, or of another."""
        self.add(
            "imaging-findings" if category == "imaging" else "observations",
            {
                "resourceType": "Observation",
                "id": id_,
                "status": "final",
                "category": [concept(_CATEGORY, category)],
                "code": code,
                "subject": self.subject,
                "effectiveDateTime": on or self.on.isoformat(),
                **value,
            },
        )

    def diagnose(self, id_: str, code: Resource) -> None:
        """Add an active, confirmed Condition that began on this day."""
        self.add(
            "conditions",
            {
                "resourceType": "Condition",
                "id": id_,
                "clinicalStatus": concept(_CLINICAL, "active"),
                "verificationStatus": concept(_VERIFICATION, "confirmed"),
                "code": code,
                "subject": self.subject,
                "onsetDateTime": self.on.isoformat(),
            },
        )

    def last_measured(self) -> str:
        """The date of the latest measurement of a tumour as it is written there; else this day."""
        dates = (item.get("effectiveDateTime") for item in self.everything() if codes(item.get("code")) & TUMOUR_SIZE)
        return max((on for on in dates if isinstance(on, str)), default=self.on.isoformat())

    def lesion_sizes(self) -> list[Resource]:
        """What holds the size of a tumour: an Observation or its component, each with a ``valueQuantity`` in use."""
        found = []
        for observation in self.everything():
            parts = observation.get("component")
            for part in (observation, *(parts if isinstance(parts, list) else ())):
                if isinstance(part, dict) and codes(part.get("code")) & TUMOUR_SIZE and size_of(part) is not None:
                    found.append(part)
        return found


def concept(system: str, code: str, display: str | None = None) -> Resource:
    """A CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def quantity(value: float, unit: str | None) -> Resource:
    """A Quantity in a UCUM unit; without one, a bare number."""
    return {"value": value} | ({"unit": unit, "system": _UCUM, "code": unit} if unit else {})


def codes(code: object) -> set[str]:
    """The codes of a CodeableConcept."""
    listed = code.get("coding") if isinstance(code, dict) else None
    found = (item.get("code") for item in listed if isinstance(item, dict)) if isinstance(listed, list) else ()
    return {item for item in found if isinstance(item, str)}


def size_of(part: Resource) -> float | None:
    """The value of the part's Quantity, whatever its unit."""
    measured = part.get("valueQuantity")
    value = measured.get("value") if isinstance(measured, dict) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
