"""From the assessment to cards: what the clinician should see now, in the words of ``knowledge/wording.toml``."""

from cds_service.guidance.context import CardContext
from cds_service.guidance.order_entry import order_cards
from cds_service.guidance.patient_view import patient_view_cards

__all__ = ["CardContext", "order_cards", "patient_view_cards"]
