"""What happened to a test patient before, what else is on her chart, and what has been asked for."""

from __future__ import annotations

from typing import Any

from tests.spec.imaging import LOBES
from tests.spec.resources import (
    CPT,
    ICD10CM,
    LIVER,
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
PALLIATIVE = concept(SNOMED, "103735009", "Palliative care")
LUNG = concept(SNOMED, "39607008", "Lung structure")
MDT = concept(SNOMED, "720006006", "Cancer care review")
_METASTASECTOMY_DATES = ("2025-01-15", "2025-03-10", "2025-04-01")
_RADIATED = {
    "same_lobe": concept(SNOMED, *LOBES["RLL"]),
    "other_lobe": concept(SNOMED, *LOBES["RUL"]),
    "other_lung": concept(SNOMED, *LOBES["LUL"]),
    "unknown": LUNG,
}
_TREATMENTS = {
    "surgery": concept(CPT, "32505", "Wedge resection of lung"),
    "sbrt": concept(SNOMED, "395096001", "Stereotactic radiotherapy"),
    "ablation": concept(CPT, "32998", "Radiofrequency ablation of lung tumour"),
}
_PRESENT = {"valueCodeableConcept": concept(LOINC, "LA9633-4", "Present")}
_ABSENT = {"valueCodeableConcept": concept(LOINC, "LA9634-2", "Absent")}
_HER2 = {
    "positive": {"valueCodeableConcept": concept(SNOMED, "10828004", "Positive")},
    "negative": {"valueCodeableConcept": concept(SNOMED, "260385009", "Negative")},
}


def conditions(facts: dict[str, Any]) -> list[Resource]:
    """Comorbidity: a cardiac device, pregnancy, palliative care, a second cancer."""
    on_chart = (
        ("device", "Z95.0", facts["device"]),
        ("pregnancy", "Z33.1", facts["pregnant"]),
        ("palliative", "Z51.5", facts["palliative"]),
        ("comorbidity", facts["comorbidity"], facts["comorbidity"]),
    )
    found = [condition(id_, concept(ICD10CM, icd), onset="2025-01-05") for id_, icd, present in on_chart if present]
    if icd := facts["second_cancer"]:
        clinical = facts["second_cancer_clinical"]
        found.append(condition("second-cancer", concept(ICD10CM, icd), onset="2025-01-05", clinical=clinical))
    return found


def procedures(facts: dict[str, Any]) -> list[Resource]:
    """Operations, ablation, radiotherapy, refusals, MDT meetings, hospice and palliative care."""
    found = []
    if facts["resected"]:
        on = facts["resected"] if facts["resection_dated"] else None
        colectomy = procedure("primary-resection", concept(SNOMED, "43075005"), on)
        found.append(colectomy | {"reasonReference": [{"reference": "Condition/primary"}]})
    for number, on in enumerate(_METASTASECTOMY_DATES[: facts["k"]], start=1):
        found.append(_lung_operation(f"metastasectomy-{number}", concept(SNOMED, "359615001"), on, "LUL"))
    if on := facts["lung_surgery_on"]:
        found.append(_lung_operation("wedge", concept(CPT, "32505"), on, "LUL"))
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
        found.append(
            procedure("liver-resection", concept(SNOMED, "387713003"), "2023-06-20", **reason, bodySite=[LIVER])
        )
    if modality := facts["declined"]:
        refusal = {"statusReason": concept(SNOMED, "105480006", "Refusal of treatment by patient"), "bodySite": [LUNG]}
        found.append(procedure("declined", _TREATMENTS[modality], None, status="not-done", **refusal))
    if on := facts["mdt_held"]:
        code = MDT if facts["style"] == "mcode" else concept(NCIT, "C93304", "Tumor Board Review")
        found.append(procedure("mdt", code, on))
    return found + _care(facts)


def _care(facts: dict[str, Any]) -> list[Resource]:
    """Hospice and palliative care: running, ended, or recorded as completed."""
    found = []
    if facts["hospice"] and facts["style"] == "mcode":
        since = {"performedPeriod": {"start": "2025-05-20"}}
        found.append(procedure("hospice", HOSPICE, None, status="in-progress", **since))
    if end := facts["hospice_until"]:
        ran = {"performedPeriod": {"start": "2025-01-02", "end": end}}
        found.append(procedure("hospice-care", HOSPICE, None, status="in-progress", **ran))
    for id_, code, on in (
        ("hospice-done", HOSPICE, facts["hospice_done"]),
        ("palliative-done", PALLIATIVE, facts["palliative_done"]),
    ):
        if on:
            found.append(procedure(id_, code, on))
    return found


def requests(facts: dict[str, Any]) -> list[Resource]:
    """What has been asked for: the MDT; hospice care, where the EHR keeps it as a request."""
    found = []
    if on := facts["mdt_requested"]:
        found.append(service_request("mdt-request", MDT, on=on, status=facts["mdt_status"]))
    if facts["hospice"] and facts["style"] != "mcode":
        found.append(service_request("hospice-request", HOSPICE, on="2025-05-20"))
    return found


def medications(facts: dict[str, Any]) -> list[Resource]:
    """Active prescriptions."""
    drugs = (
        ("warfarin", "11289", "2025-03-01" if facts["anticoagulant"] else None),
        ("clopidogrel", "32968", "2025-03-01" if facts["antiplatelet"] else None),
        ("oxaliplatin", "32592", facts["oxaliplatin_on"]),
    )
    return [medication_request(name, concept(RXNORM, code, name), on=on) for name, code, on in drugs if on]


def molecular(facts: dict[str, Any]) -> list[Resource]:
    """Molecular results of the primary, and smoking."""
    on = facts["molecular_on"]
    found = []
    if (change := facts["ras"]) == "wild":
        found.append(observation("ras", concept(LOINC, "81420-2"), on, **_ABSENT))
    elif change:
        protein = {"code": concept(LOINC, "48005-3", "Amino acid change (pHGVS)")}
        protein["valueCodeableConcept"] = {"text": change}
        found.append(observation("kras", concept(LOINC, "21702-6"), on, **_PRESENT, component=[protein]))
    if answer := facts["braf"]:
        found.append(observation("braf", concept(LOINC, "85299-6"), on, **_ABSENT if answer == "wild" else _PRESENT))
    if answer := facts["msi"]:
        code = {"high": ("LA26203-2", "MSI-H"), "stable": ("LA14122-8", "Stable")}[answer]
        found.append(observation("msi", concept(LOINC, "81695-9"), on, valueCodeableConcept=concept(LOINC, *code)))
    if answer := facts["her2"]:
        found.append(observation("her2", concept(LOINC, "72383-3"), on, **_HER2[answer]))
    if facts["dpyd"]:
        found.append(observation("dpyd", concept(LOINC, "79719-1"), on, **_HER2["negative"]))
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
