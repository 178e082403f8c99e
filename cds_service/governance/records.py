"""The record beside the content: numbers that belong together, and those of published models."""

from __future__ import annotations

from pathlib import Path

from cds_service.errors import KnowledgeInvalid
from cds_service.knowledge.entries import Content, read_entry, read_table
from cds_service.knowledge.loader import HERE


def read_content(directory: Path = HERE) -> Content:
    """knowledge.toml, for its pairs and its published numbers. Raises: KnowledgeInvalid."""
    path, faults = directory / "knowledge.toml", list[str]()
    entry = read_entry(Content, path.name, read_table(path.name, path.read_bytes(), faults), faults)
    if entry is None or faults:
        raise KnowledgeInvalid("\n".join(faults), hint=f"Correct {path.name}.")
    return entry
