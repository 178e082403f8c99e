"""The shape of the TOML files: Pydantic models at the border, one for each kind of entry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError


def _whole_numbers_are_decimals(value: object) -> object:
    """TOML tells 3 from 3.0; the rules do not. A boolean is no number."""
    if isinstance(value, bool):
        raise ValueError("true and false are no values of a parameter")
    return Decimal(value) if isinstance(value, int) else value


Model = TypeVar("Model", bound=BaseModel)

Scalar = Annotated[Decimal | str, BeforeValidator(_whole_numbers_are_decimals)]


class _Entry(BaseModel):
    """Fields that are not known are faults: a misspelt name must not pass silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_min_length=1)


class ParameterEntry(_Entry):
    """One table of parameters.toml."""

    title: str
    value: Scalar
    unit: str | None = None
    comparison: str | None = None
    choices: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    certainty: tuple[str, ...] = ()
    review_by: date | None = None
    note: str | None = None


class ReasonEntry(_Entry):
    """``[RULE.reasons.CODE]``: one reason that the rule can give.

    ``text``: its sentence; or ``same_as``: the rule whose reason of that code it shares, with all its fields.
    ``short``: the same in two or three words, where a card has no room for a sentence.
    ``code``: the code that is told, where it is not the name of the table (a second wording of one reason).
    ``alias``: what it was called in the last version of the contract.
    ``open``: as CONDITIONAL it says that something is not known. ``need``: what would settle it.
    ``when`` and ``result``: given by itself where this comorbidity (a value set) is on record; no function is needed.
    """

    text: str | None = None
    same_as: str | None = None
    short: str | None = None
    code: str | None = None
    alias: str | None = None
    open: bool = False
    need: str | None = None
    when: str | None = None
    result: Literal["CONDITIONAL", "BLOCKED", "UNKNOWN", "NOT_ELIGIBLE"] | None = None


class RuleEntry(_Entry):
    """One table of a file of ``rules/``.

    ``statement``: our own wording of the rule as it is carried out, with the decisions taken where sources leave room.
    ``evidence``: its sources (evidence.toml). ``parameters``: its numbers (parameters.toml). ``certainty``: tags as in
    parameters.toml; several tags: different parts were checked differently. ``therapies``: those that it judges.
    ``topic``: its row of the matrix; ``row``: what that row is called, said by one rule of the topic. ``need``: what
    would settle it where its fact is not on record (wording.toml [need]). ``text_only``: why nothing carries it out.

    Throughout: a fact is true, false or unknown. Missing data never exclude a patient and never count as normal. Where
    a fact is known in part, every way it could turn out is tried; if all agree, that is the answer.
    """

    title: str
    statement: str
    evidence: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    certainty: tuple[str, ...] = ()
    therapies: tuple[str, ...] = ()
    topic: str | None = None
    row: str | None = None
    need: str | None = None
    text_only: str | None = None
    reasons: dict[str, ReasonEntry] = {}


class EvidenceEntry(_Entry):
    """One table of evidence.toml. What the source was not seen to say is left out, never guessed."""

    label: str
    citation: str
    finding: str
    verified: tuple[str, ...] = ()
    doi: str | None = None
    year: int | None = None
    design: str | None = None
    size: str | None = None
    against: str | None = None
    note: str | None = None
    url: str | None = None


class Forbidden(_Entry):
    """Phrases that no text may hold: on cards, and anywhere."""

    cards: tuple[str, ...]
    everywhere: tuple[str, ...]


class Pair(_Entry):
    """Numbers with the same meaning: they agree, or it is said why not. Read by ``cds-service knowledge check``."""

    parameters: tuple[str, ...]
    agree: bool
    reason: str


class Content(_Entry):
    """knowledge.toml."""

    version: str
    status: str
    reviewer_role: str
    chapters: tuple[str, ...]
    rows: tuple[str, ...]
    orderings: tuple[str, ...]
    forbidden: Forbidden
    pairs: tuple[Pair, ...] = ()
    published: tuple[str, ...] = ()


class WordingFrame(_Entry):
    """What wording.toml says about its own texts."""

    placeholders: dict[str, tuple[str, ...]]
    longest: dict[str, str]
    limits: dict[str, int]


class LocalValue(_Entry):
    """One value that a site sets instead of ours, and who answers for it."""

    value: Scalar
    reason: str
    signed_by: str


def read_table(name: str, content: bytes, faults: list[str]) -> dict[str, Any]:
    """The TOML document; a file that cannot be read (also: the same id twice) is a fault and an empty table."""
    try:
        return tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{name}: {error}")
        return {}


def read_entry(model: type[Model], where: str, table: object, faults: list[str]) -> Model | None:
    """The entry, or ``None`` and its faults, each with the name of the field."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=False, include_input=False):
            field = ".".join(str(part) for part in item["loc"] if part not in ("decimal", "str"))
            faults.append(f"{where}: {field}: {item['msg']}" if field else f"{where}: {item['msg']}")
        return None


def members(table: Mapping[str, Any], where: str, faults: list[str]) -> Iterator[tuple[str, Any]]:
    """The entries of ``[group.name]`` tables, by their dotted name."""
    for group, entries in table.items():
        if not isinstance(entries, Mapping):
            faults.append(f"{where}: {group}: stands outside any group")
            continue
        yield from ((f"{group}.{name}", entry) for name, entry in entries.items())
