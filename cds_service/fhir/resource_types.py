"""The resource types that the service reads, and where each says whose it is."""

from __future__ import annotations

#: Type -> the elements that may name the patient. A Medication belongs to no patient.
READ_TYPES: dict[str, tuple[str, ...]] = {
    "Patient": (),
    "BodyStructure": ("patient",),
    "CarePlan": ("subject",),
    "Condition": ("subject", "patient"),
    "Device": ("patient",),
    "DiagnosticReport": ("subject",),
    "DocumentReference": ("subject",),
    "Encounter": ("subject", "patient"),
    "ImagingStudy": ("subject", "patient"),
    "Medication": (),
    "MedicationAdministration": ("subject",),
    "MedicationRequest": ("subject",),
    "MedicationStatement": ("subject",),
    "Observation": ("subject",),
    "Procedure": ("subject",),
    "ServiceRequest": ("subject",),
}
