"""Prints a software bill of materials (CycloneDX 1.6, JSON) of the service and of everything that runs with it.

The same lists give the same bytes: no random number, and a time only where ``SOURCE_DATE_EPOCH`` gives one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cds_service import __version__
from supply_chain.hashed import RUNTIME, Package, packages

NAME = "crc-lung-metastasis-cds"


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _component(package: Package, version: str) -> dict[str, Any]:
    """A package in one version. Each hash is that of one file which may be installed for it (one for each platform)."""
    purl = _purl(package.name, version)
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": version,
        "purl": purl,
        "licenses": [{"expression": package.licence}],
        "properties": [{"name": f"{NAME}:sha256", "value": value} for value in package.files[version]],
    }


def bill(listed: list[Package], epoch: str | None) -> dict[str, Any]:
    """The whole document. ``epoch``: seconds, as ``SOURCE_DATE_EPOCH`` has them."""
    own = f"pkg:generic/{NAME}@{__version__}"
    references = {one.name: [_purl(one.name, version) for version in one.files] for one in listed}
    needed = {name for package in listed for name in package.needs}

    def all_of(names: Iterable[str]) -> list[str]:
        return [reference for name in names for reference in references[name]]

    dependencies = [{"ref": own, "dependsOn": all_of(name for name in references if name not in needed)}]
    dependencies += [
        {"ref": reference, "dependsOn": all_of(package.needs)}
        for package in listed
        for reference in references[package.name]
    ]
    metadata: dict[str, Any] = {
        "component": {
            "type": "application",
            "bom-ref": own,
            "name": NAME,
            "version": __version__,
            "purl": own,
            "licenses": [{"expression": "Apache-2.0"}],
        }
    }
    if epoch:
        metadata["timestamp"] = datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, __version__ + RUNTIME.read_text())}",
        "version": 1,
        "metadata": metadata,
        "components": [_component(package, version) for package in listed for version in package.files],
        "dependencies": dependencies,
    }


if __name__ == "__main__":
    print(json.dumps(bill(packages(), os.environ.get("SOURCE_DATE_EPOCH")), indent=2))
