"""Which codes mean what: value sets as FHIR ValueSet JSON, our own code systems, and the local codes of a site."""

from cds_service.terminology.code_tables import NOTHING
from cds_service.terminology.loader import DEFAULT_CANONICAL_BASE, load_terminology, value_set_names
from cds_service.terminology.terminology import Terminology
from cds_service.terminology.value_sets import ValueSet

__all__ = ["DEFAULT_CANONICAL_BASE", "NOTHING", "Terminology", "ValueSet", "load_terminology", "value_set_names"]
