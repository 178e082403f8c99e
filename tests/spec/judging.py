"""What a table expects of an assessment, column by column, and every way in which an assessment departs from it.

Results are letters: E ELIGIBLE, C CONDITIONAL, N NOT_ELIGIBLE, K BLOCKED, U UNKNOWN. Of the columns of :data:`EXACT`
an empty cell means "none"; of all others it means "not asked here" (``reasons`` are ``codes`` that say ``none``).
``-`` is null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.spec.tables import Row, changes, words
from tests.spec.vignettes import codes, letters

Explanation = dict[str, Any]

RESULTS = {"surgery": "surgery", "SBRT": "sbrt", "ablation": "ablation"}
PATHS = {
    "population": "population",
    "certainty": "classification.certainty",
    "timing": "classification.timing.value",
    "subtype": "classification.timing.subtype",
    "definitions differ": "classification.timing.definitionSensitive",
    "sequence": "classification.sequence.value",
    "spread": "classification.spread.value",
    "prior": "classification.spread.priorExtrapulmonary",
    "number": "classification.number.value",
    "n": "classification.number.n",
    "at least": "classification.number.nAtLeast",
    "too small": "classification.number.nIndeterminate",
    "diffuse": "classification.number.diffuse",
    "sides": "classification.sides.value",
    "oligometastatic": "classification.oligometastatic.value",
    "by count": "classification.oligometastatic.byCount",
    "node status": "classification.thoracicNodes.value",
    "resectability": "classification.resectability.value",
    "basis": "classification.resectability.basis",
    "zone": "lesions.0.zone",
    "diameter": "lesions.0.largestDiameterMm",
    "MDT": "mdt.suggest",
    "priority": "mdt.priority",
    "suppressed by": "mdt.suppressedBy",
    "changed": "mdt.trigger",
    "raised": "cea.elevated",
    "trend": "cea.trend",
    "persistent": "cea.persistent",
    "state": "cea.latest.state",
    "ng/mL": "cea.latest.ngPerMl",
    "CEA factor": "prognosis.salah.factors.cea",
    "interval factor": "prognosis.salah.factors.diseaseFreeInterval",
    "number factor": "prognosis.salah.factors.multiple",
    "factors": "prognosis.salah.count",
    "group": "prognosis.salah.group",
    "5 years %": "prognosis.salah.fiveYearSurvivalPercent",
    "interval": "prognosis.diseaseFreeIntervalMonths",
    "RAS": "molecular.ras",
    "BRAF": "molecular.braf",
    "MSI": "molecular.msi",
    "HER2": "molecular.her2",
}
EXACT = frozenset(
    {"codes", "surgery codes", "SBRT codes", "ablation codes", "notes", "gates", "order of options", "rules"}
)


def breaches(row: Row, explanation: Explanation) -> list[str]:
    """Every expectation of the row that the assessment does not meet. Raises: KeyError for a column nobody knows."""
    found = []
    for column, cell in row.items():
        if column in PATHS:
            found += _path(column, cell, explanation)
        elif column in JUDGES and (cell or column in EXACT):
            found += [f"{column}: {text}" for text in JUDGES[column](cell, explanation)]
    return found


def _path(column: str, cell: str, explanation: Explanation) -> Iterator[str]:
    got = shown(at(explanation, PATHS[column]))
    if cell and got != cell:
        yield f"{column}: expected {cell}, got {got}"


def at(document: Any, path: str) -> Any:
    """The value at a dotted path of the JSON; None where something on the way is null or absent."""
    for step in path.split("."):
        if document is None:
            return None
        if isinstance(document, list):
            document = document[int(step)] if int(step) < len(document) else None
        else:
            document = document.get(step)
    return document


def shown(value: object) -> str:
    """A JSON value as a cell writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return "-" if value is None else str(value)


def _same(wanted: object, got: object) -> Iterator[str]:
    if wanted != got:
        yield f"expected {wanted}, got {got}"


def _codes(*modalities: str) -> Callable[[str, Explanation], Iterator[str]]:
    return lambda cell, explanation: _same(sorted(words(cell)), sorted(codes(explanation, *modalities)))


def _notes(cell: str, explanation: Explanation) -> Iterator[str]:
    reasons = [reason for therapy in explanation["therapies"].values() for reason in therapy["reasons"]]
    yield from _same(
        sorted(words(cell)), sorted({reason["code"] for reason in reasons if reason["result"] == "ELIGIBLE"})
    )


def _result(position: int) -> Callable[[str, Explanation], Iterator[str]]:
    return lambda cell, explanation: _same(cell, letters(explanation)[position])


def _offered(modality: str) -> Callable[[str, Explanation], Iterator[str]]:
    def judge(cell: str, explanation: Explanation) -> Iterator[str]:
        result = explanation["therapies"].get(modality, {"result": "NOT_OFFERED"})["result"]
        yield from _same({"yes": "CONDITIONAL", "no": "NOT_OFFERED"}[cell], result)

    return judge


