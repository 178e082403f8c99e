"""Who may call us."""

from cds_service.trust.open import OpenTrust
from cds_service.trust.trust import Trust

__all__ = ["OpenTrust", "Trust"]
