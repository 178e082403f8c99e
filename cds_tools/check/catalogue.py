"""The requirements of CDS Hooks that bind a service, read from ``requirements.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Strength(StrEnum):
    """How strongly the source asks; ``practice`` is guidance that is not in the specification. Strongest first."""

    SHALL = "SHALL"
    SHOULD = "SHOULD"
    MAY = "MAY"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that is asked. ``heading``: where, in the specification or the CDS Hooks Library."""

    id: str
    section: str
    heading: str
    strength: Strength
    text: str


@cache
def requirements() -> Mapping[str, Requirement]:
    """Every requirement by its id, in the order of the file."""
    document = tomllib.loads((files(__package__) / "requirements.toml").read_text(encoding="utf-8"))
    found = [Requirement(**entry | {"strength": Strength(entry["strength"])}) for entry in document["requirement"]]
    return {requirement.id: requirement for requirement in found}
