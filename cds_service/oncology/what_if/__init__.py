"""What would change this? Counterfactual facts, each a change of the findings, judged by the rules that decided."""

from cds_service.oncology.what_if.changes import changes
from cds_service.oncology.what_if.fact import Change
from cds_service.oncology.what_if.outcome import Facet, outcome

__all__ = ["Change", "Facet", "changes", "outcome"]
