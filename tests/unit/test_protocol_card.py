"""Cards as JSON, and every rule that a response must keep before it leaves."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from cds_service.protocol.card import Action, Card, Coding, Link, Source, Suggestion, check_response, to_json

Change = Callable[[dict[str, Any]], Any]

CARD = Card(
    summary="Two lung metastases.",
    indicator="info",
    source=Source("Guideline", "https://example.org/g", topic=Coding("https://example.org/topics", "mdt")),
    uuid="c-1",
    detail="CEA <5 ng/mL, FEV1 > 60 %, see <https://example.org/rules>.",
    suggestions=(
        Suggestion(
            "Refer",
            "s-1",
            is_recommended=True,
            actions=(
                Action("create", "Draft a referral", {"resourceType": "ServiceRequest", "status": "draft"}),
                Action("delete", "Remove the draft", resource_id="ServiceRequest/o1"),
                Action("update", "Change the draft", {"resourceType": "ServiceRequest", "id": "o2"}),
            ),
        ),
    ),
    selection_behavior="any",
    override_reasons=(Coding("https://example.org/reasons", "x", "Not now"),),
    links=(Link("Rules", "https://example.org/rules"),),
)


def response() -> dict[str, Any]:
    return {"cards": [deepcopy(to_json(CARD))]}


def test_a_card_is_written_in_camel_case() -> None:
    written = to_json(CARD)
    assert list(written) == [
        "uuid",
        "summary",
        "detail",
        "indicator",
        "source",
        "suggestions",
        "selectionBehavior",
        "overrideReasons",
        "links",
    ]
    assert written["suggestions"][0]["isRecommended"] is True
    assert written["suggestions"][0]["actions"][1] == {
        "type": "delete",
        "description": "Remove the draft",
        "resourceId": "ServiceRequest/o1",
    }
    assert written["source"]["topic"] == {"system": "https://example.org/topics", "code": "mdt"}


def test_what_has_no_value_is_left_out() -> None:
    written = to_json(Card("s", "info", Source("l", topic=Coding("s", "c")), "u"))
    assert written == {
        "uuid": "u",
        "summary": "s",
        "indicator": "info",
        "source": {"label": "l", "topic": {"system": "s", "code": "c"}},
    }


def test_a_recommendation_of_false_is_a_value() -> None:
    suggestion = to_json(Card("s", "info", Source("l"), "u", suggestions=(Suggestion("l", "u", False),)))[
        "suggestions"
    ][0]
    assert suggestion["isRecommended"] is False


def test_good_responses_pass() -> None:
    assert check_response(response()) == []
    assert check_response({"cards": []}) == []


def put(path: str, value: Any) -> Change:
    """A change that sets the value at a dotted path of the first card."""

    def change(whole: dict[str, Any]) -> None:
        *steps, last = path.split(".")
        at: Any = whole["cards"][0]
        for step in steps:
            at = at[int(step)] if step.isdigit() else at[step]
        at[int(last) if last.isdigit() else last] = value

    return change


def drop(path: str) -> Change:
    def change(whole: dict[str, Any]) -> None:
        *steps, last = path.split(".")
        at: Any = whole["cards"][0]
        for step in steps:
            at = at[int(step)] if step.isdigit() else at[step]
        del at[last]

    return change


SUGGESTION = "suggestions.0"
CREATE, DELETE, UPDATE = (f"{SUGGESTION}.actions.{index}" for index in range(3))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (put("summary", "x" * 140), "cards[0].summary"),
        (put("summary", "two\nlines"), "cards[0].summary"),
        (drop("summary"), "cards[0].summary"),
        (put("summary", " "), "cards[0].summary"),
        (put("indicator", "critical"), "cards[0].indicator"),
        (put("indicator", "hard-stop"), "cards[0].indicator"),
        (drop("uuid"), "cards[0].uuid"),
        (put("detail", "a <b>bold</b> word"), "cards[0].detail"),
        (put("detail", "line<br/>line"), "cards[0].detail"),
        (put("detail", "<!-- hidden -->"), "cards[0].detail"),
        (put("detail", 5), "cards[0].detail"),
        (drop("source"), "cards[0].source"),
        (drop("source.label"), "cards[0].source.label"),
        (put("source.url", "/rules"), "cards[0].source.url"),
        (drop("source.topic"), "cards[0].source.topic"),
        (drop("source.topic.system"), "cards[0].source.topic.system"),
        (put("source.icon", "icon.png"), "cards[0].source.icon"),
        (drop("selectionBehavior"), "cards[0].selectionBehavior"),
        (put("selectionBehavior", "all"), "cards[0].selectionBehavior"),
        (drop(f"{SUGGESTION}.uuid"), "cards[0].suggestions[0].uuid"),
        (drop(f"{SUGGESTION}.label"), "cards[0].suggestions[0].label"),
        (put(f"{SUGGESTION}.isRecommended", "yes"), "cards[0].suggestions[0].isRecommended"),
        (put(f"{CREATE}.type", "CREATE"), "cards[0].suggestions[0].actions[0].type"),
        (drop(f"{CREATE}.description"), "cards[0].suggestions[0].actions[0].description"),
        (drop(f"{CREATE}.resource"), "cards[0].suggestions[0].actions[0].resource"),
        (put(f"{CREATE}.resource", '{"resourceType": "X"}'), "cards[0].suggestions[0].actions[0].resource"),
        (put(f"{DELETE}.resourceId", "o1"), "cards[0].suggestions[0].actions[1].resourceId"),
        (put(f"{DELETE}.resourceId", ["ServiceRequest/o1"]), "cards[0].suggestions[0].actions[1].resourceId"),
        (put(f"{DELETE}.resource", {"resourceType": "X"}), "cards[0].suggestions[0].actions[1].resource"),
        (drop(f"{UPDATE}.resource.id"), "cards[0].suggestions[0].actions[2].resource.id"),
        (put(f"{CREATE}.resource.note", []), "cards[0].suggestions[0].actions[0].resource.note"),
        (drop("overrideReasons.0.display"), "cards[0].overrideReasons[0].display"),
        (drop("overrideReasons.0.code"), "cards[0].overrideReasons[0].code"),
        (put("overrideReasons", {}), "cards[0].overrideReasons"),
        (drop("links.0.label"), "cards[0].links[0].label"),
        (put("links.0.url", "rules"), "cards[0].links[0].url"),
        (put("links.0.url", 5), "cards[0].links[0].url"),
        (put("links.0.url", "https://[broken"), "cards[0].links[0].url"),
        (put("links.0.type", "web"), "cards[0].links[0].type"),
        (put("links.0.appContext", "x"), "cards[0].links[0].appContext"),
        (put("links.0.autolaunchable", 1), "cards[0].links[0].autolaunchable"),
        (put("links", []), "cards[0].links"),
        (put("links.0", None), "cards[0].links[0]"),
        (put("extension", "x"), "cards[0].extension"),
        (put("severity", "high"), "cards[0]"),
        (put(f"{SUGGESTION}.uuid", "c-1"), "cards[0].suggestions[0].uuid"),
        (lambda whole: whole.update(systemActions=[]), "systemActions"),
        (lambda whole: whole["cards"].append(None), "cards[1]"),
        (lambda whole: whole["cards"].append(deepcopy(whole["cards"][0])), "cards[1].uuid"),
    ],
)
def test_every_breach_is_found_at_its_place(change: Change, path: str) -> None:
    whole = response()
    change(whole)
    assert path in {breach.partition(":")[0] for breach in check_response(whole)}


@pytest.mark.parametrize("whole", [None, [], {}, {"cards": None}, {"cards": {}}])
def test_what_is_no_response_is_said(whole: object) -> None:
    assert len(check_response(whole)) == 1


def test_absolute_and_smart_links_do_not_mix() -> None:
    whole = response()
    whole["cards"][0]["links"].append({"label": "App", "url": "https://example.org/app", "type": "smart"})
    assert check_response(whole) == ["cards[0].links: absolute and smart links must not be mixed on one card"]


def test_a_smart_link_may_carry_a_context() -> None:
    whole = response()
    link = {"label": "App", "url": "https://example.org/app", "type": "smart", "appContext": "x"}
    whole["cards"][0]["links"] = [link]
    assert check_response(whole) == []


def test_two_recommendations_need_the_behaviour_any() -> None:
    whole = response()
    whole["cards"][0]["suggestions"].append({"label": "b", "uuid": "s-2", "isRecommended": True})
    assert check_response(whole) == []
    whole["cards"][0]["selectionBehavior"] = "at-most-one"
    assert len(check_response(whole)) == 1


def test_a_summary_of_139_characters_passes() -> None:
    whole = response()
    whole["cards"][0]["summary"] = "x" * 139
    assert check_response(whole) == []


def test_breaches_never_repeat_a_value() -> None:
    whole = response()
    for path in ("summary", "indicator", "source", "uuid", "detail", "suggestions", "links"):
        whole["cards"][0][path] = {"CANARY": "CANARY"}
    assert "CANARY" not in " ".join(check_response(whole)).replace(".CANARY", "")
