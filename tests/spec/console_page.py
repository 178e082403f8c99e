"""The dashboard as one page that Prometheus itself serves, made from the dashboard of Grafana: the same queries."""

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
    "percentunit": ("{{ humanizePercentage .Value }}", "{}"),
    "s": ("{{ humanizeDuration .Value }}", "{}"),
    "short": ('{{ printf "%.0f" .Value }}', "{}"),
}
_HEAD = """<!doctype html>
<html lang="en">
<!-- Made by `make docs` from ../dashboard.json. A console template: prometheus serves it with the option
     web.console.templates=deploy/observability/consoles, at /consoles/cds.html. It loads nothing from elsewhere. -->
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ink: #18202b; --soft: #4c5869; --paper: #fff; --line: #d3dbe4; --link: #0a58a6; --bad: #9b1c1c; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e6ebf1; --soft: #aeb9c6; --paper: #12171d; --line: #364250; --link: #8cc4ff; --bad: #ff9d9d; }}
}}
body {{ margin: 0 auto; max-width: 90rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }}
a {{ color: var(--link); }} h1 {{ font-size: 1.6rem; margin: 0; }} h2 {{ font-size: 1.2rem; margin: 1.5rem 0 .5rem; }}
h3 {{ font-size: 1rem; margin: 0; }} p {{ margin: 0; color: var(--soft); font-size: .9rem; }}
.panels {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 1rem; }}
section {{ border: 1px solid var(--line); border-radius: .4rem; padding: .7rem .9rem; }}
table {{ border-collapse: collapse; width: 100%; margin-top: .4rem; font-size: .9rem; }}
th, td {{ text-align: left; font-weight: 400; padding: .2rem 0; border-bottom: 1px solid var(--line); }}
td {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }} .bad {{ color: var(--bad); font-weight: 600; }}
meter {{ width: 6rem; margin-right: .6rem; vertical-align: middle; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{description} Rates are of the last {window}; a heading opens its graph.</p>
<div class="panels">
<section><h3><a href="{{{{ pathPrefix }}}}/targets">Instances</a></h3><table>
{{{{ range query `up{{job="crc-lung-metastasis-cds"}}` | sortByLabel "instance" -}}}}
<tr><th>{{{{ .Labels.instance }}}}</th>{{{{ if eq .Value 1.0 }}}}<td>answers{{{{ else }}}}<td class="bad">does not answer{{{{ end }}}}</td></tr>
{{{{ else }}}}<tr><th class="bad">none is known</th></tr>
{{{{ end -}}}}
</table></section>
<section><h3><a href="{{{{ pathPrefix }}}}/alerts">Alerts</a></h3><table>
{{{{ range query `ALERTS{{alertname=~"Cds.*"}}` | sortByLabel "alertname" -}}}}
<tr><th class="bad">{{{{ .Labels.alertname }}}}</th><td>{{{{ .Labels.alertstate }}}}</td></tr>
{{{{ else }}}}<tr><th>none</th></tr>
{{{{ end -}}}}
</table></section>
</div>
"""


def console_page() -> str:
    """The page, as a template of Prometheus."""
    board: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
    head = {name: escape(board[name]) for name in ("title", "description")}
    return "".join([_HEAD.format(window="five minutes", **head), *_rows(board["panels"]), "</body>\n</html>\n"])


def query(expression: str) -> str:
    """A query of the dashboard, for every job and for a window of its own."""
    return re.sub(r"\{,", "{", expression.replace('job=~"$job"', "").replace("$__rate_interval", WINDOW)).replace("{}", "")


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
    if unit == "percentunit":
        written = f'<meter min="0" max="1" value="{{{{ .Value }}}}"></meter>{written}'
    value = "" if names_only else f'<td>{{{{ if eq (printf "%f" .Value) "NaN" }}}}no call{{{{ else }}}}{written}{{{{ end }}}}</td>'
    label = re.search(r"\{\{(\w+)\}\}", target["legendFormat"])
    ordered = f' | sortByLabel "{label[1]}"' if label and "topk" not in target["expr"] else ""
    return (
        f"{{{{ range query `{wrapped.format(query(target['expr']))}`{ordered} -}}}}\n<tr><th>{name}</th>{value}</tr>\n"
        f"{{{{ else }}}}<tr><th>nothing yet</th></tr>\n{{{{ end -}}}}\n"
    )
