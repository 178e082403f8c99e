"""Events of the time line: what happened to the patient, and when. They decide nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds_service.fhir.dates import PartialDate
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Facts
from cds_service.values import ValueObject


class Event(ValueObject, frozen=True):
    """Something that happened to the patient. ``date`` is as precise as it was recorded; None: not recorded.

    ``kind``: primary | primary-resection | lung-metastasis | extrapulmonary | resection | ablation | radiotherapy |
    pneumonectomy | systemic | mdt-requested | mdt-held | chest-ct | abdomen-imaging.
    """

    kind: str
    text: str
    date: str | None
    side: str | None
    lobe: str | None
    resources: tuple[str, ...]


_TREATMENTS = {"resection": "resection", "ablation": "ablation", "radiotherapy": "radiotherapy"}


def events(case: Case) -> tuple[Event, ...]:
    """Every dated step on record, oldest first; one day of one kind and place once; undated ones last."""
    dated = list(_events(case))
    ordered = sorted(dated, key=lambda pair: (pair[0].latest if pair[0] else date.max, pair[1].kind, pair[1].resources))
    return tuple(event for _, event in ordered)


def _events(case: Case) -> Iterator[tuple[PartialDate | None, Event]]:
    findings, primary, lung = case.findings, case.findings.primary, case.findings.lung

    def happened(
        kind: str,
        on: PartialDate | None,
        facts: Facts,
        *,
        side: str | None = None,
        lobe: str | None = None,
        **values: str,
    ) -> tuple[PartialDate | None, Event]:
        text = case.knowledge.text(f"event.{kind}", **values)
        return on, Event(kind, text, on.text if on else None, side, lobe, tuple(sorted(set(facts))))

    if primary.known:
        yield happened("primary", primary.diagnosed, primary.facts)
    if primary.resection_facts:
        yield happened("primary-resection", primary.resected, primary.resection_facts)
    if lung.facts:
        yield happened("lung-metastasis" if lung.confirmed else "lung-suspected", lung.detected, lung.facts)
    for other in findings.extrapulmonary:
        yield happened("extrapulmonary", other.detected, other.facts, sites=other.site)
    whole_lungs = {fact for item in findings.happened if item.kind == "pneumonectomy" for fact in item.facts}
    for item in findings.happened:
        yield happened(item.kind, item.on, item.facts, side=item.side)
    for done in findings.treatments:
        if done.fact not in whole_lungs:
            kind = _TREATMENTS[done.kind] if done.lung else "radiotherapy-elsewhere"
            yield happened(kind, done.on, (done.fact,), side=done.side, lobe=done.lobe)
    for record in findings.mdt_requests:
        yield happened("mdt-requested", record.on, (record.fact,))
    for record in findings.mdt_meetings:
        yield happened("mdt-held", record.on, (record.fact,))
    if findings.chest_ct_facts:
        yield happened("chest-ct", findings.chest_ct, findings.chest_ct_facts)
    if findings.abdomen_pelvis_facts:
        yield happened("abdomen-imaging", findings.abdomen_pelvis, findings.abdomen_pelvis_facts)
