"""What the playground says about an answer: what changed, where a fault is, what a client would do."""

from __future__ import annotations

import json
import shlex
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.errors import PrefetchMissing
from cds_service.protocol.feedback import read_feedback
from cds_service.web.json_html import json_html
from cds_service.web.playground import client
from cds_service.web.playground.changes import apply_changes
from cds_service.web.playground.deciding import Answer
from cds_service.web.playground.difference import Difference, differences
from cds_service.web.playground.faults import excerpt, place_of
from fhir_fixtures import EVALUATED_ON, case
from tests.spec.core import explain, site
from tests.spec.resources import OWN
from tests.spec.tables import rows

ON = date.fromisoformat(EVALUATED_ON)
KNOWLEDGE = site().knowledge


def answer(*changes: str) -> Answer:
    request = apply_changes(case("mcode-rich-solitary").request, changes, on=ON, own=OWN)
    return Answer(request, "service", explanation=explain(request))


def test_the_same_answer_shows_no_difference():
    assert differences(answer(), answer(), KNOWLEDGE) == []


def test_a_difference_names_the_option_before_and_after_with_its_reasons():
    found = differences(answer(), answer("size-without-unit"), KNOWLEDGE)
    (sbrt,) = [one for one in found if one.what == "SBRT"]
    assert (sbrt.group, sbrt.before) == ("Options", "option to discuss")
    assert sbrt.after.startswith("cannot be assessed. ")
    assert "Notes" in {one.group for one in found if one.what == "Could not be used"}


def test_a_new_card_has_nothing_before_it():
    found = differences(answer(), answer("platelets-49"), KNOWLEDGE)
    new = [one for one in found if one.group == "Cards" and not one.before]
    assert [one.after for one in new] == ["Ablation not until corrected: platelets (warning)"]


def test_an_error_is_a_difference_of_the_whole_answer():
    failed = Answer({}, "service", error=PrefetchMissing({"conditions": None}))
    assert differences(answer(), failed, KNOWLEDGE) == [
        Difference("Answer", "The service answers", "one card", "412: No data for prefetch key 'conditions'.")
    ]
    assert differences(failed, failed, KNOWLEDGE) == []


PLACES = rows("""
    text                          | path            | line | column | found
    ------------------------------+-----------------+------+--------+------
    {"hook": 5}                   | hook            | 1    | 10     | True
    {"hook": 5}                   | context         | 1    | 1      | False
    {"a": {"b": [1, {"c": 2}]}}   | a.b[1].c        | 1    | 23     | True
    {"a": {"b": [1]}}             | a.b[3]          | 1    | 13     | False
    {"a": "x"}                    | a.b             | 1    | 7      | False
    {"a\\u0062": 1, "c": {}}      | c.d             | 1    | 21     | False
    {"a": "}{\\"", "b": true}     | b               | 1    | 20     | True
    {}                            | hook            | 1    | 1      | False
""")


@pytest.mark.parametrize("row", PLACES, ids=lambda row: f"{row['path']} in {row['text']}")
def test_the_place_of_a_path_in_a_text(row):
    text = row["text"].replace("\\\\", "\\")
    assert place_of(text, row["path"]) == (int(row["line"]), int(row["column"]), row["found"] == "True")


def test_a_place_counts_lines():
    assert place_of('{\n  "a": 1,\n  "context": {\n  }\n}', "context.patientId") == (3, 14, False)


PATHS = st.lists(st.sampled_from(["a", "b", "0", "1"]), max_size=4)
DOCUMENTS = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=15,
)


@given(DOCUMENTS, PATHS, st.sampled_from([None, 2]))
def test_what_is_placed_is_what_is_there(document: Any, path: list[str], indent: int | None):
    text = json.dumps(document, indent=indent)
    line, column, found = place_of(text, ".".join(path))
    value: Any = document
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            assert not found
            return
    assert found
    offset = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column - 1
    assert json.JSONDecoder().raw_decode(text, offset)[0] == value


def test_an_excerpt_shows_the_lines_around_and_marks_the_place():
    shown = excerpt("one\ntwo\nthree\nfour\nfive\nsix", 3, 2)
    assert [line.number for line in shown] == [1, 2, 3, 4, 5]
    assert shown[2].at == ("t", "h", "ree")


@pytest.mark.parametrize(("line", "column"), [(0, 0), (99, 99), (1, 99)])
def test_an_excerpt_stays_inside_the_text(line: int, column: int):
    assert any(one.at for one in excerpt("a\nb", line, column))


def test_a_long_line_is_shortened_around_the_place():
    (line,) = excerpt("x" * 1000 + "!" + "y" * 1000, 1, 1001)
    assert line.at is not None
    assert line.at[1] == "!"
    assert len("".join(line.at)) < 400


def test_the_command_of_a_case_fetches_the_request_and_sends_it():
    command = client.curl_of_case("http://127.0.0.1:8000", "some-service", "case=x&change=y")
    assert "http://127.0.0.1:8000/playground/request.json?case=x&change=y" in shlex.split(command)
    assert "http://127.0.0.1:8000/cds-services/some-service" in shlex.split(command)


def test_no_request_can_end_its_command_early():
    command = client.curl_of_text("http://h", "s", {"a": "\nREQUEST\nrm -rf ~\n$(id) `id`"})
    assert command.splitlines()[1:] == [r'{"a":"\nREQUEST\nrm -rf ~\n$(id) `id`"}', "REQUEST"]
    assert "<<'REQUEST'" in command


def test_a_host_that_is_no_host_stays_one_word_of_the_command():
    assert "http://x;id/cds-services/s" in shlex.split(client.curl_of_text("http://x;id", "s", {}).splitlines()[0])


def test_feedback_as_a_client_would_send_it_is_what_the_service_reads():
    (card,) = explain(case("mcode-rich-solitary").request)["cards"]
    suggestion, reason = card["suggestions"][0], card["overrideReasons"][0]
    (accepted,) = read_feedback(client.accepted(card, suggestion, ON))
    (overridden,) = read_feedback(client.overridden(card, reason, ON))
    assert (accepted.card, accepted.outcome) == (card["uuid"], "accepted")
    assert (overridden.card, overridden.outcome) == (card["uuid"], "overridden")


def test_json_is_shown_as_its_letters():
    shown = json_html({"<b>": ["</details><script>alert(1)</script>", None, True, 1.5, {}, []]}, open_levels=2)
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown
    assert shown.count("<details") == shown.count("</details>") == 2
