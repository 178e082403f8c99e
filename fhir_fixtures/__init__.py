"""Complete patients for testing: a story, the hook request of an EHR, and what the service answers.

Every person is invented, and every name, number and address begins with ``CANARY``, so that one that leaked into a log
or an error would be seen. The evaluation date of all cases is :data:`EVALUATED_ON`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

EVALUATED_ON = "2025-06-01"


@dataclass(frozen=True, slots=True)
class Case:
    """One patient. ``expected`` holds ``status``, ``response`` and the hand-written ``assessment``."""

    id: str
    story: str
    request: dict[str, Any]
    expected: dict[str, Any]

    @property
    def title(self) -> str:
        """The heading of the story."""
        return self.story.splitlines()[0].lstrip("# ")


def cases() -> list[Case]:
    """Every case, sorted by its id. Read from the package, so it works from a wheel too."""
    folders = [folder for folder in (files(__package__) / "cases").iterdir() if (folder / "request.json").is_file()]
    return [_read(folder) for folder in sorted(folders, key=lambda folder: folder.name)]


def case(id_: str) -> Case:
    """One case. Raises: KeyError for an id that no case has."""
    folder = files(__package__) / "cases" / id_
    if not (folder / "request.json").is_file():
        raise KeyError(id_)
    return _read(folder)


def _read(folder: Traversable) -> Case:
    return Case(
        id=folder.name,
        story=(folder / "story.md").read_text(encoding="utf-8"),
        request=json.loads((folder / "request.json").read_text(encoding="utf-8")),
        expected=json.loads((folder / "expected.json").read_text(encoding="utf-8")),
    )
