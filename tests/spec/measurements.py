"""Laboratory values, lung function, fitness and the coded statements of a test patient, as Observations."""

from __future__ import annotations

from typing import Any

from tests.spec import history
from tests.spec.resources import LOINC, OWN, SNOMED, Resource, concept, observation, own, quantity

_OWN_TESTS = (
    ("vo2", "peak-oxygen-uptake", "mL/kg/min", "vo2_on"),
    ("vo2_percent", "peak-oxygen-uptake", "%", "vo2_on"),
    ("ppo_fev1", "predicted-postoperative-fev1", "%", "pft_on"),
    ("ppo_dlco", "predicted-postoperative-dlco", "%", "pft_on"),
)


def measurements(facts: dict[str, Any]) -> list[Resource]:
    """Everything that is measured or stated about the patient, the molecular results among it."""
    found = [
        *_cea(facts),
        *_numeric("fev1", "20152-5", facts["fev1"], facts["fev1_unit"], facts["pft_on"]),
        *_numeric("dlco", "19911-7", facts["dlco"], facts["dlco_unit"], facts["pft_on"]),
        *_numeric("platelets", "777-3", facts["plt"], facts["plt_unit"], facts["coag_on"]),
        *_numeric("inr", "6301-6", facts["inr"], facts["inr_unit"], facts["coag_on"]),
        *_numeric("temperature", "8310-5", facts["temperature"], "Cel", facts["temperature_on"]),
    ]
    for name, code, unit, on in _OWN_TESTS:
        if facts[name] is not None:
            value = {"valueQuantity": quantity(facts[name], unit)}
            id_ = name.replace("_", "-")
            found.append(observation(id_, own(code), facts[on], category="exam", **value))
    for name, loinc in (("ecog", "89247-1"), ("karnofsky", "89243-0")):
        if facts[name] is not None:
            score = {"valueInteger": facts[name]}
            found.append(observation(name, concept(LOINC, loinc), facts["ecog_on"], category="survey", **score))
    if on := facts["pregnant_on"]:
        value = {"valueCodeableConcept": concept(SNOMED, "77386006", "Pregnant")}
        found.append(observation("pregnancy-status", concept(LOINC, "82810-3"), on, category="social-history", **value))
    return found + _statements(facts) + history.molecular(facts)


def _numeric(id_: str, loinc: str, value: object, unit: str | None, on: str) -> list[Resource]:
    if value is None:
        return []
    return [observation(id_, concept(LOINC, loinc), on, valueQuantity=quantity(value, unit))]


def _cea(facts: dict[str, Any]) -> list[Resource]:
    """The latest CEA, and the earlier ones."""
    found = _numeric("cea", facts["cea_code"], facts["cea"], facts["cea_unit"], facts["cea_date"])
    found = [value | {"status": facts["cea_status"]} for value in found]
    before = facts["cea_before"]
    if isinstance(before, str):
        before = [(on, _number(value)) for on, _, value in (item.partition(":") for item in before.split())]
    for on, value in before:
        earlier = _numeric(f"cea-{on}", facts["cea_code"], value, facts["cea_unit"], on)
        other = {"method": concept(SNOMED, "272391002", "Technique")} if facts["cea_assays"] else {}
        found += [item | other for item in earlier]
    return found


def _number(text: str) -> object:
    return text if text[0] in "<>" else float(text)


def _statements(facts: dict[str, Any]) -> list[Resource]:
    """What a clinician has stated, in the service's own codes."""
    nodes = {"positive": "proven"}.get(facts["nodes"], facts["nodes"])
    treatability = {"treatable": "treatable", "untreatable": "not-treatable"}.get(facts["extra"])
    found = []
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
    return found
