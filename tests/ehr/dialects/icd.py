"""ICD-10 outside the United States: four characters, and the side stands with the site instead of in the code."""

from __future__ import annotations

from tests.ehr.dialects.shapes import ICD_10_CM, SNOMED, Change
from tests.ehr.record import Resource

_SIDES = {"C78.01": ("3341006", "Right lung"), "C78.02": ("44029006", "Left lung")}
_LONGEST = 5  # characters of a code of the WHO edition, with its point
#: What has another code outside the United States: effusion as pleural metastasis, carcinoid as its site and histology.
_OTHERWISE = {"J91.0": "C78.2", "C7A.020": "C18.1", "Z33.1": "Z33"}
_HISTOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
_CARCINOID = {"system": "http://terminology.hl7.org/CodeSystem/icd-o-3", "code": "8240/3"}
#: What the WHO edition cannot say, by case.
LOSSES = {
    "history-of-rectal-cancer": "Z85.0 says that some cancer of the digestive organs was there, not which",
    "effusion-and-pneumonia": "C78.2 says that the pleura is involved, not that there is an effusion",
    "severe-lung-disease": "Z99.8 does not say that oxygen is given at home",
}


def as_who(system: str, **more: str) -> Change:
    """The change for Conditions coded in ICD-10-CM: the same disease in another edition of ICD-10."""

    def change(resource: Resource) -> Resource:
        if resource["resourceType"] != "Condition":
            return resource
        for coding in resource["code"].get("coding", []):
            if coding.get("system") not in (ICD_10_CM, "http://hl7.org/fhir/sid/icd-10"):
                continue
            code = coding["code"]
            if code in _SIDES and not resource.get("bodySite"):
                site, display = _SIDES[code]
                resource["bodySite"] = [{"coding": [{"system": SNOMED, "code": site, "display": display}]}]
            if code.startswith("C7A"):
                histology = {"url": _HISTOLOGY, "valueCodeableConcept": {"coding": [_CARCINOID]}}
                resource["extension"] = [*resource.get("extension", []), histology]
            coding.update({"system": system, "code": _OTHERWISE.get(code, code[:_LONGEST])} | more)
        return resource

    return change
