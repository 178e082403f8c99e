"""How many lung lesions count as metastases, and on which side (C-04, N-01, N-03)."""

from __future__ import annotations

from cds_service.knowledge import Knowledge
from cds_service.oncology.patient.model import Facts, Findings, Lesion
from cds_service.oncology.rulebook import rule
from cds_service.values import ValueObject


class LesionCount(ValueObject, frozen=True):
    """The count and what it rests on.

    ``n`` is None when it is not known; ``at_least`` always holds. ``unlisted`` lesions were counted by somebody but are
    not described: their size, side and zone are unknown. ``unsided`` includes them.
    """

    counted: tuple[Lesion, ...]
    indeterminate: tuple[Lesion, ...]
    n: int | None
    at_least: int
    diffuse: bool  # innumerable
    right: int
    left: int
    unsided: int
    unlisted: int
    both_sides: bool
    facts: Facts
    flags: tuple[str, ...] = ()

    def possible(self, highest: int) -> range:
        """Possible lesion counts, capped at ``highest`` + 1 (larger counts behave the same)."""
        if self.n is not None:
            return range(self.n, self.n + 1)
        return range(self.at_least, max(self.at_least, highest + 1) + 1)

    def words(self) -> str:
        """The count as a card says it."""
        if self.diffuse:
            return "innumerable"
        if self.n is not None:
            return str(self.n)
        return f"at least {self.at_least}" if self.at_least > 1 else "not known"


@rule("N-01")
def is_small(lesion: Lesion, knowledge: Knowledge) -> bool:
    """N-01: surely below ``nodule.indeterminateBelowMm``, not growing, and no metastasis by histology."""
    small = knowledge.holds("nodule.indeterminateBelowMm", lesion.diameter_mm).surely
    return small and lesion.histology != "metastasis-confirmed" and lesion.growth != "growing"


@rule("C-04", "N-03")
def count_lesions(findings: Findings, knowledge: Knowledge) -> LesionCount:
    """C-04: count each active lesion once. A larger stated count wins; treated, benign and tiny lesions do not count.

    Without a stated count, the list is the count only if the sources that bring lesions were read to the end.
    """
    active = [lesion for lesion in findings.lesions if not lesion.treated and not lesion.benign]
    small = tuple(lesion for lesion in active if is_small(lesion, knowledge))
    counted = tuple(lesion for lesion in active if not is_small(lesion, knowledge))
    stated = findings.stated_count
    flags = set()
    if stated and _outdated(findings):
        flags.add("COUNT_OUTDATED")
        stated = None
    unlisted, at_least, diffuse = 0, len(counted), False
    n = len(counted) if counted and findings.complete.lesions else None  # more may stand on a page that never came
    if stated and stated.n is not None:
        beyond = stated.n > len(counted) and stated.n != len(counted) + len(small)
        unlisted = stated.n - len(counted) if beyond else 0
        if stated.n not in {len(counted), len(counted) + len(small)} and active:
            flags.add("COUNT_CONFLICT")
        n = len(counted) + unlisted or None
        at_least = n or 0
    elif stated and (stated.innumerable or stated.at_least > len(counted)):
        n, at_least, diffuse = None, max(stated.at_least, len(counted)), stated.innumerable
        if active:
            flags.add("COUNT_CONFLICT")
    if n is None and not at_least:
        at_least = 2 if findings.lung.both_sides else 1
    unsided = len(counted) - sum(lesion.side is not None for lesion in counted) + unlisted
    right = sum(lesion.side == "right" for lesion in counted)
    left = sum(lesion.side == "left" for lesion in counted)
    facts = {fact for lesion in counted for fact in lesion.facts} | set(stated.facts if stated else ())
    return LesionCount(
        counted=counted,
        indeterminate=small,
        n=n,
        at_least=max(at_least, 1),
        diffuse=diffuse,
        right=right,
        left=left,
        unsided=unsided,
        unlisted=unlisted,
        both_sides=bool(right and left) or (findings.lung.both_sides and (n is None or bool(unsided)) and n != 1),
        facts=tuple(sorted(facts or findings.lung.facts)),
        flags=tuple(sorted(flags)),
    )


def _outdated(findings: Findings) -> bool:
    """True if the stated count is older than a local treatment of the lung; then it no longer holds."""
    stated = findings.stated_count
    if stated is None or stated.on is None:
        return False
    return any(done.on and done.lung and stated.on.latest < done.on.earliest for done in findings.treatments)


def no_active_lesion(findings: Findings) -> bool:
    """True if lesions are known, each is treated or benign, and no stated count says that there are others."""
    stated = findings.stated_count
    others = stated is not None and stated.at_least > 0 and not _outdated(findings)
    known = bool(findings.lesions) and all(lesion.treated or lesion.benign for lesion in findings.lesions)
    return (known and not others) or (findings.lung.confirmed and not findings.lung.active and not findings.lesions)
