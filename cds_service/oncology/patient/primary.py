"""The colorectal primary: when diagnosed, when resected, and whether it is controlled."""

from __future__ import annotations

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.status import has_recurred, is_unconfirmed, status_of
from cds_service.oncology.patient.chart import Chart, Resource, earliest, objects, references
from cds_service.oncology.patient.conditions import began, colorectal_primaries, recorded
from cds_service.oncology.patient.model import Primary, Statement
from cds_service.oncology.patient.sites import HISTORY, disease_sets
from cds_service.truth import Truth


def performed(chart: Chart, procedure: Resource) -> PartialDate | None:
    """When a Procedure was done (its start, where it took longer than a day)."""
    return chart.date_of(procedure, "performedDateTime", "performedPeriod")


def reason_sets(chart: Chart, procedure: Resource) -> frozenset[str]:
    """Value sets of everything that a Procedure or order gives as its reason, coded or by reference."""
    names = chart.sets(list(objects(procedure.get("reasonCode") or [])))
    for reference in objects(procedure.get("reasonReference") or []):
        if reason := chart.pool.get(reference, container=procedure):
            names |= disease_sets(chart.terminology, reason)
    return names


def primary_resections(chart: Chart, diagnosed: PartialDate | None) -> list[tuple[Resource, PartialDate | None]]:
    """Completed resections of the primary, with their dates.

    A resection of colon or rectum counts when its reason is the primary, or when no reason is recorded and it was not
    done before the diagnosis. Surgery whose code names no organ needs a colorectal site: metastasectomies often give
    the primary as their reason.
    """
    found = []
    for procedure, sets in chart.coded("Procedure"):
        if status_of(procedure) != "completed" or not sets & {"primary-resection", "cancer-surgery-any"}:
            continue
        on = performed(chart, procedure)
        has_reason = bool(procedure.get("reasonCode") or procedure.get("reasonReference"))
        for_primary = "colorectal-primary" in reason_sets(chart, procedure)
        at_colorectum = "primary-resection" in sets or "colorectal-site" in chart.sets(procedure.get("bodySite"))
        if at_colorectum and (for_primary or (not has_reason and not _before(on, diagnosed))):
            found.append((procedure, on))
    return found


def _before(on: PartialDate | None, diagnosed: PartialDate | None) -> bool:
    return bool(on and diagnosed and on.latest < diagnosed.earliest)


def _first_treatment(
    chart: Chart, resections: list[PartialDate | None], diagnosed: PartialDate | None
) -> PartialDate | None:
    """The earliest definitive treatment since the diagnosis: resection, radiotherapy, or an antineoplastic drug.

    What was given before the diagnosis, or for another cancer, was no treatment of this disease.
    """
    dates = list(resections)
    for procedure, sets in chart.coded("Procedure"):
        given = "radiotherapy-any" in sets and status_of(procedure) in {"completed", "in-progress"}
        if given and "other-malignancy" not in reason_sets(chart, procedure):
            dates.append(performed(chart, procedure))
    for request, sets in chart.coded("MedicationRequest"):
        if "antineoplastic" in sets and status_of(request) in {"active", "completed", "stopped"}:
            dates.append(chart.date_of(request, "authoredOn"))
    return earliest(on for on in dates if not _before(on, diagnosed))


def read_primary(chart: Chart, stated: Statement | None) -> Primary:
    """The colorectal primary as the Conditions, Procedures and statements describe it.

    ``stated``: the latest coded statement of primary status; a recurrence on record outweighs a statement of control.
    Without a statement, R0 resection is concluded only from a completed resection with no recurrence recorded, with the
    flag ``MARGIN_UNKNOWN``; anything else stays unknown. A code of history (Z85) confirms that there was a primary; its
    dates are not those of the diagnosis, and it proves no control.
    """
    scope, outside = colorectal_primaries(chart)
    if not scope:
        return Primary(known=bool(outside), out_of_scope=bool(outside), facts=references(*outside))
    confirmed = [item for item in scope if not is_unconfirmed(item)]
    about = confirmed or scope
    seen = [item for item in about if not _is_history(chart, item)]
    diagnosed = earliest(began(chart, item) for item in seen) or earliest(recorded(chart, item) for item in seen)
    resections = primary_resections(chart, diagnosed)
    status, status_facts = (stated.value, stated.facts) if stated else (None, ())
    recurred = [item for item in about if has_recurred(item)]
    if recurred and status != "resectable":  # a recurrence outweighs what was said of control before
        status, status_facts = "uncontrolled", tuple(sorted({*status_facts, *references(*recurred)}))
    elif stated is None and resections:
        status, status_facts = "r0-resected", references(*(item for item, _ in resections))
        chart.flags.add("MARGIN_UNKNOWN")
    if len({day for item in seen if (day := began(chart, item))}) > 1:
        chart.flags.add("PRIMARY_IN_TWO_SITES")
    if not seen and all(_is_imprecise(chart, item) for item in about):
        chart.flags.add("PRIMARY_SITE_IMPRECISE")
    dates = [on for _, on in resections]
    return Primary(
        known=True,
        confirmed=bool(confirmed),
        rectal=_rectal(chart, seen or about),
        side=_side(chart, seen),
        diagnosed=diagnosed,
        resected=earliest(dates),
        first_treatment=_first_treatment(chart, dates, diagnosed),
        first_treatment_known=None not in dates and (chart.complete("procedures") or bool(dates)),
        status=status,
        facts=references(*about),
        resection_facts=references(*(item for item, _ in resections)),
        status_facts=status_facts,
    )


def _is_history(chart: Chart, condition: Resource) -> bool:
    return HISTORY in chart.sets(condition.get("code"))


def _is_imprecise(chart: Chart, condition: Resource) -> bool:
    """Does the code leave open whether it was the rectum or the anal canal?"""
    return "colorectal-history-imprecise" in chart.sets(condition.get("code"))


def _side(chart: Chart, primaries: list[Resource]) -> str:
    """Left or right, where every record of the primary says the same; several primaries have no one side."""
    if len({day for item in primaries if (day := began(chart, item))}) > 1:
        return "unknown"
    sides = set()
    for item in primaries:
        names = chart.sets([item.get("code"), *objects(item.get("bodySite") or [])])
        sides |= {side for side in ("left", "right") if f"primary-{side}" in names} or {"unknown"}
    return sides.pop() if len(sides) == 1 else "unknown"


def _rectal(chart: Chart, primaries: list[Resource]) -> Truth:
    sites = [chart.sets([item.get("code"), *objects(item.get("bodySite") or [])]) for item in primaries]
    if any(names & {"rectal-primary", "rectal-site"} for names in sites):
        return Truth.TRUE
    open_sites = {"colorectal-site-unspecified", "colorectal-history-imprecise", "rectosigmoid-site"}
    return Truth.UNKNOWN if any(names & open_sites for names in sites) else Truth.FALSE
