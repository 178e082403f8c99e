"""The panel "What would change this?": the JSON of the answer as HTML that needs no script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from cds_service.knowledge import Knowledge
from cds_service.oncology.report.describe import label
from cds_service.web.fragments import fragment

_MOST = 12


def what_if_panel(answer: Mapping[str, Any], knowledge: Knowledge, *, prefix: str = "what-if") -> Markup:
    """The panel. ``answer``: the JSON of ``oncology.what_if.search.explained``. ``prefix`` begins every id on it."""
    return fragment(
        "what_if.html",
        prefix=prefix,
        say=knowledge.text,
        changes=answer["changes"][:_MOST],
        more=answer["changes"][_MOST:],
        missing=[
            {
                **item,
                "names": {key: _names(item[key], knowledge) for key in ("settles", "closes", "makesKnown", "decides")},
            }
            for item in answer["missing"]
        ],
        considered=answer["considered"],
    )


def _names(what: list[str], knowledge: Knowledge) -> str:
    return ", ".join(label(name, knowledge) for name in what)
