"""The clinical content as data (TOML), and its loader.

``rules/`` holds the rules by chapter: what each says, rests on and can tell as a reason. ``parameters.toml`` holds
every number that they test with, ``evidence.toml`` the sources, ``wording.toml`` the other sentences that a clinician
reads, ``knowledge.toml`` version, sign-off and order. Changes are told in ``CHANGELOG.md``. The files are read once,
at start.
"""

from cds_service.knowledge.loader import load_knowledge
from cds_service.knowledge.model import CERTAINTY_TAGS, Evidence, Knowledge, Measured, Parameter, ReasonText, Rule

__all__ = ["CERTAINTY_TAGS", "Evidence", "Knowledge", "Measured", "Parameter", "ReasonText", "Rule", "load_knowledge"]
