"""The patient's picture: what is drawn, what is only said, and that nothing from a record becomes markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import dist
from typing import Any
from xml.etree import ElementTree

import pytest

from cds_service.web.picture import patient_picture
from cds_service.web.picture.anatomy import LOBES, places
from cds_service.web.picture.cea_curve import cea_curve
from cds_service.web.picture.lesion_places import arrange, numbered
from cds_service.web.picture.lungs import lungs
from cds_service.web.picture.time_line import time_line
from fhir_fixtures import Case, cases
from tests.spec.core import explain, site
from tests.spec.patients import patient

KNOWLEDGE = site().knowledge
CASES = [one for one in cases() if one.expected["status"] == 200]
SVG = "svg"
HOSTILE = "\"'><script>alert(1)</script>&amp;{{ 7*7 }}"


def drawn(request: dict[str, Any]) -> ElementTree.Element:
    """The picture of a request as a tree; it is well-formed, so that a tree can be made of it."""
    return ElementTree.fromstring(str(patient_picture(explain(request), KNOWLEDGE)))  # noqa: S314 - our own text


def texts(tree: ElementTree.Element) -> str:
    return " ".join(" ".join(tree.itertext()).split())


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_every_case_is_drawn_for_eyes_and_ears(one: Case) -> None:
    """Each drawing has a title and a description, each id stands once, and no style or script is inline."""
    tree = drawn(one.request)
    ids = [item.get("id") for item in tree.iter() if item.get("id")]
    assert len(ids) == len(set(ids))
    for svg in tree.iter(SVG):
        if svg.get("aria-hidden") == "true":
            continue
        assert svg.get("role") == "img"
        named = (svg.get("aria-labelledby") or "").split()
        assert len(named) == 2
        assert set(named) <= set(ids)
        assert all(texts(item) for item in svg if item.tag in ("title", "desc"))
    for item in tree.iter():
        assert item.tag not in ("script", "style", "foreignObject", "image", "use")
        assert [name for name in item.attrib if name == "style" or name.startswith("on")] == []


def test_two_pictures_can_stand_on_one_page() -> None:
    explanation = explain(patient())
    one, other = (str(patient_picture(explanation, KNOWLEDGE, prefix=name)) for name in ("first", "second"))
    assert set(re.findall(r' id="([^"]+)"', one)).isdisjoint(re.findall(r' id="([^"]+)"', other))


def hostile(value: Any, key: str = "") -> Any:
    """The explanation with every text that a record could have a hand in replaced by an attack."""
    if isinstance(value, Mapping):
        return {name: hostile(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [hostile(item, key) for item in value]
    return HOSTILE if isinstance(value, str) and key in ("text", "facts", "resources", "fact", "id", "sites") else value


def test_text_of_a_record_is_shown_as_text() -> None:
    request = patient(plt=49, cea_before=(("2024-12-01", 6),), k=2, mdt_held="2025-01-10")
    page = str(patient_picture(hostile(explain(request)), KNOWLEDGE))
    assert "<script" not in page
    tree = ElementTree.fromstring(page)  # noqa: S314 - and the markup around it is whole
    assert texts(tree).count(HOSTILE) > 20


LESIONS = [
    {"mm": 48, "side": "L", "lobe": "LUL", "zone": "peripheral"},
    {"mm": 30, "side": "R", "lobe": "RUL", "zone": "middle"},
    {"mm": 12, "side": "R", "lobe": "RML", "zone": "medial"},
    {"mm": 20, "side": "R", "lobe": "RLL", "zone": "central"},
    {"mm": 9, "side": "L", "lobe": "LLL", "zone": "ultracentral"},
    {"mm": 7, "side": "L", "lobe": "LLL", "zone": "peripheral"},
]


def test_lesions_are_drawn_in_their_lobe_and_zone_to_scale_and_apart() -> None:
    found, margins, undrawn = arrange(numbered(explain(patient(lesions=LESIONS))["lesions"]))
    assert (len(found), undrawn, [len(item.lesions) for item in margins]) == (len(LESIONS), 0, [0, 0, 0])
    bands = {"peripheral": (2 / 3, 1), "middle": (1 / 3, 2 / 3), "medial": (0, 1 / 3), "central": (0, 1 / 3)}
    bands["ultracentral"] = (0, 1 / 6)
    for item in found:
        lesion = item.shown.lesion
        here = next(place for place in places(lesion["lobe"]) if (place.x, place.y) == (item.x, item.y))
        low, high = bands[lesion["zone"]]
        assert low <= here.depth <= high
        assert item.shown.radius == lesion["largestDiameterMm"] / 2
    for one in found:
        for other in found:
            if one is not other:
                assert dist((one.x, one.y), (other.x, other.y)) > (one.shown.radius or 0) + (other.shown.radius or 0)


def test_the_right_lung_is_on_the_viewers_left() -> None:
    for lobe in LOBES:
        middle = sum(place.x for place in places(lobe)) / len(places(lobe))
        assert (middle < 210) is lobe.startswith("R")
    assert "the patient's right is on the left" in texts(drawn(patient()))


UNKNOWN = """
lesion                                               | margin  | says
{"mm": 12, "side": "R", "lobe": "RML", "zone": None} | right   | zone not known
{"mm": 12, "side": "L", "zone": "peripheral"}        | left    | lobe not known
{"mm": 12, "side": None, "zone": None}               | unknown | lobe not known
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in UNKNOWN.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2])
def test_what_has_no_known_place_stands_in_a_margin_that_says_so(row: list[str]) -> None:
    lesion, margin, says = row
    request = patient(lesions=[eval(lesion)])  # noqa: S307 - a literal of this file
    found, margins, _ = arrange(numbered(explain(request)["lesions"]))
    assert found == ()
    assert [item.side for item in margins if item.lesions] == [margin]
    assert says in texts(drawn(request))


