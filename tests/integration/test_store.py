"""The store, on SQLite and on PostgreSQL: what is kept is kept once, for all workers, and nothing else is."""

from __future__ import annotations

import importlib
import os
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from cds_service.errors import StoreUnavailable, StoreUnusable
from cds_service.protocol.feedback import FeedbackEntry
from cds_service.store import (
    CardMemory,
    Database,
    DecisionStore,
    FeedbackStore,
    UsedTokens,
    load_pseudonyms,
    open_database,
)
from cds_service.store import database as database_module
from cds_service.store.decisions import KeptDecision
from cds_service.store.feedback_counts import feedback_report
from cds_service.store.memory import SentCard
from cds_service.store.retention import purge
from cds_service.store.tables import CARDS, DECISIONS, FEEDBACK, METADATA, TOKENS
from cds_service.store.used_tokens import KEPT_LONGER
from tests.integration.postgres import Postgres

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
Opened = Callable[[], Database]


def card(number: int = 1, **more: Any) -> SentCard:
    return SentCard(
        **{
            "uuid": f"00000000-0000-4000-8000-{number:012}",
            "caller": "https://ehr.example.org",
            "service": "s",
            "hook": "patient-view",
            "topic": "mdt-referral",
            "indicator": "info",
            "rules": ("M-01", "S-04"),
            "knowledge_version": "1.0.0",
            "knowledge_hash": "sha256:x",
            "service_version": "1",
            "sent": NOW,
            "patient": "p",
            "clinician": "c",
            "facts": {"label.CEA": "a"},
        }
        | more
    )


def entry(number: int = 1, outcome: str = "overridden", at: datetime = LATER, **more: Any) -> FeedbackEntry:
    return FeedbackEntry(card(number).uuid, outcome, at, **more)


@pytest.fixture
def opened(database_url: str) -> Iterator[Opened]:
    """Opens the same database as often as it is called, as several instances of the service do."""
    databases: list[Database] = []

    def another() -> Database:
        databases.append(open_database(database_url))
        return databases[-1]

    yield another
    for database in databases:
        database.close_connections()


def rows(database: Any, table: Any) -> list[Any]:
    with database.transaction() as connection:
        return list(connection.execute(select(table)))


def test_the_migrations_make_the_tables_that_the_code_uses(opened: Opened) -> None:
    with opened().transaction() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_newest_version_is_the_last_migration() -> None:
    scripts = ScriptDirectory(str(Path(database_module.__file__).parent / "migrations"))
    assert scripts.get_current_head() == database_module.NEWEST


def test_several_instances_may_start_at_once(opened: Opened) -> None:
    importlib.import_module("alembic.command")  # so that all of them migrate at the same moment
    with ThreadPoolExecutor(4) as threads:
        instances = list(threads.map(lambda _: opened(), range(4)))
    assert [rows(database, CARDS) for database in instances] == [[], [], [], []]


def test_what_was_kept_is_there_at_the_next_start(opened: Opened) -> None:
    FeedbackStore(opened()).keep("", "s", [entry()])
    assert len(rows(opened(), FEEDBACK)) == 1


def decision(number: int = 1, **more: Any) -> KeptDecision:
    values = {
        "id": f"{number:032x}",
        "request": f"r-{number}",
        "hook_instance": f"00000000-0000-4000-8000-{number:012}",
        "decided": NOW + timedelta(minutes=number),
        "hook": "patient-view",
        "assessment_hash": "sha256:a",
        "answer_hash": "sha256:b",
        "knowledge_version": "1.0.0",
        "knowledge_hash": "sha256:x",
        "service_version": "1",
        "terminology_hash": "sha256:t",
        "sealed": bytes(range(256)),
    }
    return KeptDecision(**(values | more))


