"""The marker of tests that start a program sets itself, and a program that is started without it is refused."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests import processes
from tests.docs.test_tree import tracked_texts
from tests.integration import postgres, real_server
from tests.integration.postgres import running_postgres
from tests.integration.serving import running


@contextmanager
def at_once(tmp_path):
    with running(tmp_path, "sqlite://") as service:
        yield service


class Held:
    @property
    def started(self):
        return running_postgres()


def calls_a_helper(tmp_path):
    with running(tmp_path, "sqlite://"):
        pass


def calls_what_calls_a_helper(tmp_path):
    return list(map(at_once, [tmp_path]))


def names_it_in_a_function_of_its_own():
    def inner():
        return postgres.running_postgres()

    return inner


def uses_a_class():
    return Held().started


@processes.starts_process
def says_so_itself():
    pass


@pytest.mark.parametrize(
    "function",
    [calls_a_helper, calls_what_calls_a_helper, names_it_in_a_function_of_its_own, uses_a_class, says_so_itself],
)
def test_what_names_a_helper_that_starts_a_program_is_known(function):
    assert processes._starts(function)


def only_looks_for_the_program():
    return real_server.node(), postgres.binaries()


@pytest.mark.parametrize("function", [only_looks_for_the_program, tracked_texts, dict])
def test_what_names_none_is_left_alone(function):
    assert not processes._starts(function)


def test_a_program_that_is_started_without_the_marker_is_refused():
    with pytest.raises(pytest.fail.Exception, match="has no marker 'process': decorate the helper"):
        subprocess.run([sys.executable, "-c", ""], check=True)


def test_a_program_that_answers_at_once_is_let_through():
    assert subprocess.run(["git", "--version"], check=True, capture_output=True).stdout  # noqa: S607


@processes.starts_process
def test_with_the_marker_it_may_be_started(request):
    assert request.node.get_closest_marker("process")
    subprocess.run([sys.executable, "-c", ""], check=True)


def test_tests_that_share_a_program_are_run_by_one_worker():
    scope = processes.scope
    assert scope("tests/browser/test_a.py::t") == scope("tests/browser/test_b.py::t[1]") == "tests/browser"
    assert scope("tests/integration/test_medplum.py::t[a]") == "tests/integration/test_medplum.py"
    alone = "tests/docs/test_commands_run.py::t[README.md]"
    assert scope(alone) == alone


def test_the_guard_ends_with_its_block(request):
    with processes.guarded(request.node):
        pass
    with pytest.raises(pytest.fail.Exception):  # that of this test still stands
        subprocess.run([sys.executable, "-c", ""], check=True)
