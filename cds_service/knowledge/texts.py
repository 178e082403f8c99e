"""Reading the wording, and proving at start that every text can be shown.

``wording.toml`` holds one table for each group of texts. Three tables are not texts: ``[placeholders]`` lists which
names a group's texts may use, ``[longest]`` gives the longest realistic value of each name, and ``[limits]`` the
length that a group's texts may never reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.knowledge.entries import Forbidden, WordingFrame, read_entry
from cds_service.knowledge.template import Template, template
from cds_service.values import ValueObject

NO_TEXTS = tuple(WordingFrame.model_fields)


class Wording(ValueObject, frozen=True):
    """The templates by ``group.name``, and what is needed to check them."""

    texts: dict[str, Template]
    allowed: Mapping[str, tuple[str, ...]]
    longest: Mapping[str, str]
    limits: Mapping[str, int]

    def names(self, group: str) -> tuple[str, ...]:
        """The names of one group, in the order of the file."""
        return tuple(key.removeprefix(f"{group}.") for key in self.texts if key.startswith(f"{group}."))

    def rendered(self, key: str) -> str:
        """The text with the longest value of each of its placeholders."""
        return self.texts[key].fill(self.longest)


def read_wording(table: Mapping[str, Any], parameters: Mapping[str, str], faults: list[str]) -> Wording:
    """The wording with the parameters filled in; anything that is no text is a fault and is left out."""
    texts = {}
    for group, entries in table.items():
        if group in NO_TEXTS:
            continue
        if not isinstance(entries, Mapping):
            faults.append(f"wording.toml: {group}: stands outside any group")
            continue
        for name, text in entries.items():
            key = f"{group}.{name}"
            if isinstance(text, str) and text.strip():
                texts[key] = template(key, text.strip(), parameters)
            else:
                faults.append(f"wording.toml: {key}: no text")
    frame = read_entry(WordingFrame, "wording.toml", {name: table.get(name) for name in NO_TEXTS}, faults)
    if frame is None:
        return Wording(texts={}, allowed={}, longest={}, limits={})
    return Wording(texts=texts, allowed=frame.placeholders, longest=frame.longest, limits=frame.limits)


def check_wording(wording: Wording, forbidden: Forbidden) -> list[str]:
    """Placeholders known, length kept with the longest values, no forbidden phrase."""
    faults = []
    phrases = [phrase.lower() for phrase in (*forbidden.cards, *forbidden.everywhere)]
    for key, item in wording.texts.items():
        group, _, name = key.partition(".")
        where = f"rule {name.partition('.')[0]}: {key}" if group in ("reason", "short") else f"wording.toml: {key}"
        allowed = wording.allowed.get(group, ())
        for name in sorted(item.names):
            if "." in name or not name:
                faults.append(f"{where}: {{{name}}} is no parameter")
            elif name not in allowed:
                faults.append(f"{where}: {{{name}}} is not among the placeholders of [{group}]")
            elif name not in wording.longest:
                faults.append(f"{where}: {{{name}}} has no longest value")
        if not item.names <= wording.longest.keys():
            continue
        text = wording.rendered(key)
        limit = wording.limits.get(group)
        if limit is not None and len(text) >= limit:
            faults.append(f"{where}: {len(text)} characters with its longest values; must stay under {limit}")
        faults += [f"{where}: holds the forbidden phrase '{phrase}'" for phrase in phrases if phrase in text.lower()]
    return faults
