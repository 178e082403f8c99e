"""German imaging module: ICD-10-GM, OPS beside SNOMED CT, findings as panels of single Observations, German units.

Source: modules Onkologie and Bildgebung of the German core data set; ICD-10-GM and OPS of BfArM.
"""

from __future__ import annotations

from dataclasses import replace

from tests.ehr.dialects.icd import LOSSES, as_who
from tests.ehr.dialects.shapes import SNOMED, all_of, at_time, histology_into_size, is_lesion, members, unit_texts
from tests.ehr.personality import Personality
from tests.ehr.record import Record, Resource

GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
OPS = "http://fhir.de/CodeSystem/bfarm/ops"
FINDING = {"coding": [{"system": SNOMED, "code": "118247008", "display": "Radiologischer Befund"}]}
WORDS = {"10*3/uL": "/nl", "ug/L": "µg/l", "ng/mL": "µg/l", "{INR}": "", "mm": "mm"}


def _with_ops(resource: Resource) -> Resource:
    if resource["resourceType"] == "Procedure":
        resource["code"]["coding"].insert(0, {"system": OPS, "version": "2025", "code": "5-455.41"})
    return resource


def shape(record: Record) -> Record:
    """The record as a German data integration centre has it; the panel carries place and date for all of its parts."""
    record = histology_into_size(record)
    found: list[Resource] = []
    for resource in record.mapped(lambda one: one).resources:
        found += members(resource, code=FINDING, keep=("effectiveDateTime",)) if is_lesion(resource) else [resource]
    changes = all_of(as_who(GM, version="2025"), _with_ops, unit_texts(WORDS), at_time("22:30:00", 2))
    return replace(record, resources=tuple(found)).mapped(changes)


GERMAN = Personality("german-imaging-module", page_size=7, next_style="query", loses=LOSSES, shape=shape)
