"""The draft orders of the tables, by the names that the tables give them."""

from __future__ import annotations

from typing import Any

from tests.spec.history import MDT, RXNORM
from tests.spec.resources import CPT, LIVER, LOINC, SNOMED, Resource, concept, medication_request, service_request

LUNG = {"bodySite": [concept(SNOMED, "39607008", "Lung structure")]}


def drug(name: str, rxnorm: str) -> Resource:
    return medication_request(name, concept(RXNORM, rxnorm, name), on="2025-06-01", status="draft")


def service(name: str, code: Resource, **more: Any) -> Resource:
    return service_request(name, code, on="2025-06-01", status="draft", **more)


ORDERS = {
    "ablation": service("ablation", concept(SNOMED, "879916008"), **LUNG),
    "ablation elsewhere": service("ablation-of-liver", concept(SNOMED, "879916008"), bodySite=[LIVER]),
    "wedge": service("wedge", concept(CPT, "32666")),
    "lobectomy": service("lobectomy", concept(SNOMED, "173171007"), **LUNG),
    "radiotherapy": service("radiotherapy", concept(SNOMED, "395096001"), **LUNG),
    "radiotherapy elsewhere": service("radiotherapy-of-liver", concept(SNOMED, "395096001"), bodySite=[LIVER]),
    "named lung ablation": service("named", {"text": "CT-guided lung ablation"}),
    "named something": service("named-other", {"text": "Ablation clinic, lung of a colleague"}),
    "cetuximab": drug("cetuximab", "318341"),
    "fluorouracil": drug("fluorouracil", "4492"),
    "pembrolizumab": drug("pembrolizumab", "1547545"),
    "amlodipine": drug("amlodipine", "17767"),
    "panitumumab": drug("panitumumab", "263034"),
    "oxaliplatin": drug("oxaliplatin-draft", "32592"),
    "mdt": service("mdt", MDT),
    "pneumonectomy": service("pneumonectomy", concept(SNOMED, "49795001")),
    "biopsy": service("biopsy", concept(SNOMED, "78603008", "Biopsy of lung")),
    "thoracic surgery": service("consultation", concept(SNOMED, "306301003", "Referral to thoracic surgeon")),
    "abdomen ct": service("abdomen-ct", concept(LOINC, "44115-4", "CT Abdomen and Pelvis")),
    "chest ct": service("chest-ct", concept(LOINC, "24627-2", "CT Chest")),
    "potassium": service("potassium", concept(LOINC, "2823-3")),
    "appointment": {"resourceType": "Appointment", "id": "a", "status": "proposed", "participant": []},
}
