"""Steady load: signed calls of several kinds without end, each answer judged at once, until the block ends.

An answer is *right* (200, and exactly what the fixture expects), *refused* (an OperationOutcome with its status and
code), *broken* (the connection ended without an answer) or *wrong*. Nothing may ever be wrong, whatever the fault.
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from fhir_fixtures import case
from tests.integration.serving import Running
from tests.resilience.ehr import FETCHED, Ehr
from tests.unit.signing import token

PUBLIC = "http://127.0.0.1:8000"
"""The address that the fixtures' expected answers are written with; the service is told that it is its own."""
CASES = ("mcode-rich-solitary", "bilateral-five", "order-ablation-low-platelets", "deceased", "sparse-c7800")
THREADS = 3
PAUSE_S = 0.1  # between two calls of one thread: load, not a race for the processor
IN_A_ROW = 8  # right answers, one after the other, after which the service counts as recovered
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Seen:
    """One call: when it began and ended (monotonic seconds), of what kind it was, and what came of it."""

    kind: str
    began: float
    ended: float
    verdict: str
    note: str = ""


@dataclass(slots=True)
class Client:
    """How the EHR signs and what it fetches from; a test changes these while the load runs."""

    key: str = "ec"
    fault: str = "none"  # of the FHIR server


@dataclass(slots=True)
class Load:
    """The calls that were made so far."""

    service: Running
    ehr: Ehr
    client: Client = field(default_factory=Client)
    seen: list[Seen] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    expected_when_partly: Any = None
    ending: threading.Event = field(default_factory=threading.Event)

    def call(self, kind: str) -> Seen:
        """One call of that kind: a case, ``feedback``, or ``fetched`` (the service fetches the data)."""
        began = time.monotonic()
        path, body, expected = self._asked(kind)
        client = self.client
        signed = token(
            client.key,
            aud=f"{PUBLIC}{path}",
            header={"jku": self.ehr.jku},
        )
        try:
            status, answer = self.service.post(path, body, signed)
        except (OSError, http.client.HTTPException) as fault:
            return Seen(kind, began, time.monotonic(), "broken", type(fault).__name__)
        except ValueError as fault:  # not JSON
            return Seen(kind, began, time.monotonic(), "wrong", f"no JSON: {fault}")
        if kind == "feedback" and status == 200:
            self.acknowledged.append(body["feedback"][0]["card"])
        return Seen(kind, began, time.monotonic(), *judged(status, answer, expected))

    def _asked(self, kind: str) -> tuple[str, Any, Any]:
        if kind == "feedback":
            card = str(uuid4())
            said = {"card": card, "outcome": "accepted", "outcomeTimestamp": "2025-06-01T12:00:00Z"}
            body = {"feedback": [said | {"acceptedSuggestions": [{"id": str(uuid4())}]}]}
            kept = {"kept": 1, "repeated": 0}
            return "/cds-services/crc-lung-metastasis-patient-view/feedback", body, [kept]
        one = case(FETCHED if kind == "fetched" else kind)
        body, expected = dict(one.request), one.expected["response"]
        if kind == "fetched":
            fault = self.client.fault
            body = {name: value for name, value in body.items() if name != "prefetch"}
            body["fhirServer"] = self.ehr.fhir(fault)
            # The service cannot know better: with these faults every 200 is wrong but the one worked out beforehand.
            expected = {"none": expected, "partly": self.expected_when_partly}.get(fault)
        return f"/cds-services/crc-lung-metastasis-{one.request['hook']}", body, [expected]

    def between(self, begin: float, end: float = float("inf")) -> list[Seen]:
        """The calls that began in that time, and have ended."""
        return [one for one in list(self.seen) if begin <= one.began < end]

    def steady(self, seconds: float, each: int = 2) -> list[Seen]:
        """Let it run; every call that began in this time was right. At least ``each`` calls of each kind."""
        begin = time.monotonic()
        wait_for(lambda: time.monotonic() - begin >= seconds and self._enough(begin, each), 180)
        calls = self.between(begin)
        _assert_none([one for one in calls if one.verdict != "right"])
        return calls

    def _enough(self, begin: float, each: int) -> bool:
        counted = Counter(one.kind for one in self.between(begin))
        return all(counted[kind] >= each for kind in KINDS)

    def recovered(self, since: float, limit: float = 120) -> float:
        """Seconds from ``since`` until answers are right again, and stay so. Raises: AssertionError after ``limit``."""

        def lasting() -> bool:
            calls = sorted(self.between(since), key=lambda one: one.began)
            return len(calls) >= IN_A_ROW and all(one.verdict == "right" for one in calls[-IN_A_ROW:])

        wait_for(lasting, limit)
        bad = [one.ended for one in self.between(since) if one.verdict != "right"]
        return max(0.0, max(bad, default=since) - since)


KINDS = (*CASES, "fetched", "feedback")


def judged(status: int, answer: Any, expected: list[Any]) -> tuple[str, str]:
    """The verdict on an answer, and for a refusal its status and code."""
    if status == 200:
        return ("right", "") if _comparable(answer) in map(_comparable, expected) else ("wrong", json.dumps(answer))
    try:
        (issue,) = answer["issue"]
        code = issue["details"]["coding"][0]["code"]
    except (KeyError, TypeError, ValueError):
        return "wrong", f"{status} without an outcome: {answer}"
    if answer["resourceType"] != "OperationOutcome" or not 400 <= status < 600 or not issue["diagnostics"]:
        return "wrong", f"{status}: {answer}"
    return "refused", f"{status} {code}"


def _comparable(answer: Any) -> str:
    """The answer without the hash of the clinical content, which changes with every word of it."""
    return _HASH.sub("sha256:(any)", json.dumps(answer, sort_keys=True))


def _assert_none(calls: list[Seen]) -> None:
    assert not calls, "\n".join(f"{one.kind}: {one.verdict} {one.note[:500]}" for one in calls[:5])


def wait_for(condition: Callable[[], bool], limit: float) -> None:
    """Wait until it is so. Raises: AssertionError when it is not after ``limit`` seconds."""
    until = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < until, f"not after {limit} s: {condition.__qualname__}"
        time.sleep(0.05)


@contextmanager
def steady_load(service: Running, ehr: Ehr, **more: Any) -> Iterator[Load]:
    """The load, from threads of its own. After it, nothing was wrong."""
    load = Load(service, ehr, **more)
    kinds = itertools.cycle(KINDS)

    def run() -> None:
        while not load.ending.is_set():
            load.seen.append(load.call(next(kinds)))
            load.ending.wait(PAUSE_S)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.ending.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    _assert_none([one for one in load.seen if one.verdict == "wrong"])
