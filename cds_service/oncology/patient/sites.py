"""Where something lies: lung, side and lobe, another organ, or not known. The one reader of body sites and diseases.

A site that cannot be read (a text, a local code, a code that no value set names) is not known: it is never "elsewhere"
and never "not the lung". A side is never inferred from a midline or unspecified code.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.fhir.codings import codings
from cds_service.oncology.patient.chart import Resource, objects
from cds_service.terminology import Terminology
from cds_service.values import ValueObject

_LOBES = {"lobe-rul": "RUL", "lobe-rml": "RML", "lobe-rll": "RLL", "lobe-lul": "LUL", "lobe-lll": "LLL"}
_SIDE_OF_LOBE = {"RUL": "right", "RML": "right", "RLL": "right", "LUL": "left", "LLL": "left"}
#: Organs outside the lung: the value set of the site, and that of a metastasis there.
_METASTASIS_AT = {
    "liver-site": "liver-metastasis",
    "bone-site": "bone-metastasis",
    "brain-site": "brain-metastasis",
    "peritoneum-site": "peritoneal-metastasis",
    "pleura-site": "pleural-metastasis",
    "adrenal-site": "adrenal-metastasis",
    "ovary-site": "ovarian-metastasis",
    "thoracic-node-site": "thoracic-node-metastasis",
    "other-node-site": "other-node-metastasis",
    "site-elsewhere": "other-metastasis",
    "colorectal-site": "other-metastasis",
    "abdomen-pelvis-site": "other-metastasis",
}
_LUNG = "lung-metastasis"
_GENERIC = "generic-metastasis"
_UNSITED_CANCER = frozenset({"generic-malignancy", "adenocarcinoma"})
_HISTOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
PRIMARY = "colorectal-primary"
HISTORY = "colorectal-history"
#: A metastasis of which at least one site cannot be read, or of which none is recorded.
UNSITED = "unsited-metastasis"


class Site(ValueObject, frozen=True):
    """A body site. ``lung`` is None when no site is recorded, or when it cannot be read."""

    lung: bool | None
    side: str | None = None
    lobe: str | None = None
    conflict: bool = False  # the recorded side contradicts the lobe


NO_SITE = Site(None)


def site_at(terminology: Terminology, places: Iterable[object], qualifiers: Iterable[object] = ()) -> Site:
    """The site that body sites and their laterality qualifiers describe together."""
    each = [terminology.memberships(place) for place in places if place]
    names = frozenset().union(*each, *map(terminology.memberships, qualifiers))
    lung = _in_lung(each)
    lobes = {_LOBES[name] for name in names if name in _LOBES}
    sides = {_SIDE_OF_LOBE[lobe] for lobe in lobes}
    sides |= {side for side in ("right", "left") if names & {f"lung-{side}", f"laterality-{side}"}}
    if "laterality-both" in names:
        return Site(lung, None, None, conflict=bool(sides))
    if len(sides) > 1:
        return Site(lung, None, None, conflict=True)
    return Site(lung, sides.pop() if sides else None, lobes.pop() if len(lobes) == 1 else None)


def _in_lung(each: list[frozenset[str]]) -> bool | None:
    if any("lung-any" in names for names in each):
        return True
    return False if each and all(not names.isdisjoint(_METASTASIS_AT) for names in each) else None


def laterality(place: Resource) -> list[object]:
    """The qualifiers that stand as extensions on a body site."""
    return [item.get("valueCodeableConcept") for item in objects(place.get("extension") or [])]


def disease_sets(terminology: Terminology, condition: Resource) -> frozenset[str]:
    """The value sets of a Condition, with what its body sites add: each site of a metastasis counts.

    A past colorectal primary is one, and so is a cancer coded without its site that lies in colon or rectum.
    A metastasis coded without its site gets a name for each site, and :data:`UNSITED` where one cannot be read or none
    is recorded. One coded with its site gets those of further sites; nodes and pleura beside the lung add no lung.
    """
    names = terminology.memberships(condition.get("code"))
    if HISTORY in names:
        return names | {PRIMARY}
    places = [terminology.memberships(place) for place in objects(condition.get("bodySite") or []) if place]
    if _GENERIC in names:
        read = [found for place in places if (found := _metastases(place))]
        return names.union(*read, () if read and len(read) == len(places) else {UNSITED})
    coded = names & {_LUNG, *_METASTASIS_AT.values()}
    if not places or not coded:
        at_colorectum = any("colorectal-site" in place for place in places)
        return names | {PRIMARY} if at_colorectum and _is_cancer(terminology, condition, names) else names
    added = frozenset().union(*map(_metastases, places)) - ({_LUNG} if len(places) == 1 else set())
    nodes_or_pleura = coded & {"thoracic-node-metastasis", "other-node-metastasis", "pleural-metastasis"}
    return names | (added - {_LUNG} if nodes_or_pleura else added)


def _is_cancer(terminology: Terminology, condition: Resource, names: frozenset[str]) -> bool:
    """Does the code say cancer without a site, or nothing that is known here beside a morphology of adenocarcinoma?"""
    return not _UNSITED_CANCER.isdisjoint(names if names else terminology.memberships(histology(condition)))


def histology(condition: Resource) -> object:
    """The morphology of a Condition by the mCODE extension."""
    extensions = objects(condition.get("extension") or [])
    return next((item.get("valueCodeableConcept") for item in extensions if item.get("url") == _HISTOLOGY), None)


def _metastases(place: frozenset[str]) -> frozenset[str]:
    """What a metastasis at this place is; nothing where the place cannot be read."""
    if "lung-any" in place:
        return frozenset({_LUNG})
    specific = {_METASTASIS_AT[name] for name in place if name in _METASTASIS_AT}
    return frozenset(specific - {"other-metastasis"} or specific)


def organ(terminology: Terminology, place: object) -> str:
    """One name for one organ, so that lesions of one organ are counted together: "liver", or the code of the site."""
    if "liver-site" in terminology.memberships(place):
        return "liver"
    return next((f"{coding.system}|{coding.code}" for coding in codings(place)), "site not coded")
