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
from tests.unit import small_knowledge

Edit = Callable[[str, str, str], None]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content that loads, and that a test may spoil."""
    return small_knowledge.write(tmp_path / "knowledge")


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


MOST = 'value = 30\nunit = "mm"\ncomparison = "<="\nrules = ["A-01"]\nsources = ["liu-2018"]'
LARGE = '"Large: above {size.most} mm ({side}, {where})."'
PARAMETERS, SIZE, GATES, EVIDENCE, WORDING, KNOWLEDGE = (
    f"{name}.toml" for name in ("parameters", "rules/size", "rules/gates", "evidence", "wording", "knowledge")
)
#: What is spoilt: the file, what stands there and what stands there then (all of ``small_knowledge``), what is said.
FAULTS = {
    "number without source": (PARAMETERS, MOST, MOST.replace('"liu-2018"', ""), "size.most: a value without source"),
    "number without unit": (PARAMETERS, MOST, MOST.replace('unit = "mm"\n', ""), "size.most: a number without unit"),
    "empty unit": (PARAMETERS, MOST, MOST.replace('"mm"', '""'), "size.most: unit"),
    "no rule uses it": (PARAMETERS, MOST, MOST.replace('"A-01"', ""), "size.most: no rule uses it"),
    "unknown evidence": (PARAMETERS, MOST, MOST.replace("liu", "lui"), "evidence lui-2018"),
    "unknown rule": (PARAMETERS, MOST, MOST.replace("A-01", "A-99"), "names rule A-99, which is not there"),
    "rule does not name it back": (PARAMETERS, MOST, MOST.replace("A-01", "A-02"), "does not name it"),
    "no comparison": (PARAMETERS, MOST, MOST.replace("<=", "=<"), "'=<' is no comparison"),
    "misspelt field": (PARAMETERS, MOST, MOST.replace("unit", "units"), "size.most: units: Extra inputs"),
    "negative number": (PARAMETERS, MOST, MOST.replace("30", "-30"), "-30 is no possible value"),
    "not a number": (PARAMETERS, MOST, MOST.replace("30", "nan"), "should be a finite number"),
    "boolean": (PARAMETERS, MOST, MOST.replace("30", "true"), "size.most: value"),
    "against the order": (PARAMETERS, MOST, MOST.replace("30", "19"), "contradict size.best <= size.most"),
    "wrong choice": (PARAMETERS, 'value = "longest"', 'value = "longset"', "'longset' is not one of its choices"),
    "no default review date": (PARAMETERS, "\nreview_by = 2027-11-01\n", "\n", "default review date is missing"),
    "value outside a group": (PARAMETERS, "\nreview_by", "\nstray = 3\nreview_by", "stray: stands outside any group"),
    "the same parameter twice": (PARAMETERS, "[size.best]", "[size.most]", "parameters.toml:"),
    "the same rule twice": (SIZE, "[A-03]", "[A-01]", "rules/size.toml:"),
    "the same rule in two files": (GATES, "[A-02]", "[A-01]", "A-01: the same rule stands in two files"),
    "the same source twice": (EVIDENCE, "[ye-2018]", "[liu-2018]", "evidence.toml:"),
    "certainty tag not known": (SIZE, '["V2", "D"]', '["V3", "D"]', "'V3' is no certainty"),
    "no certainty tag": (SIZE, '["V2", "D"]', "[]", "no certainty tag"),
    "source without verification": (EVIDENCE, 'verified = ["M"]', "verified = []", "no certainty tag"),
    "rule without source": (SIZE, 'evidence = ["ye-2018"]', "evidence = []", "without source"),
    "rule with unknown source": (GATES, '"only-here"', '"nowhere"', "A-02: names evidence nowhere"),
    "rule with unknown parameter": (SIZE, '"size.best", ', '"size.better", ', "parameter size.better"),
    "rule names a parameter that does not": (GATES, '["size.policy"]', '["size.policy", "size.most"]', "not name it"),
    "source that nothing cites": (GATES, ', "only-here"', "", "only-here: no rule or parameter cites it"),
    "chapter not listed": (KNOWLEDGE, '"gates", ', "", "rules/gates.toml: not among the chapters"),
    "chapter without file": (KNOWLEDGE, '"gates", ', '"gates", "other", ', "rules/other.toml: cannot be read"),
    "reason without text": (SIZE, f"text = {LARGE}\n", "", "A-01: reason LARGE: needs a text"),
    "reason with two texts": (SIZE, f"text = {LARGE}", f'text = {LARGE}\nsame_as = "A-02"', "LARGE: needs a text"),
    "reason of a rule that has none": (
        SIZE,
        'same_as = "A-01"',
        'same_as = "A-02"',
        "A-03: reason LARGE: needs a text",
    ),
    "reason of no rule": (SIZE, 'same_as = "A-01"', 'same_as = "A-09"', "A-03: reason LARGE: needs a text"),
    "reason with an unknown field": (SIZE, 'same_as = "A-01"', 'like = "A-01"', "A-03: reasons.LARGE.like: Extra"),
    "comorbidity without a result": (SIZE, 'result = "CONDITIONAL"\n', "", "SMALL: when and result belong together"),
    "result that is none": (SIZE, '"CONDITIONAL"', '"ELIGIBLE"', "A-01: reasons.SMALL.result: Input should be"),
    "number of another rule": (
        SIZE,
        "{size.most}",
        "{size.policy}",
        "quotes size.policy, which is no",
    ),
    "reason of a rule without therapy": (SIZE, 'therapies = ["ablation"]\n', "", "A-01: gives reasons, but judges no"),
    "therapy without words": (SIZE, '["sbrt"]', '["robot"]', "A-03: 'robot' is no therapy"),
    "rule of a therapy without topic": (SIZE, 'topic = "size"\nrow', "row", "A-01: a topic belongs to a rule that"),
    "topic without a row": (SIZE, 'row = "Size"\n', "", "topic size: one of its rules says what its row is called"),
    "topic with two rows": (
        SIZE,
        '"size"\n\n[A-03',
        '"size"\nrow = "More"\n\n[A-03',
        "topic size: one of its rules says",
    ),
    "row that no rule has": (KNOWLEDGE, 'rows = ["size"]', 'rows = ["side"]', "rows: no rule has the topic side"),
    "need without text": (WORDING, "SIZE =", "LENGTH =", "A-01: need SIZE has no words"),
    "empty text": (WORDING, '"Sides differ."', '" "', "flag.SIDES: no text"),
    "text is a number": (WORDING, '"Sides differ."', "3", "flag.SIDES: no text"),
    "empty reason": (SIZE, LARGE, '" "', "A-01: reasons.LARGE.text: String should have at least 1"),
    "placeholder not known": (SIZE, LARGE, '"Large {grade}."', "{grade} is not among"),
    "placeholder of another group": (SIZE, LARGE, '"Large {order}."', "{order} is not among"),
    "placeholder empty": (SIZE, LARGE, '"Large {}."', "{} is no parameter"),
    "parameter not known": (SIZE, LARGE, '"Large {size.none}."', "{size.none} is no parameter"),
    "placeholder without longest value": (WORDING, '\nwhere = "', '\nwhither = "', "{where} has no longest value"),
    "text too long": (WORDING, "refer to the MDT", "refer to the MDT " * 4, "must stay under 60"),
    "longest value too long": (WORDING, "Lobectomy of", "Robot-assisted anatomical lobectomy of", "must stay under 60"),
    "longest value is no text": (WORDING, '\nside = "right"', "\nside = 3", "longest.side: Input should be"),
    "text outside a group": (WORDING, "\n[placeholders]\n", '\nstray = "x"\n[placeholders]\n', "stands outside"),
    "rule without statement": (SIZE, 'statement = "Above', 'words = "Above', "A-01: statement: Field"),
    "source without citation": (EVIDENCE, 'citation = "Liu."\n', "", "liu-2018: citation: Field required"),
    "forbidden phrase": (SIZE, LARGE, '"Large, OPERABLE."', "forbidden phrase 'operable'"),
    "forbidden in a source": (EVIDENCE, "Does best below", "Erbin does best below", "phrase 'erbin'"),
    "ordering of unknown parameter": (KNOWLEDGE, "size.best <=", "size.worst <=", "size.worst is no number"),
    "ordering of a word": (KNOWLEDGE, "size.best <=", "size.policy <=", "size.policy is no number"),
    "ordering unreadable": (KNOWLEDGE, "size.best <= size", "size.best <= <= size", "does not read 'a <= b'"),
    "no version": (KNOWLEDGE, 'version = "3.2.1"', "", "version: Field required"),
    "not TOML": (SIZE, "[A-01]", "[A-01", "rules/size.toml:"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_stops_the_load(name: str, content: Path, edit: Edit):
    file, old, new, expected = FAULTS[name]
    edit(file, old, new)
    assert expected in faults(content)


def test_without_a_fault_it_loads(content: Path):
    knowledge = load_knowledge(directory=content)
    assert (knowledge.version, set(knowledge.rules)) == ("3.2.1", {"A-01", "A-02", "A-03"})
    assert knowledge.parameter("size.most").number == 30
    assert knowledge.evidence["ye-2018"].url == "https://doi.org/10.1000/ye"


def test_all_faults_are_told_at_once(content: Path, edit: Edit):
    edit(PARAMETERS, MOST, MOST.replace('"liu-2018"', ""))
    edit(SIZE, LARGE, '"Large {grade}."')
    edit(GATES, '"only-here"', '"nowhere"')
    edit(PARAMETERS, 'title = "Best size"\n', "")
    message = faults(content)
    for part in ("size.most: a value without source", "{grade}", "nowhere", "size.best: title: Field required"):
        assert part in message


def test_a_missing_file_is_named(content: Path):
    (content / EVIDENCE).unlink()
    assert "evidence.toml: cannot be read" in faults(content)


def test_a_file_that_is_no_text_is_named(content: Path):
    (content / SIZE).write_bytes(b"\xff\xfe")
    assert "size.toml:" in faults(content)


def test_another_content_is_another_hash(content: Path, edit: Edit):
    before = load_knowledge(directory=content).hash
    assert before != load_knowledge().hash
    edit(SIZE, LARGE, '"Large."')
    assert load_knowledge(directory=content).hash != before


def test_the_same_content_elsewhere_is_the_same_hash(tmp_path: Path):
    shutil.copytree(HERE, tmp_path / "copy", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    assert load_knowledge(directory=tmp_path / "copy").hash == load_knowledge().hash
