"""The words of a report decide nothing, whatever they say and wherever they stand."""

from __future__ import annotations

import copy

import pytest

from tests.spec.changing import resources
from tests.spec.core import explain
from tests.spec.patients import patient

TEXTS = {
    "conclusion": "Three nodules, largest 34 mm, both lungs; diffuse liver metastases. Not resectable.",
    "presentedForm": [{"contentType": "text/html", "data": "PGI+MzQgbW08L2I+", "title": "34 mm"}],
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">innumerable</div>'},
    "note": [{"text": "miliary, 34 mm, ECOG 4"}],
}


@pytest.mark.parametrize("element", TEXTS)
@pytest.mark.parametrize("lesions", [(), None], ids=["no lesion coded", "one lesion coded"])
def test_text_never_changes_an_assessment(element: str, lesions: tuple[()] | None) -> None:
    request = patient(**({} if lesions is None else {"lesions": lesions}))
    told = copy.deepcopy(request)
    for key in ("reports", "imaging-findings", "conditions", "procedures", "imaging-studies"):
        for resource in resources(told, key):
            resource[element] = TEXTS[element]
    assert explain(told) == explain(request)
