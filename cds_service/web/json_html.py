"""JSON as HTML that can be read and folded, without a script: every object and array is a disclosure."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape


def json_html(value: Any, *, open_levels: int = 1, name: str | None = None) -> Markup:
    """The value as nested disclosures, the outermost levels open. Every text is escaped."""
    label = Markup('<span class="key">{}</span>: ').format(name) if name is not None else Markup("")
    if not isinstance(value, dict | list) or not value:
        return Markup('<div class="leaf">{}{}</div>').format(label, _leaf(value))
    members = value.items() if isinstance(value, dict) else enumerate(value)
    inside = Markup("").join(json_html(item, open_levels=open_levels - 1, name=str(key)) for key, item in members)
    opened = Markup(" open") if open_levels > 0 else Markup("")
    return Markup('<details class="json"{}><summary>{}{}</summary>{}</details>').format(
        opened, label, _outline(value), inside
    )


def _outline(value: dict[str, Any] | list[Any]) -> Markup:
    """What an object or array is, in a few words: its resource and id, else how much it holds."""
    if isinstance(value, list):
        return Markup('<span class="outline">[{}]</span>').format(len(value))
    resource = value.get("resource")
    kind = value if "resourceType" in value else resource if isinstance(resource, dict) else value
    words = [str(kind[key]) for key in ("resourceType", "id") if isinstance(kind.get(key), str)]
    text = "/".join(words) if "resourceType" in kind else f"{{{len(value)}}}"
    if isinstance(value.get("entry"), list):
        text += f" [{len(value['entry'])}]"
    return Markup('<span class="outline">{}</span>').format(text)


def _leaf(value: Any) -> Markup:
    if value is None or isinstance(value, bool):
        kind, text = "word", {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, str):
        kind, text = "text", f'"{value}"'
    elif isinstance(value, dict | list):
        kind, text = "outline", "{}" if isinstance(value, dict) else "[]"
    else:
        kind, text = "number", str(value)
    return Markup('<span class="{}">{}</span>').format(kind, escape(text))
