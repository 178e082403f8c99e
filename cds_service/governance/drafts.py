"""Is every draft that a card may offer valid FHIR? Asked here and by the tests, so that no request pays for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date

from cds_service.cards import CardContext
from cds_service.cards.drafts import DRAFTS, Drafter
from cds_service.cards.writer import CardWriter
from cds_service.hooks.decide import Site, decide_request
from cds_service.knowledge import Knowledge
from cds_service.protocol.request import read_request
from cds_service.serving.self_check import self_check_request
from cds_service.terminology import load_terminology


def refused_drafts(knowledge: Knowledge, on: date) -> Iterator[tuple[str, str]]:
    """Each draft that ``fhir.resources`` does not accept with this wording: its name, and at which elements."""
    from fhir.resources.R4B.servicerequest import ServiceRequest  # noqa: PLC0415 - slow to load, and only needed here
    from pydantic import ValidationError  # noqa: PLC0415

    drafter = _drafter(knowledge, on)
    for name in DRAFTS:
        try:
            ServiceRequest.model_validate(drafter.draft(name))
        except ValidationError as invalid:
            places = ", ".join(".".join(map(str, fault["loc"])) for fault in invalid.errors())
            yield f"draft {name}", f"Is not valid FHIR at {places}."


def _drafter(knowledge: Knowledge, on: date) -> Drafter:
    """Writes drafts for the patient of the self-check."""
    site = Site(knowledge, load_terminology(), UTC, None, fixed_date=False)
    request = read_request(self_check_request())
    assessment = decide_request(request, site, on=on).assessment
    call = CardContext(
        knowledge=knowledge,
        request=request,
        public_base_url=None,
        fixed_date=False,
        on=on,
        canonical_base=site.terminology.canonical_base,
    )
    return Drafter(CardWriter(assessment, call))
