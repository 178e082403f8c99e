"""Charts as they really come: where else disease is, who belongs to the population, what the patient declined."""

from __future__ import annotations

import pytest

from tests.spec.changing import add, classification, replace, resources
from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.resources import (
    CPT,
    ICD10CM,
    SNOMED,
    Resource,
    bundle,
    concept,
    condition,
    observation,
    procedure,
)
from tests.spec.tables import rows
from tests.spec.vignettes import codes, letters

ELSEWHERE = rows("""
    condition            | code    | spread       | nodes
    ---------------------+---------+--------------+--------
    pleura               | C78.2   | non_isolated | unknown
    mediastinum          | C78.1   | non_isolated | unknown
    peritoneum           | C78.6   | non_isolated | unknown
    bone                 | C79.51  | non_isolated | unknown
    brain                | C79.31  | non_isolated | unknown
    adrenal gland        | C79.72  | non_isolated | unknown
    ovary                | C79.61  | non_isolated | unknown
    skin                 | C79.2   | non_isolated | unknown
    abdominal nodes      | C77.2   | non_isolated | unknown
    intrathoracic nodes  | C77.1   | isolated     | proven
    hypertension         | I10     | isolated     | unknown
""")


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: row["condition"])
def test_disease_elsewhere(row: dict[str, str]) -> None:
    """C-03."""
    found = condition("elsewhere", concept(ICD10CM, row["code"]), onset="2025-01-02")
    axes = classification(add(patient(), "conditions", found))
    assert (axes["spread"]["value"], axes["thoracicNodes"]["value"]) == (row["spread"], row["nodes"])


UNSEEN = rows("""
    story                     | code    | verification     | clinical | spread
    --------------------------+---------+------------------+----------+-------------
    refuted liver metastasis  | C78.7   | refuted          | active   | isolated
    liver, entered in error   | C78.7   | entered-in-error | active   | isolated
    liver, recurrence         | C78.7   | confirmed        | recurrence | non_isolated
    liver, relapse            | C78.7   | confirmed        | relapse  | non_isolated
    liver, inactive           | C78.7   | confirmed        | inactive | isolated
    liver, no clinical status | C78.7   | confirmed        |          | unknown
""")


@pytest.mark.parametrize("row", UNSEEN, ids=lambda row: row["story"])
def test_status_of_disease_elsewhere(row: dict[str, str]) -> None:
    """C-03, G-06."""
    liver = condition(
        "liver",
        concept(ICD10CM, row["code"]),
        onset="2023-05-05",
        clinical=row["clinical"] or None,
        verification=row["verification"],
    )
    assert classification(add(patient(), "conditions", liver))["spread"]["value"] == row["spread"]


POPULATION = rows("""
    story                           | primary  | population
    --------------------------------+----------+-----------
    sigmoid                         | C18.7    | in
    rectosigmoid junction           | C19      | in
    rectum                          | C20      | in
    colon, without a dot            | C187     | in
    anus                            | C21.0    | out
    neuroendocrine tumour of colon  | C7A.020  | out
""")


@pytest.mark.parametrize("row", POPULATION, ids=lambda row: row["story"])
def test_population(row: dict[str, str]) -> None:
    """G-05, G-07."""
    explanation = explain(patient(style="plain", primary_icd=row["primary"]))
    assert explanation["population"] == row["population"]
    assert bool(explanation["therapies"]) is (row["population"] == "in")


def test_primary_in_remission_is_still_a_primary() -> None:
    """G-05: active, remission, or inactive but confirmed."""
    for clinical in ("remission", "inactive", "resolved"):
        primary = condition("primary", concept(SNOMED, "93761005"), onset="2022-01-03", clinical=clinical)
        assert explain(replace(patient(), "conditions", "primary", primary))["population"] == "in"


def test_code_without_its_system_is_nothing() -> None:
    """System and code together: 94391008 of an unknown system is no lung metastasis."""
    lung = condition("lung", concept("https://example.org/local", "94391008"), onset="2024-12-01")
    assert explain(replace(patient(), "conditions", "lung", lung))["population"] != "in"


def test_history_of_metastatic_cancer_false_is_none() -> None:
    """The value is a modifier: false says that there is no such history."""
    history = observation("history", concept(SNOMED, "1287652008"), "2025-05-01", valueBoolean=False)
    assert classification(add(patient(), "observations", history))["sequence"]["value"] == "initial"


REFUSED = [
    pytest.param(concept(CPT, "32998"), id="code of the lung"),
    pytest.param(
        concept(SNOMED, "879916008"),
        id="code of any organ, body site lung",
    ),
]


@pytest.mark.parametrize("code", REFUSED)
def test_refusal_of_ablation(code: Resource) -> None:
    """G-10: the declined modality is shown last, with caution."""
    refusal = {"statusReason": concept(SNOMED, "105480006"), "bodySite": [concept(SNOMED, "39607008")]}
    explanation = explain(add(patient(), "procedures", procedure("refused", code, None, status="not-done", **refusal)))
    assert letters(explanation) == "EEC"
    assert codes(explanation) == {"PATIENT_DECLINED"}
    assert explanation["order"] == [["sbrt"], ["ablation"]]


def test_extension_of_the_record_in_another_form() -> None:
    """A dateTime with a zone is the facility's day; a bare resource and a list stand in for a Bundle."""
    request = patient()
    primary, lung = resources(request, "conditions")
    lung["onsetDateTime"] = "2024-12-01T23:30:00-05:00"
    request["prefetch"]["conditions"] = bundle([primary, lung])
    request["prefetch"]["reports"] = resources(request, "reports")[0]
    explanation = explain(request)
    assert explanation["classification"]["timing"]["subtype"] == "late"
    assert explanation["classification"]["spread"]["value"] == "isolated"


def test_status_of_the_primary_from_its_resection() -> None:
    """Without a statement: resected, margin not known."""
    explanation = explain(patient(primary=None))
    assert letters(explanation) == "EEE"
    assert "MARGIN_UNKNOWN" in explanation["flags"]


def test_unconfirmed_words_of_verification() -> None:
    """G-06."""
    for word in ("provisional", "differential", "unconfirmed"):
        explanation = explain(patient(lung_certainty=word))
        assert (explanation["population"], explanation["therapies"]) == ("suspected", {})


def test_hospice_that_has_ended() -> None:
    """G-03 asks for active care."""
    period = {"performedPeriod": {"start": "2024-01-01", "end": "2024-03-01"}}
    ended = procedure("hospice", concept(SNOMED, "385763009"), None, **period)
    assert letters(explain(add(patient(), "procedures", ended))) == "EEE"


def test_hospice_completed_long_ago() -> None:
    ended = procedure("hospice", concept(SNOMED, "385763009"), "2024-01-01", status="completed")
    assert letters(explain(add(patient(), "procedures", ended))) == "EEE"
