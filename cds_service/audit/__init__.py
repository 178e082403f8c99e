"""Keeping what a decision was made of, for a while and encrypted, so that it can be decided again.

Off unless ``CDS_AUDIT_DAYS`` is set. ``minimal.py``: what of a call is kept; ``sealing.py``: under which key;
``keeping.py``: after the answer, by a thread of its own; ``again.py``: deciding again and comparing.
"""

from cds_service.audit.keeping import Keeping, load_keeping

__all__ = ["Keeping", "load_keeping"]
