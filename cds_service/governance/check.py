"""``knowledge check``: what in the clinical content is uncited, unused, unreachable, overdue or conflicting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.governance.agreement import parted, quoted_numbers, unfounded, unpublished
from cds_service.governance.drafts import refused_drafts
from cds_service.governance.named import DECIDING, names_in
from cds_service.governance.records import Exceptions, read_content, read_exceptions, read_texts
from cds_service.knowledge import Knowledge
from cds_service.knowledge.entries import Pair
from cds_service.knowledge.template import placeholders

_BY_CODE = ("reason", "need", "flag")
"""Groups whose texts the code asks for by their code alone."""


KINDS = ("refused", "invalid", "uncited", "unused", "unreachable", "overdue", "conflicting", "exception")
"""What a complaint can be; docs/how-to/clinical-review.md explains each."""

_OUTDATED = "exceptions.toml explains it, and it is used, or gone: take it out there."


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to put right; ``kind`` is one of KINDS."""

    kind: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Check:
    """The complaints, and beside them what a reader should know: what acts as text only, and what is still open."""

    complaints: tuple[Complaint, ...]
    texts_only: Mapping[str, tuple[str, ...]]
    open: Mapping[str, str]
    differing: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the code names nowhere, by kind; and for each number the spoken texts that quote it."""

    unnamed: Mapping[str, tuple[str, ...]]
    quoted_in: Mapping[str, tuple[str, ...]]


def check(knowledge: Knowledge, on: date) -> Check:
    """Everything that a look at content and code finds on that day. Raises: KnowledgeInvalid for a faulty record."""
    exceptions, content, usage = read_exceptions(), read_content(), usage_of(knowledge)
    complaints = [Complaint("uncited", *found) for found in unfounded(knowledge)]
    complaints += _unnamed(usage, exceptions)
    complaints += [
        Complaint("overdue", item.id, f"Was to be looked at again by {item.review_by}.")
        for item in knowledge.due_for_review(on)
    ]
    complaints += [Complaint("invalid", *found) for found in refused_drafts(knowledge, on)]
    complaints += [Complaint("conflicting", *found) for found in quoted_numbers(knowledge)]
    complaints += [Complaint("conflicting", *found) for found in parted(knowledge, content.pairs)]
    complaints += [Complaint("conflicting", *found) for found in unpublished(knowledge, content.published)]
    complaints += _outdated(usage, exceptions)
    return Check(
        complaints=tuple(complaints),
        texts_only={name: texts for name in usage.unnamed["parameters"] if (texts := usage.quoted_in.get(name))},
        open={name: reason for kind in usage.unnamed for name, reason in exceptions.open.of(kind).items()},
        differing=tuple(pair for pair in content.pairs if not pair.agree),
    )


def usage_of(knowledge: Knowledge) -> Usage:
    """What no code names: numbers and rules in the rooms that decide, texts anywhere."""
    deciding, anywhere = names_in(*DECIDING), names_in()

    def spoken(key: str) -> bool:
        group, _, name = key.partition(".")
        return anywhere.named(key) or (group in _BY_CODE and anywhere.named(name))

    quoted: dict[str, list[str]] = {}
    for key, text in read_texts().items():
        for name in placeholders(text) if spoken(key) else ():
            quoted.setdefault(name, []).append(key)
    unnamed = {
        "parameters": tuple(name for name in knowledge.parameters if not deciding.named(name)),
        "rules": tuple(name for name in knowledge.rules if not deciding.named(name)),
        "texts": tuple(key for key in knowledge.texts if not spoken(key)),
    }
    return Usage(unnamed, {name: tuple(keys) for name, keys in quoted.items()})


def _unnamed(usage: Usage, exceptions: Exceptions) -> Iterator[Complaint]:
    """Unused numbers, and rules and texts that nothing can say, but for those that were explained."""
    said = {
        "parameters": ("unused", "No code names this number, and no text that is spoken quotes it."),
        "rules": ("unreachable", "No code names this rule; if it acts without, explain it in exceptions.toml."),
        "texts": ("unreachable", "No code can say this text."),
    }
    for kind, names in usage.unnamed.items():
        for name in names:
            acts = kind == "parameters" and name in usage.quoted_in
            if not acts and not _excepted(name, kind, exceptions):
                yield Complaint(said[kind][0], name, said[kind][1])


def _excepted(name: str, kind: str, exceptions: Exceptions) -> bool:
    group = f"{name.partition('.')[0]}.*"
    return any(key in table.of(kind) for table in (exceptions.explained, exceptions.open) for key in (name, group))


def _outdated(usage: Usage, exceptions: Exceptions) -> Iterator[Complaint]:
    """Exceptions for something that is used after all, or is gone."""
    for table in (exceptions.explained, exceptions.open):
        for kind, names in usage.unnamed.items():
            missing = {name for name in names if kind != "parameters" or name not in usage.quoted_in}
            groups = {f"{name.partition('.')[0]}.*" for name in missing}
            for name in table.of(kind):
                if name not in missing | groups:
                    yield Complaint("exception", name, _OUTDATED)
