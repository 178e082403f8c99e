"""CDS Hooks: Feedback, Suggestion Accepted, Overridden Guidance. Written from the standard's own words and examples."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, app, client, code, issue, request

FEEDBACK = f"{PATIENT_VIEW}/feedback"
CARD = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
SUGGESTION = "e56e1945-20b3-4393-8503-a1a20fd73152"
REASON = {
    "code": "contraindicated",
    "system": "http://example.org/cds-services/fhir/CodeSystem/override-reasons",
    "display": "Contraindicated",
}
OVERRIDDEN: dict[str, Any] = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": "2020-12-11T00:00:00Z"}
ACCEPTED = OVERRIDDEN | {"outcome": "accepted", "acceptedSuggestions": [{"id": SUGGESTION}]}


def status(*entries: Any) -> int:
    return client().post(FEEDBACK, json={"feedback": list(entries)}).status_code


@proves("FEED-01")
@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign", "order-dispatch"])
def test_feedback_every_service_takes_it(hook: str) -> None:
    answer = client().post(f"/cds-services/{BASE}-{hook}/feedback", json={"feedback": [OVERRIDDEN]})
    assert answer.status_code == 200
    assert isinstance(answer.get_json(), dict)


@proves("FEED-01")
def test_feedback_about_a_card_of_ours_is_taken() -> None:
    (card,) = client().post(PATIENT_VIEW, json=request()).get_json()["cards"]
    accepted = [{"id": suggestion["uuid"]} for suggestion in card["suggestions"]]
    assert status(ACCEPTED | {"card": card["uuid"], "acceptedSuggestions": accepted}) == 200


@proves("FEED-02", "USER-16")
@pytest.mark.parametrize("name", ["card", "outcome", "outcomeTimestamp"])
def test_feedback_an_entry_without_a_required_field_is_400_with_its_path(name: str) -> None:
    entry = {key: value for key, value in OVERRIDDEN.items() if key != name}
    answer = client().post(FEEDBACK, json={"feedback": [OVERRIDDEN, entry]})
    assert answer.status_code == 400
    assert issue(answer)["expression"] == [f"feedback[1].{name}"]


@proves("FEED-02", "USER-16")
@pytest.mark.parametrize(
    "body",
    [OVERRIDDEN, [OVERRIDDEN], {"feedback": OVERRIDDEN}, {"feedback": [[]]}, {"feedbacks": [OVERRIDDEN]}, {}],
    ids=["no envelope", "an array", "one entry", "an array inside", "another name", "nothing"],
)
def test_feedback_another_shape_than_the_standards_is_400(body: Any) -> None:
    assert client().post(FEEDBACK, json=body).status_code == 400


@proves("FEED-02")
@pytest.mark.parametrize("moment", ["yesterday", "2020-12-11", 1607644800, "2020-13-11T00:00:00Z"])
def test_feedback_a_moment_is_a_timestamp_with_its_zone(moment: Any) -> None:
    assert status(OVERRIDDEN | {"outcomeTimestamp": moment}) == 400


@proves("FEED-02")
@pytest.mark.parametrize("moment", ["2020-12-11T00:00:00Z", "2020-12-11T01:00:00.5+01:00"])
def test_feedback_a_moment_may_have_any_zone(moment: str) -> None:
    assert status(OVERRIDDEN | {"outcomeTimestamp": moment}) == 200


@proves("FEED-03")
@pytest.mark.parametrize("suggestions", [None, [], [{}], "x"])
def test_suggestion_accepted_which_one_is_required(suggestions: Any) -> None:
    assert status(ACCEPTED | {"acceptedSuggestions": suggestions}) == 400
    assert status(ACCEPTED) == 200


@proves("FEED-04")
@pytest.mark.parametrize(
    "reason",
    [{"reason": REASON}, {"userComment": "clinician entered comment"}, {"reason": REASON, "userComment": "text"}],
    ids=["code", "comment", "both"],
)
def test_overridden_guidance_reason_and_comment_are_optional(reason: dict[str, Any]) -> None:
    assert status(OVERRIDDEN | {"overrideReason": reason}) == 200
    assert status(OVERRIDDEN) == 200


@proves("FEED-05")
def test_feedback_batches_repeats_and_both_outcomes_over_time_are_taken() -> None:
    later = ACCEPTED | {"outcomeTimestamp": "2020-12-12T00:00:00Z"}
    other = OVERRIDDEN | {"card": "9368d37b-283f-44a0-93ea-547cebab93ed"}
    for _ in range(2):
        assert status(OVERRIDDEN, later, other, OVERRIDDEN) == 200


@proves("FEED-06")
@pytest.mark.parametrize("reason", [{"code": "d7ecf885"}, {"code": "17", "system": "https://ehr.example.org/reasons"}])
def test_overridden_guidance_reasons_of_the_client_are_taken(reason: dict[str, str]) -> None:
    assert status(OVERRIDDEN | {"overrideReason": {"reason": reason}}) == 200


@proves("FEED-07")
def test_feedback_without_a_card_is_refused_and_what_comes_next_is_taken() -> None:
    without = {name: value for name, value in OVERRIDDEN.items() if name != "card"}
    answer = client().post(FEEDBACK, json={"feedback": [without]})
    assert answer.status_code == 400
    assert "feedback[0].card" in issue(answer)["details"]["text"]
    assert status(OVERRIDDEN) == 200


def test_feedback_for_an_unknown_service_is_404() -> None:
    answer = client().post("/cds-services/unknown/feedback", json={"feedback": [OVERRIDDEN]})
    assert (answer.status_code, code(answer)) == (404, "CLM-1004")


@proves("OWN-06")
def test_status_codes_a_call_over_the_rate_limit_is_429_and_says_when_to_come_again() -> None:
    busy = app(rate_limit_per_minute=2).test_client()
    assert [busy.post(PATIENT_VIEW, json=request()).status_code for _ in range(2)] == [200, 200]
    for answer in (busy.post(PATIENT_VIEW, json=request()), busy.post(FEEDBACK, json={"feedback": [OVERRIDDEN]})):
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 120
        assert issue(answer)["code"] == "throttled"
