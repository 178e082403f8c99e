"""The page ``docs/reference/cds-hooks-coverage.md``: every requirement, and what proves it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from cds_tools.check.catalogue import Requirement, Strength, requirements
from cds_tools.check.run import PROBES
from tests.contract.excused import GAPS, NOT_APPLICABLE
from tests.contract.requirements import proofs
from tests.spec.markdown import table

SECTIONS = {
    "2.1": "Wire format",
    "2.2": "Discovery and prefetch templates",
    "2.3": "Request",
    "2.4": "Prefetch",
    "2.5": "Access to the FHIR server",
    "2.6": "Response",
    "2.7": "Errors",
    "2.8": "Feedback",
    "2.9": "Calls from browsers",
    "2.10": "Client authentication",
    "2.11": "Duties around it",
    "0": "Decisions of this project",
    "3": "What the best-known test kit checks",
    "4": "What users of the ecosystem ask for",
}
_HEAD = """\
# CDS Hooks: every requirement, and what proves it

Made by `make docs` from `cds_tools/check/requirements.toml`, the tests and the probes. Do not edit: change those
and run it again.

What CDS Hooks 3.0 (and 2.0) asks of a service, in our own words, with what the best-known test kit checks and what
users ask for. **Tests** run against this service in every build. **Probes** are those of
[`cds-service check`](../how-to/check-a-service.md), which judges any service from outside; each is seen to fail against
a service that is broken in that one place. What no test proves has its reason.

SHALL, SHOULD and MAY are the specification's words; *practice* is guidance that is not in it."""


def probes() -> dict[str, tuple[str, ...]]:
    """By requirement, the probes of ``check`` that judge it."""
    found: dict[str, list[str]] = defaultdict(list)
    for probe in PROBES:
        for id_ in probe.requirements:
            found[id_].append(probe.id)
    return {id_: tuple(names) for id_, names in found.items()}


def gaps(ids: Iterable[str]) -> list[str]:
    """The requirements with neither a test nor a reason."""
    return [id_ for id_ in ids if id_ not in proofs() and id_ not in NOT_APPLICABLE]


def coverage_page() -> str:
    """The page."""
    parts = [_HEAD, _counts()]
    for section, title in SECTIONS.items():
        rows = [_row(one) for one in requirements().values() if one.section == section]
        parts += [f"## {title}", table(["requirement", "strength", "tests", "probe", "not applicable"], rows)]
    parts += list(_closed_gaps())
    return "\n\n".join(parts) + "\n"


def _counts() -> str:
    rows = []
    for strength in Strength:
        ids = [one.id for one in requirements().values() if one.strength is strength]
        counted = (ids, [i for i in ids if i in proofs()], [i for i in ids if i in probes()], gaps(ids))
        excused = [i for i in ids if i in NOT_APPLICABLE]
        numbers = [str(len(some)) for some in (*counted[:3], excused, counted[3])]
        rows.append([strength.value, *numbers])
    return table(["strength", "requirements", "with a test", "with a probe", "not applicable", "open"], rows)


def _row(one: Requirement) -> list[str]:
    return [
        f"**{one.id}** {one.text} *({one.heading})*",
        one.strength.value,
        "<br>".join(_test(name) for name in proofs().get(one.id, ())),
        "<br>".join(f"`{name}`" for name in probes().get(one.id, ())),
        NOT_APPLICABLE.get(one.id, ""),
    ]


def _test(name: str) -> str:
    file, _, test = name.partition(": ")
    return f"`{file}` {test.replace('_', ' ')}"


def _closed_gaps() -> Iterator[str]:
    yield "## Eight gaps that no known peer closes"
    yield (
        "Users of CDS Hooks servers, libraries and sandboxes ask for these in the threads named (repository, number). "
        "To our knowledge no open service, library or test kit closes them; that is a reading of those threads and no "
        "survey. The tests show each closed here."
    )
    rows = []
    for number, gap in enumerate(GAPS, 1):
        tests = dict.fromkeys(name for id_ in gap.requirements for name in proofs()[id_])
        rows.append([str(number), gap.title, gap.asked, "<br>".join(map(_test, tests))])
    yield table(["", "what users ask for", "where", "tests that show it"], rows)
