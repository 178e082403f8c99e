"""``cds_tools.check`` will be installed without the service's web framework and database."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib.util import find_spec

import pytest

import cds_tools.check
from tests.processes import starts_process

NOT_INSTALLED = ("flask", "werkzeug", "gunicorn", "sqlalchemy", "alembic", "psycopg", "limits", "prometheus_client")
MODULES = [found.name for found in pkgutil.iter_modules(cds_tools.check.__path__, "cds_tools.check.")]


@starts_process
def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, where nothing is loaded yet."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=600)


def test_the_check_loads_no_web_framework_and_no_database() -> None:
    names = ", ".join(["cds_tools.check", *MODULES])
    done = run(f"import sys, {names}; print(*{{name.partition('.')[0] for name in sys.modules}})")
    loaded = set(done.stdout.split())
    assert {"cds_tools", "requests"} <= loaded
    assert loaded.isdisjoint(NOT_INSTALLED)


@pytest.mark.parametrize("name", NOT_INSTALLED)
def test_what_is_not_to_be_loaded_could_be(name: str) -> None:
    """Else the test above would say nothing."""
    assert find_spec(name) is not None


def test_the_check_runs_where_they_are_not_installed() -> None:
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({NOT_INSTALLED!r})); "
        "import argparse; from cds_tools.check.commands import add_check; "
        "parser = argparse.ArgumentParser(); add_check(parser); "
        "options = parser.parse_args(['http://127.0.0.1:1', '--timeout', '1']); sys.exit(options.run(options))"
    )
    done = run(program)
    assert done.returncode == 2, done.stderr
    assert "The check could not run: http://127.0.0.1:1/cds-services" in done.stderr
