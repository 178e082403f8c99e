"""What happened to a test patient before, what else is on her chart, and what has been asked for."""

from __future__ import annotations

from typing import Any

from tests.spec.imaging import LOBES
from tests.spec.resources import (
    CPT,
    ICD10CM,
    LOINC,
    MCODE,
    NCIT,
    SNOMED,
    Resource,
    concept,
    condition,
    medication_request,
    observation,
    procedure,
    service_request,
)

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HOSPICE = concept(SNOMED, "385763009")
MDT = concept(SNOMED, "720006006", "Cancer care review")
_METASTASECTOMY_DATES = ("2025-01-15", "2025-03-10", "2025-04-01")
_RADIATED = {
    "same_lobe": concept(SNOMED, *LOBES["RLL"]),
    "other_lobe": concept(SNOMED, *LOBES["RUL"]),
    "other_lung": concept(SNOMED, *LOBES["LUL"]),
    "unknown": concept(SNOMED, "39607008", "Lung structure"),
}


def conditions(facts: dict[str, Any]) -> list[Resource]:
    """Comorbidity: a cardiac device, pregnancy, palliative care, a second cancer."""
    on_chart = (
        ("device", "Z95.0", facts["device"]),
        ("pregnancy", "Z33.1", facts["pregnant"]),
        ("palliative", "Z51.5", facts["palliative"]),
        ("second-cancer", facts["second_cancer"], facts["second_cancer"]),
        ("comorbidity", facts["comorbidity"], facts["comorbidity"]),
    )
    return [condition(id_, concept(ICD10CM, icd), onset="2025-01-05") for id_, icd, present in on_chart if present]


def procedures(facts: dict[str, Any]) -> list[Resource]:
    """Operations, ablation, radiotherapy, hospice care and MDT meetings."""
    found = []
    if facts["resected"]:
        colectomy = procedure("primary-resection", concept(SNOMED, "43075005"), facts["resected"])
        found.append(colectomy | {"reasonReference": [{"reference": "Condition/primary"}]})
    for number, on in enumerate(_METASTASECTOMY_DATES[: facts["k"]], start=1):
        found.append(_lung_operation(f"metastasectomy-{number}", concept(SNOMED, "359615001"), on, "LUL"))
    if on := facts["wedges_on"]:
        for side, lobe in (("right", "RUL"), ("left", "LUL")):
            found.append(_lung_operation(f"wedge-{side}", concept(CPT, "32505"), on, lobe))
    if on := facts["pneumonectomy_on"]:
        found.append(procedure("pneumonectomy", concept(SNOMED, "49795001"), on))
    if facts["prior_rt"]:
        found.append(_stereotactic_course(_RADIATED[facts["prior_rt"]]))
    if on := facts["ablated_on"]:
        target = {"url": "http://hl7.org/fhir/StructureDefinition/procedure-targetBodyStructure"}
        target["valueReference"] = {"reference": "BodyStructure/lesion-1"}
        ablation = procedure("ablation", concept(SNOMED, "879916008"), on, extension=[target])
        found.append(ablation | {"bodySite": [concept(SNOMED, *LOBES["RLL"])]})
    if facts["extra"] == "resolved":
        reason = {"reasonReference": [{"reference": "Condition/liver"}]}
        liver = {"bodySite": [concept(SNOMED, "10200004", "Liver structure")]}
        found.append(procedure("liver-resection", concept(SNOMED, "387713003"), "2023-06-20", **reason, **liver))
    if facts["hospice"] and facts["style"] == "mcode":
        since = {"performedPeriod": {"start": "2025-05-20"}}
        found.append(procedure("hospice", HOSPICE, None, status="in-progress", **since))
    if on := facts["mdt_held"]:
        code = MDT if facts["style"] == "mcode" else concept(NCIT, "C93304", "Tumor Board Review")
        found.append(procedure("mdt", code, on))
    return found


def requests(facts: dict[str, Any]) -> list[Resource]:
    """What has been asked for: the MDT; hospice care, where the EHR keeps it as a request."""
    found = []
    if on := facts["mdt_requested"]:
        found.append(service_request("mdt-request", MDT, on=on))
    if facts["hospice"] and facts["style"] != "mcode":
        found.append(service_request("hospice-request", HOSPICE, on="2025-05-20"))
    return found


def medications(facts: dict[str, Any]) -> list[Resource]:
    """Active prescriptions."""
    warfarin = concept(RXNORM, "11289", "warfarin")
    return [medication_request("warfarin", warfarin, on="2025-03-01")] if facts["anticoagulant"] else []


def molecular(facts: dict[str, Any]) -> list[Resource]:
    """Molecular results of the primary, and smoking."""
    found = []
    present = {"valueCodeableConcept": concept(LOINC, "LA9633-4", "Present")}
    if change := facts["ras"]:
        protein = {"code": concept(LOINC, "48005-3", "Amino acid change (pHGVS)")}
        protein["valueCodeableConcept"] = {"text": change}
        found.append(observation("kras", concept(LOINC, "21702-6"), "2022-02-01", **present, component=[protein]))
    if facts["braf"]:
        found.append(observation("braf", concept(LOINC, "85299-6"), "2022-02-01", **present))
    if answer := facts["msi"]:
        code = {"high": ("LA26203-2", "MSI-H"), "stable": ("LA14122-8", "Stable")}[answer]
        value = {"valueCodeableConcept": concept(LOINC, *code)}
        found.append(observation("msi", concept(LOINC, "81695-9"), "2022-02-01", **value))
    if facts["smoker"]:
        value = {"valueCodeableConcept": concept(SNOMED, "77176002", "Smoker")}
        status = concept(LOINC, "72166-2", "Tobacco smoking status")
        found.append(observation("smoking", status, "2025-05-20", category="social-history", **value))
    return found


def _lung_operation(id_: str, code: Resource, on: str, lobe: str) -> Resource:
    reason = {"reasonReference": [{"reference": "Condition/lung"}]}
    return procedure(id_, code, on, bodySite=[concept(SNOMED, *LOBES[lobe])], **reason)


def _stereotactic_course(site: Resource) -> Resource:
    """An mCODE radiotherapy course of three sessions to one target in the lung."""
    technique = {
        "url": f"{MCODE}/mcode-radiotherapy-modality-and-technique",
        "extension": [
            {
                "url": "modality",
                "valueCodeableConcept": concept(SNOMED, "1156506007"),
            }
        ],
    }
    sessions = {"url": f"{MCODE}/mcode-radiotherapy-sessions", "valueUnsignedInt": 3}
    course = procedure("sbrt", concept(SNOMED, "395096001"), "2025-01-20", extension=[technique, sessions])
    return course | {"bodySite": [site], "reasonReference": [{"reference": "Condition/lung"}]}
