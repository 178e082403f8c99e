"""The draft ServiceRequests that a suggestion creates: the referral, a consultation, a test. Never a treatment.

Each is built and validated with ``fhir.resources`` (FHIR R4B, which R4 fits for this type) before it leaves:
``status`` draft, ``intent`` proposal. Whether it becomes an order is the clinician's decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fhir.resources.R4B.servicerequest import ServiceRequest

from cds_service.guidance.context import CardContext
from cds_service.guidance.words import headline
from cds_service.oncology.assessment import Assessment

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"

_LITERAL = re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9\-._]{1,64}")


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with its official display; ``display`` is left out where only the code is certain."""

    system: str
    code: str
    display: str | None = None

    def json(self) -> dict[str, str]:
        """As a FHIR Coding."""
        return {"system": self.system, "code": self.code} | ({"display": self.display} if self.display else {})


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked for. ``text`` is a wording key; ``informed`` drafts carry the case's line and its resources."""

    text: str
    category: Coded
    code: Coded | None = None
    performer: Coded | None = None
    informed: bool = False


_REFERRAL = Coded(SNOMED, "3457005", "Patient referral")
_LABORATORY = Coded(SNOMED, "108252007", "Laboratory procedure")
_IMAGING = Coded(SNOMED, "363679005", "Imaging")
_CONSULTATION = Coded(SNOMED, "11429006", "Consultation")
_MDT = Coded(SNOMED, "720006006", "Cancer care review")

DRAFTS: Mapping[str, Draft] = {
    "mdt": Draft("request.mdt", _REFERRAL, _MDT, informed=True),
    "radiology_review": Draft("request.radiology_review", _REFERRAL, _MDT, informed=True),
    "surgery": Draft(
        "request.surgery", _REFERRAL, _CONSULTATION, Coded(SNOMED, "408456005", "Thoracic surgery"), informed=True
    ),
    "sbrt": Draft(
        "request.sbrt", _REFERRAL, _CONSULTATION, Coded(SNOMED, "419815003", "Radiation oncology"), informed=True
    ),
    "ablation": Draft(
        "request.ablation",
        _REFERRAL,
        _CONSULTATION,
        Coded(SNOMED, "408455009", "Interventional radiology"),
        informed=True,
    ),
    "CT_CHEST": Draft("request.CT_CHEST", _IMAGING, Coded(LOINC, "24627-2", "CT Chest")),
    "CT_ABDOMEN_PELVIS": Draft("request.CT_ABDOMEN_PELVIS", _IMAGING, Coded(LOINC, "44115-4", "CT Abdomen and Pelvis")),
    "CEA": Draft("request.CEA", _LABORATORY, Coded(LOINC, "2039-6")),
    "PLATELETS": Draft("request.PLATELETS", _LABORATORY, Coded(LOINC, "777-3")),
    "INR": Draft("request.INR", _LABORATORY, Coded(LOINC, "6301-6")),
    "FEV1": Draft("request.FEV1", Coded(SNOMED, "108252007", "Laboratory procedure"), Coded(LOINC, "20152-5")),
    "DLCO": Draft("request.DLCO", Coded(SNOMED, "108252007", "Laboratory procedure"), Coded(LOINC, "19911-7")),
    "RAS": Draft("request.RAS", _LABORATORY, Coded(LOINC, "81420-2")),
    "BRAF": Draft("request.BRAF", _LABORATORY, Coded(LOINC, "85299-6")),
    "MSI": Draft("request.MSI", _LABORATORY, Coded(LOINC, "81695-9")),
    "HER2": Draft("request.HER2", _LABORATORY, Coded(LOINC, "72383-3")),
    "DPYD": Draft("request.DPYD", _LABORATORY),
}
"""Codes: clinical rule base, FHIR data elements; categories and specialties: the value sets that FHIR R4 names."""


def service_request(name: str, assessment: Assessment, site: CardContext) -> dict[str, Any]:
    """One draft request as plain FHIR JSON.

    It points to the lung-metastasis Condition as its reason and, for a referral, to the resources that the decision
    used; a resource without an id cannot be pointed to and is left out.
    """
    draft = DRAFTS[name]
    document: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "category": [_concept(draft.category)],
        "priority": (assessment.mdt.priority or "routine") if draft.informed else "routine",
        "code": _concept(draft.code, site.text(draft.text)),
        "subject": {"reference": f"Patient/{site.request.patient_id}"},
        "authoredOn": site.on.isoformat(),
    }
    if draft.performer:
        document["performerType"] = _concept(draft.performer)
    if reason := _references([assessment.lung_metastasis]):
        document["reasonReference"] = reason
    if draft.informed and (used := _references(assessment.supporting)):
        document["supportingInfo"] = used
    document["note"] = [{"text": site.text("note.request", headline=case_line(assessment, site))}]
    return validated(document)


def validated(document: Mapping[str, Any]) -> dict[str, Any]:
    """The request as ``fhir.resources`` reads it: plain JSON without nulls. Raises: ValueError, which is a defect."""
    found: dict[str, Any] = ServiceRequest.model_validate(document).model_dump(mode="json")
    return found


def case_line(assessment: Assessment, site: CardContext) -> str:
    """The case in one line; a lesion that is not confirmed is called suspected."""
    if assessment.population == "in":
        return headline(assessment, site)
    return site.text("card.suspected_line")


def is_literal(reference: str | None) -> bool:
    """Can a client resolve this as a reference: ``Type/id``?"""
    return reference is not None and _LITERAL.fullmatch(reference) is not None


def _references(names: Iterable[str | None]) -> list[dict[str, str]]:
    return [{"reference": name} for name in names if name is not None and is_literal(name)]


def _concept(coded: Coded | None, text: str | None = None) -> dict[str, Any]:
    return ({"coding": [coded.json()]} if coded else {}) | ({"text": text} if text else {})
