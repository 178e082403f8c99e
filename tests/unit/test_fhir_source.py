"""Sources: five states, and absence is concluded from two of them only."""

from __future__ import annotations

import pytest

from cds_service.fhir.references import local_reference
from cds_service.fhir.source import Entry, Source, SourceState, merge_sources, read_source

EMPTY, FOUND, INCOMPLETE = SourceState.EMPTY, SourceState.FOUND, SourceState.INCOMPLETE
NOT_ALLOWED, NOT_ASKED = SourceState.NOT_ALLOWED, SourceState.NOT_ASKED


def condition(name="c1"):
    return {"resourceType": "Condition", "id": name}


def outcome(severity="error", code="processing"):
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}


def bundle(*resources, **more):
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": item} for item in resources], **more}


def next_page(url="https://ehr.example/?page=2"):
    return [{"relation": "self", "url": "https://ehr.example/"}, {"relation": "next", "url": url}]


def read(value, expected="Condition"):
    return read_source("conditions", value, expected=expected)


@pytest.mark.parametrize(
    ("value", "state", "complete"),
    [
        (None, EMPTY, True),
        ([], EMPTY, True),
        (bundle(), EMPTY, True),
        ({"resourceType": "Bundle"}, EMPTY, True),
        ({"resourceType": "Bundle", "entry": None, "total": 0}, EMPTY, True),
        (bundle(outcome("information")), EMPTY, True),
        (condition(), FOUND, True),
        ([condition()], FOUND, True),
        (bundle(condition()), FOUND, True),
        (bundle(condition(), total=1), FOUND, True),
        (bundle(condition(), total=True), INCOMPLETE, False),
        (bundle(condition(), total="7"), INCOMPLETE, False),
        (bundle(condition(), outcome("information", "informational")), FOUND, True),
        (bundle(condition(), total=2), INCOMPLETE, False),
        (bundle(condition(), link=next_page()), INCOMPLETE, False),
        (bundle(link=next_page()), INCOMPLETE, False),
        (bundle(condition(), link=next_page(None)), INCOMPLETE, False),
        (bundle(condition(), outcome("warning")), INCOMPLETE, False),
        (bundle(condition(), outcome("information", "incomplete")), INCOMPLETE, False),
        (bundle(condition(), {"resourceType": "OperationOutcome"}), INCOMPLETE, False),
        (bundle(condition(), {"resourceType": "OperationOutcome", "issue": [None]}), INCOMPLETE, False),
        (bundle(condition(), {"resourceType": "OperationOutcome", "issue": [{"severity": []}]}), FOUND, True),
        (bundle(None), INCOMPLETE, False),
        (bundle(None, condition()), INCOMPLETE, False),
        (bundle({**condition(), "resourceType": ""}, condition()), INCOMPLETE, False),
        (bundle({**condition(), "resourceType": ""}), INCOMPLETE, False),
        (bundle(None, condition(), total=2), INCOMPLETE, False),
        (outcome(), NOT_ALLOWED, False),
        ({"resourceType": "Observation"}, NOT_ALLOWED, False),
        ({"resourceType": 5}, NOT_ALLOWED, False),
        ({}, NOT_ALLOWED, False),
        ("", NOT_ALLOWED, False),
        (False, NOT_ALLOWED, False),
        (0, NOT_ALLOWED, False),
        ({"resourceType": "Bundle", "entry": {"resource": condition()}}, NOT_ALLOWED, False),
    ],
)
def test_the_state_of_a_source(value, state, complete):
    source, _ = read(value)
    assert (source.state, source.complete) == (state, complete)
    assert (source.note is None) == complete


def test_a_source_that_was_not_asked_concludes_nothing():
    assert not Source("conditions", NOT_ASKED).complete


def test_what_is_refused_is_reported_under_its_key():
    for value, problem in (
        ("x", "ENTRY_UNREADABLE"),
        ({"resourceType": "Observation"}, "TYPE_UNEXPECTED"),
        ({"resourceType": "Bundle", "entry": "x"}, "ENTRY_UNREADABLE"),
    ):
        _, problems = read(value)
        assert [(item.resource, item.problem) for item in problems] == [("prefetch.conditions", problem)]


def test_an_operation_outcome_is_an_answer_and_no_problem():
    assert read(outcome())[1] == ()


def test_entries_that_cannot_be_used_are_set_aside_and_reported():
    value = bundle(condition())
    value["entry"] += [
        None,
        "x",
        {},
        {"resource": 5},
        {"resource": {"id": "x"}},
        {"resource": {"resourceType": "Observation", "id": "o"}},
        {"resource": {"resourceType": "Practitioner"}, "search": {"mode": "include"}},
    ]
    source, problems = read(value)
    assert [entry.resource for entry in source.entries] == [condition()]
    assert [(item.resource, item.problem) for item in problems] == [
        ("Observation/o", "TYPE_UNEXPECTED"),
        (local_reference({"resourceType": "Practitioner"}), "TYPE_UNEXPECTED"),
        ("prefetch.conditions", "ENTRY_UNREADABLE"),
    ]
    assert problems[-1].text.startswith("5 of 8 entries")


