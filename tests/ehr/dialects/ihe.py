"""IHE-like imaging results: RadElement and RadLex codes, the tumour contained in its Observation, absolute references.

Source: IHE Radiology, Imaging Result and Integrated Reporting profiles; RSNA RadElement (RDES195) and RadLex.
"""

from __future__ import annotations

from dataclasses import replace

from tests.ehr.dialects.shapes import is_lesion
from tests.ehr.personality import Personality
from tests.ehr.record import Record, Resource, with_references

RADELEMENT, RADLEX = "https://radelement.org", "http://radlex.org"
_LOBES = {
    "266005": "RID1315",
    "42400003": "RID1303",
    "72481006": "RID1310",
    "44714003": "RID1327",
    "41224006": "RID1338",
}
ABSOLUTE = "https://images.ehr.example/fhir/"


def shape(record: Record) -> Record:
    """The record with each tumour inside the Observations about it."""
    bodies = {f"BodyStructure/{item['id']}": item for item in record.of("BodyStructure")}

    def change(resource: Resource) -> Resource:
        for focus in resource.get("focus", []):
            if (body := bodies.get(focus.get("reference", ""))) is not None:
                focus["reference"] = f"#{body['id']}"
                resource["contained"] = [*resource.get("contained", []), _in_radlex(body)]
        if is_lesion(resource):
            code = resource["code"]["coding"]
            code.insert(0, {"system": RADELEMENT, "code": "RDES195", "display": "Pulmonary nodule"})
        return resource

    def absolute(resource: Resource) -> Resource:
        changed: Resource = with_references(resource, lambda text: text if text[0] == "#" else ABSOLUTE + text)
        return changed

    changed = record.mapped(change).mapped(absolute)
    return replace(changed, resources=tuple(r for r in changed.resources if r["resourceType"] != "BodyStructure"))


def _in_radlex(body: Resource) -> Resource:
    codings = body.get("location", {}).get("coding", [])
    radlex = [{"system": RADLEX, "code": _LOBES[c["code"]]} for c in codings if c["code"] in _LOBES]
    return body | ({"location": {"coding": radlex}} if radlex else {})


IHE = Personality("ihe-imaging-result", content_type="application/json", page_size=2, shape=shape)
