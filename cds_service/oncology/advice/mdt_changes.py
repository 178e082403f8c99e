"""What has changed since the MDT was last asked or met, and so calls for it again (M-04, M-05)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.quantities import Comparator, Measurement
from cds_service.knowledge import Knowledge
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Lesion, OnRecord
from cds_service.oncology.rulebook import rule
from cds_service.truth import Truth, agree, negate
from cds_service.values import ValueObject

#: Order in which a change is named when several happened after the last discussion.
TRIGGERS = (
    "new_lesion",
    "recurrence",
    "size",
    "progression",
    "count",
    "extrapulmonary",
    "local_treatment",
    "systemic_line",
    "molecular",
    "cea",
)
_SIZE_EDGES = ("nodule.indeterminateBelowMm", "rfa.maxDiameterMm", "sbrt.maxDiameterMm")


class Since(ValueObject, frozen=True):
    """What happened since a discussion or request: the change that the card names, and its place in time.

    ``older``: was it before the metastasis was first on record? ``charted_on``: the metastasis was charted on that day,
    after the discussion, but not so much later that the discussion cannot have been about it.
    """

    trigger: str | None
    older: Truth
    charted_on: str | None = None


@rule("M-04")
def since(case: Case, last: PartialDate) -> Since:
    """A change dated, or possibly dated, after the last request or discussion (M-04, M-05).

    A discussion before the metastasis was first on record was not about it: then the metastasis itself is the change.
    """
    first = case.findings.lung.first_on_record
    older = _later(case, first, last)
    happened = {name for on, name in _changes(case) if on.latest > last.earliest} | set(_against(case, last))
    if older.surely:
        happened.add("new_lesion")
    lag = first is not None and first.charted and older.surely_not and first.on.latest > last.earliest
    return Since(
        trigger=next((name for name in TRIGGERS if name in happened), None),
        older=older,
        charted_on=first.on.text if first and lag else None,
    )


def _later(case: Case, first: OnRecord | None, last: PartialDate) -> Truth:
    """Was something first on record after the discussion? What was only charted may have been known for some days."""
    if first is None:
        return Truth.UNKNOWN
    fewest, most = (first.on.earliest - last.latest).days, (first.on.latest - last.earliest).days
    if first.charted:
        answers = {case.meets("mdt.chartingLagDays", days).surely for days in (fewest, most)}
        return negate(agree(answers))
    return agree({days > 0 for days in (fewest, most)})


@rule("M-05")
def _against(case: Case, last: PartialDate) -> Iterator[str]:
    """Changes that are told by comparison with the discussion itself: growth, recurrence, what was done much later.

    What is ordered or done within ``mdt.resultDays`` is the result of the discussion.
    """
    findings = case.findings
    if any(_grown(case, _compared(lesion, last)) for lesion in case.count.counted):
        yield "progression"
    if any(_later(case, again, last) is not Truth.FALSE for again in findings.lung.recurrences):
        yield "recurrence"
    done = [item.on for item in findings.treatments if item.lung]
    done += [item.on for item in findings.happened if item.kind == "pneumonectomy"]
    lines = [item.on for item in findings.systemic_orders if item.first]
    for name, dates in (("local_treatment", done), ("systemic_line", lines)):
        gaps = [(on.latest - last.earliest).days for on in dates if on]
        if not all(case.meets("mdt.resultDays", days).surely for days in gaps):
            yield name


def _compared(lesion: Lesion, last: PartialDate) -> list[Measurement]:
    """The sizes since the discussion, after the last one on or before it."""
    days = _by_day(lesion)
    before = [size for on, size in days.items() if on.latest <= last.earliest]
    since_then = [size for on, size in days.items() if on.latest > last.earliest]
    return [*before[-1:], *since_then] if since_then else []


def _by_day(lesion: Lesion) -> dict[PartialDate, Measurement]:
    """The sizes by day, oldest first; of one day the largest."""
    days: dict[PartialDate, Measurement] = {}
    for item in lesion.sightings:
        if item.on and item.diameter_mm:
            days[item.on] = max(item.diameter_mm, days.get(item.on, item.diameter_mm), key=lambda size: size.value)
    return days


def growing(case: Case, lesion: Lesion) -> bool:
    """Is the lesion called growing, or has it grown since any earlier measurement by the figures of progression?"""
    return lesion.growth == "growing" or _grown(case, list(_by_day(lesion).values()))


def _grown(case: Case, sizes: list[Measurement]) -> bool:
    """Is the last size surely larger than a size before it, by the figures of progression?"""
    return any(surely_larger(case.knowledge, earlier, sizes[-1]) for earlier in sizes[:-1])


def surely_larger(knowledge: Knowledge, earlier: Measurement, now: Measurement) -> bool:
    """Is it progression (M-05)? The least that the size can be now is compared with the most that it can have been."""
    if earlier.comparator in {Comparator.GREATER, Comparator.GREATER_OR_EQUAL} or not earlier.value:
        return False
    if now.comparator in {Comparator.LESS, Comparator.LESS_OR_EQUAL}:
        return False
    more = now.value - earlier.value
    in_mm = knowledge.holds("progression.minMm", more)
    return in_mm.surely and knowledge.holds("progression.minPct", 100 * more / earlier.value).surely


def _changes(case: Case) -> Iterator[tuple[PartialDate, str]]:
    """Every dated change that M-04 lists."""
    findings = case.findings
    for lesion in case.count.counted:
        if lesion.regrown:
            yield lesion.regrown, "recurrence"
        if lesion.first_seen:
            yield lesion.first_seen, "new_lesion"
        for before, after in pairwise(item for item in lesion.sightings if item.on and item.diameter_mm):
            sizes = (before.diameter_mm, after.diameter_mm)
            crossed = any(case.meets(edge, sizes[0]) is not case.meets(edge, sizes[1]) for edge in _SIZE_EDGES)
            if crossed and after.on:
                yield after.on, "size"
    first = findings.stated_counts[:1]
    if first and first[0].on and len(findings.stated_counts) == 1 and case.count.unlisted:
        yield first[0].on, "count"  # more lesions than were described before
    for earlier, later in pairwise(findings.stated_counts):
        if later.on and (earlier.n, earlier.at_least) != (later.n, later.at_least):
            yield later.on, "count"
    for other in findings.extrapulmonary:
        if other.changed:
            yield other.changed, "extrapulmonary"
    for result in findings.molecular:
        if result.on:
            yield result.on, "molecular"
    yield from _cea_crossings(case, case.knowledge)


def _cea_crossings(case: Case, knowledge: Knowledge) -> Iterator[tuple[PartialDate, str]]:
    threshold = knowledge.parameter("cea.thresholdNgMl").number
    operator = str(knowledge.parameter("cea.consensusOp").value)
    answers = [
        (item.on, item.ng_per_ml.compare(operator, threshold)) for item in case.findings.cea if not item.confounded
    ]
    for (_, before), (on, after) in pairwise(answers):
        if {before, after} == {Truth.TRUE, Truth.FALSE}:
            yield on, "cea"
