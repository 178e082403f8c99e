"""The content that a command names: the packaged one, a site's overrides, or a folder with another version."""

from __future__ import annotations

from pathlib import Path

from cds_service.errors import InputNotReadable
from cds_service.knowledge import Knowledge
from cds_service.site import load_content

PACKAGED = ("-", "packaged")


def content_named(name: str) -> Knowledge:
    """The content under a name of the command line. Raises: InputNotReadable, KnowledgeInvalid."""
    path = Path(name)
    if name in PACKAGED:
        return load_content()
    if path.is_dir():
        return load_content(directory=path)
    if path.is_file():
        return load_content(path)
    raise InputNotReadable(
        f"There is no file or folder {path.name}.",
        hint="Name an overrides file, a folder with the TOML files of the content, or 'packaged' (short: '-').",
    )
