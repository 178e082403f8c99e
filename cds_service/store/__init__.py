"""What is kept: which cards were sent, what clinicians made of them, which tokens were used. SQLite or PostgreSQL.

No patient and no clinician by name: both stand as keyed hashes, and the facts of a card as keyed hashes too. The input
of decisions is kept only where the operator has asked for it, and encrypted.
"""

from cds_service.store.database import Database, default_folder, open_database
from cds_service.store.decisions import DecisionStore
from cds_service.store.kept_feedback import FeedbackStore
from cds_service.store.memory import CardMemory
from cds_service.store.pseudonyms import Pseudonyms, load_pseudonyms
from cds_service.store.used_tokens import UsedTokens

__all__ = [
    "CardMemory",
    "Database",
    "DecisionStore",
    "FeedbackStore",
    "Pseudonyms",
    "UsedTokens",
    "default_folder",
    "load_pseudonyms",
    "open_database",
]