def test_what_is_reported_does_not_depend_on_the_order_of_entries():
    entries = [None, {"resource": {"resourceType": "Observation", "id": "o"}}, {"resource": condition()}]
    one, other = (read({"resourceType": "Bundle", "entry": listed}) for listed in (entries, entries[::-1]))
    assert sorted(one[1]) == sorted(other[1])


def test_where_every_match_is_of_another_type_nothing_can_be_concluded():
    for wrong in ({"resourceType": "Observation", "id": "o"}, bundle(condition())):
        source, problems = read(bundle(wrong))
        assert (source.state, source.entries) == (INCOMPLETE, ())
        assert [item.problem for item in problems] == ["TYPE_UNEXPECTED"]


def test_an_included_resource_of_a_type_that_is_read_is_used_but_is_no_match():
    value = bundle(condition(), total=1)
    value["entry"].append({"resource": {"resourceType": "Observation", "id": "o"}, "search": {"mode": "include"}})
    source, problems = read(value)
    assert [entry.resource["resourceType"] for entry in source.entries] == ["Condition", "Observation"]
    assert (source.state, source.matched, problems) == (FOUND, 1, ())


def test_an_entry_marked_as_outcome_is_no_match_whatever_it_holds():
    value = bundle()
    value["entry"].append({"resource": condition(), "search": {"mode": "outcome"}})
    assert read(value)[0].entries == ()


def test_the_address_of_an_entry_is_kept_if_it_is_a_text():
    value = bundle(condition("a"), condition("b"))
    value["entry"][0]["fullUrl"] = "urn:uuid:1"
    value["entry"][1]["fullUrl"] = 5
    value["entry"][1]["search"] = "match"
    assert read(value)[0].entries == (
        Entry(condition("a"), "urn:uuid:1", "Condition/a"),
        Entry(condition("b"), None, "Condition/b"),
    )


def test_links_that_are_no_links_are_passed_over():
    for links in (None, {}, "next", [None, "next", {"relation": "self"}]):
        assert read(bundle(condition(), link=links))[0].next_url is None


def page(number, *, total=None, more=False):
    return read(bundle(condition(f"c{number}"), total=total, link=next_page() if more else []))[0]


def test_the_pages_of_a_search_make_one_complete_source():
    merged = merge_sources(page(1, total=3, more=True), page(2, total=3, more=True), page(3, total=3))
    assert (merged.state, merged.matched, merged.total, merged.next_url) == (FOUND, 3, 3, None)
    assert [entry.resource["id"] for entry in merged.entries] == ["c1", "c2", "c3"]


def test_pages_left_unread_leave_the_source_incomplete():
    merged = merge_sources(page(1, total=3, more=True), page(2, total=3, more=True))
    assert merged.state is INCOMPLETE
    assert merged.next_url == "https://ehr.example/?page=2"


def test_a_page_that_could_not_be_read_leaves_the_source_incomplete_for_good():
    refused, _ = read(outcome())
    merged = merge_sources(page(1, more=True), refused, page(2))
    assert merged.state is INCOMPLETE
    assert merged.note == refused.note


def test_a_warning_on_one_page_cannot_be_made_good_by_the_next():
    first, _ = read(bundle(condition("c1"), outcome("warning"), link=next_page()))
    assert merge_sources(first, page(2)).state is INCOMPLETE


def test_a_source_cut_short_by_the_reader_stays_incomplete():
    cut = Source("conditions", INCOMPLETE, note="the time budget was spent")
    merged = merge_sources(cut, page(1))
    assert (merged.state, merged.note) == (INCOMPLETE, "the time budget was spent")


def test_searches_that_complete_each_other_add_their_totals():
    one, two, three = page(1, total=1), page(2, total=2), page(3)
    assert merge_sources(one, three).state is FOUND
    assert merge_sources(one, three).total == 2
    assert merge_sources(three, three).total is None
    assert merge_sources(one, two).state is INCOMPLETE


def test_a_source_not_asked_adds_nothing():
    asked, silent = page(1), Source("other", NOT_ASKED)
    assert merge_sources(asked, silent) is asked
    assert merge_sources(silent, asked).key == "other"
    assert merge_sources(silent, asked).entries == asked.entries


def test_refused_twice_is_refused():
    refused, _ = read(outcome())
    assert merge_sources(refused, refused).state is NOT_ALLOWED
    assert merge_sources(refused, page(1)).state is INCOMPLETE


EPIC = "urn:oid:1.2.840.114350.1.13.861.1.7.2.657369"


@pytest.mark.parametrize(
    ("system", "code", "severity", "complete"),
    [
        (EPIC, "4101", "warning", True),
        (EPIC, "4119", "warning", False),
        (EPIC, "4101", "error", False),
        ("urn:oid:1.2.840.114350.1.13.861.1.7.2.999", "4101", "warning", False),
        ("https://elsewhere.example.org", "4101", "warning", False),
        (None, "4101", "warning", False),
    ],
)
def test_epics_word_for_none_is_no_reason_to_doubt(system, code, severity, complete):
    details = {"coding": [{"code": code} | ({"system": system} if system else {})]}
    said = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": "processing", "details": details}],
    }
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": [{"resource": said}]}
    source, _ = read_source("conditions", empty, expected="Condition")
    assert source.complete is complete
