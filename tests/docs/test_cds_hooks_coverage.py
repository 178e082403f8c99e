"""Every requirement of CDS Hooks is proven or excused, and nothing is claimed that is not there."""

from __future__ import annotations

from collections import Counter

import pytest

from cds_tools.check.catalogue import requirements
from cds_tools.check.run import PROBES
from tests.contract.coverage import SECTIONS, coverage_page, gaps, probes
from tests.contract.excused import GAPS, NOT_APPLICABLE
from tests.contract.requirements import proofs


def test_every_requirement_has_a_proof_or_a_reason() -> None:
    assert gaps(requirements()) == []


def test_a_requirement_that_nothing_proves_is_found() -> None:
    assert gaps(["NONE-01"]) == ["NONE-01"]


@pytest.mark.parametrize(
    "claimed", [set(proofs()), set(probes()), set(NOT_APPLICABLE)], ids=["tests", "probes", "excused"]
)
def test_nothing_is_claimed_of_a_requirement_that_does_not_exist(claimed: set[str]) -> None:
    assert claimed <= set(requirements())


def test_what_is_not_applicable_is_not_proven() -> None:
    assert set(NOT_APPLICABLE).isdisjoint(proofs())


def test_every_requirement_stands_under_a_section_of_the_page() -> None:
    assert {one.section for one in requirements().values()} == set(SECTIONS)
    page = coverage_page()
    assert all(f"**{id_}** " in page for id_ in requirements())


def test_every_probe_stands_on_the_page() -> None:
    page = coverage_page()
    assert [probe.id for probe in PROBES if f"`{probe.id}`" not in page] == []


def test_each_of_the_eight_gaps_is_closed_by_a_test() -> None:
    assert len(GAPS) == 8
    assert [gap.title for gap in GAPS if not all(proofs().get(id_) for id_ in gap.requirements)] == []


def test_requirements_are_told_once() -> None:
    texts = Counter(one.text for one in requirements().values())
    assert [text for text, times in texts.items() if times > 1] == []
