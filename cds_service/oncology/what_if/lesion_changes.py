"""Counterfactual lesions: one more or fewer, another size, zone, side or number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from cds_service.fhir.quantities import Measurement
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.zones import shown_zone
from cds_service.oncology.patient.model import Findings, Lesion, StatedCount
from cds_service.oncology.therapy.lesion import name
from cds_service.oncology.what_if.fact import Change, distance, either_side, shown, today
from cds_service.truth import Truth
from cds_service.values import replace

MOST_LESIONS = 6
_ZONES = ("peripheral", "middle", "medial", "central", "ultracentral")
_BIOPSY = {"metastasis-confirmed": "biopsy_confirms", "other": "biopsy_other"}
#: The rules whose limits tell sizes, and numbers of lesions, apart.
_OF_SIZE = ("N-01", "R-02", "A-02")
_OF_NUMBER = ("S-03", "R-01", "A-01", "C-05", "C-07")


def lesion_changes(case: Case) -> Iterator[Change]:
    """Changes of the lesions: of all together, then of each of the largest ones."""
    yield from _one_more(case)
    yield from _one_fewer(case)
    yield from _number(case)
    yield from _sides(case)
    for lesion in largest(case):
        yield from _size(case, lesion)
        yield from _zone(case, lesion)
        yield from _histology(case, lesion)


def largest(case: Case) -> list[Lesion]:
    """The largest lesions that count; those without a size first, as theirs is the open question."""

    def order(lesion: Lesion) -> tuple[bool, Decimal, str]:
        size = lesion.diameter_mm.value if lesion.diameter_mm else Decimal(0)
        return lesion.diameter_mm is not None, -size, lesion.id

    return sorted(case.count.counted, key=order)[:MOST_LESIONS]


def _say(case: Case, key: str, **values: str) -> str:
    return case.knowledge.text(f"what_if_fact.{key}", **values)


def _with_count(findings: Findings, by: int) -> Findings:
    """A stated count moves with the list, so that the two go on agreeing."""
    stated = findings.stated_count
    if stated is None or stated.n is None:
        return findings
    moved = replace(stated, n=max(stated.n + by, 0), at_least=max(stated.n + by, 0))
    return replace(findings, stated_count=moved)


def _one_more(case: Case) -> Iterator[Change]:
    """A new lesion on either side, like the smallest of those that are there; found on the evaluation date."""
    sized = [lesion for lesion in case.count.counted if lesion.diameter_mm]
    if case.count.n is None or not sized:
        return
    like = min(sized, key=lambda lesion: (lesion.diameter_mm.value if lesion.diameter_mm else 0, lesion.id))
    for side in ("right", "left"):
        new = replace(
            like, id=f"what-if-{side}", side=side, lobe=None, first_seen=today(case), sightings=(), flags=(), facts=()
        )

        def apply(findings: Findings, new: Lesion = new) -> Findings:
            return _with_count(replace(findings, lesions=(*findings.lesions, new)), 1)

        size = f"{like.diameter_mm} mm"
        yield Change("number", _say(case, "one_more", side=side, value=size), apply)


def _one_fewer(case: Case) -> Iterator[Change]:
    if case.count.n is None or case.count.n < 2:
        return
    for lesion in largest(case):

        def apply(findings: Findings, id_: str = lesion.id) -> Findings:
            return _with_count(_each(findings, id_, lambda one: replace(one, treated=True)), -1)

        yield Change("treated", _say(case, "one_fewer", lesion=name(lesion)), apply, of=lesion.id, lesion=name(lesion))


def _number(case: Case) -> Iterator[Change]:
    """Where nobody knows how many there are: every number that some limit tells apart."""
    if case.count.n is not None:
        return
    highest = max(case.limit(limit) for limit in case.knowledge.limits(*_OF_NUMBER, unit="1")) + 1
    for n in range(max(case.count.at_least, len(case.count.counted), 1), highest + 1):
        stated = StatedCount(n, n, False, today(case), ())

        def apply(findings: Findings, stated: StatedCount = stated) -> Findings:
            complete = replace(findings.complete, lesions=True)
            return replace(findings, stated_count=stated, stated_counts=(stated,), complete=complete)

        yield Change("number", _say(case, "number", number=str(n)), apply, missing=True)


def _sides(case: Case) -> Iterator[Change]:
    """Where sides are not known: every split of these lesions between the two lungs."""
    unsided = [lesion.id for lesion in case.count.counted if lesion.side is None]
    if not unsided or case.count.n == 1 or len(unsided) > case.limit("rfa.maxBilateral"):
        return
    for right in range(len(unsided) + 1):
        sides = {id_: "right" if index < right else "left" for index, id_ in enumerate(unsided)}

        def apply(findings: Findings, sides: dict[str, str] = sides) -> Findings:
            lesions = (replace(one, side=sides.get(one.id, one.side)) for one in findings.lesions)
            return replace(findings, lesions=tuple(lesions))

        text = _say(case, "sides", number=str(right), value=str(len(unsided) - right))
        yield Change("sides", text, apply, missing=True, facts=len(unsided))


def _size(case: Case, lesion: Lesion) -> Iterator[Change]:
    """Just over and just under every limit; only values on the other side of one where the size is known."""
    now = lesion.diameter_mm
    exact = now.exact if now else None
    for value in either_side(case.knowledge, case.knowledge.limits(*_OF_SIZE, unit="mm")):
        if exact is not None and not _crosses(case, exact, value):
            continue

        def change(one: Lesion, value: Decimal = value) -> Lesion:
            return replace(one, diameter_mm=Measurement(value), unit_fault=False)

        yield Change(
            kind="size",
            of=lesion.id,
            lesion=name(lesion),
            text=_say(case, "size", lesion=name(lesion), value=f"{shown(value)} mm"),
            apply=_of(lesion, change),
            missing=exact is None,
            distance=distance(exact, value),
        )


def _crosses(case: Case, before: Decimal, after: Decimal) -> bool:
    sides = [
        (case.knowledge.parameter(limit).holds(before), case.knowledge.parameter(limit).holds(after))
        for limit in case.knowledge.limits(*_OF_SIZE, unit="mm")
    ]
    return any(one is not other for one, other in sides)


def _zone(case: Case, lesion: Lesion) -> Iterator[Change]:
    now = shown_zone(case.zones_of(lesion))
    for zone in _ZONES:
        if zone == now:
            continue

        def change(one: Lesion, zone: str = zone) -> Lesion:
            return replace(
                one,
                zone=zone,
                bronchial_distance_mm=None,
                vessel_distance_mm=None,
                near_vessel_or_bronchus=Truth.UNKNOWN,
            )

        text = _say(case, "zone", lesion=name(lesion), zone=case.knowledge.text(f"place.{zone}"))
        yield Change("zone", text, _of(lesion, change), of=lesion.id, lesion=name(lesion), missing=now is None)


def _histology(case: Case, lesion: Lesion) -> Iterator[Change]:
    """What a biopsy of a single lesion could show."""
    if case.count.n != 1 or lesion.histology is not None:
        return
    for value, key in _BIOPSY.items():

        def change(one: Lesion, value: str = value) -> Lesion:
            return replace(one, histology=value, benign=value == "other")

        text = _say(case, key, lesion=name(lesion))
        yield Change("histology", text, _of(lesion, change), of=lesion.id, lesion=name(lesion), missing=True)


def _of(lesion: Lesion, change: Callable[[Lesion], Lesion]) -> Callable[[Findings], Findings]:
    return lambda findings: _each(findings, lesion.id, change)


def _each(findings: Findings, id_: str, change: Callable[[Lesion], Lesion]) -> Findings:
    return replace(findings, lesions=tuple(change(one) if one.id == id_ else one for one in findings.lesions))
