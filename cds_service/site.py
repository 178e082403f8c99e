"""Loading what a site decides with: knowledge, terminology, time zone."""

from __future__ import annotations

from cds_service.hooks.decide import Site
from cds_service.knowledge import load_knowledge
from cds_service.settings import Settings
from cds_service.terminology import DEFAULT_CANONICAL_BASE, load_terminology


def load_site(settings: Settings, *, fixed_date: bool) -> Site:
    """The content that the settings name. Raises: KnowledgeInvalid, TerminologyInvalid."""
    return Site(
        knowledge=load_knowledge(settings.knowledge_overrides),
        terminology=load_terminology(
            settings.terminology_dir, canonical_base=settings.canonical_base or DEFAULT_CANONICAL_BASE
        ),
        zone=settings.zone,
        public_base_url=settings.page_base_url,
        fixed_date=fixed_date,
    )
