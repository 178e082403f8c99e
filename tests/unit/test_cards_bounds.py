"""However large a record is, a card stays small enough to be read and sent."""

from __future__ import annotations

import json

from cds_service.oncology.report.assessment import Finding, Need, OrderReport, Reason, Result
from cds_service.protocol.card import Card, to_json
from cds_service.values import replace
from tests.unit.card_cases import ABLATION, LESION, assessment, context, detail, drafts, shown, shown_orders

_LESIONS = [f"BodyStructure/lesion-{number}" for number in range(3000)]


def _large() -> tuple[Card, ...]:
    base = assessment(hook="order-sign", orders=[ABLATION], lesions=[LESION] * 4)
    orders = [ABLATION | {"id": f"draft-{number}"} for number in range(2000)]
    reasons = tuple(
        Reason("SIZE_OVER_LIMIT", "A-02", Result.NOT_ELIGIBLE, "RLL 51 mm: above the size limit.", (), (), (name,))
        for name in _LESIONS
    )
    reports = tuple(
        OrderReport(f"ServiceRequest/{order['id']}", ("lung-ablation",), ("O-01", "O-02", "O-04"), "Ablation " * 20)
        for order in orders
    )
    resections = tuple(
        Finding("HISTORY", "Earlier resection of the lung: RLL.", "2024-01-01", (f"Procedure/resection-{number}",))
        for number in range(2000)
    )
    listed = Finding("LESIONS", f"Lung lesions: 3000 ({', '.join(['RLL 20 mm'] * 3000)}).", "2025-05-12", ())
    large = replace(
        base,
        lesions=tuple(replace(base.lesions[0], id=name, facts=(name,)) for name in _LESIONS),
        therapies={name: replace(therapy, reasons=reasons) for name, therapy in base.therapies.items()},
        findings=(*base.findings, *resections, listed),
        needs=(*base.needs, Need("LESION_SIZE", f"Longest diameter of: {', '.join(['RLL'] * 3000)}.")),
        supporting=(*_LESIONS, "ImagingStudy/ct-chest", "Observation/cea"),
    )
    return (shown(large), *shown_orders(large, context(hook="order-sign", orders=orders), orders=reports))


def test_a_large_record_makes_no_large_card() -> None:
    found = _large()
    assert len(found) == 3
    for card in found:
        assert len((card.detail or "").encode()) < 12_000
        assert all(len(json.dumps(item).encode()) < 8_000 for item in to_json(card).get("suggestions", ()))
    assert "+2990" in detail(found[0])
    assert drafts(found[0])[0]["supportingInfo"][:3] == [
        {"reference": "ImagingStudy/ct-chest"},
        {"reference": "Observation/cea"},
        {"reference": "BodyStructure/lesion-0"},
    ]
    assert all(len(draft.get("supportingInfo", ())) <= 20 for card in found for draft in drafts(card))
