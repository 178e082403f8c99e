"""Content and code that do not fit are refused at start, never met by the first patient whom they concern."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cds_service.errors import KnowledgeInvalid
from cds_service.knowledge import Knowledge, ReasonText, Rule
from cds_service.knowledge.template import template
from cds_service.oncology import rulebook
from cds_service.oncology.fit import refuse_unfit
from cds_service.site import load_content
from cds_service.terminology import value_set_names
from cds_service.values import replace

PACKAGED = load_content()
VALUE_SETS = value_set_names()
TEXT = template("reason.A-99.NEW", "New.", {})


def with_rule(id_: str, **fields: object) -> Knowledge:
    """The packaged content with one rule changed, or made after A-04 under another id."""
    rule: Rule = replace(PACKAGED.rules.get(id_, PACKAGED.rule("A-04")), id=id_, **fields)  # type: ignore[arg-type]
    return replace(PACKAGED, rules={**PACKAGED.rules, id_: rule})


def with_reason(**fields: object) -> Knowledge:
    told = ReasonText("NEW", TEXT, **fields)  # type: ignore[arg-type]
    return with_rule("A-04", reasons={**PACKAGED.rule("A-04").reasons, "NEW": told})


def without(kind: str, name: str) -> Knowledge:
    return replace(PACKAGED, **{kind: {key: value for key, value in getattr(PACKAGED, kind).items() if key != name}})


def test_the_packaged_content_fits() -> None:
    refuse_unfit(PACKAGED, VALUE_SETS)


UNFIT: dict[str, tuple[Callable[[], Knowledge], str]] = {
    "a rule without function": (lambda: with_rule("A-99"), "rule A-99: either it is carried out"),
    "a rule that says why it is not carried out, and is": (
        lambda: with_rule("A-04", text_only="Not tested."),
        "rule A-04: either it is carried out",
    ),
    "a function without rule": (lambda: without("rules", "A-04"), "rule A-04: a function carries it out"),
    "a code without sentence": (lambda: with_rule("A-04", reasons={}), "reason PLATELETS: a function gives it"),
    "a sentence that no function gives": (with_reason, "reason NEW: declared without 'when'"),
    "a comorbidity without value set": (
        lambda: with_reason(when="hiccups", result="CONDITIONAL"),
        "rule A-04: reason NEW: there is no value set 'hiccups'",
    ),
    "a need without words": (lambda: without("texts", "need.CT_CHEST"), "need CT_CHEST: the code says it"),
    "a flag without words": (lambda: without("texts", "flag.SIDE_CONFLICT"), "flag SIDE_CONFLICT: the code says it"),
    "a gate without words": (lambda: without("texts", "gate.G-09"), "gate G-09: the code says it"),
    "a change without words": (lambda: without("texts", "trigger.recurrence"), "trigger recurrence: the code says it"),
    "an invitee without words": (lambda: without("texts", "invitee.pathology"), "invitee pathology: the code says it"),
    "words that nothing says": (
        lambda: replace(PACKAGED, texts={**PACKAGED.texts, "flag.NEW": TEXT}),
        "flag NEW: has a text, but nothing",
    ),
}


@pytest.mark.parametrize(("make", "fault"), UNFIT.values(), ids=UNFIT)
def test_what_does_not_fit_is_refused(make: Callable[[], Knowledge], fault: str) -> None:
    with pytest.raises(KnowledgeInvalid) as refused:
        refuse_unfit(make(), VALUE_SETS)
    assert refused.value.message.count("\n- ") >= 1
    assert f"- {fault}" in refused.value.message


def test_a_code_that_a_module_announces_needs_its_sentence() -> None:
    rulebook.Code("NEVER_DECLARED")
    try:
        with pytest.raises(KnowledgeInvalid, match="reason NEVER_DECLARED: a function gives it"):
            refuse_unfit(PACKAGED, VALUE_SETS)
    finally:
        rulebook.CODES.discard("NEVER_DECLARED")


def test_a_rule_is_carried_out_once() -> None:
    with pytest.raises(ValueError, match="A-04 is carried out twice"):
        rulebook.rule("A-04")(lambda: None)
