"""From a row of a table to the hook request of the patient whom it describes.

A row describes its patient by the columns ``lesions`` and ``changes``, and by the columns of :data:`GIVEN`, each of
which is one change: an empty cell is the baseline, ``-`` is "not on record". ``order`` names draft orders, ``sources``
says what became of prefetch keys (``procedures=not asked``), ``on`` is the day of the evaluation.
"""

from __future__ import annotations

from typing import Any

from tests.spec.lesion_words import lesions
from tests.spec.orders import ORDERS
from tests.spec.patients import EVALUATED_ON, patient
from tests.spec.resources import HL7, concept
from tests.spec.tables import Row, Table, changes, value_of

GIVEN = {
    "FEV1 %": "fev1",
    "DLCO %": "dlco",
    "VO2": "vo2",
    "VO2 %": "vo2_percent",
    "ppo FEV1 %": "ppo_fev1",
    "ppo DLCO %": "ppo_dlco",
    "platelets": "plt",
    "INR": "inr",
    "ECOG": "ecog",
    "Karnofsky": "karnofsky",
    "CEA": "cea",
    "CEA unit": "cea_unit",
    "CEA before": "cea_before",
    "temperature": "temperature",
    "primary": "primary",
    "elsewhere": "extra",
    "nodes": "nodes",
    "operations": "k",
    "statement": "statement",
    "condition": "comorbidity",
    "stated count": "count",
}
DATES = {
    "birth": "birth",
    "diagnosed": "dx",
    "resected": "resected",
    "lung": "lung",
    "since": "extra_since",
    "measured": "",  # the day of whatever the table is about: its ``given`` says which
    "CEA on": "cea_date",
    "chest CT": "chest_ct",
    "abdomen CT": "abdomen_ct",
    "statement on": "statement_on",
    "MDT requested": "mdt_requested",
    "MDT held": "mdt_held",
}
PATIENT_COLUMNS = frozenset({"case", "lesions", "changes", "order", "sources", "on", *GIVEN, *DATES})

_OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden", "details": concept(f"{HL7}/issue", "forbidden")}],
}


def request_of(table: Table, row: Row, style: str = "mcode") -> dict[str, Any]:
    """The hook request of one case of a table. Raises: ValueError for a cell that means nothing."""
    given = changes(table.given)
    day = given.pop("measured", None)
    changed = {"style": style, "lesions": lesions(row.get("lesions") or table.lesions)} | given
    for heading, name in (GIVEN | DATES | {"measured": day}).items():
        if cell := row.get(heading):
            changed[str(name)] = None if cell == "-" else cell if heading in DATES else value_of(cell)
    changed |= changes(row.get("changes", ""))
    if names := row.get("order"):
        orders = [ORDERS[name.strip()] for name in names.split("+")]
        changed = {"hook": "order-sign", "orders": orders} | changed
    request = patient(**changed)
    for key, state in changes(row.get("sources", "")).items():
        _mark(request["prefetch"], key, str(state))
    return request


def day_of(row: Row) -> str:
    """The day of the evaluation."""
    return row.get("on") or EVALUATED_ON


def _mark(prefetch: dict[str, Any], key: str, state: str) -> None:
    """A prefetch key that was not asked for, refused, answered with nothing, or cut short."""
    if state == "not asked":
        del prefetch[key]
    elif state == "not allowed":
        prefetch[key] = _OUTCOME
    elif state == "empty":
        prefetch[key] = None
    elif state == "incomplete":
        prefetch[key]["link"] = [{"relation": "next", "url": "https://ehr.example.org/fhir/page/2"}]
    else:
        raise ValueError(f"a source is never '{state}'")
