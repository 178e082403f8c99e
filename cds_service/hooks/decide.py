"""Steps 4 to 6 of a request in one pure call: what is known, which class and options and why, which cards.

:func:`decide` takes the sources that were read; :func:`decide_request` reads them from the prefetch of the call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

from cds_service.cards import CardContext
from cds_service.cards.repetition import Grounds, Repetition, grounds_of_card, grounds_of_case, marked
from cds_service.cards.writer import EXTENSION
from cds_service.errors import PrefetchMissing
from cds_service.fhir.pool import ResourcePool, pool
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.source import Source, SourceState
from cds_service.hooks.basket import asked
from cds_service.hooks.services import HOOKS, service_of
from cds_service.hooks.sources import from_prefetch
from cds_service.knowledge import Knowledge
from cds_service.oncology.assess import assess
from cds_service.oncology.report.assessment import Assessment, Problem
from cds_service.oncology.report.assessment import to_json as assessment_json
from cds_service.oncology.report.hash import assessment_hash
from cds_service.protocol.card import Card, extended
from cds_service.protocol.card import to_json as card_json
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.terminology import Terminology
from cds_service.values import ValueObject, replace, value_field

_KEY_OF_ORDER = {"ServiceRequest": "requests", "MedicationRequest": "medications"}


class Site(ValueObject, frozen=True):
    """The set-up of the operator, as far as a decision depends on it.

    ``knowledge``: the clinical content. ``terminology``: the value sets, with the site's own codes. ``zone``: the time
    zone of the facility. ``public_base_url``: the address that callers use, for links. ``fixed_date``: the evaluation
    date is fixed for validation, which every card then says.
    """

    knowledge: Knowledge
    terminology: Terminology
    zone: tzinfo
    public_base_url: str | None
    fixed_date: bool


class Decision(ValueObject, frozen=True):
    """What was concluded, and the cards that say it."""

    assessment: Assessment
    cards: tuple[Card, ...]
    grounds: Mapping[str, Grounds] = value_field(default_factory=dict)  # of each card, by its uuid
    repetition: Repetition = value_field(default=Repetition("off"))
    hash: str = ""  # of the assessment
    terminology: str = ""  # hash of the codes that the record was read with

    def remembering(self, repetition: Repetition) -> Decision:
        """The decision with the cards that are left when what was set aside before is not shown again."""
        return replace(self, cards=repetition.cards, repetition=repetition)

    def response(self) -> dict[str, Any]:
        """The body of the CDS Hooks response."""
        return {"cards": [card_json(card) for card in self.cards]}

    def explanation(self) -> dict[str, Any]:
        """The whole assessment as JSON, with the very cards of the response."""
        explained = assessment_json(self.assessment)
        if not isinstance(explained, dict):  # pragma: no cover - a dataclass is always written as an object
            raise TypeError("an assessment is written as a JSON object")
        repetition = {
            "state": self.repetition.state,
            "withheld": assessment_json(self.repetition.withheld),
            "changed": assessment_json(self.repetition.changed),
        }
        return {
            **explained,
            "assessmentHash": self.hash,
            "terminology": {"hash": self.terminology},
            "repetition": repetition,
            **self.response(),
        }


def decide_request(request: HookRequest, site: Site, *, on: date) -> Decision:
    """The decision on a call that brings all its data along; nothing is fetched.

    Raises: PrefetchMissing, as :func:`decide`, and when a needed key was not sent.
    """
    service = service_of(request.hook, site.terminology)
    sources, problems = from_prefetch(request, service)
    return decide(service, request, sources, problems, site=site, on=on)


def decide(
    service: Service,
    request: HookRequest,
    sources: Mapping[str, Source],
    problems: Sequence[DataProblem],
    *,
    site: Site,
    on: date,
) -> Decision:
    """The decision of one call on one day. The same call, content and day give the same decision, byte for byte.

    ``sources``: each prefetch key with its state. ``problems``: what was set aside while they were read.
    Raises: PrefetchMissing when the Conditions came only in part, or are another patient's, and show no disease; and
    when a dispatched order was never seen.
    """
    hook = HOOKS[service.hook]
    resources = pool(sources.values(), patient_id=request.patient_id)
    question, set_aside = asked(hook, service, request, sources, resources)
    assessment = assess(
        resources,
        sources,
        request=question,
        knowledge=site.knowledge,
        terminology=site.terminology,
        zone=site.zone,
        on=on,
    )
    _refuse_silence_on_half_a_record(assessment, sources, resources)
    if hook.on_record:
        _refuse_unseen_orders(request, assessment, sources, resources)
    assessment = _with_problems(assessment, (*problems, *set_aside))
    context = CardContext(
        knowledge=site.knowledge,
        request=request,
        public_base_url=site.public_base_url,
        fixed_date=site.fixed_date,
        on=on,
        canonical_base=site.terminology.canonical_base,
    )
    cards = hook.cards(assessment, context)
    case = grounds_of_case(assessment) if cards else {}
    grounds = {card.uuid: grounds_of_card(card, case, assessment) for card in cards}
    digest = assessment_hash(assessment)
    told = tuple(marked(card, grounds[card.uuid], digest) for card in cards)
    if site.terminology.of_the_site.files:
        told = tuple(_with_site_codes(card, site.terminology) for card in told)
    return Decision(assessment, told, grounds, hash=digest, terminology=site.terminology.hash)


def _with_site_codes(card: Card, terminology: Terminology) -> Card:
    """The card, which says that the record was read with a site's own codes too, and with which."""
    return extended(card, {f"{EXTENSION}.terminology": {"hash": terminology.hash}})


