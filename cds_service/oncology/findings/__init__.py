"""What we know about the patient: facts read from FHIR, each with its date and the resources it came from."""

from cds_service.oncology.findings.extract import extract_findings
from cds_service.oncology.findings.model import Findings

__all__ = ["Findings", "extract_findings"]
