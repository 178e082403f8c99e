"""One value set, read from FHIR R4 ValueSet JSON.

Understood are ``compose.include`` and ``compose.exclude`` with ``concept``, with ``valueSet``, or with ``filter`` (only
``concept is-a``, and only where codes show their hierarchy), and ``expansion.contains``. Anything else is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds_service.fhir.codings import HIERARCHICAL, Coding, canonical_system
from cds_service.values import ValueObject


class Fault(Exception):
    """What is wrong with a terminology file, in one sentence."""


class Selection(ValueObject, frozen=True):
    """Codes named one by one, codes with all that lies below them, and whole value sets."""

    concepts: tuple[Coding, ...] = ()
    ancestors: tuple[Coding, ...] = ()
    value_sets: tuple[str, ...] = ()  # their urls

    def __add__(self, other: Selection) -> Selection:
        return Selection(
            tuple(dict.fromkeys(self.concepts + other.concepts)),
            tuple(dict.fromkeys(self.ancestors + other.ancestors)),
            tuple(dict.fromkeys(self.value_sets + other.value_sets)),
        )


class ValueSet(ValueObject, frozen=True):
    """A value set under its short name (the file's stem): what is in it and what is not."""

    name: str
    url: str
    title: str
    include: Selection
    exclude: Selection

    def extended(self, other: ValueSet) -> ValueSet:
        """This value set with a site's additions (and exclusions)."""
        return ValueSet(self.name, self.url, self.title, self.include + other.include, self.exclude + other.exclude)


def without_version(url: str) -> str:
    """A canonical reference without the version after ``|``."""
    return url.partition("|")[0]


def read_value_set(name: str, resource: dict[str, Any]) -> ValueSet:
    """A ValueSet resource. Raises: Fault."""
    compose = resource.get("compose", {})
    if not isinstance(compose, dict):
        raise Fault("compose is not an object")
    include = _selection(compose, "include") + _expansion(resource.get("expansion"))
    if include == Selection():
        raise Fault("it names no code: neither compose.include nor expansion.contains has any")
    title = resource.get("title")
    return ValueSet(
        name,
        str(resource.get("url")),
        title if isinstance(title, str) else name,
        include,
        _selection(compose, "exclude"),
    )


def _selection(compose: dict[str, Any], element: str) -> Selection:
    selection = Selection()
    for index, part in enumerate(objects(compose, element)):
        try:
            selection += _part(part)
        except Fault as fault:
            raise Fault(f"compose.{element}[{index}]: {fault}") from None
    return selection


def _part(part: dict[str, Any]) -> Selection:
    value_sets = part.get("valueSet", [])
    if not isinstance(value_sets, list) or not all(isinstance(item, str) for item in value_sets):
        raise Fault("valueSet is not a list of urls")
    concepts, filters = list(objects(part, "concept")), list(objects(part, "filter"))
    if value_sets:
        if concepts or filters or part.get("system"):
            raise Fault("valueSet together with system, concept or filter is not understood here")
        return Selection(value_sets=tuple(value_sets))
    system = required(part, "system")
    if bool(concepts) == bool(filters):
        raise Fault("it needs either concept or filter; a whole code system is not understood here")
    return Selection(
        tuple(_coding(system, item) for item in concepts), tuple(_ancestor(system, item) for item in filters)
    )


def _ancestor(system: str, part: dict[str, Any]) -> Coding:
    known = canonical_system(system)
    if part.get("property") != "concept" or part.get("op") != "is-a":
        raise Fault("the only filter understood here is 'concept is-a'")
    if known not in HIERARCHICAL:
        raise Fault(f"'is-a' cannot be evaluated in {system} without a terminology server; name the codes one by one")
    return Coding(known, required(part, "value"), None)


def _expansion(expansion: object) -> Selection:
    if expansion is None:
        return Selection()
    if not isinstance(expansion, dict):
        raise Fault("expansion is not an object")
    found: list[Coding] = []
    todo = list(objects(expansion, "contains"))
    while todo:
        item = todo.pop()
        todo.extend(objects(item, "contains"))
        if item.get("abstract") is not True:
            found.append(_coding(required(item, "system"), item))
    return Selection(tuple(sorted(found)))


def _coding(system: str, concept: dict[str, Any]) -> Coding:
    display = concept.get("display")
    return Coding(canonical_system(system), required(concept, "code"), display if isinstance(display, str) else "")


def as_compose(selection: Selection) -> list[dict[str, Any]]:
    """A selection as ``compose.include`` or ``compose.exclude`` of a ValueSet."""
    parts: list[dict[str, Any]] = []
    for system in sorted({item.system for item in selection.concepts}):
        concepts = [
            {"code": item.code} | ({"display": item.display} if item.display else {})
            for item in selection.concepts
            if item.system == system
        ]
        parts.append({"system": system, "concept": concepts})
    for item in selection.ancestors:
        parts.append({"system": item.system, "filter": [{"property": "concept", "op": "is-a", "value": item.code}]})
    return [*parts, *({"valueSet": [url]} for url in selection.value_sets)]


def required(holder: dict[str, Any], element: str) -> str:
    value = holder.get(element)
    if not isinstance(value, str) or not value.strip():
        raise Fault(f"{element} is missing or is not a text")
    return value.strip()


def objects(holder: dict[str, Any], element: str) -> Iterator[dict[str, Any]]:
    listed = holder.get(element, [])
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise Fault(f"{element} is not a list of objects")
    yield from listed