def test_a_lesion_that_finds_no_room_is_listed_and_not_squeezed_in() -> None:
    crowd = [{"mm": 30, "side": "R", "lobe": "RML", "zone": "medial"}] * 8
    found, margins, _ = arrange(numbered(explain(patient(lesions=crowd))["lesions"]))
    assert 0 < len(found) < 8
    assert set(margins[0].why.values()) == {("room",)}
    assert len(found) + len(margins[0].lesions) == 8


def test_hundreds_of_lesions_stay_a_drawing() -> None:
    crowd = [{"mm": 8, "side": "R", "lobe": "RUL", "zone": "peripheral"}] * 300
    found, margins, undrawn = arrange(numbered(explain(patient(lesions=crowd))["lesions"]))
    assert len(found) + len(margins[0].lesions) + margins[0].more + undrawn == 300
    assert "more in the table" in texts(drawn(patient(lesions=crowd)))


COUNTED_ONLY = {"innumerable": "Innumerable lesions; none is drawn", 7: "6 more counted, not described"}


@pytest.mark.parametrize("count", COUNTED_ONLY)
def test_lesions_that_nobody_described_are_never_drawn(count: Any) -> None:
    picture = lungs(explain(patient(count=count)), KNOWLEDGE)
    assert len(picture.drawn) == 1
    assert COUNTED_ONLY[count] in texts(drawn(patient(count=count)))


STATES = {
    "counted": {},
    "ablated": {"ablated_on": "2025-03-01"},
    "small": {"lesions": [{"mm": 4, "side": "R", "lobe": "RLL", "zone": "peripheral", "histology": None}]},
}


@pytest.mark.parametrize("state", STATES)
def test_what_counts_and_what_does_not_are_told_apart_by_shape_and_word(state: str) -> None:
    tree = drawn(patient(**STATES[state]))
    classes = " ".join(item.get("class", "") for item in tree.iter("circle"))
    assert f"pic-is-{state}" in classes
    assert KNOWLEDGE.text(f"lesion_state.{state}") in texts(tree)


def test_a_bound_of_a_size_is_no_size() -> None:
    tree = drawn(patient(lesions=[{"mm": "<30", "side": "R", "lobe": "RLL", "zone": "peripheral"}]))
    assert "<1" in texts(tree)
    assert "<30 mm" in texts(tree)


