"""Every text that a clinician may read: short, complete, and free of what must not be said."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal

import pytest

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
