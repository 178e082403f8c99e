"""Who may call us."""

from cds_service.trust.jwt import JwtRules, JwtTrust, ReplayMemory
from cds_service.trust.keys import ListedKeys
from cds_service.trust.open import OpenTrust
from cds_service.trust.trust import ANYONE, Caller, Trust

__all__ = ["ANYONE", "Caller", "JwtRules", "JwtTrust", "ListedKeys", "OpenTrust", "ReplayMemory", "Trust"]
