"""Feedback of a client on cards that it was sent (CDS Hooks 3.0, Feedback), read once at the border.

A batch is taken whole or refused whole, so that a client may send all of it again. Tolerated: unknown fields and
``extension``; codes of the client's own; a ``display``; both outcomes for one card over time; the same entry twice.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from cds_service.errors import FeedbackInvalid
from cds_service.protocol.wire import UUID, WireModel, read_model
from cds_service.values import ValueObject

MOST_ENTRIES = 1000
_MOST_SUGGESTIONS = 100

CardId = Annotated[str, StringConstraints(pattern=UUID, to_lower=True)]


def _stated(value: object) -> object:
    """A timestamp is a text: a bare number would be read as seconds since 1970."""
    if not isinstance(value, str):
        raise ValueError("not a timestamp")
    return value


def _in_years_that_a_database_knows(moment: datetime) -> datetime:
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None
    if moment.year < 1970:
        raise ValueError("out of range")
    return moment


class _Coding(WireModel):
    code: Annotated[str, Field(min_length=1)]
    system: str | None = None


class _Reason(WireModel):
    reason: _Coding | None = None
    userComment: str | None = Field(default=None, repr=False)


class _Suggestion(WireModel):
    id: CardId


class _Entry(WireModel):
    card: CardId
    outcome: Literal["accepted", "overridden"]
    outcomeTimestamp: Annotated[
        AwareDatetime, BeforeValidator(_stated), AfterValidator(_in_years_that_a_database_knows)
    ]
    acceptedSuggestions: Annotated[list[_Suggestion], Field(max_length=_MOST_SUGGESTIONS)] | None = None
    overrideReason: _Reason | None = None


class _Feedback(WireModel):
    feedback: Annotated[list[_Entry], Field(min_length=1, max_length=MOST_ENTRIES)]


class FeedbackEntry(ValueObject, frozen=True):
    """What a clinician did with one card. ``occurred`` in UTC. The text of a comment is not kept; that there was is."""

    card: str
    outcome: str  # accepted | overridden
    occurred: datetime
    suggestions: tuple[str, ...] = ()
    reason_system: str | None = None
    reason_code: str | None = None
    commented: bool = False


def read_feedback(document: object) -> tuple[FeedbackEntry, ...]:
    """The entries of a feedback body. Raises: FeedbackInvalid (400) with the path of each fault, never with a value."""
    if not isinstance(document, dict):
        raise FeedbackInvalid("The body must be one JSON object.", hint='It is {"feedback": [...]}.')
    read: Any = read_model(_Feedback, document, FeedbackInvalid)
    faults = [
        f"feedback[{index}].acceptedSuggestions"
        for index, entry in enumerate(read.feedback)
        if entry.outcome == "accepted" and not entry.acceptedSuggestions
    ]
    if faults:
        raise FeedbackInvalid(
            f"{'; '.join(f'{path} is required when the outcome is accepted' for path in faults)}.",
            hint="Name each accepted suggestion by its uuid, as id.",
            expression=faults,
        )
    return tuple(map(_entry, read.feedback))


def _entry(read: Any) -> FeedbackEntry:
    said: _Reason | None = read.overrideReason if read.outcome == "overridden" else None
    coding = said.reason if said else None
    accepted: list[_Suggestion] = read.acceptedSuggestions or [] if read.outcome == "accepted" else []
    return FeedbackEntry(
        card=read.card,
        outcome=read.outcome,
        occurred=read.outcomeTimestamp,
        suggestions=tuple(dict.fromkeys(item.id for item in accepted)),
        reason_system=coding.system or None if coding else None,
        reason_code=coding.code if coding else None,
        commented=bool(said and said.userComment),
    )
