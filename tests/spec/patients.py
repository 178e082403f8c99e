"""The patient of the rule base's vignettes, as the hook request that an EHR would send about her.

``patient()`` is the baseline: an adult with adenocarcinoma of the sigmoid colon, R0-resected, whose one peripheral
lung metastasis is proven, everything else measured, current and unremarkable. Keyword changes make the other
patients. The evaluation date is :data:`EVALUATED_ON`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.spec import history
from tests.spec.imaging import CT_DATE, count_observation, lesion_resources
from tests.spec.measurements import measurements
from tests.spec.resources import (
    ICD10CM,
    LIVER,
    MCODE,
    PATIENT_ID,
    SNOMED,
    Resource,
    abdomen_pelvis_ct,
    bundle,
    chest_ct,
    concept,
    condition,
    patient_resource,
)

EVALUATED_ON = "2025-06-01"
ABDOMEN_CT_DATE = "2025-05-10"
LESION = {"mm": 15, "side": "R", "lobe": "RLL", "zone": "peripheral"}
SEARCHED_KEYS = (
    "conditions",
    "observations",
    "imaging-findings",
    "procedures",
    "reports",
    "imaging-studies",
    "body-structures",
    "requests",
    "medications",
)
BASELINE: dict[str, Any] = {
    "style": "mcode",  # mcode | plain | icd10 (conditions alone)
    "hook": "patient-view",
    "orders": (),  # resources of context.draftOrders, for the order hooks
    "selections": None,  # default: every draft order
    "lesions": (LESION,),
    "count": None,  # a stated number of lesions
    "count_on": CT_DATE,
    "extra_count": None,  # a stated number of lesions of the liver
    "birth": "1960-03-15",
    "deceased": None,
    "dx": "2022-01-03",
    "resected": "2022-01-10",
    "resection_dated": True,
    "primary": "r0-resected",  # or another word of the code system primary-status; None is not recorded
    "primary_icd": "C18.7",
    "primary_known": True,
    "second_primary": None,  # an ICD-10-CM code
    "unsited": False,  # a metastasis without its site
    "lung": "2024-12-01",
    "lung_icd": None,  # default: from the sides of the lesions
    "lung_certainty": "confirmed",
    "lung_recorded": None,  # when it was charted
    "extra": "none",  # none | treatable | untreatable | unstated | undetermined (no clinical status) | resolved
    #                   | None (abdomen and pelvis not imaged)
    "extra_since": "2024-12-10",
    "extra_ended": None,
    "chest_ct": CT_DATE,
    "abdomen_ct": ABDOMEN_CT_DATE,
    "fev1": 95,
    "fev1_unit": "%",
    "dlco": 90,
    "dlco_unit": "%",
    "vo2": None,  # mL/kg/min
    "vo2_percent": None,
    "vo2_on": "2025-04-20",
    "ppo_fev1": None,  # predicted postoperative, percent
    "ppo_dlco": None,
    "plt": 220,
    "plt_unit": "10*3/uL",
    "inr": 1.0,
    "inr_unit": "{INR}",
    "ecog": 1,
    "karnofsky": None,
    "cea": 3.0,
    "cea_unit": "ng/mL",
    "cea_date": "2025-05-15",
    "cea_code": "2039-6",
    "cea_status": "final",
    "cea_before": (),  # earlier values, each a date and a value; in a table "2024-12-01:2.0 2025-03-01:2.6"
    "cea_assays": False,  # the earlier values are of another assay
    "pft_on": "2025-04-15",
    "coag_on": "2025-05-20",
    "ecog_on": "2025-05-20",
    "temperature": None,  # degrees Celsius
    "temperature_on": "2025-05-31",
    "nodes": None,  # negative | suspected | positive
    "k": 0,  # earlier metastasectomies
    "wedges_on": None,  # both lungs wedge-resected on that one day
    "prior_rt": None,  # same_lobe | other_lobe | other_lung | unknown
    "ablated_on": None,  # the first lesion, treated on that day
    "device": False,
    "smoker": False,
    "pregnant": False,
    "pregnant_on": None,  # an Observation of pregnancy status
    "palliative": False,
    "palliative_done": None,  # when palliative care was recorded as completed
    "anticoagulant": False,
    "antiplatelet": False,
    "oxaliplatin_on": None,
    "lung_surgery_on": None,  # a wedge of the left upper lobe
    "hospice": False,
    "hospice_done": None,  # when hospice care was recorded as completed
    "hospice_until": None,  # until when it ran
    "declined": None,  # surgery | sbrt | ablation
    "statement": None,  # a word of the code system resectability
    "statement_on": "2025-05-15",
    "second_cancer": None,  # an ICD-10-CM code
    "second_cancer_clinical": "active",
    "comorbidity": None,  # an ICD-10-CM code
    "pneumonectomy_on": None,
    "ras": None,  # a protein change of KRAS, or "wild"
    "braf": False,  # True, or "wild"
    "msi": None,  # high | stable
    "her2": None,  # positive | negative
    "dpyd": False,
    "molecular_on": "2022-02-01",
    "mdt_requested": None,
    "mdt_status": "active",
    "mdt_held": None,
}


def patient(**changed: Any) -> dict[str, Any]:
    """A complete hook request for the baseline patient with the changes applied.

    Raises: TypeError for a change that no patient knows.
    """
    if unknown := set(changed) - set(BASELINE):
        raise TypeError(f"no such change: {sorted(unknown)}")
    facts = BASELINE | changed
    return request(facts["hook"], _prefetch(facts), orders=facts["orders"], selections=facts["selections"])


def request(
    hook: str, prefetch: dict[str, Any], *, orders: Iterable[Resource] = (), selections: Iterable[str] | None = None
) -> dict[str, Any]:
    """The envelope of a hook request around what was prefetched."""
    context: dict[str, Any] = {"userId": "Practitioner/canary-clinician", "patientId": PATIENT_ID}
    if hook != "patient-view":
        drafts = list(orders)
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection"} | (
            {"entry": [{"resource": order} for order in drafts]} if drafts else {}
        )
    if hook == "order-select":
        every = [f"{order['resourceType']}/{order['id']}" for order in orders]
        context["selections"] = every if selections is None else list(selections)
    return {
        "hook": hook,
        "hookInstance": "2f6bde5c-0c3a-4d5f-9a55-7d9b8f4f2a01",
        "context": context,
        "prefetch": prefetch,
    }


def _prefetch(facts: dict[str, Any]) -> dict[str, Any]:
    """Every prefetch key, each answered completely."""
    resources: dict[str, list[Resource]] = {key: [] for key in SEARCHED_KEYS}
    resources["conditions"] = _conditions(facts)
    if facts["style"] != "icd10":
        resources["observations"] = measurements(facts)
        resources |= lesion_resources(list(facts["lesions"]), facts["style"])
        if facts["count"] is not None:
            resources["imaging-findings"].append(count_observation(facts["count"], facts["count_on"]))
        if facts["extra_count"] is not None:
            resources["imaging-findings"].append(count_observation(facts["extra_count"], organ=LIVER))
        resources["procedures"] = history.procedures(facts)
        resources["imaging-studies"] = [chest_ct(facts["chest_ct"])] if facts["chest_ct"] else []
        imaged = facts["abdomen_ct"] and facts["extra"] is not None
        resources["reports"] = [abdomen_pelvis_ct(facts["abdomen_ct"])] if imaged else []
        resources["requests"] = history.requests(facts)
        resources["medications"] = history.medications(facts)
    person = patient_resource(birth=facts["birth"], deceased=facts["deceased"])
    return {"patient": person} | {key: bundle(resources[key]) for key in SEARCHED_KEYS}


def _conditions(facts: dict[str, Any]) -> list[Resource]:
    found = []
    coded = facts["style"] == "mcode"
    if facts["primary_known"]:
        snomed = coded and facts["primary_icd"] == "C18.7"
        code = concept(SNOMED, "93761005") if snomed else concept(ICD10CM, facts["primary_icd"])
        primary = condition("primary", code, onset=facts["dx"])
        if coded:
            primary["meta"] = {"profile": [f"{MCODE}/mcode-primary-cancer-condition"]}
        found.append(primary)
    if facts["lung"] is not None or facts["lung_icd"] or facts["lung_recorded"]:
        sides = {lesion.get("side") for lesion in facts["lesions"]}
        icd = facts["lung_icd"] or {("R",): "C78.01", ("L",): "C78.02"}.get(tuple(sides), "C78.00")
        code = concept(SNOMED, "94391008") if coded and not facts["lung_icd"] else concept(ICD10CM, icd)
        lung = condition("lung", code, onset=facts["lung"], verification=facts["lung_certainty"])
        if coded:
            lung["meta"] = {"profile": [f"{MCODE}/mcode-secondary-cancer-condition"]}
        if facts["lung_recorded"]:
            lung["recordedDate"] = facts["lung_recorded"]
        found.append(lung)
    if icd := facts["second_primary"]:
        found.append(condition("second-primary", concept(ICD10CM, icd), onset="2023-03-01"))
    if facts["unsited"]:
        found.append(condition("somewhere", concept(SNOMED, "128462008"), onset="2025-03-03"))
    if facts["extra"] not in {"none", None}:
        code = concept(SNOMED, "94381002") if coded else concept(ICD10CM, "C78.7")
        clinical = {"resolved": "remission", "undetermined": None}.get(facts["extra"], "active")
        liver = condition("liver", code, onset=facts["extra_since"], clinical=clinical)
        found.append(liver | ({"abatementDateTime": facts["extra_ended"]} if facts["extra_ended"] else {}))
    return found + history.conditions(facts)
