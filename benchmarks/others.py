"""Others to measure beside the service: peers that answer a part of its question, and other WSGI servers under it.

They are installed into a throw-away folder by this command and are never dependencies of the project. What cannot be
installed is left out, and the table says so.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS = ROOT / "benchmarks" / "peers"
PYTHON_PACKAGES = ("healthchain", "granian", "pyuwsgi")
NODE_PACKAGES = ("cql-execution", "cql-exec-fhir", "express", "fastify")


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that listens on a port, and where it answers."""

    name: str
    command: Callable[[int], list[str]]
    path: str


@dataclass(frozen=True, slots=True)
class ThrowAway:
    """The folder with what could be installed."""

    folder: Path
    has_python: bool
    has_node: bool

    @property
    def python(self) -> str:
        """Its Python."""
        return str(self.folder / "python" / "bin" / "python")

    def peers(self) -> list[Contender]:
        """Each answers: is there a lung metastasis and a colon cancer, and what is the CEA? One card, one sentence."""
        found = []
        if self.has_python:
            program = str(self.folder / "peers" / "healthchain_app.py")
            found.append(
                Contender(
                    "HealthChain, dicts", lambda port: [self.python, program, str(port)], "/cds/cds-services/question"
                )
            )
        if self.has_node:
            names = {"cql-execution, model reused": "cql_app", "Express": "express_app", "Fastify": "fastify_app"}
            found += [Contender(name, self._node(file), "/question") for name, file in names.items()]
        return found

    def _node(self, file: str) -> Callable[[int], list[str]]:
        return lambda port: ["node", str(self.folder / "peers" / f"{file}.mjs"), str(port)]

    def servers(self, path: str) -> list[Contender]:
        """The service under granian and under uWSGI, one process each."""
        if not self.has_python:
            return []
        module = "benchmarks.served:application"
        granian = ["-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "8", module]
        uwsgi = ["--master", "--processes", "1", "--threads", "8", "--enable-threads", "--die-on-term"]
        uwsgi += ["--disable-logging", "--need-app", "--buffer-size", "16384", "--wsgi", module]
        program = str(self.folder / "python" / "bin" / "uwsgi")
        return [
            Contender("granian, 8 threads", lambda port: [self.python, *granian, "--port", str(port)], path),
            Contender("uWSGI, 8 threads", lambda port: [program, "--http-socket", f"127.0.0.1:{port}", *uwsgi], path),
        ]


@contextmanager
def throw_away() -> Iterator[ThrowAway]:
    """Install the others, and remove them afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _copy(folder / "peers")
        pip = [str(folder / "python" / "bin" / "python"), "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES]
        has_python = _works([sys.executable, "-m", "venv", str(folder / "python")]) and _works(pip)
        has_node = _works(["npm", "install", "--silent", "--no-audit", "--no-fund", *NODE_PACKAGES], folder)
        yield ThrowAway(folder, has_python, has_node)


def environment() -> dict[str, str]:
    """Lets the throw-away Python find the service and what it depends on, behind its own packages."""
    return {"PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}"}


def _copy(to: Path) -> None:
    """Node looks for packages beside the program, so the programs move in."""
    to.mkdir()
    for file in PEERS.iterdir():
        if file.is_file():
            (to / file.name).write_bytes(file.read_bytes())


def _works(command: list[str], folder: Path | None = None) -> bool:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:  # no such program here
        return False
    return done.returncode == 0
