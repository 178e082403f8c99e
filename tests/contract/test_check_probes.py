"""``cds-service check``: no fault in a service that has none, and every probe finds what it is for."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from cds_service.protocol.card_rules import HOUSE_RULES
from cds_tools.caller import Caller, Times
from cds_tools.check.cards import JUDGED, NOT_JUDGED
from cds_tools.check.catalogue import Strength, requirements
from cds_tools.check.probe import of_address
from cds_tools.check.results import Omit, Report, Result, Skip
from cds_tools.check.run import PROBES, CouldNotRun, run
from cds_tools.check.subject import Subject
from cds_tools.signing import Signer
from tests.contract.broken_services import BROKEN, UNTRUSTING, Break
from tests.contract.in_process import BASE, session
from tests.contract.model_service import ISSUER, TEMPLATES, Model
from tests.contract.requirements import proves

SIGNER = Signer(ec.generate_private_key(ec.SECP384R1()), "ES384", ISSUER, "key-1")
BY_ID = {probe.id: probe for probe in PROBES}
NEVER_HERE = {"production-is-https"}  # the model is on this machine; it has a test of its own


def report(model: Model, *probes: Any, signer: Signer | None = None, base: str = BASE, **options: Any) -> Report:
    ticks = count()
    caller = Caller(Times.of(5), signer=signer, session=session(model), clock=lambda: next(ticks) * model.seconds / 2)
    return run(Subject(caller, base, **options), probes or PROBES)


def results(found: Report) -> dict[str, set[Result]]:
    by_probe: dict[str, set[Result]] = {}
    for outcome in found.outcomes:
        by_probe.setdefault(outcome.probe, set()).add(outcome.result)
    return by_probe


def notes(found: Report, result: Result) -> list[str]:
    return [f"{one.probe}: {note}" for one in found.outcomes if one.result is result for note in one.notes]


@pytest.mark.parametrize("signer", [None, SIGNER], ids=["open", "signed"])
def test_a_service_that_keeps_every_rule_has_no_fault(signer: Signer | None) -> None:
    found = report(Model(signer), signer=signer)
    assert notes(found, Result.FAIL) + notes(found, Result.ERROR) == []
    assert found.exit_code == 0


def test_every_probe_judges_the_service_that_keeps_every_rule() -> None:
    model = Model(SIGNER)
    model.more = {"systemActions": [{"type": "create", "resource": {"resourceType": "Task"}}]}
    passed = {probe for probe, found in results(report(model, signer=SIGNER)).items() if Result.PASS in found}
    assert set(BY_ID) - passed == NEVER_HERE


@pytest.mark.parametrize(("probe", "what", "breaks"), BROKEN, ids=[f"{row[0]}: {row[1]}" for row in BROKEN])
def test_a_broken_service_is_found_out(probe: str, what: str, breaks: Break) -> None:
    signer = SIGNER if "token" in what else None
    model = Model()
    breaks(model)
    found = report(model, BY_ID[probe], signer=signer)
    assert Result.FAIL in results(found)[probe]
    assert Result.ERROR not in results(found)[probe]


@pytest.mark.parametrize(("probe", "what", "breaks"), UNTRUSTING, ids=[f"{row[0]}: {row[1]}" for row in UNTRUSTING])
def test_a_service_that_trusts_too_much_is_found_out(probe: str, what: str, breaks: Break) -> None:
    model = Model(SIGNER)
    breaks(model)
    found = report(model, BY_ID[probe], signer=SIGNER)
    assert results(found)[probe] == {Result.FAIL}


@proves("USER-21")
def test_every_probe_has_a_service_that_it_fails() -> None:
    assert {row[0] for row in BROKEN + UNTRUSTING} | NEVER_HERE == set(BY_ID)


@pytest.mark.parametrize(("base", "result"), [("http://cds.example.org", "fail"), ("https://cds.example.org", "pass")])
def test_beyond_this_machine_https_is_asked_for(base: str, result: str) -> None:
    subject = Subject(Caller(Times.of(5)), base)
    faults = list(BY_ID["production-is-https"].of_address(subject))  # type: ignore[misc]
    assert bool(faults) == (result == "fail")


def test_probes_name_requirements_of_one_strength() -> None:
    for probe in PROBES:
        assert {requirements()[id_].strength for id_ in probe.requirements} == {probe.strength}, probe.id


def test_every_probe_has_a_name_of_its_own_and_says_what_must_hold() -> None:
    assert len(BY_ID) == len(PROBES)
    assert all(probe.title and not probe.title.endswith(".") for probe in PROBES)


def test_every_card_rule_is_judged_or_is_of_this_project_alone() -> None:
    assert JUDGED.isdisjoint(NOT_JUDGED)
    assert NOT_JUDGED < HOUSE_RULES


@pytest.mark.parametrize("rule", sorted(HOUSE_RULES - NOT_JUDGED))
def test_what_only_this_project_asks_for_is_practice(rule: str) -> None:
    """The rule has a probe of its own, which fails nobody."""
    from cds_tools.check.cards import _RULES

    (row,) = [row for row in _RULES if rule in row[2]]
    assert {requirements()[id_].strength for id_ in row[1]} == {Strength.PRACTICE}


def test_a_critical_card_and_system_actions_are_no_fault_of_another_service() -> None:
    model = Model()
    model.card["indicator"] = "critical"
    model.more = {"systemActions": [{"type": "create", "resource": {"resourceType": "Task"}}]}
    assert notes(report(model), Result.FAIL) == []


@of_address("DISC-01")
def breaks_itself(_: Subject) -> list[str]:
    """A probe with a defect"""
    raise ZeroDivisionError("defect")


@of_address("DISC-01")
def cannot_judge(_: Subject) -> list[str]:
    """A probe that cannot judge"""
    raise Skip("no data")


@of_address("DISC-01")
def does_not_apply(_: Subject) -> list[str]:
    """A probe that does not apply"""
    raise Omit("not offered")


@pytest.mark.parametrize(
    ("probe", "result", "exit_code"),
    [(breaks_itself, "error", 2), (cannot_judge, "skip", 2), (does_not_apply, "omit", 2)],
)
def test_error_skip_and_omit_are_no_failures_and_no_passes(probe: Any, result: str, exit_code: int) -> None:
    found = report(Model(), probe)
    assert [outcome.result.value for outcome in found.outcomes] == [result]
    assert found.exit_code == exit_code  # nothing was judged


@pytest.mark.parametrize(("situation", "exit_code"), [("not-asked", 0), ("extension", 1)])
def test_only_a_failure_of_what_shall_be_counts_for_the_exit_code(situation: str, exit_code: int) -> None:
    model = Model()
    model.refuses[situation] = 400
    found = report(model)
    assert found.count(Result.FAIL) > 0
    assert found.exit_code == exit_code


def test_a_service_that_does_not_answer_at_all_is_no_result() -> None:
    with pytest.raises(CouldNotRun, match="no answer to GET"):
        run(Subject(Caller(Times.of(1)), "http://127.0.0.1:1"))


def test_a_service_that_wants_signed_calls_is_no_result_without_a_key() -> None:
    with pytest.raises(CouldNotRun, match="--jwt-key"):
        report(Model(SIGNER))


def test_a_public_discovery_before_signed_services_skips_what_cannot_be_judged() -> None:
    model = Model(SIGNER)
    model.trusts_discovery = False
    found = report(model)
    assert results(found)["a-complete-call-is-answered"] == {Result.SKIP}
    assert found.failures == ()


def test_one_service_alone_can_be_checked() -> None:
    assert report(Model(), only="model-order-sign").services == ("model-order-sign",)
    with pytest.raises(CouldNotRun, match="no service with the id 'other'"):
        report(Model(), only="other")


def test_prefetch_only_offers_no_fhir_server() -> None:
    found = report(Model(), BY_ID["the-token-is-sent"], prefetch_only=True)
    assert results(found)["the-token-is-sent"] == {Result.OMIT}


def test_a_hook_that_is_not_known_is_skipped() -> None:
    model = Model()
    model.entries = [model.entries[0] | {"hook": "org.example.tumor-board"}]
    assert results(report(model, BY_ID["a-complete-call-is-answered"])) == {
        "a-complete-call-is-answered": {Result.SKIP}
    }


def test_a_busy_service_is_asked_again_when_it_says_so() -> None:
    waits: list[float] = []
    busy = [429, 200]

    def application(environ: Any, start: Any) -> Any:
        start(f"{busy.pop(0)} x", [("Retry-After", "3")])
        return [b"{}"]

    caller = Caller(Times.of(5), session=session(application), pause=waits.append)
    assert caller.get(f"{BASE}/cds-services").status == 200
    assert waits == [3]


@proves("USER-18")
def test_a_client_for_tests_leaves_each_prefetch_key_out() -> None:
    sent: list[dict[str, Any]] = []

    class Noting(Model):
        def _decide(self, document: dict[str, Any], listed: dict[str, Any]) -> tuple[int, Any]:
            sent.append(document)
            return super()._decide(document, listed)

    report(Noting(), BY_ID["a-key-that-is-missing-is-noticed"])
    whole = set(TEMPLATES)
    assert {frozenset(whole - set(document["prefetch"])) for document in sent} >= {frozenset([key]) for key in whole}