def test_earlier_treatments_stand_by_their_lobe_and_a_lost_lung_without_side_in_the_margin() -> None:
    request = patient(k=2, pneumonectomy_on="2010-05-05")
    picture = lungs(explain(request), KNOWLEDGE)
    assert {lobe.name: lobe.treatments for lobe in picture.lobes if lobe.treatments} == {"LUL": (("resection", 2),)}
    assert picture.gone == ()
    assert "Whole lung removed" in " ".join(" ".join(line.words) for line in picture.columns[0].lines)


def shapes(**changes: Any) -> list[tuple[str, str]]:
    curve = cea_curve(explain(patient(**changes)))
    return [(point.date, point.shape) for point in curve.points] if curve else []


def test_cea_points_say_what_was_used() -> None:
    assert shapes(
        cea_before=(("2024-02-01", 4), ("2024-09-01", 5.1), ("2025-03-20", 6)), lung_surgery_on="2024-08-20"
    ) == [
        ("2024-02-01", "stale"),
        ("2024-09-01", "confounded"),
        ("2025-03-20", "usable"),
        ("2025-05-15", "current"),
    ]
    assert shapes(cea_unit="furlong") == [("2025-05-15", "set_aside")]
    assert shapes(cea=None) == []
    assert KNOWLEDGE.text("picture.cea_none") in texts(drawn(patient(cea=None)))


def test_a_confounded_value_is_not_on_the_line() -> None:
    curve = cea_curve(explain(patient(cea_before=(("2024-09-01", 50),), lung_surgery_on="2024-08-20")))
    assert curve is not None
    assert len(curve.points) == 2
    assert len(curve.line.split()) == 1


def test_the_edge_is_that_of_the_assessment() -> None:
    explanation = explain(patient())
    explanation["cea"]["threshold"] = {"ngPerMl": 7.5, "comparison": ">=", "parameter": "cea.thresholdNgMl"}
    curve = cea_curve(explanation)
    assert curve is not None
    assert curve.edge == "≥ 7.5"


def test_treatments_are_marked_on_the_curve_and_those_before_it_named() -> None:
    curve = cea_curve(explain(patient(lung_surgery_on="2024-08-20", oxaliplatin_on="2025-01-10")))
    assert curve is not None
    assert [(mark.letter, mark.date) for mark in curve.marks] == [("A", "2024-08-20"), ("B", "2025-01-10")]
    assert [date for date, _ in curve.before] == ["2022-01-10"]


def test_values_of_different_size_are_seen_on_a_logarithmic_scale() -> None:
    curve = cea_curve(explain(patient(cea=900, cea_before=(("2025-01-01", 0),))))
    assert curve is not None
    assert curve.logarithmic
    assert all(curve.top <= point.y <= curve.bottom for point in curve.points)


def test_the_time_line_lists_every_step_and_places_only_those_with_a_date() -> None:
    explanation = explain(patient(dx=None, mdt_held="2025-01-10", lung="2024"))
    line = time_line(explanation, KNOWLEDGE)
    assert line is not None
    assert len(line.steps) == len(explanation["events"])
    assert [step.text for step in line.steps if step.number is None] == ["Colorectal primary diagnosed"]
    year = next(step for step in line.steps if step.date == "2024")
    dot = next(item for item in line.dots if str(year.number) in item.label.split(","))
    assert dot.from_x < dot.x < dot.to_x


def test_each_cell_of_the_matrix_opens_its_rule_facts_and_sources() -> None:
    tree = drawn(patient(plt=49))
    cell = next(item for item in tree.iter("details") if "pic-not_met" in item.get("class", ""))
    links = [link.get("href") for link in cell.iter("a")]
    assert links[0] == "/rules/A-04"
    assert set(links[1:]) == {f"/evidence/{name}" for name in KNOWLEDGE.rule("A-04").evidence}
    assert "Platelets 49 ×10⁹/L (2025-05-20), below 50: correct first." in texts(cell)
    assert "Observation/platelets" in texts(cell)
    assert KNOWLEDGE.text("criterion_state.not_met") in texts(cell)


def test_without_modalities_the_matrix_says_so() -> None:
    assert KNOWLEDGE.text("picture.matrix_none") in texts(drawn(patient(hospice=True)))
