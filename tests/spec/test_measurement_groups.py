"""Measurement groups as they come out of structured reports: one lesion each, followed by its tracking UID."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.changing import add
from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.resources import LOINC, OWN, SNOMED, Resource, concept, observation, own, quantity

DCM = "http://dicom.nema.org/resources/ontology/DCM"
GROUP, NODULE = concept(DCM, "125007"), concept(SNOMED, "427359005")
TRACKING = {"coding": [{"system": DCM, "code": "112040"}]}
RLL, LUL = concept(SNOMED, "266005"), concept(SNOMED, "44714003")
LONGEST, FURTHER = "33728-7", "33729-5"


def uid(number: int) -> list[Resource]:
    return [{"type": TRACKING, "system": "urn:dicom:uid", "value": f"2.25.{number}"}]


def member(id_: str, code: str, mm: float, *, unit: str | None = "mm") -> Resource:
    """A value without a date or a place: both stand on the group."""
    value = observation(id_, concept(LOINC, code), "", category="imaging", valueQuantity=quantity(mm, unit))
    del value["effectiveDateTime"]
    return value


def group(id_: str, *members: Resource, on: str = "2025-05-12", code: Resource = GROUP, **more: Any) -> list[Resource]:
    references = [{"reference": f"Observation/{one['id']}"} for one in members]
    return [observation(id_, code, on, category="imaging", hasMember=references, **more), *members]


def lesions(*found: list[Resource]) -> list[dict[str, Any]]:
    request = add(patient(lesions=()), "imaging-findings", *(one for some in found for one in some))
    answer: list[dict[str, Any]] = explain(request)["lesions"]
    return answer


def test_a_group_with_a_tracking_uid_is_one_lesion_at_two_dates() -> None:
    found = lesions(
        group("g1", member("m1", LONGEST, 15), identifier=uid(1), bodySite=RLL),
        group("g0", member("m0", LONGEST, 12), identifier=uid(1), bodySite=RLL, on="2025-02-12"),
    )
    assert [(one["largestDiameterMm"], one["lobe"], one["measuredOn"], one["flags"]) for one in found] == [
        (15, "RLL", "2025-05-12", [])
    ]


def test_a_lesion_that_the_latest_report_does_not_follow_still_counts() -> None:
    found = lesions(
        group("g1", member("m1", LONGEST, 15), identifier=uid(1), bodySite=RLL),
        group("g2", member("m2", LONGEST, 9), identifier=uid(2), bodySite=LUL, on="2025-02-12"),
    )
    assert sorted((one["largestDiameterMm"], one["flags"]) for one in found) == [
        (9, ["LESION_NOT_IN_LATEST_CT"]),
        (15, []),
    ]


@pytest.mark.parametrize("identified", [True, False], ids=["tracked", "not tracked"])
@pytest.mark.parametrize("code", [GROUP, NODULE], ids=["measurement group", "nodule"])
@pytest.mark.parametrize(("long", "wide"), [(15, 9), (9, 15)])
def test_length_and_width_are_one_lesion_and_the_length_is_its_size(
    long: int, wide: int, code: Resource, identified: bool
) -> None:
    """Even where the value called the longest is the smaller one."""
    members = member("z-longest", LONGEST, long), member("a-further", FURTHER, wide)
    found = lesions(group("g", *members, code=code, bodySite=RLL, **({"identifier": uid(1)} if identified else {})))
    assert [(one["largestDiameterMm"], one["lobe"]) for one in found] == [(long, "RLL")]


def test_a_width_does_not_make_good_a_length_that_cannot_be_read() -> None:
    members = member("m1", LONGEST, 15, unit=None), member("m2", FURTHER, 9)
    found = lesions(group("g", *members, identifier=uid(1), bodySite=RLL))
    assert [one["largestDiameterMm"] for one in found] == [None]


def test_a_width_alone_is_what_is_known_of_the_size() -> None:
    found = lesions(group("g", member("m", FURTHER, 9), identifier=uid(1), bodySite=RLL))
    assert [one["largestDiameterMm"] for one in found] == [9]


def test_members_with_identities_of_their_own_are_not_taken_for_one_lesion() -> None:
    members = [member(f"m{number}", LONGEST, 10 + number) | {"identifier": uid(number)} for number in (1, 2)]
    found = lesions(group("g", *members, identifier=uid(9), bodySite=RLL))
    assert sorted(one["largestDiameterMm"] for one in found) == [11, 12]


def test_what_is_said_about_the_lesion_in_a_member_belongs_to_it() -> None:
    zone = observation("z", own("lesion-zone"), "2025-05-12", category="imaging")
    zone["valueCodeableConcept"] = concept(f"{OWN}/CodeSystem/lesion-zone", "central")
    found = lesions(group("g", member("m", LONGEST, 15), zone, identifier=uid(1), bodySite=RLL))
    assert [(one["largestDiameterMm"], one["zone"]) for one in found] == [(15, "central")]


def test_two_tracked_groups_of_one_day_are_two_lesions_of_one_lobe() -> None:
    found = lesions(
        group("g1", member("m1", LONGEST, 15), identifier=uid(1), bodySite=RLL),
        group("g2", member("m2", LONGEST, 9), identifier=uid(2), bodySite=RLL),
    )
    assert sorted(one["largestDiameterMm"] for one in found) == [9, 15]