def test_decisions_come_back_as_they_were_kept_a_page_at_a_time(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds_service.store.decisions._PAGE", 2)
    store = DecisionStore(opened())
    writer = store.writer(KeptDecision.row, None)
    made = [decision(number) for number in range(1, 6)]
    for one in made:
        writer.put(one)
    writer.flush()
    assert list(store.since(None)) == made
    assert [one.open_part for one in store.since(None)] == [one.open_part for one in made]
    assert list(store.since(made[3].decided)) == made[3:]
    assert store.under("r-2") == store.under(made[1].id) == store.under(made[1].hook_instance) == [made[1]]
    assert store.under("r-9") == []
    assert store.forget(made[3].decided) == 3
    assert list(store.since(None)) == made[3:]


def test_a_database_of_the_first_version_is_brought_to_this_one_with_what_it_holds(opened: Opened) -> None:
    database = opened()
    FeedbackStore(database).keep("ehr", "s", [entry()])
    with database.transaction() as connection:  # as the first version left it
        DECISIONS.drop(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    renewed = opened()
    assert list(DecisionStore(renewed).since(None)) == []
    with renewed.transaction() as connection:
        assert len(connection.execute(select(FEEDBACK)).all()) == 1


def test_decisions_from_before_their_codes_were_kept_are_there_after_the_update(opened: Opened) -> None:
    database = opened()
    store = DecisionStore(database)
    writer = store.writer(KeptDecision.row, None)
    writer.put(decision(terminology_hash=None))
    writer.flush()
    with database.transaction() as connection:  # as the second version left it
        connection.exec_driver_sql("ALTER TABLE decision DROP COLUMN terminology_hash")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    assert list(DecisionStore(opened()).since(None)) == [decision(terminology_hash=None)]


def test_a_token_is_new_once_for_all_instances(opened: Opened) -> None:
    one, two = (UsedTokens(opened()) for _ in range(2))
    assert one.first_use("issuer", "jti", LATER)
    assert not two.first_use("issuer", "jti", LATER)
    assert two.first_use("another issuer", "jti", LATER)


def test_of_many_that_use_a_token_at_once_one_is_first(opened: Opened) -> None:
    stores = [UsedTokens(opened()) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda i: stores[i % 4].first_use("issuer", "jti", LATER), range(32)))
    assert answers.count(True) == 1


@pytest.mark.parametrize(
    ("expired", "kept"),
    [(timedelta(seconds=1), True), (KEPT_LONGER, True), (KEPT_LONGER + timedelta(seconds=1), False)],
)
def test_a_token_is_forgotten_a_day_after_it_has_expired(
    expired: timedelta, kept: bool, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at once: a clock that runs ahead for a moment would forget tokens that are good again when it is right."""
    store = UsedTokens(opened(), now=lambda: LATER)
    monkeypatch.setattr("cds_service.store.used_tokens._PURGE_EVERY_S", -1)
    store.first_use("issuer", "old", LATER - expired)
    store.first_use("issuer", "current", LATER + timedelta(seconds=1))
    assert store.first_use("issuer", "old", LATER) is not kept


def test_a_postgresql_without_a_locale_will_do(postgres: Postgres) -> None:
    """Made where no language is set, a cluster is in SQL_ASCII, and gives bytes to whoever does not say otherwise."""
    database = open_database(postgres.database(encoding="SQL_ASCII"))
    FeedbackStore(database).keep("", "s", [entry(reason_code="Überweisung")])
    assert [row.reason_code for row in rows(database, FEEDBACK)] == ["Überweisung"]
    database.close_connections()


def test_feedback_is_kept_once_however_often_it_comes(opened: Opened) -> None:
    store = FeedbackStore(opened())
    batch = [entry(), entry(), entry(2, "accepted", suggestions=(card(3).uuid,))]
    assert store.keep("", "s", batch) == 2
    assert store.keep("", "s", batch) == 0
    assert store.keep("", "s", [entry(at=LATER + timedelta(seconds=1))]) == 1


def test_feedback_is_kept_whole_or_not_at_all(opened: Opened) -> None:
    database = opened()
    broken = FeedbackEntry("x" * 10, None, LATER)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError):
        FeedbackStore(database).keep("", "s", [entry(), broken])
    assert rows(database, FEEDBACK) == []


def test_what_is_longer_than_its_column_is_cut(opened: Opened) -> None:
    database = opened()
    said = entry(reason_system="s" * 999, reason_code="c\0" * 999, commented=True)
    FeedbackStore(database).keep("", "s", [said])
    (row,) = rows(database, FEEDBACK)
    assert (len(row.reason_system), row.reason_code) == (256, "c" * 64)
    assert row.commented


def test_a_moment_comes_back_as_it_was_put_in(opened: Opened) -> None:
    database = opened()
    elsewhere = LATER.astimezone(datetime.fromisoformat("2025-06-01T12:00:00+09:00").tzinfo)
    FeedbackStore(database, now=lambda: NOW).keep("", "s", [entry(at=elsewhere)])
    (row,) = rows(database, FEEDBACK)
    assert (row.occurred, row.received) == (LATER, NOW)
    assert row.occurred.utcoffset() == timedelta(0)
    with pytest.raises(StatementError), database.transaction() as connection:
        connection.execute(insert(TOKENS).values(token="t", until=datetime(2025, 6, 1)))


def test_cards_are_remembered_and_those_set_aside_are_found(opened: Opened) -> None:
    database = opened()
    memory, feedback = CardMemory(database), FeedbackStore(database, now=lambda: LATER)
    memory.sent([card(1), card(2), card(3, patient="another"), card(4, clinician="another"), card(5), card(1)])
    memory.flush()
    feedback.keep("https://ehr.example.org", "s", [entry(1), entry(2, "accepted"), entry(3), entry(4)])
    feedback.keep("https://stranger.example.org", "s", [entry(5)])
    found = memory.set_aside(caller="https://ehr.example.org", patient="p", clinician="c", since=NOW)
    assert [(item.card, item.topic, item.rule, item.at, dict(item.digests)) for item in found] == [
        (card(1).uuid, "mdt-referral", "", LATER, {"label.CEA": "a"})
    ]


@pytest.mark.parametrize(
    ("outcomes", "set_aside"),
    [(("overridden", "accepted"), False), (("accepted", "overridden"), True), (("overridden",), True)],
)
def test_of_several_outcomes_the_latest_counts(opened: Opened, outcomes: tuple[str, ...], set_aside: bool) -> None:
    database = opened()
    memory, feedback = CardMemory(database), FeedbackStore(database, now=lambda: LATER)
    memory.sent([card()])
    memory.flush()
    said = [entry(outcome=outcome, at=NOW + timedelta(minutes=i)) for i, outcome in enumerate(outcomes)]
    feedback.keep(card().caller, "s", list(reversed(said)))
    found = memory.set_aside(caller=card().caller, patient="p", clinician="c", since=NOW)
    assert (found != []) is set_aside
    assert feedback_report(database, by=["topic"]).whole.overridden == set_aside


def test_a_card_that_the_database_will_never_take_does_not_keep_the_others_from_it(opened: Opened) -> None:
    database = opened()
    memory = CardMemory(database)
    memory.sent([card(1), card(2, topic=None), card(3)])
    memory.flush()
    assert sorted(row.uuid for row in rows(database, CARDS)) == [card(1).uuid, card(3).uuid]


def test_a_database_that_was_away_gets_the_cards_when_it_is_back(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, tried = opened(), threading.Event()
    monkeypatch.setattr("cds_service.store.writer._PAUSE_S", 0.05)
    working = Database.transaction

    def away(self: Database) -> Any:
        tried.set()
        raise StoreUnavailable("away")

    monkeypatch.setattr(Database, "transaction", away)
    memory = CardMemory(database)
    memory.sent([card()])
    assert tried.wait(60)
    monkeypatch.setattr(Database, "transaction", working)
    memory.flush()
    assert len(rows(database, CARDS)) == 1


def test_a_database_that_is_away_is_left_alone_for_a_moment(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked = [0.0], []

    def away(self: Database) -> Any:
        asked.append(now[0])
        raise StoreUnavailable("away")

    memory = CardMemory(opened(), clock=lambda: now[0])
    with monkeypatch.context() as patched:
        patched.setattr(Database, "transaction", away)
        for moment in (0.0, 1.0, 4.9, 5.0, 9.0):
            now[0] = moment
            with pytest.raises(StoreUnavailable):
                memory.set_aside(caller="", patient="p", clinician="c", since=NOW)
    assert asked == [0.0, 5.0]
    now[0] = 10.0
    assert memory.set_aside(caller="", patient="p", clinician="c", since=NOW) == []


def test_what_was_set_aside_long_ago_is_not_found(opened: Opened) -> None:
    database = opened()
    memory = CardMemory(database)
    memory.sent([card()])
    memory.flush()
    FeedbackStore(database, now=lambda: NOW).keep(card().caller, "s", [entry()])
    assert memory.set_aside(caller=card().caller, patient="p", clinician="c", since=LATER) == []


def test_the_report_counts_cards_by_topic_rule_and_version(opened: Opened) -> None:
    database = opened()
    memory = CardMemory(database)
    memory.sent([card(1), card(2), card(3, topic="safety", rules=("A-04",), sent=NOW + timedelta(days=1)), card(4)])
    memory.flush()
    FeedbackStore(database).keep(
        card().caller,
        "s",
        [entry(1, reason_code="patient-refuses"), entry(2, "accepted"), entry(3), entry(99)],
    )
    report = feedback_report(database, by=["topic", "rule", "knowledge"])
    assert [(row.group, row.shown, row.accepted, row.overridden, row.unanswered) for row in report.rows] == [
        (("mdt-referral", "M-01", "1.0.0"), 3, 1, 1, 1),
        (("mdt-referral", "S-04", "1.0.0"), 3, 1, 1, 1),
        (("safety", "A-04", "1.0.0"), 1, 0, 1, 0),
    ]
    assert dict(report.whole.reasons) == {"patient-refuses": 1, "no reason given": 1}
    assert (report.whole.shown, report.unknown) == (4, 1)
    assert feedback_report(database, by=["topic"], since=NOW + timedelta(hours=1)).whole.shown == 1
    assert feedback_report(database, by=["topic"], until=NOW + timedelta(hours=1)).whole.shown == 3


def test_old_records_go_when_the_operator_says_so(opened: Opened) -> None:
    database = opened()
    memory = CardMemory(database)
    memory.sent([card(1), card(2, sent=LATER)])
    memory.flush()
    FeedbackStore(database, now=lambda: NOW).keep("", "s", [entry(1)])
    assert purge(database, LATER) == (1, 1)
    assert [row.uuid for row in rows(database, CARDS)] == [card(2).uuid]


def test_a_database_that_cannot_be_opened_refuses_the_start_and_keeps_the_password(tmp_path: Path) -> None:
    for url in (
        "postgresql://cds:CANARY@127.0.0.1:1/store",
        f"sqlite:///{tmp_path}/no/such/folder/CANARY.sqlite",
        "sqlite:///%",
        "postgresql://cds:CANARY@127.0.0.1:port/x",
    ):
        with pytest.raises(StoreUnusable) as refused:
            open_database(url if url != "sqlite:///%" else f"sqlite:///{tmp_path}")
        assert "CANARY" not in f"{refused.value.message}{refused.value.hint}"


def test_the_key_for_pseudonyms_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    one, two = load_pseudonyms(None, tmp_path), load_pseudonyms(None, tmp_path)
    assert one.of("patient", "", "1") == two.of("patient", "", "1")
    (made,) = tmp_path.iterdir()
    assert stat.S_IMODE(os.stat(made).st_mode) == 0o600  # noqa: PTH116


def test_a_pseudonym_depends_on_the_key_the_kind_and_every_part(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name * 32)
    a, b = (load_pseudonyms(tmp_path / name, tmp_path) for name in "ab")
    names = {a.of("patient", "x", "y"), a.of("fact", "x", "y"), a.of("patient", "xy", ""), b.of("patient", "x", "y")}
    assert len(names) == 4


def test_a_short_key_or_none_refuses_the_start(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x" * 31)
    with pytest.raises(StoreUnusable, match="shorter than 32 bytes"):
        load_pseudonyms(tmp_path / "key", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match="cannot be read or made"):
        load_pseudonyms(None, tmp_path / "file")
