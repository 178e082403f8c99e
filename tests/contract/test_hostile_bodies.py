"""Large and hostile bodies: a clear answer, the same decision as without them, and work that grows with the body only.

No time is measured: work is counted in calls of Python functions, which are the same on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache
from types import FrameType
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from tests.contract.service import BASE, PATIENT_VIEW, client, code, request

EXPLAIN = f"/explain/{BASE}-patient-view"
MIB = 2**20
LIMIT = 10 * MIB  # the default of CDS_MAX_BODY_BYTES
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
HERE = "@here@"

Resource = dict[str, Any]


@cache
def subject() -> Resource:
    return {"reference": f"Patient/{request()['context']['patientId']}"}


def observation(id_: str, loinc: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        "subject": subject(),
        "effectiveDateTime": "2024-01-05",
        **more,
    }


def quantity(value: Any, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def pulse(number: int) -> Resource:
    return observation(f"pulse-{number}", "8867-4", valueQuantity=quantity(70, "/min"))


def cea(number: int) -> Resource:
    return observation(f"cea-{number}", "2039-6", valueQuantity=quantity(2, "ng/mL"))


def lesion(number: int) -> Resource:
    place = {"coding": [{"system": SNOMED, "code": "266005"}]}
    named = {"identifier": [{"system": "urn:dicom:uid", "value": f"2.25.{number}"}], "bodySite": place}
    return observation(f"size-{number}", "21889-1", valueQuantity=quantity(9, "mm"), **named)


def tiny(number: int) -> Resource:
    return {"resourceType": "Observation", "id": str(number)}


def without_id(_: int) -> Resource:
    return {"resourceType": "Observation"}


def twice(number: int) -> Resource:
    return cea(number // 2) | {"note": [{"text": str(number)}]}


def dangling(number: int) -> Resource:
    return pulse(number) | {"hasMember": [{"reference": f"Observation/gone-{number}"}]}


def stranger(number: int) -> Resource:
    return pulse(number) | {"subject": {"reference": f"Patient/{number}"}}


def body(observations: Iterable[Any]) -> bytes:
    """The request of a case with more Observations."""
    call = request()
    call["prefetch"]["observations"]["entry"] += [{"resource": item} for item in observations]
    return orjson.dumps(call)


def post(sent: bytes, path: str = PATIENT_VIEW) -> TestResponse:
    return client().post(path, data=sent, content_type="application/json")


def without_hash(answer: TestResponse) -> list[Resource]:
    """The cards without the hash of the assessment, which also covers how many resources came."""
    found: list[Resource] = answer.get_json()["cards"]
    for card in found:
        del card["extension"]["org.example.crc-lung-metastasis.assessment"]
    return found


def cards(answer: TestResponse) -> list[tuple[str, str]]:
    """What the cards say first, and their ids."""
    assert answer.status_code == 200
    return [(card["summary"], card["uuid"]) for card in answer.get_json()["cards"]]


def test_ten_mebibytes_of_a_valid_bundle_change_nothing() -> None:
    plain = body(())
    each = len(orjson.dumps({"resource": pulse(10_000)})) + 1
    sent = body(pulse(number) for number in range((LIMIT - len(plain)) // each))
    assert LIMIT - 1000 * each < len(sent) <= LIMIT
    assert without_hash(post(sent)) == without_hash(post(plain))
    assert code(post(sent + b" " * (LIMIT - len(sent) + 1))) == "CLM-1007"


def test_a_hundred_thousand_tiny_resources() -> None:
    sent = body(tiny(number) for number in range(100_000))
    answer = post(sent)
    assert cards(answer) == cards(post(body(())))
    assert len(answer.data) < 50_000
    assert "100000" in answer.text  # told how many data items are doubtful


DEEP = 400


@pytest.mark.parametrize(
    "place", ["extension", "code", "valueQuantity", "bodySite", "focus", "component", "identifier"]
)
@pytest.mark.parametrize("shape", [b'{"extension":', b"["])
def test_deep_nesting_inside_a_resource_is_read_past(place: str, shape: bytes) -> None:
    closing = b"]" if shape == b"[" else b"}"
    inner = shape * DEEP + b"1" + closing * DEEP
    pair = [cea(1) | {"id": "deep", place: HERE}, cea(1) | {"id": "deep", place: HERE, "language": "de"}]
    sent = body(pair).replace(f'"{HERE}"'.encode(), inner)
    for path in (PATIENT_VIEW, EXPLAIN):
        assert post(sent, path).status_code == 200


@pytest.mark.parametrize("text", [b"[" * 100_000, b"[" * 5000 + b"]" * 5000, b'{"a":' * 100_000])
def test_nesting_beyond_all_reason_is_not_json_for_us(text: bytes) -> None:
    assert code(post(b'{"hook":"patient-view","extension":' + text + b"}")) == "CLM-1001"


LONG = "x" * MIB


@pytest.mark.parametrize(
    "strange",
    [
        {"code": {"coding": [{"system": LONG, "code": LONG, "display": LONG}], "text": LONG}},
        {"id": LONG},
        {"effectiveDateTime": "2" * MIB},
        {"status": LONG},
        {"subject": {"reference": f"Patient/{LONG}"}},
        {"focus": [{"reference": f"BodyStructure/{LONG}"}]},
        {"identifier": [{"system": LONG, "value": LONG}]},
        {"valueQuantity": {"value": 1, "unit": LONG}},
        {"valueQuantity": {"value": 1, "system": UCUM, "code": LONG}},
        {"valueQuantity": {"value": LONG, "unit": "ng/mL"}},
    ],
    ids=lambda strange: next(iter(strange)),
)
def test_long_strings_do_not_come_back_on_a_card(strange: Resource) -> None:
    answer = post(body([cea(1) | strange]))
    assert answer.status_code == 200
    assert len(answer.data) < 50_000


NUMBERS = ["1e308", "-1e308", "1e-320", "-0.0", "9" * 400, "1" * 100_000, "0." + "1" * 100_000, "1e999", "-1e999"]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:8])
def test_huge_numbers_are_no_measurements(number: str) -> None:
    sent = body([cea(1) | {"id": "huge", "valueQuantity": quantity(HERE, "ng/mL"), "effectiveDateTime": "2025-05-30"}])
    answer = post(sent.replace(f'"{HERE}"'.encode(), number.encode()), EXPLAIN)
    if answer.status_code == 400:  # the JSON reader has no such number
        assert code(answer) == "CLM-1001"
        return
    assert answer.status_code == 200
    told = {item["problem"] for item in answer.get_json()["dataQuality"] if item["resource"] == "Observation/huge"}
    assert told == {"VALUE_INVALID"} or float(number) in (0.0, float("0." + "1" * 20))


def calls_of_functions(sent: bytes) -> int:
    """How many Python functions are called to answer."""
    counted = 0

    def count(_: FrameType, event: str, __: Any) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        assert post(sent).status_code == 200
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize(
    "make", [pulse, cea, lesion, tiny, without_id, twice, dangling, stranger], ids=lambda make: make.__name__
)
def test_work_grows_no_faster_than_the_body(make: Callable[[int], Resource]) -> None:
    post(body(()))  # what is made once is made
    few, many = (calls_of_functions(body(make(number) for number in range(size))) for size in (300, 1200))
    assert many < 4.3 * few
