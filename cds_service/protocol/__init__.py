"""CDS Hooks on the wire, pure: the request, the card, the service as discovery describes it, prefetch templates."""
