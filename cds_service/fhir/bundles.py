"""What a Bundle brings: Bundles inside it unfolded, deleted resources left out, and whether something is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cds_service.fhir.references import literal_keys, local_reference

Entry = dict[str, Any]
_DEEPEST = 4
_FAILED = ("4", "5")


@dataclass(slots=True)
class Unfolded:
    """The entries of a Bundle and of the Bundles in it.

    ``missing``: an inner Bundle has a further page or announced more than it holds, an answer in it failed, or Bundles
    are nested deeper than is read. ``deleted``: when the resources that were deleted were, by their address; the empty
    text where no time is known.
    """

    entries: list[Any] = field(default_factory=list)
    missing: bool = False
    deleted: dict[str, str] = field(default_factory=dict)

    def without_deleted(self) -> list[Any]:
        """The entries but for those of resources that were deleted, and not surely made anew afterwards."""
        return [entry for entry in self.entries if not self._is_deleted(entry)] if self.deleted else self.entries

    def _is_deleted(self, entry: Any) -> bool:
        if not isinstance(entry, dict):
            return False
        gone = [self.deleted[key] for key in _addresses(entry) if key in self.deleted]
        return any(not when or not (written := _written(entry)) or written <= when for when in gone)


def unfold(bundle: Mapping[str, Any], *, inner: bool = True, depth: int = _DEEPEST) -> Unfolded:
    """The entries of a Bundle whose ``entry`` is a list, of a history only the newest versions.

    ``inner``: Bundles inside it are unfolded too; else they stay entries.
    """
    found = Unfolded()
    listed = bundle.get("entry")
    entries = listed if isinstance(listed, list) else []
    for entry in _newest(entries) if bundle.get("type") == "history" else entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if inner and isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            _add(found, resource, depth)
        elif isinstance(entry, dict) and resource is None and _method(entry) == "DELETE":
            for key in _addresses(entry):
                found.deleted[key] = max(found.deleted.get(key, ""), _written(entry))
        elif isinstance(entry, dict) and resource is None and _status(entry).startswith(_FAILED):
            found.missing = True
        else:
            found.entries.append(entry)
    return found


def _add(found: Unfolded, inner: Mapping[str, Any], depth: int) -> None:
    if not depth:
        found.missing = True
        return
    more = unfold(inner, depth=depth - 1)
    found.entries += more.entries
    for key, when in more.deleted.items():
        found.deleted[key] = max(found.deleted.get(key, ""), when)
    found.missing = found.missing or more.missing or is_partial(inner)


def is_partial(bundle: Mapping[str, Any]) -> bool:
    """Does a Bundle have a further page, or announce more matches than it holds, or hold no list of entries?"""
    links = bundle.get("link")
    listed_links = links if isinstance(links, list) else []
    if any(isinstance(link, dict) and link.get("relation") == "next" for link in listed_links):
        return True
    listed, total = bundle.get("entry", []), bundle.get("total")
    if listed is not None and not isinstance(listed, list):
        return True
    if total is None:
        return False
    matched = sum(1 for entry in listed or [] if not _is_beside(entry))
    return isinstance(total, bool) or not isinstance(total, int) or total > matched


def _is_beside(entry: object) -> bool:
    search = entry.get("search") if isinstance(entry, dict) else None
    return isinstance(search, dict) and search.get("mode") in {"include", "outcome"}


def _newest(entries: list[Any]) -> Iterator[Any]:
    """The newest version of each resource of a history: by time where both have one, else the one that stands first."""
    best: dict[str, Any] = {}
    for place, entry in enumerate(entries):
        names = _addresses(entry) if isinstance(entry, dict) and entry.get("resource") is not None else ()
        key = next(iter(names), f"#{place}")
        known = best.get(key)
        if known is None or (_written(known) and _written(entry) > _written(known)):
            best[key] = entry
    yield from best.values()


def _addresses(entry: Entry) -> tuple[str, ...]:
    """``Type/id`` of an entry: by its resource, its address, and the request that made it."""
    resource, request = entry.get("resource"), entry.get("request")
    own = (local_reference(resource),) if isinstance(resource, dict) and isinstance(resource.get("id"), str) else ()
    asked = literal_keys(request.get("url")) if isinstance(request, dict) else ()
    return tuple(dict.fromkeys((*own, *literal_keys(entry.get("fullUrl")), *asked)))


def _written(entry: Entry) -> str:
    """When a version was written, as an instant of UTC in text; the empty text where that is not said or not read."""
    response, resource = entry.get("response"), entry.get("resource")
    meta = resource.get("meta") if isinstance(resource, dict) else None
    for holder, name in ((response, "lastModified"), (meta, "lastUpdated")):
        if isinstance(holder, dict) and isinstance(found := holder.get(name), str):
            return _utc(found)
    return ""


def _utc(text: str) -> str:
    """An instant in UTC, so that texts sort by time whatever their offsets; without an offset it is taken as UTC."""
    try:
        moment = datetime.fromisoformat(text)
        at_utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return ""
    return at_utc.isoformat(timespec="microseconds")


def _method(entry: Entry) -> object:
    request = entry.get("request")
    return request.get("method") if isinstance(request, dict) else None


def _status(entry: Entry) -> str:
    response = entry.get("response")
    status = response.get("status") if isinstance(response, dict) else None
    return status if isinstance(status, str) else ""
