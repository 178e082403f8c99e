"""No clinical number stands in Python: thresholds are parameters in ``cds_service/knowledge``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DECIDING = ("oncology", "guidance", "hooks")
# 0, 1 and 2 count, index and compare lengths; what they mean is plain where they stand. Anything else is a clinical
# number until it is listed here with its reason.
PLAIN = {0, 1, 2}
RANK = "a rank among the concerns about an order"
EXPLAINED = {
    ("cea.py", 3): "a slice: first, middle and last of three values",
    ("chart.py", 12): "months of a year",
    ("fingerprint.py", 32): "characters of a hash",
    ("honesty.py", 3): "lines on a card",
    ("lesion_marks.py", 6): "how deep nested JSON is searched for references",
    ("markdown.py", 72): "characters of a reference",
    ("offers.py", 6): "suggestions on a card",
    ("order_concerns.py", 3): RANK,
    ("order_concerns.py", 4): RANK,
    ("order_concerns.py", 46): "characters of an order's name in a summary",
    ("order_entry.py", 160): "characters of an order's name in a detail",
    ("prognosis.py", 3): "all three factors of the Salah model, counted",
    ("sections.py", 10): "rows of a table on a card",
    ("why.py", 3): "citations of a rule on a card",
    ("values.py", 3): "a grade of the ECOG scale itself",
    ("values.py", 4): "a grade of the ECOG scale itself",
    ("values.py", 6): "the length of the ECOG scale, 0 to 5",
}


def numbers(source: str) -> list[tuple[int, float]]:
    """Every numeric literal outside PLAIN, with its line. ``Decimal("5.0")`` counts as a number."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            found.append((node.lineno, float(node.value)))
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"Decimal", "float", "int"}
        ):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            found += [(node.lineno, float(text)) for text in texts]
    return [(line, value) for line, value in found if value not in PLAIN]


@pytest.mark.parametrize("room", DECIDING)
def test_no_clinical_number_stands_in_python(room):
    found = [
        f"{path.relative_to(ROOT)}:{line}: {value:g}"
        for path in sorted((ROOT / "cds_service" / room).rglob("*.py"))
        for line, value in numbers(path.read_text())
        if (path.name, value) not in EXPLAINED
    ]
    assert not found, "\n".join(found)


def test_the_check_for_numbers_sees_them():
    assert numbers("limit = 30\nhalf = 2\nok = True\nedge = Decimal('5.0')\n") == [(1, 30.0), (4, 5.0)]


def test_no_explanation_outlives_its_number():
    paths = [path for room in DECIDING for path in (ROOT / "cds_service" / room).rglob("*.py")]
    standing = {(path.name, value) for path in paths for _, value in numbers(path.read_text())}
    assert EXPLAINED.keys() <= standing
