"""Every text that a clinician may read: short, complete, and free of what must not be said."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import cds_service
from cds_service.knowledge import load_knowledge
from cds_service.knowledge.loader import HERE
from cds_service.knowledge.template import number_text, placeholders

KNOWLEDGE = load_knowledge()
TABLE = tomllib.loads((HERE / "wording.toml").read_text(encoding="utf-8"))
LONGEST = TABLE["longest"]
RENDERED = {key: text.fill(LONGEST) for key, text in KNOWLEDGE.texts.items()}

MUST_NOT_SAY = (
    "eligible for surgery",
    "resectable",
    "operable",
    "recommended treatment",
    "should receive",
    "Aidi",
    "Erbin",
    "CD73",
    "miR-",
    "primary lung metast",
    "Fleischner",
    "RECIST",
)


def test_every_reason_is_a_sentence():
    said = {key: text for key, text in RENDERED.items() if key.startswith("reason.")}
    assert len(said) > 50
    assert [key for key, text in said.items() if not text.endswith(".")] == []


@pytest.mark.parametrize("key", RENDERED)
def test_a_text_renders_with_its_longest_values(key: str):
    text = RENDERED[key]
    assert text.strip() == text != ""
    assert placeholders(text) == ()


@pytest.mark.parametrize("key", [key for key in RENDERED if key.startswith("summary.")])
def test_a_summary_is_one_sentence_under_140_characters(key: str):
    assert len(RENDERED[key]) < 140
    assert not re.search(r"[.!?] [A-Z]", RENDERED[key])


@pytest.mark.parametrize("phrase", MUST_NOT_SAY)
def test_no_text_says_what_must_not_be_said(phrase: str):
    assert [key for key, text in RENDERED.items() if phrase.lower() in text.lower()] == []


def test_texts_are_plain():
    for key, text in RENDERED.items():
        assert not re.search(r"<[a-zA-Z/]", text), key
        assert "|" not in text, key
        assert "\n" not in text, key


def test_numbers_of_rules_are_not_written_out():
    """Where a text quotes a limit, it quotes the parameter: a moved limit moves the text."""
    limits = {"6 mm", "10 mm", "20 mm", "30 mm", "50 mm", "38.5", "18 years", "90 days", "180 days", "28 days"}
    written = {f"{group}.{name}": text for group, texts in TABLE.items() for name, text in texts.items()}
    for file in (HERE / "rules").glob("*.toml"):
        for id_, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            reasons = entry.get("reasons", {})
            written |= {f"criterion.{entry['topic']}": entry["row"]} if "row" in entry else {}
            for key, field in (("reason", "text"), ("short", "short")):
                written |= {f"{key}.{id_}.{code}": told[field] for code, told in reasons.items() if field in told}
    assert written.keys() >= KNOWLEDGE.texts.keys()
    for key in KNOWLEDGE.texts:
        assert not [limit for limit in limits if limit in written[key]], key


MANDATORY = {
    "line.pulmicc": ("PulMiCC", "65 patients", "0.82", "0.43-1.56", "inconclusive"),
    "line.lung_sparing": ("when margins allow", "association"),
    "line.nsclc": ("extrapolation",),
    "line.age_sbrt": ("extrapolation",),
    "line.ranking_ablation": ("consensus preference, low-level evidence",),
    "line.no_randomised": ("no randomised comparison",),
    "line.second_primary": ("second primary lung cancer", "biopsy", "NICE"),
    "line.disclaimer": ("Options to discuss",),
    "line.small_nodules": ("indeterminate", "about 3 months"),
    "systemic.T-02": ("6 months in total",),
    "result.ELIGIBLE": ("option to discuss",),
    "prognosis.salah_good": ("68.2 %", "operated patients", "927 patients"),
}


@pytest.mark.parametrize("key", MANDATORY)
def test_the_honesty_lines_say_what_they_must(key: str):
    for part in MANDATORY[key]:
        assert part in RENDERED[key]


def test_the_result_wording():
    words = {name: KNOWLEDGE.text(f"result.{name}") for name in KNOWLEDGE.group("result")}
    assert words == {
        "ELIGIBLE": "option to discuss",
        "CONDITIONAL": "option with caution",
        "BLOCKED": "not until corrected",
        "NOT_ELIGIBLE": "not supported by the rule set",
        "UNKNOWN": "cannot be assessed",
        "NOT_OFFERED": "not offered",
    }


def test_an_old_value_has_its_own_wording():
    assert KNOWLEDGE.need("CEA_STALE", days="120", date="2025-02-01") == "Repeat CEA: last value is 120 days old."
    assert KNOWLEDGE.need("CEA") == "CEA: no usable value on record."


def test_values_are_put_in_as_they_are():
    assert KNOWLEDGE.text("reason.A-06.HOLD_PLAN", drugs="{k}") == "On {k}: needs a plan for holding it, drug by drug."


def test_a_missing_value_or_key_is_a_defect():
    with pytest.raises(KeyError, match="needs date"):
        KNOWLEDGE.text("reason.A-05.INR", value="1.9")
    with pytest.raises(KeyError):
        KNOWLEDGE.text("summary.none")


def test_flags_need_no_values():
    for name in KNOWLEDGE.group("flag"):
        assert KNOWLEDGE.flag(name).endswith(".")


@pytest.mark.parametrize(("value", "text"), [("5.0", "5"), ("1.50", "1.5"), ("10", "10"), ("1E+1", "10"), ("0.0", "0")])
def test_numbers_read_as_a_person_writes_them(value: str, text: str):
    assert number_text(Decimal(value)) == text


HOUSE = Path(cds_service.__file__).parent
CHECKED_AT_START = ("reason", "short", "need", "flag", "gate")
"""Groups whose names are compared with the code, both ways, at every start (``oncology.fit``)."""


def words_of_the_content() -> Iterator[str]:
    """What a key may be named after that stands in no code: rules, topics, comorbidities, choices, codes."""
    for item in KNOWLEDGE.rules.values():
        yield from (item.id, item.id[0], str(item.topic), *(str(told.when) for told in item.reasons.values()))
    for parameter in KNOWLEDGE.parameters.values():
        yield from parameter.choices
    for file in (HOUSE / "terminology" / "code_systems").glob("*.json"):
        yield from re.findall(r'"code": "([^"]+)"', file.read_text(encoding="utf-8"))


def words_of(tree: ast.AST) -> Iterator[str]:
    """Every string and every field of a module; a field also as JSON names it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            first, *rest = node.target.id.split("_")
            yield from (node.target.id, first + "".join(part.capitalize() for part in rest))


