"""Bundles: those inside them, histories, and what was deleted."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.bundles import is_partial, unfold
from cds_service.fhir.source import SourceState, read_source

Entry = dict[str, Any]


def put(name: str, **more: Any) -> Entry:
    return {"fullUrl": f"https://e/Condition/{name}", "resource": {"resourceType": "Condition", "id": name}, **more}


def delete(name: str, when: str | None = None, **more: Any) -> Entry:
    response = {"status": "204"} | ({"lastModified": when} if when else {})
    return {"request": {"method": "DELETE", "url": f"Condition/{name}"}, "response": response, **more}


def written(when: str) -> Entry:
    return {"response": {"status": "200", "lastModified": when}}


def bundle(*entries: Any, kind: str = "history", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **more}


def names(value: dict[str, Any]) -> list[str]:
    return [entry["resource"]["id"] for entry in unfold(value).without_deleted()]


DELETED: dict[str, tuple[list[Entry], list[str]]] = {
    "before its older version": ([delete("a"), put("a"), put("b")], ["b"]),
    "after it": ([put("a"), put("b"), delete("a")], ["b"]),
    "by its full address alone": (
        [put("a"), {"fullUrl": "https://e/Condition/a", "request": {"method": "DELETE"}}],
        [],
    ),
    "with a time, the version without": ([put("a"), delete("a", "2025-03-01T00:00:00Z")], []),
    "after the version by time": (
        [put("a", **written("2025-01-01T00:00:00Z")), delete("a", "2025-03-01T00:00:00Z")],
        [],
    ),
    "and made anew afterwards": (
        [put("a", **written("2025-04-01T00:00:00Z")), delete("a", "2025-03-01T00:00:00Z")],
        ["a"],
    ),
    "another one": ([put("a"), delete("b")], ["a"]),
    "in no history": ([put("a"), delete("a")], []),
}


@pytest.mark.parametrize(("entries", "left"), DELETED.values(), ids=list(DELETED))
def test_what_was_deleted_is_not_used(entries: list[Entry], left: list[str]) -> None:
    assert names(bundle(*entries)) == left
    assert names(bundle(*entries, kind="collection")) == left
    source, problems = read_source("conditions", bundle(*entries), expected="Condition")
    assert [entry.resource["id"] for entry in source.entries] == left
    assert (source.state, problems) == (SourceState.FOUND if left else SourceState.EMPTY, ())


def test_of_a_history_the_newest_version_counts() -> None:
    new, old = put("a"), put("a")
    new["resource"]["note"], old["resource"]["note"] = "new", "old"
    for entries in ([new, old], [old | written("2025-01-01T00:00:00Z"), new | written("2025-02-01T00:00:00Z")]):
        assert [entry["resource"]["note"] for entry in unfold(bundle(*entries)).entries] == ["new"]
    assert len(unfold(bundle(new, old, kind="collection")).entries) == 2


def test_bundles_are_unfolded_to_a_depth_and_no_further() -> None:
    deep = bundle(put("a"), kind="searchset")
    for _ in range(4):
        deep = bundle({"resource": deep}, kind="batch-response")
    assert names(deep) == ["a"]
    assert unfold(bundle({"resource": deep})).missing


@pytest.mark.parametrize(
    ("value", "partial"),
    [
        (bundle(put("a")), False),
        (bundle(put("a"), total=1), False),
        (bundle(put("a"), total=2), True),
        (bundle(put("a"), total="1"), True),
        (bundle(put("a"), link=[{"relation": "next", "url": "https://e/2"}]), True),
        (bundle(put("a"), link=[{"relation": "self", "url": "https://e/1"}]), False),
        (bundle(put("a", search={"mode": "include"}), total=1), True),
        ({"resourceType": "Bundle", "total": 0}, False),
        ({"resourceType": "Bundle", "entry": 5}, True),
    ],
)
def test_a_bundle_that_is_not_whole_says_so(value: dict[str, Any], partial: bool) -> None:
    assert is_partial(value) is partial
    assert unfold(bundle({"resource": value})).missing is partial


def test_an_answer_that_failed_leaves_the_source_incomplete() -> None:
    failed = {"response": {"status": "403 Forbidden"}}
    source, _ = read_source("conditions", bundle(put("a"), failed, kind="batch-response"), expected="Condition")
    assert source.state is SourceState.INCOMPLETE


def test_a_resource_made_anew_is_kept_whatever_the_offsets_of_the_times() -> None:
    made = {"resource": {"resourceType": "Condition", "id": "a", "meta": {"lastUpdated": "2025-01-01T09:00:00Z"}}}
    request, response = {"method": "DELETE", "url": "Condition/a"}, {"lastModified": "2025-01-01T10:00:00+02:00"}
    deleted = {"request": request, "response": response}
    history = {"resourceType": "Bundle", "type": "history", "entry": [made, deleted]}
    assert unfold(history).without_deleted() == [made]
