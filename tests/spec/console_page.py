"""The panels of the page that Prometheus itself serves, made from Grafana's dashboard: the same queries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

FOLDER = Path(__file__).parent.parent.parent / "deploy" / "observability"
CONSOLE = FOLDER / "consoles" / "cds.html"
WINDOW = "5m"
"""What Grafana chooses by the width of a panel, and a page without one cannot."""

_FORMATS = {  # how a value of that unit reads; rates are told for a minute, as most are far below one in a second
    "reqps": ('{{ printf "%.1f" .Value }} a minute', "60 * ({})"),
    "percentunit": ('<meter min="0" max="100" value="{{ .Value }}"></meter>{{ printf "%.1f" .Value }} %', "100 * ({})"),
    "s": ("{{ humanizeDuration .Value }}", "{}"),
    "short": ('{{ printf "%.0f" .Value }}', "{}"),
}
BEGIN = "<!-- The panels are made by `make docs` from ../dashboard.json. Do not edit them here. -->\n"
END = "<!-- End of the panels. -->\n"


def console_page() -> str:
    """The page, with its panels made anew. Raises: ValueError where the marks of the panels are missing."""
    before, _, rest = CONSOLE.read_text().partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{CONSOLE.name} does not say where the panels go")
    board = json.loads((FOLDER / "dashboard.json").read_text())
    return "".join([before, BEGIN, *_rows(board["panels"]), END, after])


def query(expression: str) -> str:
    """A query of the dashboard, for every job and for a window of its own."""
    return re.sub(r"\{,", "{", expression.replace('job=~"$job"', "").replace("$__rate_interval", WINDOW)).replace(
        "{}", ""
    )


def _rows(panels: list[dict[str, Any]]) -> Iterator[str]:
    opened = False
    for panel in panels:
        if panel["type"] == "row":
            yield ("</div>\n" if opened else "") + f'<h2>{escape(panel["title"])}</h2>\n<div class="panels">\n'
            opened = True
        else:
            yield from _panel(panel)
    yield "</div>\n"


def _panel(panel: dict[str, Any]) -> Iterator[str]:
    graph = quote(query(panel["targets"][0]["expr"]), safe="")
    link = f"{{{{ pathPrefix }}}}/graph?g0.expr={graph}&amp;g0.tab=0&amp;g0.range_input=1h"
    about = f"<p>{escape(panel['description'])}</p>" if panel.get("description") else ""
    yield f'<section><h3><a href="{link}">{escape(panel["title"])}</a></h3>{about}<table>\n'
    for target in panel["targets"]:
        yield _lines(target, panel["fieldConfig"]["defaults"]["unit"], names_only=panel["type"] == "stat")
    yield "</table></section>\n"


def _lines(target: dict[str, Any], unit: str, *, names_only: bool) -> str:
    written, wrapped = _FORMATS[unit]
    name = re.sub(r"\{\{(\w+)\}\}", r"{{ .Labels.\1 }}", target["legendFormat"])
    value = (
        ""
        if names_only
        else f'<td>{{{{ if eq (printf "%f" .Value) "NaN" }}}}no call{{{{ else }}}}{written}{{{{ end }}}}</td>'
    )
    label = re.search(r"\{\{(\w+)\}\}", target["legendFormat"])
    ordered = f' | sortByLabel "{label[1]}"' if label and "topk" not in target["expr"] else ""
    return (
        f"{{{{ range query `{wrapped.format(query(target['expr']))}`{ordered} -}}}}\n<tr><th>{name}</th>{value}</tr>\n"
        f"{{{{ else }}}}<tr><th>nothing yet</th></tr>\n{{{{ end -}}}}\n"
    )
