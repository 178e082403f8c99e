"""The words of the picture: those of the clinical content, by what they are about."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Words:
    """Texts for the templates. Raises: KeyError for a name without text, which is a defect."""

    knowledge: Knowledge

    def say(self, key: str, **values: str) -> str:
        """The text under ``group.name``, filled in."""
        return self.knowledge.text(key, **values)

    def criterion(self, topic: str) -> str:
        """A row of the matrix."""
        return self.knowledge.text(f"criterion.{topic}")

    def criterion_state(self, state: str) -> str:
        """How a criterion stands."""
        return self.knowledge.text(f"criterion_state.{state}")

    def lesion_state(self, state: str) -> str:
        """Whether a lesion counts, and if not, why."""
        return self.knowledge.text(f"lesion_state.{state}")

    def cea_state(self, state: str) -> str:
        """Whether a CEA result was used, and if not, why."""
        return self.knowledge.text(f"cea_state.{state}")
