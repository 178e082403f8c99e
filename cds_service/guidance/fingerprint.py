"""A fingerprint of what a card says, so that a client can show it once per change instead of at every opening."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from cds_service.guidance.context import EXTENSION
from cds_service.oncology.assessment import Assessment, to_json


def fingerprint(assessment: Assessment) -> dict[str, Any]:
    """The extension: equal as long as classification, results, MDT state and needs are equal, on whatever day."""
    facts = {
        "population": assessment.population,
        "gates": [gate.id for gate in assessment.gates],
        "classification": to_json(assessment.classification),
        "results": {name: therapy.result.value for name, therapy in assessment.therapies.items()},
        "reasons": sorted(item.code for therapy in assessment.therapies.values() for item in therapy.reasons),
        "order": assessment.order,
        "mdt": [assessment.mdt.suggest, assessment.mdt.suppressed_by, assessment.mdt.trigger],
        "molecular": to_json(assessment.molecular),
        "needs": [need.code for need in assessment.needs],
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return {f"{EXTENSION}.fingerprint": sha256(text.encode()).hexdigest()[:32]}
