"""The database: opened at start, its tables brought to this version, every failure told in one way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, make_url, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)

from cds_service.errors import StoreUnavailable, StoreUnusable

BUSY_MS = 5000  # how long a writer of SQLite waits for another one
CONNECT_S = 2
POOL_S = 2  # how long a call waits for a connection that another one holds
STATEMENT_MS = 5000
_POOL = 8  # connections kept; as many again may be opened for a peak
NEWEST = "0003"
"""The newest version of the tables: the last of ``migrations/versions``."""
_LOCK = 0x43444C4D  # any number, the same for every instance that migrates

_DEFECTS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


class Database:
    """One database for all workers. The tables are used through :meth:`transaction` alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction, kept when the block ends well.

        Raises: StoreUnavailable (503) when the database is away, busy, full or broken. What the database will never
        take (a value of the wrong type, say) is a defect, and is raised as SQLAlchemy tells it.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as fault:
            if isinstance(fault, _DEFECTS) or (isinstance(fault, StatementError) and not isinstance(fault, DBAPIError)):
                raise
            raise StoreUnavailable(
                "The database does not answer.", hint="Nothing was kept. Try again in a few seconds."
            ) from fault

    def insert_once(self, connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
        """Insert rows, passing over those whose key is there already. Returns how many were new."""
        statement = _insert(table, connection.dialect.name)
        return sum(len(connection.execute(statement, row).all()) for row in rows)

    def problem(self) -> str | None:
        """Why nothing can be kept at the moment; None when the database answers."""
        try:
            with self.transaction() as connection:
                connection.execute(select(1))
        except StoreUnavailable as fault:
            return fault.message
        return None

    def close_connections(self) -> None:
        """Close what is open; what is needed later is opened anew. Forked workers must not share a connection."""
        self._engine.dispose()


@cache
def _insert(table: Table, dialect: str) -> Any:
    """The statement of :meth:`Database.insert_once`, made once: making it anew costs as much as running it."""
    insert: Any = sqlite.insert
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - as many modules as the rest together
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key)


def default_folder() -> Path:
    """Where a single machine keeps its state: ``$XDG_STATE_HOME``, or ``~/.local/state``, and a folder of ours."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "crc-lung-metastasis-cds"


def open_database(url: str | None) -> Database:
    """The database at ``url`` (a SQLite file in :func:`default_folder` when None), at this version of the tables.

    Raises: StoreUnusable, which never repeats the URL, as it may hold a password.
    """
    try:
        engine = _engine(url or f"sqlite:///{_file_in(default_folder())}")
        with engine.execution_options(locked=True).begin() as connection:
            _migrate(connection)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreUnusable(
            "CDS_DATABASE_URL cannot be understood.",
            hint="It is sqlite:///path/to/file or postgresql://user:password@host/name.",
        ) from None
    except (SQLAlchemyError, OSError) as fault:
        raise StoreUnusable(
            f"The database cannot be opened, or its tables cannot be brought to this version ({_kind(fault)}).",
            hint="CDS_DATABASE_URL names it; without it a file under XDG_STATE_HOME or ~/.local/state is used.",
        ) from fault
    return Database(engine)


def _kind(fault: BaseException) -> str:
    cause = getattr(fault, "orig", None) or fault
    return type(cause).__name__


def _file_in(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / "store.sqlite"


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
        # Text, whatever the database's own encoding: one that was made without a locale (SQL_ASCII) would give bytes.
        options = {"connect_timeout": CONNECT_S, "client_encoding": "utf8"}
        options["options"] = f"-c statement_timeout={STATEMENT_MS}"
        engine = create_engine(
            address, pool_pre_ping=True, connect_args=options, pool_size=_POOL, max_overflow=_POOL, pool_timeout=POOL_S
        )
        event.listen(engine, "begin", _lock_postgresql)
        return engine
    engine = create_engine(
        address, connect_args={"timeout": BUSY_MS / 1000}, pool_size=_POOL, max_overflow=_POOL, pool_timeout=POOL_S
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """What is acknowledged is on the disk (synchronous FULL); readers do not wait for a writer (WAL)."""
    connection.isolation_level = None  # the driver would begin transactions late, and none around CREATE TABLE
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("locked")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _lock_postgresql(connection: Connection) -> None:
    """Of several instances that start at once, one migrates and the others wait."""
    if connection.get_execution_options().get("locked"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _migrate(connection: Connection) -> None:
    if inspect(connection).has_table("alembic_version"):
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
        if version == NEWEST:
            return
    from alembic import command  # noqa: PLC0415 - only where there is something to migrate: it takes long to load
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "cds_service.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
