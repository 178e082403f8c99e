"""The pages say what the code does: commands, settings, errors, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cds_service import errors
from cds_service.app import create_app
from cds_service.commands import main
from cds_service.commands.demo import CASE
from cds_service.settings import Settings, load_settings
from cds_service.settings.load import file_variable
from cds_service.settings.model import SECRETS, variable
from fhir_fixtures import EVALUATED_ON, case
from tests.contract.requirements import proves

ROOT = Path(__file__).parent.parent.parent


def page(name: str) -> str:
    return (ROOT / name).read_text()


def code_blocks(text: str) -> str:
    return "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))


def test_every_make_command_of_the_readme_is_a_target_of_the_makefile():
    commands = set(re.findall(r"\bmake ([a-z]+)", page("README.md")))
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), flags=re.MULTILINE))
    assert {"demo", "test"} <= commands
    assert commands <= targets


def test_the_first_two_commands_of_the_readme_are_demo_and_test():
    assert re.findall(r"^make .*$", code_blocks(page("README.md")), flags=re.MULTILINE)[:2] == [
        "make demo",
        "make test",
    ]


def test_the_build_script_runs_the_commands_of_the_readme():
    lines = page(".ci/run").splitlines()
    assert "make test" in lines
    assert "make demo" in lines


def test_the_build_script_runs_every_test_once_and_measures_the_branches():
    lines = page(".ci/run").splitlines()
    assert [line for line in lines if re.match(r"make (test|coverage)|.*pytest", line)] == [
        "make test",
        "make test-rest",
    ]
    assert lines.index("export COVERAGE=yes") < lines.index("make test")
    makefile = page("Makefile")
    (fast,) = re.findall(r"^FAST := (.+)$", makefile, re.MULTILINE)
    assert [line.count("pytest") for line in makefile.splitlines() if "(FAST)" in line] == [1, 1]
    assert "-m '$(FAST)'" in makefile
    assert "-m 'not ($(FAST))'" in makefile
    assert fast == "not process and not thorough"
    assert "--fail-under=99" in makefile


def test_files_that_the_readme_hands_to_a_command_exist():
    paths = re.findall(r"fhir_fixtures/cases/[\w./-]+", page("README.md"))
    assert len(paths) >= 3
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_readme_shows_the_card_of_the_demo():
    patient = case(CASE)
    app = create_app(load_settings(evaluation_date=EVALUATED_ON))
    answer = app.test_client().post("/cds-services/crc-lung-metastasis-patient-view", json=patient.request)
    assert f"│ {answer.get_json()['cards'][0]['summary']} " in page("README.md")


def error_classes(parent: type[errors.CdsError] = errors.CdsError) -> list[type[errors.CdsError]]:
    return [found for child in parent.__subclasses__() for found in (child, *error_classes(child))]


@proves("USER-09")
@pytest.mark.parametrize("code", sorted({error.code for error in error_classes()} | {errors.DEFECT_CODE}))
def test_every_error_code_is_documented_with_its_status(code):
    rows = [row for row in page("docs/reference/http.md").splitlines() if row.startswith(f"| `{code}` |")]
    assert len(rows) == 1
    statuses = {error.status for error in error_classes() if error.code == code} or {500}
    assert {int(found) for found in re.findall(r"\| (\d{3}) \|", rows[0])} == statuses


def test_no_page_names_a_setting_that_does_not_exist():
    known = {variable(name) for name in Settings.model_fields} | {file_variable(name) for name in SECRETS}
    guides = [str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")]
    pages = ("README.md", "Dockerfile", "ARCHITECTURE.md", "CHANGELOG.md", *guides)
    assert {found for name in pages for found in re.findall(r"CDS_[A-Z_]+[A-Z]", page(name))} <= known


@proves("DUTY-01")
def test_every_route_and_every_service_is_documented():
    app = create_app(load_settings())
    rules = {re.sub(r"<(?:\w+:)?\w+>", "{id}", rule.rule) for rule in app.url_map.iter_rules()}
    services = {service["id"] for service in app.test_client().get("/cds-services").get_json()["services"]}
    text = page("docs/reference/http.md")
    assert {rule for rule in rules if f"| `{rule}` |" not in text} == set()
    assert {service for service in services if f"| `{service}` |" not in text} == set()


def relative_links(text: str) -> list[str]:
    return [
        link for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) if not link.startswith(("http", "mailto"))
    ]


@pytest.mark.parametrize(
    "name", sorted(str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
)
def test_links_between_pages_lead_somewhere(name):
    broken = [link for link in relative_links(page(name)) if not ((ROOT / name).parent / link).exists()]
    assert broken == []


def test_the_sandbox_page_uses_commands_and_options_that_exist(capsys):
    text = page("docs/how-to/public-sandbox.md")
    given: dict[str, set[str]] = {}
    for command, rest in re.findall(r"cds-service sandbox (\w+)([^\n`]*)", text):
        given.setdefault(command, set()).update(re.findall(r"--[a-z][a-z-]+", rest))
    given["try"] |= set(re.findall(r"--[a-z][a-z-]+", text.split("## 4.")[1].split("## 5.")[0]))
    assert set(given) == {"load", "clean", "try", "record"}
    for command, options in given.items():
        with pytest.raises(SystemExit):
            main(["sandbox", command, "--help"])
        assert options <= set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    known = {f"CDS_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"CDS_[A-Z_]+[A-Z]", text)) <= known
