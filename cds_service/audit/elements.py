"""The FHIR elements that the decision reads. Whatever is not named here is not kept."""

from __future__ import annotations

_NAMES = """
    abatementDateTime abatementPeriod active authoredOn birthDate bodySite category class clinicalStatus code coding
    comparator component contained dataAbsentReason date deceasedBoolean deceasedDateTime dischargeDisposition
    display doNotPerform effectiveDateTime effectiveInstant effectivePeriod end extension focus hasMember
    hospitalization id identifier intent interpretation issued lastUpdated location locationQualifier
    medicationCodeableConcept medicationReference meta method modality modifierExtension morphology notDone notGiven
    notPerformed occurrenceDateTime occurrencePeriod onsetDateTime onsetPeriod patient performedDateTime
    performedPeriod performerType period procedureCode profile reasonCode reasonReference recordedDate reference
    resourceType series serviceType specimen start started status statusReason subject supportingInfo system text
    type unit url value valueBoolean valueCode valueCodeableConcept valueCoding valueDateTime valueInteger
    valueQuantity valueReference valueString verificationStatus versionId wasNotGiven wasNotTaken
"""
READ_ELEMENTS = frozenset(_NAMES.split())
"""By name, at any depth. A test compares them with the names that the code reads."""

OF_A_REFERENCE = frozenset(("reference", "identifier", "type"))
"""What is kept of a reference to the patient: never the display, which is a name."""
