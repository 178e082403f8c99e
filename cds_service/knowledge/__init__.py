"""The clinical content as data (TOML), and its loader.

``parameters.toml`` holds every number that the rules test with, ``rules.toml`` what each rule says and rests on,
``evidence.toml`` the sources, ``wording.toml`` every sentence that a clinician reads, ``knowledge.toml`` version,
sign-off and vocabulary. Changes are told in ``CHANGELOG.md``. The files are read once, at start.
"""

from cds_service.knowledge.loader import load_knowledge
from cds_service.knowledge.model import CERTAINTY_TAGS, Evidence, Knowledge, Measured, Parameter, Rule

__all__ = ["CERTAINTY_TAGS", "Evidence", "Knowledge", "Measured", "Parameter", "Rule", "load_knowledge"]
