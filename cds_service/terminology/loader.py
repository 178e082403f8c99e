"""Reads the packaged value sets and code systems, and a site's folder; once, at start-up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cds_service.errors import TerminologyInvalid
from cds_service.terminology.code_tables import CodeTables, Key, key_of
from cds_service.terminology.concept_maps import published, read_concept_map
from cds_service.terminology.display_checks import DisplayCheck, read_display_checks
from cds_service.terminology.terminology import OfTheSite, Terminology
from cds_service.terminology.value_sets import Fault, ValueSet, as_compose, read_value_set, without_version

#: The base of our canonical URLs in the packaged files. ``CDS_CANONICAL_BASE`` replaces it at start-up.
DEFAULT_CANONICAL_BASE = "https://crc-lung-metastasis.example.org/fhir"
_HERE = Path(__file__).parent
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"\\<>|?#]+")


def value_set_names() -> frozenset[str]:
    """The names of the packaged value sets."""
    return frozenset(file.stem for file in (_HERE / "value_sets").glob("*.json"))


def load_terminology(directory: Path | None = None, *, canonical_base: str = DEFAULT_CANONICAL_BASE) -> Terminology:
    """Everything this service knows about codes.

    ``directory``: a site's folder of ValueSet JSON (a value set with the url of one of ours extends it) and ConceptMap
    JSON (local codes). Raises: TerminologyInvalid, which names every file that is at fault, and why.
    """
    base = canonical_base.rstrip("/")
    if not _URL.fullmatch(base):
        raise TerminologyInvalid("The canonical base is not a URL.", hint="Set CDS_CANONICAL_BASE to an absolute URL.")
    return _Loading(base).load(directory)


class _Loading:
    """What has been read so far, and every fault found on the way."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.faults: list[str] = []
        self.resources: dict[str, dict[str, Any]] = {}
        self.value_sets: dict[str, ValueSet] = {}
        self.checks: dict[Key, DisplayCheck] = {}
        self.own: dict[Key, dict[str, str]] = {}
        self.mapped: dict[Key, tuple[Key, ...]] = {}
        self.mapped_in: dict[Key, str] = {}
        self.of_the_site: set[Key] = set()
        self.site_files = 0

    def load(self, directory: Path | None) -> Terminology:
        for file, resource in self._files(_HERE / "code_systems"):
            self.resources[f"CodeSystem/{file.stem}"] = resource
            for concept in resource["concept"]:
                self.own[(resource["url"], concept["code"])] = {file.stem: concept["code"]}
        for file, resource in self._files(_HERE / "value_sets"):
            self._value_set(file, resource)
        for file, resource in self._files(directory) if directory is not None else ():
            self._site_file(file, resource)
        tables = self._tables()
        if self.faults or tables is None:
            raise TerminologyInvalid(
                "The terminology cannot be used: " + "; ".join(self.faults) + ".",
                hint="Correct the files in the folder that CDS_TERMINOLOGY_DIR names.",
            )
        return Terminology(
            canonical_base=self.base,
            value_sets=self.value_sets,
            tables=tables,
            own_systems=self._own_systems(),
            own_values=self._own_values(),
            display_checks=self.checks,
            of_the_site=OfTheSite(self.site_files, frozenset(self.of_the_site | self.mapped.keys())),
            resources=tuple(self.resources[key] for key in sorted(self.resources)),
        )

    def _tables(self) -> CodeTables | None:
        """The value sets of every code; each local code must stand for a code that means something here."""
        try:
            tables = CodeTables(self.value_sets, self.mapped)
        except Fault as fault:
            self.faults.append(str(fault))
            return None
        for (system, code), targets in self.mapped.items():
            for target in targets:
                if not tables.of(*target) and target not in self.own:
                    place = f"{self.mapped_in[system, code]}: code {code}"
                    self.faults.append(f"{place} stands for {target[1]}, which is in none of this service's value sets")
        return tables

    def _own_systems(self) -> dict[str, str]:
        """Our code systems under the default base too, for a record that was coded before the base was set."""
        names = sorted({system.rpartition("/")[2] for system, _ in self.own})
        return {f"{DEFAULT_CANONICAL_BASE}/CodeSystem/{name}": f"{self.base}/CodeSystem/{name}" for name in names}

    def _own_values(self) -> dict[Key, dict[str, str]]:
        values = dict(self.own)
        for key, targets in self.mapped.items():
            if found := {name: code for target in targets for name, code in self.own.get(target, {}).items()}:
                values[key] = found
        return values

    def _files(self, directory: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The JSON files of a folder in the order of their names, with the canonical base put in."""
        if not directory.is_dir():
            self.faults.append(f"{directory} is not a folder")
            return
        for file in sorted(directory.glob("*.json")):
            try:
                text = file.read_text(encoding="utf-8-sig")
                resource = json.loads(text.replace(DEFAULT_CANONICAL_BASE, self.base))
            except (OSError, ValueError, RecursionError) as error:
                self.faults.append(f"{file.name}: it cannot be read as JSON ({type(error).__name__})")
                continue
            if isinstance(resource, dict):
                yield file, resource
            else:
                self.faults.append(f"{file.name}: it is not a FHIR resource")

    def _value_set(self, file: Path, resource: dict[str, Any]) -> None:
        try:
            self.value_sets[file.stem] = read_value_set(file.stem, resource)
        except Fault as fault:
            self.faults.append(f"{file.name}: {fault}")
            return
        self.resources[f"ValueSet/{file.stem}"] = resource
        self.checks |= read_display_checks(resource)

    def _site_file(self, file: Path, resource: dict[str, Any]) -> None:
        self.site_files += 1
        try:
            kind = resource.get("resourceType")
            if resource.get("status") == "retired":
                raise Fault("its status is retired: take it out of the folder, or say that it is active")
            if kind == "ValueSet":
                self._extend(resource)
            elif kind == "ConceptMap":
                for key, targets in read_concept_map(resource).items():
                    self.mapped[key] = tuple(dict.fromkeys((*self.mapped.get(key, ()), *targets)))
                    self.mapped_in[key] = file.name
                self._publish(published(resource, file.stem, self.base))
            else:
                raise Fault("it is neither a ValueSet nor a ConceptMap")
        except Fault as fault:
            self.faults.append(f"{file.name}: {fault}")

    def _publish(self, concept_map: dict[str, Any]) -> None:
        if self.resources.setdefault(f"ConceptMap/{concept_map['id']}", concept_map) is not concept_map:
            raise Fault(f"another ConceptMap has the id {concept_map['id']} too")

    def _extend(self, resource: dict[str, Any]) -> None:
        """Add a site's value set to ours of the same url."""
        url = without_version(str(resource.get("url")))
        name = next((item.name for item in self.value_sets.values() if item.url == url), None)
        if name is None:
            raise Fault("its url is not that of one of this service's value sets")
        addition = read_value_set(name, resource)
        self.of_the_site |= {key_of(item.system, item.code) for item in addition.include.concepts}
        self.value_sets[name] = self.value_sets[name].extended(addition)
        ours = self.resources[f"ValueSet/{name}"]["compose"]
        for element, selection in (("include", addition.include), ("exclude", addition.exclude)):
            if parts := as_compose(selection):
                ours[element] = [*ours.get(element, []), *parts]
