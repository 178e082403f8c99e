"""``cds-service knowledge`` as a governance lead uses it: what is printed, written, and returned."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cds_service.commands import main
from cds_service.knowledge.loader import HERE
from fhir_fixtures import cases

SIGNED = 'reason = "Thoracic board, March 2027"\nsigned_by = "Clinical governance lead"\n'
LOCAL = f'{SIGNED}[override]\n"rfa.maxUnilateral" = 4\n"mdt.routineDays" = 21\n'


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CDS_KNOWLEDGE_OVERRIDES", raising=False)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(LOCAL, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["knowledge", *arguments])
    said = capsys.readouterr()
    return code, " ".join(said.out.split()), said.err


def test_check_says_clearly_that_nothing_was_found(capsys):
    code, out, _ = run(capsys, "check", "--on", "2027-11-01")
    assert code == 0
    assert "Nothing found in" in out
    assert "Numbers known to differ" in out


def test_check_returns_1_on_any_complaint(capsys):
    code, out, _ = run(capsys, "check", "--on", "2027-11-02")
    assert code == 1
    assert "overdue: gate.minAge" in out
    assert "Nothing found" not in out


def test_check_looks_at_the_sites_numbers(capsys, local, monkeypatch):
    monkeypatch.setenv("CDS_KNOWLEDGE_OVERRIDES", str(local))
    code, out, _ = run(capsys, "check", "--on", "2027-11-01")
    assert (code, "(2 local policy)" in out) == (0, True)


def test_check_tells_a_content_that_is_refused_as_complaints(capsys, tmp_path, monkeypatch):
    path = tmp_path / "site.toml"
    path.write_text(f'{SIGNED}[override]\n"rfa.maxUnilateral" = 6\n"sbrt.maxDiameterMm" = -1\n', encoding="utf-8")
    monkeypatch.setenv("CDS_KNOWLEDGE_OVERRIDES", str(path))
    code, out, _ = run(capsys, "check")
    assert code == 1
    assert "refused: at start" in out
    assert "The content is refused: 2 complaints." in out


@pytest.mark.parametrize(("form", "start"), [("text", "Version"), ("markdown", "# Clinical content"), ("json", "{")])
def test_review_prints_and_writes_the_same_list(form: str, start: str, capsys, tmp_path):
    code, out, _ = run(capsys, "review", "--format", form)
    path = tmp_path / "list"
    written = run(capsys, "review", "--format", form, "--out", str(path))
    text = path.read_text(encoding="utf-8")
    assert (code, written) == (0, (0, "", ""))
    assert out.startswith(start)
    assert text.lstrip().startswith(start)
    assert "rfa.maxUnilateral" in text


def test_review_says_why_it_cannot_write(capsys, tmp_path):
    code, _, err = run(capsys, "review", "--out", str(tmp_path / "none" / "list"))
    assert (code, "CLM-3001 list cannot be written (No such file or directory)." in err) == (2, True)


def test_diff_of_the_same_content(capsys):
    code, out, _ = run(capsys, "diff", "-", "packaged")
    assert (code, out) == (
        0,
        f"No change: the contents say the same, and all {len(cases())} cases are answered the same.",
    )


def test_diff_with_a_sites_file(capsys, local):
    code, out, _ = run(capsys, "diff", "packaged", str(local))
    assert code == 1
    assert "rfa.maxUnilateral │ <= 3 │ <= 4 │ A-01" in out
    assert "order-ablation-four-on-one-side: Ablation is signed" in out
    assert "Changed texts: " in out
    assert "cases change." in out


def test_diff_without_a_case_at_the_limit_says_so(capsys, tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(f'{SIGNED}[override]\n"karnofsky.ecog3From" = 45\n', encoding="utf-8")
    code, out, _ = run(capsys, "diff", "-", str(path))
    assert code == 1
    assert f"None of the {len(cases())} cases changes." in out


def test_diff_as_json(capsys, local):
    code, out, _ = run(capsys, "diff", "--format", "json", "-", str(local))
    document = json.loads(out)
    assert code == 1
    assert [item["id"] for item in document["parameters"]] == ["mdt.routineDays", "rfa.maxUnilateral"]
    assert document["parameters"][1] == {"id": "rfa.maxUnilateral", "a": "<= 3", "b": "<= 4", "rules": ["A-01"]}
    assert document["a"]["hash"] != document["b"]["hash"]
    changed = {item["id"]: item["changes"] for item in document["cases"]}
    results = [item for item in changed["order-ablation-four-on-one-side"] if item["what"] == "ablation.result"]
    assert results == [{"what": "ablation.result", "a": "NOT_ELIGIBLE", "b": "ELIGIBLE"}]


def test_diff_does_not_mix_in_the_sites_numbers(capsys, local, monkeypatch):
    monkeypatch.setenv("CDS_KNOWLEDGE_OVERRIDES", str(local))
    assert run(capsys, "diff", "-", "packaged")[0] == 0


def test_diff_with_a_folder(capsys, tmp_path):
    content = tmp_path / "content"
    shutil.copytree(HERE, content, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    rules = content / "rules" / "ablation.toml"
    text = rules.read_text(encoding="utf-8")
    assert 'text = "Emphysema."' in text
    rules.write_text(text.replace('text = "Emphysema."', 'text = "Emphysema on record."'), encoding="utf-8")
    code, out, _ = run(capsys, "diff", "packaged", str(content))
    assert code == 1
    assert "Changed texts: reason.A-08.EMPHYSEMA" in out


@pytest.mark.parametrize("second", ["nowhere.toml", "{folder}"], ids=["nothing there", "a folder without content"])
def test_diff_refuses_what_is_no_content(second: str, capsys, tmp_path):
    code, _, err = run(capsys, "diff", "-", second.format(folder=tmp_path))
    assert code == 2
    assert err.startswith("CLM-")


def test_without_a_command_the_commands_are_named(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["knowledge"])
    assert stopped.value.code == 2
    assert "required: COMMAND" in capsys.readouterr().err
