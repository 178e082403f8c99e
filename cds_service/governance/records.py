"""The records beside the content: exceptions that were explained, and numbers that belong together."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from cds_service.errors import KnowledgeInvalid
from cds_service.knowledge.entries import Content, read_entry, read_table
from cds_service.knowledge.loader import HERE
from cds_service.knowledge.texts import NO_TEXTS

Model = TypeVar("Model", bound=BaseModel)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reasons(_Record):
    """Why something stands, by its id."""

    rules: dict[str, str] = {}
    parameters: dict[str, str] = {}
    texts: dict[str, str] = {}

    def of(self, kind: str) -> dict[str, str]:
        """The reasons for ``rules``, ``parameters`` or ``texts``."""
        return {"rules": self.rules, "parameters": self.parameters, "texts": self.texts}[kind]


class Exceptions(_Record):
    """exceptions.toml: what acts in a way that no search for its name can see, and what does not act yet."""

    explained: Reasons = Reasons()
    open: Reasons = Reasons()


def read_exceptions(directory: Path = HERE) -> Exceptions:
    """The explained exceptions. Raises: KnowledgeInvalid."""
    return _read(Exceptions, directory / "exceptions.toml")


def read_content(directory: Path = HERE) -> Content:
    """knowledge.toml, for its pairs and its published numbers. Raises: KnowledgeInvalid."""
    return _read(Content, directory / "knowledge.toml")


def read_texts(directory: Path = HERE) -> dict[str, str]:
    """The texts of wording.toml by ``group.name`` as they are written, with every placeholder still in."""
    path = directory / "wording.toml"
    table = read_table(path, path.read_bytes(), [])
    groups = {name: texts for name, texts in table.items() if name not in NO_TEXTS}
    return {f"{group}.{name}": text for group, texts in groups.items() for name, text in texts.items()}


def _read(model: type[Model], path: Path) -> Model:
    faults: list[str] = []
    entry = read_entry(model, path.name, read_table(path, path.read_bytes(), faults), faults)
    if entry is None or faults:
        raise KnowledgeInvalid("\n".join(faults), hint=f"Correct {path.name}.")
    return entry
