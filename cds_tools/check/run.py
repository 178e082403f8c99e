"""Running the probes, one after the other, and what comes out of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from cds_tools.caller import NoAnswer
from cds_tools.check import (
    authentication,
    browsers,
    cards,
    discovery,
    feedback_probes,
    fhir_access,
    prefetch,
    refusals,
    requests_made,
    templates,
)
from cds_tools.check.probe import Probe
from cds_tools.check.results import Omit, Outcome, Report, Result, Skip, Timing
from cds_tools.check.subject import ListedService, Subject

PROBES: tuple[Probe, ...] = (
    *discovery.PROBES,
    *templates.PROBES,
    *requests_made.PROBES,
    *cards.PROBES,
    *prefetch.PROBES,
    *fhir_access.PROBES,
    *refusals.PROBES,
    *feedback_probes.PROBES,
    *browsers.PROBES,
    *authentication.PROBES,
)
_MOST_NOTES = 12
_NOT_TRUSTED = 401


class CouldNotRun(Exception):
    """There is nothing to check; the message says why."""


def run(
    subject: Subject,
    probes: Iterable[Probe] = PROBES,
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> Report:
    """Everything that the probes find. ``progress`` is told how far it is, before each probe.

    Raises: CouldNotRun when discovery does not answer, or wants signed calls and there is no key, or does not list the
    service that was asked for.
    """
    try:
        listed = subject.listed
    except NoAnswer as silent:
        raise CouldNotRun(f"{subject.discovery_url}: {silent}") from None
    if subject.discovery.status == _NOT_TRUSTED and subject.caller.signer is None:
        raise CouldNotRun(f"{subject.discovery_url} wants signed calls: give a key that it trusts (--jwt-key)")
    if subject.only is not None and not listed:
        raise CouldNotRun(f"{subject.discovery_url} lists no service with the id '{subject.only}'")
    tasks = list(_tasks(probes, listed))
    outcomes = []
    for number, (probe, service) in enumerate(tasks):
        if progress:
            progress(number, len(tasks), probe.title)
        outcomes.append(_outcome(subject, probe, service))
    names = tuple(service.name for service in listed)
    return Report(subject.base, names, tuple(outcomes), _timings(subject, listed), subject.caller.calls)


def _tasks(probes: Iterable[Probe], listed: tuple[ListedService, ...]) -> Iterator[tuple[Probe, ListedService | None]]:
    for probe in probes:
        if probe.of_address is not None:
            yield probe, None
        else:
            yield from ((probe, service) for service in listed)


def _outcome(subject: Subject, probe: Probe, service: ListedService | None) -> Outcome:
    begun = time.perf_counter()
    result, notes = _judged(subject, probe, service)
    return Outcome(
        probe=probe.id,
        title=probe.title,
        requirements=probe.requirements,
        strength=probe.strength,
        service=service.name if service else None,
        result=result,
        notes=notes,
        milliseconds=(time.perf_counter() - begun) * 1000,
    )


def _judged(subject: Subject, probe: Probe, service: ListedService | None) -> tuple[Result, tuple[str, ...]]:
    """One probe's result. A service that does not answer is at fault; a probe that breaks is ours."""
    faults: list[str] = []
    try:
        for fault in _faults(subject, probe, service):
            faults.append(fault)
    except (Skip, Omit) as reason:
        if not faults:  # what was found before stays found
            return (Result.SKIP if isinstance(reason, Skip) else Result.OMIT), (str(reason),)
    except NoAnswer as silent:
        faults.append(str(silent))
    except Exception as defect:
        return Result.ERROR, (f"the check itself broke: {type(defect).__name__}: {defect}",)
    said = tuple(dict.fromkeys(faults))
    if len(said) > _MOST_NOTES:
        said = (*said[:_MOST_NOTES], f"and {len(said) - _MOST_NOTES} more")
    return (Result.FAIL, said) if said else (Result.PASS, ())


def _faults(subject: Subject, probe: Probe, service: ListedService | None) -> Iterable[str]:
    if probe.of_service is not None and service is not None:
        return probe.of_service(subject, service)
    if probe.of_address is not None:
        return probe.of_address(subject)
    raise ValueError("a probe is of the address or of a service")


def _timings(subject: Subject, listed: tuple[ListedService, ...]) -> tuple[Timing, ...]:
    found = []
    for service in listed:
        try:
            calls = tuple(call.answer.milliseconds for call in subject.answered(service))
        except (Skip, NoAnswer):
            continue
        found.append(Timing(service.name, calls))
    return tuple(found)
