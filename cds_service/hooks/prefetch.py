"""What we ask for in advance. Written for the weakest EHR: each parameter once, no sorting, no joins, no modifiers.

Resources are pooled by type whatever key brought them; filtering, sorting and joining happen here.
"""

from __future__ import annotations

from cds_service.terminology import Terminology

NEEDED = ("patient", "conditions")
"""Without these there is nothing to decide on (412). Everything else that is missing is only unknown."""

_LOINC = "http://loinc.org"
_READ = (
    "cea", "cea-not-convertible", "lesion-size", "lesion-longest-dimension", "ecog", "karnofsky", "fev1-percent",
    "dlco", "platelets", "inr", "body-temperature", "pregnancy-status", "ras", "braf", "msi", "her2", "dpyd", "smoking",
    "stage-group", "own-lesion-zone", "own-distance-to-bronchial-tree", "own-distance-to-vessel",
    "own-near-vessel-or-bronchus", "own-lesion-count", "own-resectability-statement",
    "own-extrapulmonary-treatability", "own-primary-status", "own-thoracic-node-status", "own-peak-oxygen-uptake",
    "own-lesion-histology", "own-lesion-growth", "own-ppo-fev1", "own-ppo-dlco",
)  # fmt: skip


def prefetch(terminology: Terminology) -> dict[str, str]:
    """The templates; every hook asks for the same, so that a client that prefetches once can answer all."""
    by_patient = "patient={{context.patientId}}"
    return {
        "patient": "Patient/{{context.patientId}}",
        "conditions": f"Condition?{by_patient}",
        "observations": f"Observation?{by_patient}&code={','.join(observation_codes(terminology))}",
        "imaging-findings": f"Observation?{by_patient}&category=imaging",
        "procedures": f"Procedure?{by_patient}",
        "reports": f"DiagnosticReport?{by_patient}",
        "imaging-studies": f"ImagingStudy?{by_patient}",
        "body-structures": f"BodyStructure?{by_patient}",
        "requests": f"ServiceRequest?{by_patient}",
        "medications": f"MedicationRequest?{by_patient}",
    }


def observation_codes(terminology: Terminology) -> list[str]:
    """``system|code`` of every Observation code that we read, in LOINC and in our own code system; LOINC first."""
    own = f"{terminology.canonical_base}/CodeSystem/imaging-finding"
    return [
        f"{system}|{code}"
        for system in (_LOINC, own)
        for code in sorted({code for name in _READ for code in terminology.codes(name, system)})
    ]
