"""The tests against a FHIR server of other people are skipped only where Node is absent, and never where CI is set."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration import real_server


def test_without_node_the_tests_are_skipped_and_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(pytest.skip.Exception, match="Node is not installed"):
        real_server.node()


def test_without_node_the_tests_fail_where_ci_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(pytest.fail.Exception, match="CI is set"):
        real_server.node()


def test_with_node_and_without_its_packages_the_tests_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "node")
    monkeypatch.setattr(real_server, "FOLDER", tmp_path)
    with pytest.raises(pytest.fail.Exception, match="make node"):
        real_server.node()
