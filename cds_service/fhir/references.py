"""References: every key under which the resource they point to may be found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_ID = re.compile(r"[A-Za-z0-9\-._]{1,128}")
_LONGEST = 2048


def identifier_key(identifier: object) -> str | None:
    """``identifier|system|value`` of an Identifier; None without a value."""
    if not isinstance(identifier, dict):
        return None
    system, value = identifier.get("system"), identifier.get("value")
    if not isinstance(value, str) or not value:
        return None
    return f"identifier|{system if isinstance(system, str) else ''}|{value}"


def literal_keys(literal: object) -> tuple[str, ...]:
    """Keys of a reference text: ``Type/id`` whether relative, absolute or versioned, ``urn:...``, ``#contained``."""
    if not isinstance(literal, str) or not literal or len(literal) > _LONGEST:
        return ()
    if literal.startswith(("#", "urn:")):
        return (literal,)
    path = literal.partition("?")[0].partition("#")[0].partition("|")[0].partition("/_history/")[0]
    base, _, name = path.rstrip("/").rpartition("/")
    kind = base.rpartition("/")[2]
    return (f"{kind}/{name}",) if _TYPE.fullmatch(kind) and _ID.fullmatch(name) else ()


def reference_keys(reference: object) -> tuple[str, ...]:
    """Every key under which a Reference may be found, the literal reference first.

    Keys are ``Type/id``, ``urn:uuid:...``, ``#id`` (contained) and ``identifier|system|value``. A plain text is read as
    the literal reference.
    """
    if isinstance(reference, str):
        return literal_keys(reference)
    if not isinstance(reference, dict):
        return ()
    keys = literal_keys(reference.get("reference"))
    named = identifier_key(reference.get("identifier"))
    return (*keys, named) if named else keys


def identifier_keys(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """``identifier|system|value`` for each identifier of a resource."""
    listed = resource.get("identifier")
    found = [identifier_key(item) for item in (listed if isinstance(listed, list) else [listed])]
    return tuple(key for key in found if key is not None)


def resource_keys(resource: Mapping[str, Any], full_url: str | None) -> tuple[str, ...]:
    """Every key under which a resource may be looked for: its ``Type/id``, its Bundle entry's address, identifiers."""
    return tuple(dict.fromkeys((local_reference(resource), *literal_keys(full_url), *identifier_keys(resource))))


def local_reference(resource: Mapping[str, Any]) -> str:
    """``Type/id`` of a resource; without an id, ``Type/?`` and eight hexadecimal digits of its content's SHA-256."""
    kind, name = resource.get("resourceType"), resource.get("id")
    if isinstance(name, str) and name and isinstance(kind, str) and kind:
        return f"{kind}/{name}"
    known = kind if isinstance(kind, str) and kind else "Resource"
    return f"{known}/?{sha256(canonical_json(resource).encode()).hexdigest()[:8]}"


def canonical_json(value: object) -> str:
    """JSON text that is the same for equal content, whatever the order of keys; reads any depth."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    except RecursionError:
        return "".join(_tokens(value))


def _tokens(value: object) -> Iterator[str]:
    """The parts of the canonical text of deeply nested JSON, without recursion."""
    todo: list[tuple[bool, object]] = [(False, value)]
    while todo:
        is_text, item = todo.pop()
        if is_text:
            yield str(item)
        elif isinstance(item, dict):
            todo.append((True, "}"))
            for name in sorted(item, reverse=True):
                todo += [(True, ","), (False, item[name]), (True, json.dumps(name) + ":")]
            todo.append((True, "{"))
        elif isinstance(item, list):
            todo.append((True, "]"))
            for part in reversed(item):
                todo += [(True, ","), (False, part)]
            todo.append((True, "["))
        else:
            yield json.dumps(item, default=str)
