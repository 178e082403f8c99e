"""Whose resource is it? A resource of another patient is never used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cds_service.fhir.references import identifier_key, identifier_keys, literal_keys
from cds_service.fhir.resource_types import READ_TYPES
from cds_service.fhir.source import Entry

SUBJECT_MISSING = ("SUBJECT_MISSING", "The resource does not say whose it is; it is used.")
_BY_SUBJECT = frozenset(kind for kind, elements in READ_TYPES.items() if elements[:1] == ("subject",))
_NOT_READ = ("TYPE_UNEXPECTED", "The service does not read resources of this type.")
OTHER_PATIENT = ("OTHER_PATIENT", "The resource is about another patient and is not used.")


class PatientKeys:
    """Every way in which a reference may name the patient of the request.

    These are ``Patient/id`` (relative, absolute, versioned), ``urn:uuid:`` of the Patient's Bundle entry or of the id
    itself, and, where a reference has nothing but an identifier, the identifiers of the Patient resource.
    """

    def __init__(self, patient_id: str, entries: Iterable[Entry]) -> None:
        self._id = patient_id
        self._keys = {f"Patient/{patient_id}", f"urn:uuid:{patient_id}"}
        for entry in entries:
            resource = entry.resource
            if resource.get("resourceType") == "Patient" and resource.get("id") == patient_id:
                self._keys.update(literal_keys(entry.full_url))
                self._keys.update(identifier_keys(resource))

    def is_plainly_ours(self, resource: Mapping[str, Any]) -> bool:
        """Does the resource name the patient in the usual way? Quick; where it is false, ``problem`` has to decide."""
        try:
            return resource["subject"]["reference"] in self._keys and resource["resourceType"] in _BY_SUBJECT
        except (KeyError, TypeError):
            return False

    def problem(self, resource: Mapping[str, Any]) -> tuple[str, str] | None:
        """Why the resource is not surely this patient's: problem code and sentence; None when it is."""
        kind = resource.get("resourceType")
        elements = READ_TYPES.get(kind) if isinstance(kind, str) else None
        if elements is None:
            return _NOT_READ
        for element in elements:
            subject = resource.get(element)
            if isinstance(subject, dict):
                literal = subject.get("reference")
                if isinstance(literal, str) and literal in self._keys:
                    return None
                if literal or subject.get("identifier"):
                    return None if self._is_ours(subject, literal, resource) else OTHER_PATIENT
        if kind == "Patient":
            name = resource.get("id")
            return None if name == self._id else OTHER_PATIENT if name else SUBJECT_MISSING
        return SUBJECT_MISSING if elements else None

    def _is_ours(self, subject: Mapping[str, Any], literal: object, resource: Mapping[str, Any]) -> bool:
        if not isinstance(literal, str) or not literal:
            return identifier_key(subject.get("identifier")) in self._keys
        if literal.startswith("#"):
            return self._is_contained(literal[1:], resource)
        return not self._keys.isdisjoint(literal_keys(literal))

    def _is_contained(self, name: str, resource: Mapping[str, Any]) -> bool:
        """Is the contained Patient ours, by an identifier?"""
        listed = resource.get("contained")
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, dict) and item.get("id") == name and item.get("resourceType") == "Patient":
                return not self._keys.isdisjoint(identifier_keys(item))
        return False
