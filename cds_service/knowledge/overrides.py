"""A site's own values. Each is signed, marked as local, and refused when it cannot be.

The file::

    [override]
    "surgery.maxCount" = 8
    reason = "Local thoracic board of March 2027"
    signed_by = "Clinical governance lead"

``reason`` and ``signed_by`` may also stand above the table, or with one value:
``"surgery.maxCount" = {value = 8, reason = "...", signed_by = "..."}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cds_service.knowledge.checks import value_faults
from cds_service.knowledge.entries import LocalValue, read_entry
from cds_service.knowledge.model import Parameter
from cds_service.values import replace

SIGNATURE = ("reason", "signed_by")


def apply_overrides(
    parameters: Mapping[str, Parameter], table: Mapping[str, Any], faults: list[str]
) -> dict[str, Parameter]:
    """The parameters with the site's values in place of ours."""
    result = dict(parameters)
    for name in table:
        if name not in (*SIGNATURE, "override"):
            faults.append(f"overrides: '{name}' is neither [override] nor reason nor signed_by")
    overrides = table.get("override", {})
    if not isinstance(overrides, Mapping):
        faults.append("overrides: [override] must be a table")
        return result
    signature = {key: source[key] for source in (table, overrides) for key in SIGNATURE if key in source}
    for name, given in _values(overrides):
        where = f"overrides: {name}"
        if name not in parameters:
            faults.append(f"{where}: there is no such parameter")
            continue
        entry = read_entry(
            LocalValue, where, signature | (given if isinstance(given, dict) else {"value": given}), faults
        )
        if entry is None:
            continue
        ours = parameters[name]
        if type(entry.value) is not type(ours.value):
            faults.append(f"{where}: '{entry.value}' is of the wrong type")
            continue
        note = f"Site value instead of {ours.text}: {entry.reason} (signed by {entry.signed_by})."
        local = replace(
            ours,
            value=entry.value,
            local=True,
            packaged=ours.value,
            reason=entry.reason,
            signed_by=entry.signed_by,
            note=f"{ours.note} {note}" if ours.note else note,
        )
        if impossible := value_faults(local, where) or _fraction(ours, local, where):
            faults += impossible
        else:
            result[name] = local
    return result


def _values(overrides: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each override by its dotted name, written with quotes or without."""
    for key, value in overrides.items():
        if key in SIGNATURE:
            continue
        if "." not in key and isinstance(value, Mapping):
            yield from ((f"{key}.{name}", item) for name, item in value.items())
        else:
            yield key, value


def _fraction(ours: Parameter, local: Parameter, where: str) -> list[str]:
    """Counts, scores and calendar spans have no halves."""
    whole = ours.unit in ("1", "{score}", "d", "wk", "mo", "a") and ours.number == ours.number.to_integral_value()
    if whole and local.number != local.number.to_integral_value():
        return [f"{where}: {local.text} is not a whole number"]
    return []
