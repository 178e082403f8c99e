"""What we ask for in advance. Written for the weakest EHR: each parameter once, no sorting, no joins, no modifiers.

Resources are pooled by type whatever key brought them; filtering, sorting and joining happen here.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from cds_service.terminology import Terminology

NEEDED = ("patient", "conditions")
"""Without these there is nothing to decide on (412). Everything else that is missing is only unknown."""

_LOINC = "http://loinc.org"
_SEPARATORS = re.compile(r"[\\,|$]")
_READ = (
    "cea", "cea-not-convertible", "lesion-size", "lesion-longest-dimension", "ecog", "karnofsky", "fev1-percent",
    "dlco", "platelets", "inr", "body-temperature", "pregnancy-status", "ras", "braf", "msi", "her2", "dpyd",
    "genomic-variant", "smoking", "stage-group", "own-lesion-zone", "own-distance-to-bronchial-tree",
    "own-distance-to-vessel",
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
    """``system|code`` of every Observation code that we read: LOINC, then our own, then those that a site added."""
    own = f"{terminology.canonical_base}/CodeSystem/imaging-finding"
    asked = [
        f"{system}|{code}"
        for system in (_LOINC, own)
        for code in sorted({code for name in _READ for code in terminology.codes(name, system)})
    ]
    added = {item for name in _READ for item in terminology.site_codings(name) if item.system not in (_LOINC, own)}
    return asked + sorted({f"{_escaped(item.system)}|{_escaped(item.code)}" for item in added})


def _escaped(text: str) -> str:
    """A part of a token parameter: FHIR's separators with a backslash, what a URL cannot hold in percent signs."""
    return quote(_SEPARATORS.sub(r"\\\g<0>", text), safe=":/")
