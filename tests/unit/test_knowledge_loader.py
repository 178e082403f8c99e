"""The clinical content refuses to load when it contradicts itself; each fault is proved by making it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cds_service.errors import KnowledgeInvalid
from cds_service.knowledge import load_knowledge
from cds_service.knowledge.loader import HERE

Edit = Callable[[str, str, str], None]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content that a test may spoil."""
    folder = tmp_path / "knowledge"
    folder.mkdir()
    for path in HERE.glob("*.toml"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def edit(content: Path) -> Edit:
    """Replace a text of one file, once; the text must be there."""

    def replace(name: str, old: str, new: str) -> None:
        path = content / name
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def faults(content: Path, overrides: Path | None = None) -> str:
    with pytest.raises(KnowledgeInvalid) as caught:
        load_knowledge(overrides, directory=content)
    return caught.value.message


def test_the_packaged_content_loads():
    knowledge = load_knowledge()
    assert knowledge.version == "1.0.0"
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", knowledge.hash)
    assert knowledge.rule("S-04").title == "Lung function"
    assert knowledge.evidence["salah-2012"].url == "https://doi.org/10.1093/annonc/mds100"


def test_the_changelog_tells_the_version_and_the_counts():
    knowledge = load_knowledge()
    text = (HERE / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {knowledge.version}\n" in text
    counts = (len(knowledge.parameters), len(knowledge.rules), len(knowledge.evidence))
    assert "{} parameters, {} rules, {} sources".format(*counts) in text


INR_MAX = 'value = 1.8\nunit = "{INR}"\ncomparison = "<="\nrules = ["A-05"]\nsources = ["patel-2019"]'

FAULTS = {
    "number without source": (
        "parameters.toml",
        INR_MAX,
        INR_MAX.replace('"patel-2019"', ""),
        "a value without source",
    ),
    "number without unit": (
        "parameters.toml",
        INR_MAX,
        INR_MAX.replace('unit = "{INR}"\n', ""),
        "a number without unit",
    ),
    "empty unit": ("parameters.toml", INR_MAX, INR_MAX.replace('"{INR}"', '""'), "rfa.inrMax: unit"),
    "no rule uses it": ("parameters.toml", INR_MAX, INR_MAX.replace('"A-05"', ""), "rfa.inrMax: no rule uses it"),
    "unknown evidence": ("parameters.toml", INR_MAX, INR_MAX.replace("patel", "petal"), "evidence petal-2019"),
    "unknown rule": (
        "parameters.toml",
        INR_MAX,
        INR_MAX.replace("A-05", "A-99"),
        "names rule A-99, which is not there",
    ),
    "rule does not name it back": ("parameters.toml", INR_MAX, INR_MAX.replace("A-05", "A-06"), "does not name it"),
    "no comparison": ("parameters.toml", INR_MAX, INR_MAX.replace("<=", "=<"), "'=<' is no comparison"),
    "misspelt field": ("parameters.toml", INR_MAX, INR_MAX.replace("unit", "units"), "rfa.inrMax: units: Extra inputs"),
    "negative number": ("parameters.toml", INR_MAX, INR_MAX.replace("1.8", "-1.8"), "-1.8 is no possible value"),
    "not a number": ("parameters.toml", INR_MAX, INR_MAX.replace("1.8", "nan"), "should be a finite number"),
    "boolean": ("parameters.toml", INR_MAX, INR_MAX.replace("1.8", "true"), "rfa.inrMax: value"),
    "against the order": ("parameters.toml", INR_MAX, INR_MAX.replace("1.8", "1.4"), "contradict rfa.inrPass <="),
    "wrong choice": (
        "parameters.toml",
        'value = "egoslim"',
        'value = "egoslin"',
        "'egoslin' is not one of its choices",
    ),
    "no default review date": ("parameters.toml", "\nreview_by = 2027-11-01\n", "\n", "default review date is missing"),
    "value outside a group": (
        "parameters.toml",
        "\nreview_by",
        "\nstray = 3\nreview_by",
        "stray: stands outside any group",
    ),
    "the same parameter twice": ("parameters.toml", "[rfa.bestMm]", "[rfa.inrMax]", "parameters.toml:"),
    "the same rule twice": ("rules.toml", "[A-06]", "[A-05]", "rules.toml:"),
    "the same source twice": ("evidence.toml", "[ye-2018]", "[liu-2018]", "evidence.toml:"),
    "certainty tag not known": (
        "rules.toml",
        'certainty = ["V2", "D"]',
        'certainty = ["V3", "D"]',
        "'V3' is no certainty",
    ),
    "no certainty tag": ("rules.toml", 'certainty = ["V2", "D"]', "certainty = []", "no certainty tag"),
    "source without verification": (
        "evidence.toml",
        'verified = ["V", "V2", "M"]',
        "verified = []",
        "no certainty tag",
    ),
    "rule without source": (
        "rules.toml",
        'evidence = ["thermal-ablation-guideline"]',
        "evidence = []",
        "without source",
    ),
    "rule with unknown source": ("rules.toml", '"pmc5928380"', '"pmc0"', "A-07: names evidence pmc0"),
    "rule with unknown parameter": ("rules.toml", '"rfa.inrPass", ', '"rfa.inrPassed", ', "parameter rfa.inrPassed"),
    "rule names a parameter that does not": ("rules.toml", '["coag.days"]', '["coag.days", "pft.days"]', "not name it"),
    "source that nothing cites": (
        "rules.toml",
        '"pmc5928380"',
        '"ye-2018"',
        "pmc5928380: no rule or parameter cites it",
    ),
    "rule missing": ("rules.toml", "[A-06]", "[A-66]", "rule A-06: listed, but not there"),
    "rule not listed": ("rules.toml", "[A-06]", "[A-66]", "rule A-66: there, but not listed"),
    "reason without text": ("wording.toml", "LARGE_SOLITARY =", "LARGE_SINGLE =", "reason LARGE_SOLITARY: listed"),
    "need without text": ("wording.toml", "RT_HISTORY =", "RT_PAST =", "need RT_HISTORY: listed"),
    "flag without text": ("wording.toml", "SIDE_CONFLICT =", "SIDE_CLASH =", "flag SIDE_CONFLICT: listed"),
    "gate without text": ("wording.toml", "G-09 =", "G-19 =", "gate G-09: listed"),
    "empty text": ("wording.toml", 'EMPHYSEMA = "Emphysema."', 'EMPHYSEMA = " "', "reason.EMPHYSEMA: no text"),
    "text is a number": ("wording.toml", 'EMPHYSEMA = "Emphysema."', "EMPHYSEMA = 3", "reason.EMPHYSEMA: no text"),
    "placeholder not known": ("wording.toml", '"Emphysema."', '"Emphysema {grade}."', "{grade} is not among"),
    "placeholder of another group": ("wording.toml", '"Emphysema."', '"Emphysema {order}."', "{order} is not among"),
    "placeholder empty": ("wording.toml", '"Emphysema."', '"Emphysema {}."', "{} is no parameter"),
    "parameter not known": ("wording.toml", '"Emphysema."', '"Emphysema {rfa.none}."', "{rfa.none} is no parameter"),
    "placeholder without longest value": (
        "wording.toml",
        '\nwhere = "',
        '\nwhither = "',
        "{where} has no longest value",
    ),
    "summary too long": ("wording.toml", "refer to the MDT; key data missing", "refer " * 20, "must stay under 140"),
    "longest value too long": (
        "wording.toml",
        '\norder = "Lobectomy',
        '\norder = "Robot-assisted video-thoracoscopic anatomical upper left',
        "stay under",
    ),
    "longest value is no text": ("wording.toml", '\nside = "right"', "\nside = 3", "longest.side: Input should be"),
    "text outside a group": (
        "wording.toml",
        "\n[placeholders]\n",
        '\nstray = "x"\n[placeholders]\n',
        "stray: stands outside",
    ),
    "rule without statement": ("rules.toml", 'statement = "A patient recorded', 'words = "A', "G-01: statement: Field"),
    "source without citation": (
        "evidence.toml",
        'citation = "RTOG 0813."\n',
        "",
        "rtog-0813: citation: Field required",
    ),
    "forbidden phrase": ("wording.toml", '"Emphysema."', '"Emphysema, OPERABLE."', "forbidden phrase 'operable'"),
    "forbidden in a source": ("evidence.toml", "Ablation does best below", "Erbin does best below", "phrase 'erbin'"),
    "ordering of unknown parameter": ("knowledge.toml", "rfa.bestMm <=", "rfa.worstMm <=", "rfa.worstMm is no number"),
    "ordering of a word": ("knowledge.toml", '"rfa.inrPass <=', '"sync.policy <=', "sync.policy is no number"),
    "ordering unreadable": ("knowledge.toml", "rfa.inrPass <= rfa", "rfa.inrPass <= <= rfa", "does not read 'a <= b'"),
    "no version": ("knowledge.toml", 'version = "1.0.0"', "", "version: Field required"),
    "not TOML": ("rules.toml", "[G-01]", "[G-01", "rules.toml:"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_stops_the_load(name: str, content: Path, edit: Edit):
    file, old, new, expected = FAULTS[name]
    edit(file, old, new)
    assert expected in faults(content)


def test_all_faults_are_told_at_once(content: Path, edit: Edit):
    edit("parameters.toml", INR_MAX, INR_MAX.replace('"patel-2019"', ""))
    edit("wording.toml", '"Emphysema."', '"Emphysema {grade}."')
    edit("rules.toml", '"pmc5928380"', '"pmc0"')
    edit("parameters.toml", 'title = "Oldest data that are used"\n', "")
    message = faults(content)
    for part in ("rfa.inrMax: a value without source", "{grade}", "pmc0", "data.maxAgeYears: title: Field required"):
        assert part in message


def test_a_missing_file_is_named(content: Path):
    (content / "evidence.toml").unlink()
    assert "evidence.toml: cannot be read" in faults(content)


def test_a_file_that_is_no_text_is_named(content: Path):
    (content / "rules.toml").write_bytes(b"\xff\xfe")
    assert "rules.toml:" in faults(content)


def test_another_content_is_another_hash(content: Path, edit: Edit):
    before = load_knowledge(directory=content).hash
    assert before == load_knowledge().hash
    edit("wording.toml", '"Emphysema."', '"Emphysema on record."')
    assert load_knowledge(directory=content).hash != before
