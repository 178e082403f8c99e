"""The playground at ``/``: pick or paste a request, see what a clinician would see, change a fact, see what changes.

It decides in this process, with the service's own steps 2 to 6, and fetches nothing. What is pasted is read, answered
and forgotten: it is neither stored nor logged.
"""

from cds_service.web.playground.routes import blueprint

__all__ = ["blueprint"]
