"""Errors of the profile validator that are none, each with its reason. A test keeps the list free of what is stale."""

from __future__ import annotations

from typing import NamedTuple

MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"


class FalseAlarm(NamedTuple):
    """What the validator says about which element of which profile, and why it is not so."""

    code: str
    path: str
    profile: str
    why: str
    says: str = ""  # words that its message must hold, where the rest is said of true errors too

    def fits(self, code: str, path: str, profile: str, message: str) -> bool:
        """Is this what the validator said?"""
        return (code, path, profile) == self[:3] and self.says in message


FALSE_ALARMS = (
    FalseAlarm(
        "profile.pattern",
        "Observation.code",
        f"{MCODE}mcode-tumor-size",
        "A pattern asks for system and code; the validator compares the whole coding, and a display beside them fails.",
    ),
    FalseAlarm(
        "profile.slice.cardinality.min",
        "BodyStructure.identifier:bodyStructureIdentifier",
        f"{MCODE}mcode-tumor",
        "The slice is told apart by the identifier's type, for which the profile names no value; one is there.",
    ),
    *(
        FalseAlarm(
            "profile.slice.cardinality.min",
            "Condition.category:us-core",
            f"{MCODE}mcode-{kind}-cancer-condition",
            "The slice is bound to a value set of US Core, which is not loaded; problem-list-item is in it.",
        )
        for kind in ("primary", "secondary")
    ),
    FalseAlarm(
        "profile.element.binding.required",
        "BodyStructure.locationQualifier",
        f"{MCODE}mcode-tumor",
        "The value set is given by a place in SNOMED CT's hierarchy, which is not loaded; right and left lie below it.",
    ),
    *(
        FalseAlarm(
            "profile.slice.cardinality.max",
            f"Condition.extension:{extension}",
            f"{MCODE}mcode-{kind}-cancer-condition",
            "Two different extensions are there, one of each; the validator counts both for either slice.",
        )
        for kind in ("primary", "secondary")
        for extension in ("assertedDate", "histologyMorphologyBehavior")
    ),
    FalseAlarm(
        "terminology.required",
        "Observation.status",
        "",
        "entered-in-error is in FHIR's value set; the list that the validator takes from fhir.resources leaves it out.",
        "'entered-in-error'",
    ),
)
