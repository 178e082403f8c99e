"""From the patient's pooled resources to findings: every reader once, in a fixed order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from decimal import Decimal

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.pool import ResourcePool
from cds_service.fhir.references import local_reference
from cds_service.fhir.source import Source, SourceState
from cds_service.knowledge import Knowledge
from cds_service.oncology.patient.chart import Chart, Resource, earliest, references
from cds_service.oncology.patient.conditions import (
    comorbidities,
    doubted_comorbidities,
    extrapulmonary,
    lung_disease,
    lung_recorded_date,
    report_uncoded,
)
from cds_service.oncology.patient.happened import happened
from cds_service.oncology.patient.imaging import abdomen_pelvis_imaging, chest_ct
from cds_service.oncology.patient.lesions import read_lesions
from cds_service.oncology.patient.model import (
    Completeness,
    Facts,
    Findings,
    Lesion,
    LungDisease,
    OnRecord,
    Patient,
    StatedCount,
)
from cds_service.oncology.patient.molecular import dpyd, molecular_results
from cds_service.oncology.patient.primary import read_primary
from cds_service.oncology.patient.sites import disease_sets, organ, site_at
from cds_service.oncology.patient.treatments import (
    active_drugs,
    declined,
    earlier_systemic,
    local_treatments,
    mdt_records,
    pneumonectomy,
    systemic_orders,
)
from cds_service.oncology.patient.tumour_markers import cea_results
from cds_service.oncology.patient.values import (
    coagulation,
    fever,
    lung_function,
    performance_status,
    pregnancy,
    stated,
    treatability,
)
from cds_service.terminology import Terminology
from cds_service.values import replace


def extract_findings(
    pool: ResourcePool,
    sources: Mapping[str, Source],
    *,
    knowledge: Knowledge,
    terminology: Terminology,
    zone: tzinfo,
    on: date,
) -> Findings:
    """Read everything the rules may ask. A resource that cannot be read is reported and costs only its own facts."""
    chart = Chart(pool, sources, terminology, knowledge, zone, on)
    report_uncoded(chart)
    lesions, outside = read_lesions(chart)
    by_condition, general = treatability(chart)
    distant, unsited = extrapulmonary(chart, by_condition, general)
    cea, cea_set_aside, cea_overruled = cea_results(chart)
    platelets, inr = coagulation(chart)
    drugs, drug_names = active_drugs(chart)
    requests, meetings = mdt_records(chart)
    ct, ct_facts = chest_ct(chart)
    abdomen, abdomen_facts = abdomen_pelvis_imaging(chart)
    treatments = local_treatments(chart)
    counts, elsewhere = stated_counts(chart)
    findings = Findings(
        on=on,
        patient=read_patient(chart),
        primary=read_primary(chart, stated(chart, "primary-status", "primary-status")),
        lung=_with_detection(chart, lung_disease(chart), lesions),
        extrapulmonary=distant,
        unsited_metastasis=unsited,
        extrapulmonary_lesions=outside | elsewhere,
        lesions=lesions,
        stated_count=counts[-1] if counts else None,
        stated_counts=counts,
        cea=cea,
        cea_overruled=cea_overruled,
        cea_set_aside=cea_set_aside,
        platelets=platelets,
        inr=inr,
        function=lung_function(chart),
        ecog=performance_status(chart),
        treatments=treatments,
        pneumonectomy=pneumonectomy(chart),
        happened=happened(chart),
        resectability=stated(chart, "resectability-statement", "resectability", days="statement.days"),
        nodes=stated(chart, "thoracic-node-status", "node-status"),
        declined=declined(chart),
        doubted=doubted_comorbidities(chart),
        conditions=_with_pregnancy(comorbidities(chart), pregnancy(chart)),
        drugs=drugs,
        drug_names=drug_names,
        systemic_orders=systemic_orders(chart),
        earlier_systemic=earlier_systemic(chart),
        fever=fever(chart),
        molecular=molecular_results(chart),
        dpyd=dpyd(chart),
        mdt_requests=requests,
        mdt_meetings=meetings,
        chest_ct=ct,
        chest_ct_facts=ct_facts,
        abdomen_pelvis=abdomen,
        abdomen_pelvis_facts=abdomen_facts,
        complete=Completeness(
            lesions=_lesions_complete(chart),
            conditions=chart.complete("conditions"),
            procedures=chart.complete("procedures"),
            observations=chart.complete("observations"),
            medications=chart.complete("medications"),
            imaging=chart.complete("imaging-studies", "reports"),
            requests=chart.complete("requests"),
        ),
    )
    for resource_type in ("Condition", "Observation", "Procedure"):
        for resource, _ in chart.coded(resource_type):
            if terminology.display_mismatch(resource.get("code")) is not None:
                chart.flags.add("CODE_DISPLAY_MISMATCH")
                chart.report(resource, "CODE_DISPLAY_MISMATCH", "The display contradicts the code; the code is used.")
    problems = tuple(sorted({*pool.problems, *chart.problems}))
    findings = replace(findings, set_aside=_set_aside(chart, findings))
    return replace(findings, flags=frozenset(chart.flags), problems=problems)


def _set_aside(chart: Chart, findings: Findings) -> Facts:
    """Conditions with a modifier that is not known, where they are the only primary or lung metastasis (G-06)."""
    wanted = {"colorectal-primary"} if not findings.primary.known else set()
    wanted |= {"lung-metastasis"} if not findings.lung.confirmed else set()
    terminology = chart.terminology
    return references(*(item for item in chart.pool.modified("Condition") if wanted & disease_sets(terminology, item)))


def read_patient(chart: Chart) -> Patient:
    """Birth date and whether the patient has died."""
    for patient in chart.pool.of("Patient"):
        deceased = patient.get("deceasedBoolean") is True or bool(patient.get("deceasedDateTime"))
        birth = chart.date_of(patient, "birthDate")
        return Patient(birth, deceased, (local_reference(patient),))
    return Patient(None, False)


def _lesions_complete(chart: Chart) -> bool:
    """True if all lesions were read: one source of observations is enough, if none is known to be cut short.

    It was not where a measured lesion cannot be placed because its BodyStructure did not come.
    """
    states = [chart.sources[key].state for key in ("observations", "imaging-findings") if key in chart.sources]
    read = SourceState.FOUND in states or SourceState.EMPTY in states
    return read and SourceState.INCOMPLETE not in states and not chart.lesion_unplaced


def _with_pregnancy(conditions: dict[str, Facts], status: Facts) -> dict[str, Facts]:
    """The comorbidities, with a pregnancy that is recorded as an Observation."""
    if not status:
        return conditions
    return conditions | {"pregnancy": tuple(sorted({*conditions.get("pregnancy", ()), *status}))}


def _with_detection(chart: Chart, lung: LungDisease, lesions: tuple[Lesion, ...]) -> LungDisease:
    """The date of detection: onset, else the earliest imaging of a lesion, else the recorded date (flagged).

    The disease was first on record at the earlier of onset and the first imaging of a lesion that is not benign.
    """
    onset, imaged = lung.detected, earliest(lesion.first_seen for lesion in lesions)
    charted = None if onset or imaged else lung_recorded_date(chart)
    shown = earliest([onset, *(lesion.first_seen for lesion in lesions if not lesion.benign)])
    first = OnRecord(shown) if shown else OnRecord(charted, charted=True) if charted else None
    return replace(lung, detected=onset or imaged or charted, first_on_record=first)


def stated_counts(chart: Chart) -> tuple[tuple[StatedCount, ...], dict[str, int]]:
    """The recorded lesion counts of the lung, oldest first, and the latest count of each other organ."""
    found, elsewhere = [], {}
    ordered = sorted(chart.answers("own-lesion-count"), key=lambda pair: _age(chart, pair[0]))
    for observation, holder in ordered:
        place = observation.get("bodySite")
        site = site_at(chart.terminology, [place])
        on = chart.observed(observation)
        count = _count(chart, holder, on, references(observation))
        if count is None:
            text = "lesion-count is neither a number nor 'multiple' or 'innumerable'."
            chart.report(observation, "VALUE_INVALID", text)
        elif place and site.lung is None and "thorax-site" not in chart.sets(place):
            chart.report(observation, "SITE_UNKNOWN", "The count does not say which organ it is about.")
            chart.lesion_unplaced = True
        elif site.lung is False:
            elsewhere[organ(chart.terminology, place)] = count.n or count.at_least
        else:
            found.append(count)
    return tuple(found), elsewhere


def _age(chart: Chart, observation: Resource) -> tuple[date, str]:
    on = chart.observed(observation)
    return (on.latest if on else date.min), local_reference(observation)


def _count(chart: Chart, holder: Mapping[str, object], on: PartialDate | None, facts: Facts) -> StatedCount | None:
    value = holder.get("valueInteger")
    if isinstance(quantity := holder.get("valueQuantity"), dict):
        value = quantity.get("value")
    text = holder.get("valueString")
    if isinstance(text, str) and text.strip().isdigit():
        value = int(text.strip())
    parameter = chart.knowledge.parameter
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 and Decimal(str(value)) % 1 == 0:
        return StatedCount(int(value), int(value), False, on, facts)
    words = text.strip().lower() if isinstance(text, str) else ""
    if words in {"innumerable", "miliary"}:
        return StatedCount(None, parameter("count.innumerableAtLeast").integer, True, on, facts)
    if words == "multiple":
        return StatedCount(None, parameter("count.multipleAtLeast").integer, False, on, facts)
    return None
