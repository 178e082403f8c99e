"""Who may call us.

``jwt.py`` and ``keys.py`` are loaded only where calls are signed: they bring a cryptography library.
"""

from cds_service.trust.open import OpenTrust
from cds_service.trust.trust import ANYONE, Caller, Trust

__all__ = ["ANYONE", "Caller", "OpenTrust", "Trust"]
