"""What we know about the patient: facts read from FHIR, each with its date and the resources it came from."""

from cds_service.oncology.patient.extract import extract_findings
from cds_service.oncology.patient.model import Findings

__all__ = ["Findings", "extract_findings"]
