"""Whatever JSON arrives: a 4xx with an OperationOutcome, or a valid answer. Never a 500."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from cds_service.protocol.card_rules import check_response
from tests.contract.requirements import proves
from tests.hypothesis_profiles import examples
from tests.spec.patients import patient
from tests.spec.resources import SNOMED, concept, service_request
from tests.spec.wire import client

STEADY = examples(120)
PATH = "/cds-services/crc-lung-metastasis-patient-view"
WORDS = [
    "",
    "mm",
    "ng/mL",
    "2022",
    "2025-13-40",
    "urn:uuid:x",
    "Patient/other",
    "http://snomed.info/sct",
    "\x00",
    "<",
    "é",
]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(WORDS),
    st.text(max_size=8),
)
names = st.one_of(
    st.sampled_from(["resourceType", "code", "coding", "system", "value", "entry", "resource", "id"]),
    st.text(max_size=5),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def ehr(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return client(tmp_path_factory.mktemp("state"), CDS_FHIR_BUDGET_MS="50")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the document with another value at the path."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


def assert_answered(ehr: FlaskClient, body: Any, path: str = PATH) -> None:
    answer = ehr.post(path, json=body)
    document = answer.get_json()
    if answer.status_code == 200:
        assert check_response({"cards": document["cards"]}) == []
    else:
        assert 400 <= answer.status_code < 500, document
        assert document["resourceType"] == "OperationOutcome"


@proves("ERR-08", "USER-07")
@STEADY
@given(body=anything)
def test_any_json(ehr: FlaskClient, body: Any) -> None:
    assert_answered(ehr, body)


@proves("ERR-08", "USER-07")
@STEADY
@given(context=anything, prefetch=anything)
def test_any_context_and_prefetch(ehr: FlaskClient, context: Any, prefetch: Any) -> None:
    hook = {"hook": "patient-view", "hookInstance": "2f6bde5c-0c3a-4d5f-9a55-7d9b8f4f2a01"}
    assert_answered(ehr, hook | {"context": context, "prefetch": prefetch})


REQUEST = patient(
    style="mcode",
    extra="resolved",
    k=1,
    prior_rt="same_lobe",
    ablated_on="2025-05-20",
    mdt_held="2025-03-01",
    ras="p.Gly12Asp",
    count=2,
    lesions=[
        {"mm": 15, "side": "R", "zone": "medial", "to_bronchi_mm": 15, "near": True, "earlier": [("2024-12-01", 9)]},
        {"mm": 7, "histology": None},
    ],
)
PLACES = [path for path in places(REQUEST) if path[:2] not in {(), ("hook",), ("hookInstance",)}]


@examples(400)
@given(path=st.sampled_from(PLACES), value=anything)
def test_any_value_anywhere_in_a_record(ehr: FlaskClient, path: tuple[Any, ...], value: Any) -> None:
    assert_answered(ehr, replaced(REQUEST, path, value))


ORDER = service_request("draft", concept(SNOMED, "879916008"), on="2025-06-01", status="draft")
ORDER |= {"bodySite": [concept(SNOMED, "39607008")], "reasonReference": [{"reference": "Condition/lung"}]}
ORDERS = patient(hook="order-select", orders=[ORDER], plt=49)
ORDER_PLACES = [path for path in places(ORDERS["context"]) if path]


@STEADY
@given(path=st.sampled_from(ORDER_PLACES), value=anything)
def test_any_value_anywhere_in_an_order(ehr: FlaskClient, path: tuple[Any, ...], value: Any) -> None:
    body = ORDERS | {"context": replaced(ORDERS["context"], path, value)}
    assert_answered(ehr, body, "/cds-services/crc-lung-metastasis-order-select")
    assert_answered(ehr, body, "/explain/crc-lung-metastasis-order-select")
