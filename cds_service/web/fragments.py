"""Parts of pages, rendered without an application: every value is escaped, and a missing one is a defect."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def fragment(template: str, **values: Any) -> Markup:
    """The template with its values, as HTML that other templates may take as it is."""
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704 - every value is escaped


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("cds_service.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