def _refuse_silence_on_half_a_record(
    assessment: Assessment, sources: Mapping[str, Source], resources: ResourcePool
) -> None:
    """Empty cards mean "we looked": not finding the disease in part of the Conditions is no finding.

    Nor is it one in the Conditions of somebody else, which are set aside.
    Raises: PrefetchMissing when the Conditions do not settle the question.
    """
    conditions = sources.get("conditions")
    settled = {gate.id for gate in assessment.gates} & {"G-01", "G-07"}
    if assessment.population != "out" or settled or conditions is None:
        return
    if conditions.state is SourceState.INCOMPLETE:
        raise PrefetchMissing({"conditions": conditions.note or "only a part could be read"})
    if conditions.entries and not resources.of("Condition") and _of_another_patient(resources):
        raise PrefetchMissing({"conditions": "the Conditions are not of the patient of context.patientId"})


def _refuse_unseen_orders(
    request: HookRequest, assessment: Assessment, sources: Mapping[str, Source], resources: ResourcePool
) -> None:
    """An order that a call only names, and that was never seen, is not an order without concern.

    Only for patients with the disease, for types of order that can concern it, and while the source that brings such
    orders was not read to the end; from a complete source its absence is known, and reported.
    Raises: PrefetchMissing, which names the key that should have brought the order.
    """
    if assessment.population == "out":
        return
    unseen = {}
    for reference in request.selections:
        key = _KEY_OF_ORDER.get(reference.partition("/")[0])
        source = sources.get(key) if key else None
        if key and not (source and source.complete) and resources.get({"reference": reference}) is None:
            unseen[key] = "the dispatched order is not among them"
    if unseen:
        raise PrefetchMissing(unseen)


def _of_another_patient(resources: ResourcePool) -> bool:
    found = resources.problems
    return any(item.problem == "OTHER_PATIENT" and item.resource.startswith("Condition/") for item in found)


def _with_problems(assessment: Assessment, problems: Sequence[DataProblem]) -> Assessment:
    """The assessment with what was already set aside on reading; each problem once, in a fixed order."""
    if not problems:
        return assessment
    read = {(item.resource, item.problem, item.text) for item in problems}
    judged = {(item.resource, item.problem, item.text) for item in assessment.data_quality}
    return replace(assessment, data_quality=tuple(Problem(*item) for item in sorted(read | judged)))
