"""A decision about nobody: proves that the whole core works, and loads what is loaded at first use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from cds_service.hooks.decide import Site, decide
from cds_service.hooks.sources import from_prefetch
from cds_service.protocol.card import check_response
from cds_service.protocol.request import REQUESTS, read_request
from cds_service.protocol.service import Service
from cds_service.serving.answers import ResponseInvalid

_NOBODY = "self-check"
_ORDER = {
    "resourceType": "MedicationRequest",
    "id": f"{_NOBODY}-order",
    "status": "draft",
    "intent": "order",
    "medicationCodeableConcept": {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "32592", "display": "oxaliplatin"}]
    },
    "subject": {"reference": f"Patient/{_NOBODY}"},
}


def self_check(services: Iterable[Service], site: Site, on: date) -> None:
    """Decide at the hook of each service on an adult with colon cancer and a lung metastasis, known by two codes alone.

    At the order hooks an antineoplastic drug is being ordered, so that there is a card about an order.
    Raises: whatever a defect raises; ResponseInvalid when the cards break the rules.
    """
    for service in services:
        request = read_request(self_check_request(service.hook))
        sources, problems = from_prefetch(request, service)
        breaches = check_response(decide(service, request, sources, problems, site=site, on=on).response())
        if breaches:
            raise ResponseInvalid(breaches)


def self_check_request(hook: str = "patient-view") -> dict[str, Any]:
    """The hook request of the self-check."""
    conditions = [_condition("primary", "C18.9"), _condition("lung", "C78.00")]
    return {
        "hook": hook,
        "hookInstance": "00000000-0000-4000-8000-000000000000",
        "context": {"userId": "Practitioner/self-check", "patientId": _NOBODY} | REQUESTS[hook].context_about([_ORDER]),
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": _NOBODY, "birthDate": "1960"},
            "conditions": {"resourceType": "Bundle", "type": "searchset", "entry": conditions},
            "medications": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": _ORDER}]},
        },
    }


def _condition(name: str, code: str) -> dict[str, Any]:
    kind = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resource": {
            "resourceType": "Condition",
            "id": f"{_NOBODY}-{name}",
            "clinicalStatus": {"coding": [{"system": f"{kind}clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{kind}ver-status", "code": "confirmed"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]},
            "subject": {"reference": f"Patient/{_NOBODY}"},
        }
    }
