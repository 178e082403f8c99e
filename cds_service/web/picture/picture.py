"""The four parts of the picture, put together by templates that escape whatever came from a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from cds_service.knowledge import Knowledge
from cds_service.web.fragments import fragment
from cds_service.web.picture.cea_curve import cea_curve
from cds_service.web.picture.lungs import lungs
from cds_service.web.picture.matrix import matrix
from cds_service.web.picture.time_line import time_line
from cds_service.web.picture.words import Words


def patient_picture(explanation: Mapping[str, Any], knowledge: Knowledge, *, prefix: str = "picture") -> Markup:
    """The picture of one patient as HTML with inline SVG; it needs the stylesheet and nothing else.

    ``explanation``: what /explain answers. ``knowledge``: the content that decided; numbers and words come from it.
    ``prefix`` begins every id, so that two pictures can stand on one page.
    """
    words = Words(knowledge)
    return fragment(
        "picture/picture.html",
        prefix=prefix,
        words=words,
        say=words.say,
        evaluated_on=str(explanation["evaluatedOn"]),
        curve=cea_curve(explanation),
        lungs=lungs(explanation, knowledge),
        steps=time_line(explanation, knowledge),
        matrix=matrix(explanation, knowledge),
    )
