"""The draft ServiceRequests that a suggestion creates: the referral, a consultation, a test. Never a treatment.

``status`` draft, ``intent`` proposal. Whether it becomes an order is the clinician's decision.

A draft is valid FHIR by construction: its shape, codes and words are constants of the release, and of a call it takes
the patient's id (checked at the border), the day, one line of wording, and references of the form ``Type/id``. That
``fhir.resources`` accepts each of them is proven by the tests and by ``cds-service knowledge check``, not anew in every
request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from cds_service.cards.context import CardContext
from cds_service.cards.words import headline
from cds_service.oncology.report.assessment import Assessment
from cds_service.values import ValueObject

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"

_MOST_SUPPORTING = 20
_LITERAL = re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9\-._]{1,64}")


class Coded(ValueObject, frozen=True):
    """A code with its official display; ``display`` is left out where only the code is certain."""

    system: str
    code: str
    display: str | None = None

    def json(self) -> dict[str, str]:
        """As a FHIR Coding."""
        return {"system": self.system, "code": self.code} | ({"display": self.display} if self.display else {})


class Draft(ValueObject, frozen=True):
    """What is asked for. ``text`` is a wording key; ``informed`` drafts carry the case's line and its resources."""

    text: str
    category: Coded
    code: Coded | None = None
    performer: Coded | None = None
    informed: bool = False


_REFERRAL = Coded(SNOMED, "3457005", "Patient referral")
_LABORATORY = Coded(SNOMED, "108252007", "Laboratory procedure")
_IMAGING = Coded(SNOMED, "363679005", "Imaging")
_MDT = Coded(SNOMED, "720006006", "Cancer care review")
_TO_SURGERY = Coded(SNOMED, "306184002", "Referral to thoracic surgery service")
_TO_RADIOTHERAPY = Coded(SNOMED, "306256000", "Referral to radiotherapist")
_TO_RADIOLOGY = Coded(SNOMED, "306299005", "Referral to radiologist")
_SURGERY = Coded(SNOMED, "408456005", "Thoracic surgery")
_RADIOTHERAPY = Coded(SNOMED, "419815003", "Radiation oncology")
_RADIOLOGY = Coded(SNOMED, "408455009", "Interventional radiology")

DRAFTS: Mapping[str, Draft] = {
    "mdt": Draft("request.mdt", _REFERRAL, _MDT, informed=True),
    "radiology_review": Draft("request.radiology_review", _REFERRAL, _MDT, informed=True),
    "surgery": Draft("request.surgery", _REFERRAL, _TO_SURGERY, _SURGERY, informed=True),
    "sbrt": Draft("request.sbrt", _REFERRAL, _TO_RADIOTHERAPY, _RADIOTHERAPY, informed=True),
    "ablation": Draft("request.ablation", _REFERRAL, _TO_RADIOLOGY, _RADIOLOGY, informed=True),
    "CT_CHEST": Draft("request.CT_CHEST", _IMAGING, Coded(LOINC, "24627-2", "CT Chest")),
    "CT_ABDOMEN_PELVIS": Draft("request.CT_ABDOMEN_PELVIS", _IMAGING, Coded(LOINC, "44115-4", "CT Abdomen and Pelvis")),
    "CEA": Draft("request.CEA", _LABORATORY, Coded(LOINC, "2039-6")),
    "PLATELETS": Draft("request.PLATELETS", _LABORATORY, Coded(LOINC, "777-3")),
    "INR": Draft("request.INR", _LABORATORY, Coded(LOINC, "6301-6")),
    "FEV1": Draft("request.FEV1", _LABORATORY, Coded(LOINC, "20152-5")),
    "DLCO": Draft("request.DLCO", _LABORATORY, Coded(LOINC, "19911-7")),
    "RAS": Draft("request.RAS", _LABORATORY, Coded(LOINC, "81420-2")),
    "BRAF": Draft("request.BRAF", _LABORATORY, Coded(LOINC, "85299-6")),
    "MSI": Draft("request.MSI", _LABORATORY, Coded(LOINC, "81695-9")),
    "HER2": Draft("request.HER2", _LABORATORY, Coded(LOINC, "72383-3")),
    "DPYD": Draft("request.DPYD", _LABORATORY),  # no code for the order could be verified
}
"""The codes are those that this service itself recognises in a record, so that a signed draft counts as ordered."""


class Drafter:
    """Writes the drafts of one call. A resource without an id cannot be pointed to and is left out."""

    def __init__(self, assessment: Assessment, site: CardContext) -> None:
        """``site.request`` gives the patient, ``assessment`` the reason, the resources that decided, and the case."""
        self.assessment = assessment
        self.site = site

    @cached_property
    def _shared(self) -> dict[str, Any]:
        """The elements that every draft of the call has; the lung-metastasis Condition is the reason."""
        note = self.site.text("note.request", headline=case_line(self.assessment, self.site))
        elements = {
            "subject": {"reference": f"Patient/{self.site.request.patient_id}"},
            "authoredOn": self.site.on.isoformat(),
            "note": [{"text": note}],
        }
        if reason := _references([self.assessment.lung_metastasis]):
            elements["reasonReference"] = reason
        return elements

    def _used(self) -> list[str]:
        """What decided: the CT, the CEA, then the lesions."""
        lesions = {fact for lesion in self.assessment.lesions for fact in lesion.facts}
        newest = self.assessment.cea.latest
        cea = newest.fact if newest else None
        return sorted(self.assessment.supporting, key=lambda name: (name in lesions, name == cea, name))

    @cached_property
    def _informed(self) -> dict[str, Any]:
        """What a referral carries besides: how soon, and the CT, CEA and lesion resources that the decision used."""
        elements: dict[str, Any] = {"priority": self.assessment.mdt.priority or "routine"}
        if used := _references(self._used())[:_MOST_SUPPORTING]:
            elements["supportingInfo"] = used
        return elements

    def draft(self, name: str) -> dict[str, Any]:
        """One draft as plain FHIR JSON."""
        what = DRAFTS[name]
        written = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "proposal",
            "category": [_concept(what.category)],
            "priority": "routine",
            "code": _concept(what.code, self.site.text(what.text)),
            **self._shared,
            **(self._informed if what.informed else {}),
        }
        if what.performer:
            written["performerType"] = _concept(what.performer)
        return written


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
    """A CodeableConcept, written anew each time, so that no caller can change another's."""
    return ({"coding": [coded.json()]} if coded else {}) | ({"text": text} if text else {})
