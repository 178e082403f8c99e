"""What a card offers to draft, as ServiceRequests: the referral, a consultation, a test. Never a treatment.

``status`` draft, ``intent`` proposal. Whether it becomes an order is the clinician's decision.

A draft is valid FHIR by construction: its shape, codes and words are constants of the release, and of a call it takes
the patient's id (checked at the border), the day, one line of wording, and references of the form ``Type/id``. That
``fhir.resources`` accepts each of them is proven by the tests and by ``cds-service knowledge check``, not anew in every
request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from cds_service.cards.words import LOCAL, OPTIONS
from cds_service.cards.writer import CardWriter, Offer
from cds_service.oncology.report.assessment import Result
from cds_service.protocol.card import Action
from cds_service.values import ValueObject

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"

_TESTS = ("CT_ABDOMEN_PELVIS", "CT_CHEST", "PFT", "COAGULATION", "CEA", "MOLECULAR")
_IONISING = ("CT_ABDOMEN_PELVIS", "CT_CHEST")
_WORTH_A_TEST = (*OPTIONS, Result.UNKNOWN, Result.BLOCKED)
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
    """Writes the drafts of one call, and the offers to create them.

    The writer's call gives the patient and the day; its assessment the reason, the resources that decided, the case.
    A resource without an id cannot be pointed to and is left out.
    """

    def __init__(self, writer: CardWriter) -> None:
        """A drafter for the cards of that writer."""
        self.writer = writer
        self.assessment = writer.assessment

    def mdt(self) -> list[Offer]:
        """The referral, unless the MDT is requested, held, or not due; a suspected lesion goes to radiology review."""
        mdt = self.assessment.mdt
        if not mdt.suggest:
            return []
        name = "mdt" if self.assessment.population == "in" else "radiology_review"
        offer = self.offer([name], label=f"suggestion.{'mdt_again' if mdt.trigger else name}")
        return [Offer(offer.label, offer.actions, recommended=True)]

    def consultations(self) -> list[Offer]:
        """A consultation ("assess for ...") for each local modality that is an option and was not declined."""
        options = [name for name in self.writer.options if name in LOCAL and name not in self.writer.declined]
        return [self.offer([name], label=f"suggestion.{name}") for name in options]

    def missing_tests(self, names: Sequence[str] = _TESTS) -> list[Offer]:
        """Drafts for the tests that are missing and can still change something; no CT in pregnancy (G-09)."""
        allowed = [name for name in names if not ("G-09" in self.writer.gates and name in _IONISING)]
        return [
            self.offer(drafts, label=f"suggestion.{label_of(name, drafts)}")
            for name in allowed
            if (drafts := self._missing(name))
        ]

    def missing_coagulation(self) -> list[str]:
        """Which of platelets and INR are missing or outdated."""
        return [code for code in ("PLATELETS", "INR") if code in self.writer.needed]

    def _missing(self, name: str) -> list[str]:
        """The names of the drafts for that test; none where it is not missing."""
        if name == "COAGULATION":
            return self.missing_coagulation() if self._may_matter("ablation") else []
        if name not in self.writer.needed:
            return []
        if name == "PFT":
            return ["FEV1", "DLCO"] if self._may_matter("surgery") else []
        if name == "MOLECULAR":
            profile = self.assessment.molecular
            results = {"RAS": profile.ras, "BRAF": profile.braf, "MSI": profile.msi, "HER2": profile.her2}
            return [marker for marker, result in results.items() if result == "unknown"]
        return [name]

    def _may_matter(self, modality: str) -> bool:
        """A test before a modality that is not supported anyway would only cost."""
        therapy = self.assessment.therapies.get(modality)
        return therapy is not None and therapy.result in _WORTH_A_TEST

    def offer(self, names: Iterable[str], *, label: str) -> Offer:
        """An offer that creates one draft for each name, under the label of a wording key."""
        actions = (Action("create", self._says(name), resource=self.draft(name)) for name in names)
        return Offer(self.writer.text(label), tuple(actions))

    def _says(self, name: str) -> str:
        """What accepting does. A test is told by what it asks for, a referral or consultation in words of its own."""
        text, what = self.writer.text, DRAFTS[name]
        return text(f"action.{name}") if what.informed else text("card.creates", text=text(what.text))

    def draft(self, name: str) -> dict[str, Any]:
        """One draft as plain FHIR JSON."""
        what = DRAFTS[name]
        written = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "proposal",
            "category": [_concept(what.category)],
            "priority": "routine",
            "code": _concept(what.code, self.writer.text(what.text)),
            **self._shared,
            **(self._informed if what.informed else {}),
        }
        if what.performer:
            written["performerType"] = _concept(what.performer)
        return written

    @cached_property
    def _shared(self) -> dict[str, Any]:
        """The elements that every draft of the call has; the lung-metastasis Condition is the reason."""
        call = self.writer.call
        elements = {
            "subject": {"reference": f"Patient/{call.request.patient_id}"},
            "authoredOn": call.on.isoformat(),
            "note": [{"text": self.writer.text("note.request", headline=self._case())}],
        }
        if reason := _references([self.assessment.lung_metastasis]):
            elements["reasonReference"] = reason
        return elements

    def _case(self) -> str:
        """The case in one line; a lesion that is not confirmed is called suspected."""
        return self.writer.headline if self.assessment.population == "in" else self.writer.text("card.suspected_line")

    @cached_property
    def _informed(self) -> dict[str, Any]:
        """What a referral carries besides: how soon, and the CT, CEA and lesion resources that the decision used."""
        elements: dict[str, Any] = {"priority": self.assessment.mdt.priority or "routine"}
        if used := _references(self._used())[:_MOST_SUPPORTING]:
            elements["supportingInfo"] = used
        return elements

    def _used(self) -> list[str]:
        """What decided: the CT, the CEA, then the lesions."""
        lesions = {fact for lesion in self.assessment.lesions for fact in lesion.facts}
        newest = self.assessment.cea.latest
        cea = newest.fact if newest else None
        return sorted(self.assessment.supporting, key=lambda name: (name in lesions, name == cea, name))


def label_of(name: str, drafts: Sequence[str]) -> str:
    """Platelets and INR have a label together, and one each."""
    return drafts[0] if name == "COAGULATION" and len(drafts) == 1 else name


def is_literal(reference: str | None) -> bool:
    """Can a client resolve this as a reference: ``Type/id``?"""
    return reference is not None and _LITERAL.fullmatch(reference) is not None


def _references(names: Iterable[str | None]) -> list[dict[str, str]]:
    return [{"reference": name} for name in names if name is not None and is_literal(name)]


def _concept(coded: Coded | None, text: str | None = None) -> dict[str, Any]:
    """A CodeableConcept, written anew each time, so that no caller can change another's."""
    return ({"coding": [coded.json()]} if coded else {}) | ({"text": text} if text else {})
