"""What happened and belongs on the time line, although no rule asks when: a lung removed, systemic therapy ordered."""

from __future__ import annotations

from collections import defaultdict

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.status import status_of
from cds_service.oncology.patient.chart import Chart, Resource, references
from cds_service.oncology.patient.model import Happened
from cds_service.oncology.patient.primary import performed
from cds_service.oncology.patient.treatments import drug_requests, site_of_procedure

_GIVEN = frozenset({"active", "completed", "stopped", "on-hold"})


def happened(chart: Chart) -> tuple[Happened, ...]:
    """Completed pneumonectomies with their side, and orders of antineoplastic drugs, those of one day together."""
    found = [
        Happened("pneumonectomy", performed(chart, item), site_of_procedure(chart, item).side, references(item))
        for item, sets in chart.coded("Procedure")
        if "pneumonectomy" in sets and status_of(item) == "completed"
    ]
    days: dict[PartialDate | None, list[Resource]] = defaultdict(list)
    for item, sets in drug_requests(chart):
        if "antineoplastic" in sets and status_of(item) in _GIVEN:
            days[chart.date_of(item, "authoredOn")].append(item)
    found += [Happened("systemic", on, None, references(*items)) for on, items in days.items()]
    return tuple(sorted(found, key=lambda item: (item.kind, item.facts)))
