"""From the assessment to cards: what the clinician should see now, in the words of ``knowledge/wording.toml``."""

from cds_service.cards.orders import order_cards
from cds_service.cards.patient_view import patient_view_cards
from cds_service.cards.writer import CardContext

__all__ = ["CardContext", "order_cards", "patient_view_cards"]
