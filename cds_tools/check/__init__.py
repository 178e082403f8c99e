"""``cds-service check URL``: is any CDS service what CDS Hooks asks for, seen from outside?

Requirements are data (``requirements.toml``); each probe names those that it judges; a probe's result is one of five.
"""
