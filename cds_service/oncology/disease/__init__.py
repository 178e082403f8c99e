"""The disease before any therapy: who is in scope, how many lesions and where, since when, and what else is active."""
