"""The operator's settings: environment variables in, one frozen value out, every mistake named at once.

``model.py`` holds every setting with its meaning, which is also the page; ``forms.py`` what a value may look like;
``contradictions.py`` what must not be said together; ``load.py`` reads the environment.
"""

from cds_service.settings.load import load_settings, unknown_variables
from cds_service.settings.model import PREFIX, MetricsFor, Mode, ServiceIds, Settings, TrustMode

__all__ = [
    "PREFIX",
    "MetricsFor",
    "Mode",
    "ServiceIds",
    "Settings",
    "TrustMode",
    "load_settings",
    "unknown_variables",
]
