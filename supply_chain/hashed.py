"""The hashed list of what runs in service (``requirements/runtime.txt``), and what is installed for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
RUNTIME = ROOT / "requirements" / "runtime.txt"
_ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^ ;\\]+)(?P<rest>.*(?:\n .*)*)", re.MULTILINE
)
_SHA256 = re.compile(r"--hash=sha256:([0-9a-f]{64})")

SPDX = {  # how older packages write what SPDX has a name for
    "Apache-2.0": "Apache-2.0",
    "BSD license": "BSD-3-Clause",
    "MIT": "MIT",
    "MPL-2.0": "MPL-2.0",
    "BSD-3-Clause": "BSD-3-Clause",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
}


class NotAsListed(Exception):
    """What is installed is not what the list names; ``make`` installs it anew."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the list. ``files``: by version, the SHA-256 of every file that may be installed for it.

    A package stands there in two versions where one Python needs another than the next; licence and needs are those of
    the version that is installed here.
    """

    name: str
    files: Mapping[str, tuple[str, ...]]
    licence: str
    needs: tuple[str, ...]


def packages() -> list[Package]:
    """The list, with what the installed packages say of themselves. Raises: NotAsListed."""
    entries = listed(RUNTIME.read_text())
    return [_package(name, files, known=set(entries)) for name, files in sorted(entries.items())]


def listed(text: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """The hashes by name and version."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for entry in _ENTRY.finditer(text):
        hashes = tuple(sorted(_SHA256.findall(entry["rest"])))
        found.setdefault(canonicalize_name(entry["name"]), {})[entry["version"]] = hashes
    return found


def _package(name: str, files: Mapping[str, tuple[str, ...]], known: set[str]) -> Package:
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        raise NotAsListed(f"{name} is listed and not installed") from None
    if installed.version not in files:
        raise NotAsListed(f"{name} is listed as {', '.join(files)} and installed as {installed.version}")
    needs = {canonicalize_name(Requirement(text).name) for text in installed.requires or ()}
    return Package(name, files, licence(name), tuple(sorted((needs & known) - {name})))


def licence(name: str) -> str:
    """The SPDX expression of an installed package. Raises: NotAsListed where it says nothing that is known here."""
    said = distribution(name).metadata
    if expression := said.get("License-Expression"):
        return str(expression)
    texts = [said.get("License"), *(said.get_all("Classifier") or ())]
    for text in texts:
        if text in SPDX:
            return SPDX[text]
    raise NotAsListed(f"{name} does not say its licence in words that are known here")
