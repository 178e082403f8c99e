"""No clinical number stands in Python: thresholds are parameters in ``cds_service/knowledge``."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DECIDING = ("oncology", "cards", "hooks")

# 0, 1 and 2 count, index and compare lengths; what they mean is plain where they stand. Anything else is a clinical
# number until it is listed here with its reason: (file, number), or (file, name) for the number of a named constant.
PLAIN = {0, 1, 2}
LAYOUT = re.compile(r"_?(MOST|LONGEST)_")  # cards: how much stands on a card
EXPLAINED = {
    ("chart.py", 12): "months of a year",
    ("repetition.py", 32): "characters of a hash",
    ("mdt_changes.py", 100): "percent",
    ("lesion_marks.py", 6): "how deep nested JSON is searched for references",
    ("orders.py", "INFORMATION"): "a rank among the concerns about an order",
    ("orders.py", 3): "a rank among the concerns about an order",
    ("orders.py", 4): "a rank among the concerns about an order",
    ("prognosis.py", 3): "all three factors of the Salah model, counted",
    ("lesion_changes.py", "MOST_LESIONS"): "how many lesions are asked about in what-if",
    ("search.py", "_MOST_CHANGES"): "how many changes are listed in what-if",
    ("search.py", "_MOST_HELPFUL"): "how many facts are put together in what-if",
    ("values.py", 3): "a grade of the ECOG scale itself",
    ("values.py", 4): "a grade of the ECOG scale itself",
    ("values.py", 6): "the length of the ECOG scale, 0 to 5",
}


def numbers(source: str) -> list[tuple[int, str | float]]:
    """Every numeric literal outside PLAIN: its line, and the constant it gives its value to, else the number itself.

    ``Decimal("5.0")`` counts as a number.
    """
    tree = ast.parse(source)
    names = {
        id(node.value): node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    found: list[tuple[int, str | float]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in {int, float} and node.value not in PLAIN:
            found.append((node.lineno, names.get(id(node), node.value)))
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"Decimal", "float", "int"}
        ):
            texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            found += [(node.lineno, names.get(id(node), float(text))) for text in texts if float(text) not in PLAIN]
    return found


def standing(room: str) -> list[tuple[Path, int, str | float]]:
    paths = sorted((ROOT / "cds_service" / room).rglob("*.py"))
    return [(path, line, what) for path in paths for line, what in numbers(path.read_text())]


@pytest.mark.parametrize("room", DECIDING)
def test_no_clinical_number_stands_in_python(room):
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path, line, what in standing(room)
        if (path.name, what) not in EXPLAINED and not (room == "cards" and LAYOUT.match(str(what)))
    ]
    assert not found, "\n".join(found)


def test_no_explanation_outlives_its_number():
    assert EXPLAINED.keys() - {(path.name, what) for room in DECIDING for path, _, what in standing(room)} == set()


def test_the_check_for_numbers_sees_them():
    source = "LIMIT = 30\nhalf = 2\nok = True\nedge = f(Decimal('5.0'))\nif size > 50.0: pass\n"
    assert set(numbers(source)) == {(1, "LIMIT"), (4, 5.0), (5, 50.0)}
