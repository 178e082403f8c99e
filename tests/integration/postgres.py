"""A PostgreSQL server of the tests' own, from the system's packages, in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.integration.ports import free_port
from tests.processes import starts_process

_PACKAGED = Path("/usr/lib/postgresql")
_WAIT_S = 60


def binaries() -> Path:
    """Where ``initdb`` and ``pg_ctl`` are. Without them the test is skipped, but never where CI is set."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(_PACKAGED.glob("*/bin"), reverse=True)
    if folders:
        return folders[0]
    if os.environ.get("CI"):
        pytest.fail("PostgreSQL is not installed (Debian: postgresql)")
    pytest.skip("PostgreSQL is not installed (Debian: postgresql)")


def _as_postgres() -> list[str]:
    """The server refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


class Postgres:
    """One server on a loopback port. ``url`` names a database of its own for each caller of :meth:`database`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bin = binaries()
        self.port = free_port()
        self._count = 0

    def initialise(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")
        self._run("initdb", "-D", f"{self._folder}/data", "-U", "cds", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c fsync=off"
        log = f"{self._folder}/log"
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-w", "-t", str(_WAIT_S), "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-w", "-t", str(_WAIT_S), "-m", mode, "stop")

    def database(self, encoding: str = "UTF8") -> str:
        """The URL of a new, empty database."""
        self._count += 1
        name = f"store{self._count}"
        with psycopg.connect(
            f"host=127.0.0.1 port={self.port} user=cds dbname=postgres", autocommit=True
        ) as connection:
            kind = f"TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
            connection.execute(f"CREATE DATABASE {name} {kind}".encode())
        return f"postgresql://cds@127.0.0.1:{self.port}/{name}"

    def _run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [*_as_postgres(), str(self._bin / command), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd="/",
        )
        if done.returncode:
            raise RuntimeError(f"{command} failed: {done.stderr}")


@starts_process
@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server that runs until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="cds-pg-"))
    server = Postgres(folder)
    try:
        server.initialise()
        server.start()
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
