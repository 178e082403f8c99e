"""Completing the patient's record: what was sent, what is fetched, and from whom it may be fetched."""

from cds_service.record.client import FhirClient
from cds_service.record.complete import complete
from cds_service.record.fetcher import Fetcher, FhirFetcher
from cds_service.record.origins import AllowList

__all__ = ["AllowList", "Fetcher", "FhirClient", "FhirFetcher", "complete"]
