"""Where in the lung: side and lobe from codes. A side is never inferred from a midline or unspecified code."""

from __future__ import annotations

from cds_service.fhir.codings import codings
from cds_service.oncology.patient.chart import Chart
from cds_service.values import ValueObject

_LOBES = {"lobe-rul": "RUL", "lobe-rml": "RML", "lobe-rll": "RLL", "lobe-lul": "LUL", "lobe-lll": "LLL"}
_SIDE_OF_LOBE = {"RUL": "right", "RML": "right", "RLL": "right", "LUL": "left", "LLL": "left"}


class Site(ValueObject, frozen=True):
    """A body site. ``lung`` is None when no site is recorded at all."""

    lung: bool | None
    side: str | None = None
    lobe: str | None = None
    conflict: bool = False  # the recorded side contradicts the lobe


def read_site(sets: frozenset[str]) -> Site:
    """The site that the value sets of a body site and its laterality qualifiers describe together."""
    lobes = {_LOBES[name] for name in sets if name in _LOBES}
    sides = {_SIDE_OF_LOBE[lobe] for lobe in lobes}
    sides |= {side for side in ("right", "left") if sets & {f"lung-{side}", f"laterality-{side}"}}
    lobe = lobes.pop() if len(lobes) == 1 else None
    if "laterality-both" in sets:
        return Site("lung-any" in sets, None, None, conflict=bool(sides))
    if len(sides) > 1:
        return Site("lung-any" in sets, None, None, conflict=True)
    return Site("lung-any" in sets, sides.pop() if sides else None, lobe)


NO_SITE = Site(None)


def organ(chart: Chart, place: object) -> str:
    """One name for one organ, so that lesions of one organ are counted together: "liver", or the code of the site."""
    if "liver-site" in chart.sets(place):
        return "liver"
    return next((f"{coding.system}|{coding.code}" for coding in codings(place)), "site not coded")
