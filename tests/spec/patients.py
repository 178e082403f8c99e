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
from tests.spec.resources import (
    ICD10CM,
    LOINC,
    MCODE,
    OWN,
    PATIENT_ID,
    SNOMED,
    Resource,
    abdomen_pelvis_ct,
    bundle,
    chest_ct,
    concept,
    condition,
    observation,
    own,
    patient_resource,
    quantity,
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
    "birth": "1960-03-15",
    "deceased": None,
    "dx": "2022-01-03",
    "resected": "2022-01-10",
    "primary": "r0-resected",  # or another word of the code system primary-status; None is not recorded
    "primary_icd": "C18.7",
    "primary_known": True,
    "lung": "2024-12-01",
    "lung_icd": None,  # default: from the sides of the lesions
    "lung_certainty": "confirmed",
    "extra": "none",  # none | treatable | untreatable | unstated | resolved | None (abdomen and pelvis not imaged)
    "extra_since": "2024-12-10",
    "chest_ct": CT_DATE,
    "abdomen_ct": ABDOMEN_CT_DATE,
    "fev1": 95,
    "dlco": 90,
    "vo2": None,  # mL/kg/min
    "plt": 220,
    "inr": 1.0,
    "ecog": 1,
    "cea": 3.0,
    "cea_unit": "ng/mL",
    "cea_date": "2025-05-15",
    "cea_before": (),  # earlier values, each a date and a value
    "pft_on": "2025-04-15",
    "coag_on": "2025-05-20",
    "ecog_on": "2025-05-20",
    "temperature": None,  # degrees Celsius, on the day before the evaluation
    "nodes": None,  # negative | suspected | positive
    "k": 0,  # earlier metastasectomies
    "wedges_on": None,  # both lungs wedge-resected on that one day
    "prior_rt": None,  # same_lobe | other_lobe | other_lung | unknown
    "ablated_on": None,  # the first lesion, treated on that day
    "device": False,
    "smoker": False,
    "pregnant": False,
    "palliative": False,
    "anticoagulant": False,
    "hospice": False,
    "statement": None,  # a word of the code system resectability
    "statement_on": "2025-05-15",
    "second_cancer": None,  # an ICD-10-CM code
    "comorbidity": None,  # an ICD-10-CM code
    "pneumonectomy_on": None,
    "ras": None,  # a protein change of KRAS
    "braf": False,
    "msi": None,
    "mdt_requested": None,
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
        resources["observations"] = _measurements(facts)
        resources |= lesion_resources(list(facts["lesions"]), facts["style"])
        if facts["count"] is not None:
            resources["imaging-findings"].append(count_observation(facts["count"]))
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
    if facts["lung"] is not None or facts["lung_icd"]:
        sides = {lesion.get("side") for lesion in facts["lesions"]}
        icd = facts["lung_icd"] or {("R",): "C78.01", ("L",): "C78.02"}.get(tuple(sides), "C78.00")
        code = concept(SNOMED, "94391008") if coded and not facts["lung_icd"] else concept(ICD10CM, icd)
        lung = condition("lung", code, onset=facts["lung"], verification=facts["lung_certainty"])
        if coded:
            lung["meta"] = {"profile": [f"{MCODE}/mcode-secondary-cancer-condition"]}
        found.append(lung)
    if facts["extra"] not in {"none", None}:
        code = concept(SNOMED, "94381002") if coded else concept(ICD10CM, "C78.7")
        clinical = "remission" if facts["extra"] == "resolved" else "active"
        found.append(condition("liver", code, onset=facts["extra_since"], clinical=clinical))
    return found + history.conditions(facts)


def _measurements(facts: dict[str, Any]) -> list[Resource]:
    """Laboratory, function and the coded statements."""

    def numeric(id_: str, loinc: str, value: object, unit: str, on: str) -> list[Resource]:
        if value is None:
            return []
        return [observation(id_, concept(LOINC, loinc), on, valueQuantity=quantity(value, unit))]

    found = [
        *numeric("cea", "2039-6", facts["cea"], facts["cea_unit"], facts["cea_date"]),
        *numeric("fev1", "20152-5", facts["fev1"], "%", facts["pft_on"]),
        *numeric("dlco", "19911-7", facts["dlco"], "%", facts["pft_on"]),
        *numeric("platelets", "777-3", facts["plt"], "10*3/uL", facts["coag_on"]),
        *numeric("inr", "6301-6", facts["inr"], "{INR}", facts["coag_on"]),
        *numeric("temperature", "8310-5", facts["temperature"], "Cel", "2025-05-31"),
    ]
    for on, value in facts["cea_before"]:
        found += numeric(f"cea-{on}", "2039-6", value, facts["cea_unit"], on)
    if facts["vo2"] is not None:
        uptake = {"valueQuantity": quantity(facts["vo2"], "mL/kg/min")}
        found.append(observation("vo2", own("peak-oxygen-uptake"), "2025-04-20", category="exam", **uptake))
    if facts["ecog"] is not None:
        ecog = concept(LOINC, "89247-1", "ECOG Performance Status score")
        found.append(observation("ecog", ecog, facts["ecog_on"], category="survey", valueInteger=facts["ecog"]))
    nodes = {"positive": "proven"}.get(facts["nodes"], facts["nodes"])
    treatability = {"treatable": "treatable", "untreatable": "not-treatable"}.get(facts["extra"])
    for id_, question, code_system, answer, on in (
        ("primary-status", "primary-status", "primary-status", facts["primary"], "2025-05-15"),
        ("treatability", "extrapulmonary-treatability", "treatability", treatability, "2025-05-15"),
        ("nodes", "thoracic-node-status", "node-status", nodes, "2025-05-12"),
        ("statement", "resectability-statement", "resectability", facts["statement"], facts["statement_on"]),
    ):
        if answer is not None:
            value = concept(f"{OWN}/CodeSystem/{code_system}", answer)
            found.append(observation(id_, own(question), on, category="exam", valueCodeableConcept=value))
            if id_ == "treatability":
                found[-1]["focus"] = [{"reference": "Condition/liver"}]
    return found + history.molecular(facts)