def keys_built_in(tree: ast.AST) -> Iterator[str]:
    """A pattern for each key that is put together: ``f"number.one{suffix}"`` gives ``number\\.one(.*)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            yield "".join(re.escape(part.value) if isinstance(part, ast.Constant) else "(.*)" for part in node.values)


def silent(keys: list[str], sources: dict[str, str]) -> list[str]:
    """The keys that no module and no page names, and that cannot be put together from words that they hold."""
    words, built = {"", *words_of_the_content()}, set()
    for name, text in sources.items():
        if name.endswith(".py"):
            tree = ast.parse(text)
            words |= set(words_of(tree))
            built |= set(keys_built_in(tree))
        else:
            words |= {word for quote in "'\"" for word in re.findall(f"{quote}([^{quote}\n]+){quote}", text)}
            built |= {f"{re.escape(start)}(.*)" for start in re.findall(r"['\"]([a-z_]+\.)['\"] *~", text)}
    found = {key: [match for pattern in built if (match := re.fullmatch(pattern, key))] for key in keys}
    return [
        key for key in keys if key not in words and not any(words.issuperset(match.groups()) for match in found[key])
    ]


def test_no_text_is_left_that_nothing_says():
    sources = {
        str(file): file.read_text(encoding="utf-8") for end in ("py", "html") for file in HOUSE.rglob(f"*.{end}")
    }
    keys = [key for key in KNOWLEDGE.texts if key.partition(".")[0] not in CHECKED_AT_START]
    assert len(keys) > 300
    assert silent(keys, sources) == []


def test_no_longest_value_is_left_that_no_text_holds():
    assert LONGEST.keys() == {name for text in KNOWLEDGE.texts.values() for name in text.names}


def test_the_search_for_silent_texts_sees_them():
    sources = {"a.py": 'say(f"lane.{name}", "mdt")\nsay("line.origin")', "b.html": "{{ say('found.' ~ 'other') }}"}
    said, unsaid = ["lane.mdt", "line.origin", "found.other"], ["lane.treatment", "line.nsclc", "found.mine"]
    assert silent(said + unsaid, sources) == unsaid
