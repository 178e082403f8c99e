"""Reading FHIR survives any JSON at all, in any order, and answers the same."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.codings import canonical_system, codings
from cds_service.fhir.dates import PartialDate, add_months, parse_partial_date, whole_months
from cds_service.fhir.pool import pool
from cds_service.fhir.quantities import LENGTH_MM, PERCENT, Comparator, Measurement, Unreadable, read_quantity
from cds_service.fhir.references import local_reference, reference_keys
from cds_service.fhir.resource_types import READ_TYPES
from cds_service.fhir.source import Source, SourceState, merge_sources, read_source
from cds_service.terminology import load_terminology
from cds_service.truth import Truth
from tests.hypothesis_profiles import examples

TERMINOLOGY = load_terminology()

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
)
_NAMES = """
    resourceType id subject patient reference identifier system value code coding unit status verificationStatus meta
    lastUpdated versionId contained entry resource search mode link relation url total issue severity comparator display
    type fullUrl
"""
_WORDS = """
    Bundle Condition Observation OperationOutcome Patient p1 Patient/p1 Patient/p2 #x next include outcome match warning
    incomplete entered-in-error refuted mm cm < 2022-05 http://snomed.info/sct http://loinc.org 94391008 2039-6
    urn:uuid:1 http://unitsofmeasure.org
"""
NAMES, WORDS = st.sampled_from(_NAMES.split()), st.sampled_from(_WORDS.split())
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)
RESOURCES = st.dictionaries(NAMES, JSON, max_size=6).flatmap(
    lambda body: st.fixed_dictionaries(
        {"resourceType": st.sampled_from(sorted(READ_TYPES)), "id": st.sampled_from(["p1", "a", "b", "c"])}
    ).map(lambda head: body | head)
)


@given(JSON)
def test_any_json_is_read_or_refused_without_an_exception(value):
    source, problems = read_source("conditions", value, expected="Condition")
    assert source.state in SourceState
    assert all(item.text.endswith(".") for item in problems)
    assert merge_sources(source, source).key == "conditions"
    found = pool([source], patient_id="p1")
    for kind in READ_TYPES:
        for resource in found.of(kind):
            assert found.get({"reference": local_reference(resource)}) in (resource, None)


@given(JSON)
def test_any_json_as_a_part_of_a_resource_is_read_without_an_exception(value):
    assert isinstance(codings(value), tuple)
    assert isinstance(reference_keys(value), tuple)
    assert isinstance(TERMINOLOGY.memberships(value), frozenset)
    assert TERMINOLOGY.display_mismatch(value) is None or isinstance(value, dict)
    assert TERMINOLOGY.own_value(value, "lesion-zone") in {
        None,
        "peripheral",
        "middle",
        "medial",
        "central",
        "ultracentral",
    }
    assert isinstance(read_quantity(value, LENGTH_MM), Measurement | Unreadable)
    assert isinstance(parse_partial_date(value, UTC), PartialDate | None)
    found = pool([], patient_id="p1")
    assert found.get(value, container=value if isinstance(value, dict) else None) is None or value["reference"] == "#"


def summary(found):
    return {kind: found.of(kind) for kind in READ_TYPES if found.of(kind)}, found.problems


@given(st.lists(RESOURCES, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_entries_never_matters(resources, random):
    shuffled = [dict(item) for item in resources]
    random.shuffle(shuffled)
    first, second = (
        pool([read_source("k", {"resourceType": "Bundle", "entry": [
            {"resource": item, "search": {"mode": "include"}} for item in items
        ]}, expected="Condition")[0]], patient_id="p1")
        for items in (resources, shuffled)
    )  # fmt: skip
    assert summary(first) == summary(second)


@given(st.lists(RESOURCES, max_size=6))
def test_what_came_twice_counts_once(resources):
    entries = [{"resource": item, "search": {"mode": "include"}} for item in resources]
    once, twice = (
        pool([read_source("k", {"resourceType": "Bundle", "entry": items}, expected="Condition")[0]], patient_id="p1")
        for items in (entries, entries + entries)
    )
    assert summary(once) == summary(twice)


@given(st.lists(RESOURCES, max_size=8))
def test_a_wrong_patient_is_never_used(resources):
    source = Source("k", SourceState.FOUND)
    entries = [{"resource": item, "search": {"mode": "include"}} for item in resources]
    source, _ = read_source("k", {"resourceType": "Bundle", "entry": entries}, expected="Condition")
    found = pool([source], patient_id="p1")
    for kind in READ_TYPES:
        for item in found.of(kind):
            subject = item.get("patient") if kind == "BodyStructure" else item.get("subject")
            if isinstance(subject, dict) and kind not in {"Patient", "Medication", "Device"}:
                assert subject.get("reference") != "Patient/p2"


@given(st.text(max_size=300))
def test_a_canonical_system_is_a_fixed_point(text):
    assert canonical_system(canonical_system(text)) == canonical_system(text)


DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


@given(DAYS, st.integers(min_value=-600, max_value=600))
def test_whole_months_undo_added_months(day, months):
    later = add_months(day, months)
    assert whole_months(day, later) == months
    assert whole_months(day, later - timedelta(days=1)) < months


@given(DAYS, DAYS)
def test_whole_months_are_the_most_that_fit(start, end):
    months = whole_months(start, end)
    assert add_months(start, months) <= end < add_months(start, months + 1)


VALUES = st.decimals(min_value=Decimal("0.1"), max_value=1000, places=1)
SIGNS = st.none() | st.sampled_from(list(Comparator))


@given(VALUES, st.sampled_from(["<", "<=", ">", ">=", "=="]), VALUES)
def test_an_exact_value_always_answers(value, comparison, limit):
    assert Measurement(value).compare(comparison, limit) is not Truth.UNKNOWN


@given(VALUES, SIGNS, st.lists(VALUES, max_size=5))
def test_representatives_lie_inside_the_interval(value, sign, edges):
    inside = {
        None: lambda item: item == value,
        Comparator.LESS: lambda item: 0 <= item < value,
        Comparator.LESS_OR_EQUAL: lambda item: 0 <= item <= value,
        Comparator.GREATER: lambda item: item > value,
        Comparator.GREATER_OR_EQUAL: lambda item: item >= value,
    }[sign]
    found = Measurement(value, sign).representatives(edges)
    assert found
    assert list(found) == sorted(set(found))
    assert all(inside(item) for item in found)
    assert {edge for edge in edges if inside(edge) and sign is not None} <= set(found)


@given(VALUES)
@examples(30)
def test_millimetres_and_centimetres_agree(value):
    def read(number, unit):
        return read_quantity({"value": number, "unit": unit}, LENGTH_MM)

    assert read(float(value), "mm") == read(float(value / 10), "cm")
    assert isinstance(read_quantity({"value": float(value), "unit": "mm"}, PERCENT), Unreadable)