def _order(cell: str, explanation: Explanation) -> Iterator[str]:
    wanted = [words(rank) for rank in cell.split(",") if rank]
    yield from _same(wanted, [sorted(rank) for rank in explanation["order"]])


def _among(got: Callable[[Explanation], set[str]]) -> Callable[[str, Explanation], Iterator[str]]:
    def judge(cell: str, explanation: Explanation) -> Iterator[str]:
        yield from (
            f"{word} is missing from {sorted(got(explanation))}" for word in words(cell) if word not in got(explanation)
        )

    return judge


def _not_among(got: Callable[[Explanation], set[str]]) -> Callable[[str, Explanation], Iterator[str]]:
    def judge(cell: str, explanation: Explanation) -> Iterator[str]:
        yield from (f"{word} is there" for word in words(cell) if word in got(explanation))

    return judge


def _gates(cell: str, explanation: Explanation) -> Iterator[str]:
    yield from _same(words(cell), [f"{gate['id']}:{gate['result']}" for gate in explanation["gates"]])


def _fired(cell: str, explanation: Explanation) -> Iterator[str]:
    fired = {rule for order in explanation["orders"] for rule in order["rules"]}
    yield from _same(sorted(words(cell)), sorted(fired))


def _expected(cell: str, explanation: Explanation) -> Iterator[str]:
    for path, value in changes(cell).items():
        got = at(explanation, path)
        three_valued = isinstance(value, bool) and isinstance(got, str)  # "true", "false", "unknown"
        wanted = str(value).lower() if three_valued else shown(value)
        if wanted != shown(got):
            yield f"{path} expected {wanted}, got {shown(got)}"


def on_cards(explanation: Explanation) -> str:
    """Everything that a clinician reads on the cards, in small letters and without the escapes of Markdown."""
    cards = [f"{card['summary']} {card.get('detail', '')}" for card in explanation["cards"]]
    labels = [suggestion["label"] for card in explanation["cards"] for suggestion in card.get("suggestions", ())]
    return " ".join([*cards, *labels]).replace("\\", "").lower()


def anywhere(explanation: Explanation) -> str:
    """Every text of the explanation, cards included."""
    return json.dumps(explanation, ensure_ascii=False).replace("\\", "").lower()


def _says(text: Callable[[Explanation], str], *, not_so: bool = False) -> Callable[[str, Explanation], Iterator[str]]:
    def judge(cell: str, explanation: Explanation) -> Iterator[str]:
        for phrase in (phrase.strip() for phrase in cell.split(";")):
            if (phrase.lower() in text(explanation)) is not_so:
                yield f"'{phrase}' is {'there' if not_so else 'not said'}"

    return judge


def _each(part: str, key: str) -> Callable[[Explanation], set[str]]:
    return lambda explanation: {item[key] for item in explanation[part]}


def _invited(explanation: Explanation) -> set[str]:
    return set(explanation["mdt"]["invitees"])


def _factors(name: str) -> Callable[[Explanation], set[str]]:
    return lambda explanation: set(explanation["prognosis"]["consensusFactors"][name])


def _cards(cell: str, explanation: Explanation) -> Iterator[str]:
    yield from _same(words(cell), [card["indicator"] for card in explanation["cards"]] or ["none"])


JUDGES: dict[str, Callable[[str, Explanation], Iterator[str]]] = {
    "SBA": lambda cell, explanation: _same(cell, letters(explanation)),
    "surgery": _result(0),
    "SBRT": _result(1),
    "ablation": _result(2),
    "hybrid": _offered("hybrid"),
    "IMRT": _offered("imrt"),
    "codes": _codes(),
    "reasons": lambda cell, explanation: _codes()("" if cell == "none" else cell, explanation),
    "surgery codes": _codes("surgery"),
    "SBRT codes": _codes("sbrt"),
    "ablation codes": _codes("ablation"),
    "hybrid codes": _codes("hybrid"),
    "notes": _notes,
    "order of options": _order,
    "gates": _gates,
    "needs": _among(_each("needs", "code")),
    "no need": _not_among(_each("needs", "code")),
    "flags": _among(lambda explanation: set(explanation["flags"])),
    "no flag": _not_among(lambda explanation: set(explanation["flags"])),
    "problems": _among(_each("dataQuality", "problem")),
    "systemic": _among(_each("systemic", "rule")),
    "not systemic": _not_among(_each("systemic", "rule")),
    "invited": _among(_invited),
    "not invited": _not_among(_invited),
    "present": _among(_factors("present")),
    "absent": _not_among(lambda explanation: _factors("present")(explanation) | _factors("unknown")(explanation)),
    "open": _among(_factors("unknown")),
    "rules": _fired,
    "cards": _cards,
    "cards say": _says(on_cards),
    "cards never say": _says(on_cards, not_so=True),
    "says": _says(anywhere),
    "expected": _expected,
}
JUDGED_COLUMNS = frozenset(PATHS) | frozenset(JUDGES)
