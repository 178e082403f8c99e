"""The tables. What a column may hold is said here once; the migrations make it so."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import JSON, Boolean, Column, DateTime, Dialect, Index, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A point in time, in UTC. SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database. Raises: ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


METADATA = MetaData()

LONGEST_SYSTEM, LONGEST_CODE = 256, 64  # characters of a reason that are kept

TOKENS = Table(
    "used_token",
    METADATA,
    Column("token", String(64), primary_key=True),  # hash of issuer and jti
    Column("until", Moment, nullable=False, index=True),  # after this it would be refused as expired
)

CARDS = Table(
    "card",
    METADATA,
    Column("uuid", String(36), primary_key=True),
    Column("caller", String(512), nullable=False),  # issuer and tenant; empty under open trust
    Column("service", String(64), nullable=False),
    Column("hook", String(64), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("indicator", String(16), nullable=False),
    Column("rules", JSON, nullable=False),  # ids of the rules that the card rests on; the first is what it is about
    Column("knowledge_version", String(64), nullable=False),
    Column("knowledge_hash", String(80), nullable=False),
    Column("service_version", String(32), nullable=False),
    Column("sent", Moment, nullable=False, index=True),
    Column("patient", String(64), nullable=False),  # keyed hash
    Column("clinician", String(64), nullable=False),  # keyed hash
    Column("facts", JSON, nullable=False),  # name of a fact -> keyed hash of its value
)
Index("ix_card_patient", CARDS.c.patient, CARDS.c.clinician)

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("entry", String(64), nullable=False, unique=True),  # hash of what was said: a repeat is kept once
    Column("caller", String(512), nullable=False),
    Column("service", String(64), nullable=False),
    Column("card", String(36), nullable=False, index=True),  # no foreign key: the card may have been purged
    Column("outcome", String(16), nullable=False),  # accepted | overridden
    Column("occurred", Moment, nullable=False),  # the client's time
    Column("received", Moment, nullable=False),
    Column("suggestions", JSON, nullable=False),  # ids of the accepted suggestions
    Column("reason_system", String(LONGEST_SYSTEM)),
    Column("reason_code", String(LONGEST_CODE)),
    Column("commented", Boolean, nullable=False),  # was there a comment? Its text may name the patient and is not kept
)

DECISIONS = Table(
    "decision",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("request", String(64), nullable=False, index=True),  # the request id of the log
    Column("hook_instance", String(64), nullable=False, index=True),
    Column("decided", Moment, nullable=False, index=True),
    Column("hook", String(64), nullable=False),
    Column("assessment_hash", String(80), nullable=False),
    Column("answer_hash", String(80), nullable=False),  # of the cards, before those that were set aside are left out
    Column("knowledge_version", String(64), nullable=False),
    Column("knowledge_hash", String(80), nullable=False),
    Column("service_version", String(32), nullable=False),
    Column("terminology_hash", String(80)),  # none in lines from before it was kept
    Column("sealed", LargeBinary, nullable=False),  # the minimised input, encrypted; bound to all of the above
)
