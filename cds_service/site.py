"""Loading what a site decides with: knowledge, terminology, time zone."""

from __future__ import annotations

from pathlib import Path

from cds_service.hooks.decide import Site
from cds_service.knowledge import Knowledge, load_knowledge
from cds_service.knowledge.loader import HERE
from cds_service.oncology.fit import refuse_unfit
from cds_service.settings import Settings
from cds_service.terminology import DEFAULT_CANONICAL_BASE, load_terminology, value_set_names


def load_content(overrides: Path | None = None, *, directory: Path = HERE) -> Knowledge:
    """The clinical content, compared with the code that carries it out. Raises: KnowledgeInvalid (CLM-4002)."""
    knowledge = load_knowledge(overrides, directory=directory)
    refuse_unfit(knowledge, value_set_names())
    return knowledge


def load_site(settings: Settings, *, fixed_date: bool) -> Site:
    """The content that the settings name. Raises: KnowledgeInvalid, TerminologyInvalid."""
    return Site(
        knowledge=load_content(settings.knowledge_overrides),
        terminology=load_terminology(
            settings.terminology_dir, canonical_base=settings.canonical_base or DEFAULT_CANONICAL_BASE
        ),
        zone=settings.zone,
        public_base_url=settings.page_base_url,
        fixed_date=fixed_date,
    )
