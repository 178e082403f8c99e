"""What would change this? The conclusions drawn again from changed facts; what differs, nearest first.

Deterministic, and bounded in number: some hundred conclusions a case. It says what would be listed; it never advises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from cds_service.oncology.conclude import Conclusions, conclude
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient import Findings
from cds_service.oncology.report.assessment import Result, to_json
from cds_service.oncology.report.compare import OPTIONS
from cds_service.oncology.what_if.changes import changes
from cds_service.oncology.what_if.effects import Effect, effects
from cds_service.oncology.what_if.fact import Change
from cds_service.oncology.what_if.outcome import open_questions, outcome
from cds_service.values import ValueObject

_LOCAL = ("surgery", "sbrt", "ablation")
_MOST_HELPFUL = 8
_MOST_CHANGES = 40


class ChangedFact(ValueObject, frozen=True):
    """One changed fact: what it is about, and the words for its new value."""

    subject: str
    text: str


class Counterfactual(ValueObject, frozen=True):
    """Facts that would change a class or an option, and what they would change. ``number``: how many facts change."""

    facts: tuple[ChangedFact, ...]
    number: int
    effects: tuple[Effect, ...]


class Answer(ValueObject, frozen=True):
    """Values of a missing fact that lead to the same: their words, and what they would change."""

    values: tuple[str, ...]
    effects: tuple[Effect, ...]


class MissingFact(ValueObject, frozen=True):
    """A fact that is not on record.

    ``settles``: the options whose only open question it closes, whatever it turns out to be. ``closes``: the options in
    which it closes one of several. ``makes_known``: the classes that it makes known. ``decides``: the options and
    classes that depend on which value it has.
    """

    subject: str
    text: str
    settles: tuple[str, ...]
    closes: tuple[str, ...]
    makes_known: tuple[str, ...]
    decides: tuple[str, ...]
    answers: tuple[Answer, ...]


class WhatIf(ValueObject, frozen=True):
    """The answer. ``considered``: how many changed records were decided on."""

    changes: tuple[Counterfactual, ...]
    missing: tuple[MissingFact, ...]
    considered: int


class _Tried(ValueObject, frozen=True):
    """A change, or several together, and what was concluded with it."""

    parts: tuple[Change, ...]
    outcome: Mapping[str, str]
    open: Mapping[str, frozenset[str]]
    reasons: Mapping[str, frozenset[tuple[str, str]]]


def explained(answer: WhatIf) -> dict[str, Any]:
    """The answer as JSON, in the manner of the assessment."""
    written = to_json(answer)
    if not isinstance(written, dict):  # pragma: no cover - a dataclass is always written as an object
        raise TypeError("an answer is written as a JSON object")
    return written


def of_case(case: Case, *, mdt_drafted: bool = False) -> WhatIf:
    """What would change the conclusions of a case. Nothing to change where a gate stops or the disease is another."""
    now = _try(case, (), mdt_drafted)
    single = [_try(case, (change,), mdt_drafted) for change in changes(case)] if _in_scope(case) else []
    together = list(_together(case, now, single, mdt_drafted))
    return WhatIf(
        changes=tuple(_nearest(case, now, [item for item in single if not item.parts[0].missing] + together)),
        missing=tuple(_missing(case, now, single)),
        considered=len(single) + len(together),
    )


def _in_scope(case: Case) -> bool:
    who = conclude(case).who
    return who.value != "out" and not who.stopped


def _try(case: Case, parts: tuple[Change, ...], mdt_drafted: bool) -> _Tried:
    findings: Findings = case.findings
    for part in parts:
        findings = part.apply(findings)
    changed = Case(findings, case.knowledge) if parts else case
    concluded = conclude(changed, mdt_drafted=mdt_drafted)
    return _Tried(parts, outcome(changed, concluded), open_questions(concluded), _reasons(concluded))


def _reasons(concluded: Conclusions) -> dict[str, frozenset[tuple[str, str]]]:
    """What speaks against each local modality, or cautions."""
    return {
        name: frozenset(
            (reason.rule, reason.text) for reason in therapy.reasons if reason.result is not Result.ELIGIBLE
        )
        for name, therapy in concluded.therapies.items()
        if name in _LOCAL
    }


def _together(case: Case, now: _Tried, single: Sequence[_Tried], mdt_drafted: bool) -> Iterator[_Tried]:
    """Where no single fact makes a modality a plain option: the fewest facts that do so together.

    Only facts that take a reason away and add none are put together, the most useful value of each; pairs first, then
    all of them.
    """
    seen: set[tuple[str, ...]] = set()
    for modality in _LOCAL:
        if now.outcome[modality] in (Result.ELIGIBLE, "NOT_ASSESSED"):
            continue
        if any(item.outcome[modality] == Result.ELIGIBLE for item in single):
            continue
        helpful = _helpful(modality, now, single)
        pairs = [_try(case, pair, mdt_drafted) for pair in combinations(helpful, 2)]
        found = [item for item in pairs if item.outcome[modality] == Result.ELIGIBLE]
        if not found and len(helpful) > 2:
            whole = _try(case, tuple(helpful), mdt_drafted)
            found = [whole] if whole.outcome[modality] == Result.ELIGIBLE else []
        for item in found:
            texts = tuple(part.text for part in item.parts)
            if texts not in seen:
                seen.add(texts)
                yield item


def _helpful(modality: str, now: _Tried, single: Sequence[_Tried]) -> list[Change]:
    """For each fact the first value that takes most reasons away from a modality, and adds none to any."""
    best: dict[str, tuple[int, Change]] = {}
    for item in single:
        gone = len(now.reasons.get(modality, frozenset()) - item.reasons.get(modality, frozenset()))
        added = any(item.reasons.get(name, frozenset()) - now.reasons[name] for name in now.reasons)
        subject = item.parts[0].subject
        if modality in item.reasons and gone and not added and gone > best.get(subject, (0, item.parts[0]))[0]:
            best[subject] = (gone, item.parts[0])
    return [change for _, change in best.values()][:_MOST_HELPFUL]


def _nearest(case: Case, now: _Tried, tried: Iterable[_Tried]) -> Iterator[Counterfactual]:
    """What differs from now, fewest facts first, then the nearest measurements, then what changes more options.

    Of several values of one fact with the same effects only the nearest stands.
    """

    def options(item: _Tried) -> int:
        return sum(item.outcome[name] != now.outcome[name] for name in OPTIONS)

    def order(item: _Tried) -> tuple[object, ...]:
        return _number(item), sum(part.distance for part in item.parts), -options(item)

    seen: set[tuple[object, ...]] = set()
    for item in sorted(tried, key=order):  # stable: the order of the table settles the rest
        changed = tuple((name, value) for name, value in item.outcome.items() if value != now.outcome[name])
        key = (tuple(part.subject for part in item.parts), changed)
        if not changed or key in seen or len(seen) == _MOST_CHANGES:
            continue
        seen.add(key)
        facts = tuple(ChangedFact(part.subject, part.text) for part in item.parts)
        yield Counterfactual(facts, _number(item), effects(now.outcome, item.outcome, case.knowledge))


def _number(item: _Tried) -> int:
    return sum(part.facts for part in item.parts)


def _missing(case: Case, now: _Tried, single: Sequence[_Tried]) -> list[MissingFact]:
    """The missing facts that matter: those that settle or close questions of most options first, then the classes."""
    by_subject: dict[str, list[_Tried]] = {}
    for item in single:
        if item.parts[0].missing:
            by_subject.setdefault(item.parts[0].subject, []).append(item)
    found = []
    for subject, values in by_subject.items():
        closes = _closes(now, values)
        settles = tuple(name for name in closes if all(not item.open.get(name) for item in values))
        fact = MissingFact(
            subject=subject,
            text=case.knowledge.text(f"what_if_about.{values[0].parts[0].kind}", **_lesion(values[0])),
            settles=settles,
            closes=tuple(name for name in closes if name not in settles),
            makes_known=_makes_known(now, values),
            decides=_decides(now, values),
            answers=tuple(_answers(case, now, values)),
        )
        if closes or fact.makes_known or fact.decides:
            found.append(fact)

    def order(item: MissingFact) -> tuple[int, int, int, int]:
        return -len(item.settles), -len(item.closes), -len(item.makes_known), -len(item.decides)

    return sorted(found, key=order)


def _lesion(item: _Tried) -> dict[str, str]:
    return {"lesion": item.parts[0].lesion} if item.parts[0].lesion else {}


def _closes(now: _Tried, values: Sequence[_Tried]) -> tuple[str, ...]:
    """Options in which a question closes under every value and none opens."""
    return tuple(
        name for name in now.open if all(item.open.get(name, now.open[name]) < now.open[name] for item in values)
    )


def _makes_known(now: _Tried, values: Sequence[_Tried]) -> tuple[str, ...]:
    """Classes that are not known now, and known under every value."""
    return tuple(
        name
        for name, value in now.outcome.items()
        if value == "unknown" and all(item.outcome[name] != "unknown" for item in values)
    )


def _decides(now: _Tried, values: Sequence[_Tried]) -> tuple[str, ...]:
    """What turns out differently for different values."""
    return tuple(name for name in now.outcome if len({item.outcome[name] for item in values}) > 1)


def _answers(case: Case, now: _Tried, values: Sequence[_Tried]) -> Iterator[Answer]:
    """Values of one fact, those with the same consequences together."""
    same: dict[tuple[tuple[str, str], ...], list[_Tried]] = {}
    for item in values:
        same.setdefault(tuple(item.outcome.items()), []).append(item)
    for items in same.values():
        texts = tuple(item.parts[0].text for item in items)
        yield Answer(texts, effects(now.outcome, items[0].outcome, case.knowledge))
