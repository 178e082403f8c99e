"""Ships the documentation in the wheel, beside the code that serves it. A checkout serves it where it is written."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Documentation(BuildHookInterface[Any]):
    """Copies what pyproject.toml lists as ``shipped`` to ``cds_service/documentation``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is built. ``version``: ``standard``, or ``editable`` for a checkout."""
        if version == "standard":
            places = {name: f"cds_service/documentation/{name}" for name in self.config["shipped"]}
            build_data["force_include"].update(places)
