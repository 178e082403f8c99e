"""Reads the clinical content once, at start, and refuses to start with content that contradicts itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cds_service.errors import KnowledgeInvalid
from cds_service.knowledge import checks
from cds_service.knowledge.entries import (
    Content,
    EvidenceEntry,
    ParameterEntry,
    members,
    read_entry,
    read_table,
)
from cds_service.knowledge.model import Evidence, Knowledge, Parameter, Rule
from cds_service.knowledge.overrides import apply_overrides
from cds_service.knowledge.rule_files import by_therapy, check_speech, read_rows, read_rules, texts_of
from cds_service.knowledge.texts import Wording, check_wording, read_wording

FILES = ("evidence.toml", "knowledge.toml", "parameters.toml", "wording.toml")
HERE = Path(__file__).parent


def load_knowledge(overrides: Path | None = None, *, directory: Path = HERE) -> Knowledge:
    """The clinical content, with the site's overrides where given.

    Raises: KnowledgeInvalid (CLM-4002) with every fault that was found, one a line.
    """
    faults: list[str] = []
    contents = {name: _content(directory / name, name, faults) for name in FILES}
    tables = {name: read_table(name, content, faults) for name, content in contents.items()}
    content = read_entry(Content, "knowledge.toml", tables["knowledge.toml"], faults)
    chapters = [f"rules/{name}.toml" for name in content.chapters] if content else []
    contents |= {name: _content(directory / name, name, faults) for name in chapters}
    parameters = _parameters(tables["parameters.toml"], faults)
    if overrides is not None:
        contents["overrides"] = _content(overrides, overrides.name, faults)
        parameters = apply_overrides(parameters, read_table(overrides.name, contents["overrides"], faults), faults)
    values = {item.id: item.text for item in parameters.values()}
    rules = read_rules({name: read_table(name, contents[name], faults) for name in chapters}, values, faults)
    evidence = _evidence(tables["evidence.toml"], faults)
    wording = read_wording(tables["wording.toml"], values, faults)
    wording.texts.update(texts_of(rules))
    rows = read_rows(rules, content.rows if content else (), faults)
    wording.texts.update(rows)
    faults += checks.check_parameters(parameters, rules, evidence)
    faults += checks.check_rules(rules, parameters, evidence)
    faults += checks.check_evidence(evidence, _cited(parameters, rules))
    faults += _unlisted(directory, chapters)
    faults += _check_content(content, parameters, rules, wording, contents) if content else []
    if content is None or faults:
        raise _invalid(faults)
    topics = tuple(key.partition(".")[2] for key in rows)
    comorbidities = {told.when: told.result for rule in rules.values() for told in rule.reasons.values() if told.when}
    return Knowledge(
        version=content.version,
        hash=_hash(contents),
        status=content.status,
        reviewer_role=content.reviewer_role,
        parameters=parameters,
        rules=rules,
        evidence=evidence,
        texts=wording.texts,
        by_therapy=by_therapy(rules, wording.names("therapy")),
        comorbidities=frozenset(comorbidities),
        topics=topics,
        correctable=tuple(sorted(name for name, result in comorbidities.items() if result == "BLOCKED")),
    )


def _unlisted(directory: Path, chapters: Iterable[str]) -> list[str]:
    """Rules in a file that is not listed would be silent."""
    found = sorted(f"rules/{path.name}" for path in (directory / "rules").glob("*.toml"))
    return [f"{name}: not among the chapters of knowledge.toml" for name in found if name not in chapters]


def _check_content(
    content: Content,
    parameters: Mapping[str, Parameter],
    rules: Mapping[str, Rule],
    wording: Wording,
    contents: Mapping[str, bytes],
) -> list[str]:
    """What knowledge.toml demands of the other files."""
    faults = checks.check_orderings(content.orderings, parameters)
    faults += check_speech(rules, {group: wording.names(group) for group in ("therapy", "need")})
    faults += check_wording(wording, content.forbidden)
    for name in contents.keys() - {"knowledge.toml", "wording.toml", "overrides"}:
        faults += _forbidden(name, contents[name], content.forbidden.everywhere)
    return faults


def _content(path: Path, name: str, faults: list[str]) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        faults.append(f"{name}: cannot be read ({error.strerror or type(error).__name__})")
        return b""


def _parameters(table: Mapping[str, Any], faults: list[str]) -> dict[str, Parameter]:
    """Every ``[group.name]`` of the file; ``review_by`` at its top is the default of all."""
    review_by = table.get("review_by")
    if not isinstance(review_by, date):
        faults.append("parameters.toml: review_by: the default review date is missing")
        return {}
    groups = {key: value for key, value in table.items() if key != "review_by"}
    found = {}
    for name, item in members(groups, "parameters.toml", faults):
        if entry := read_entry(ParameterEntry, f"parameters.toml: {name}", item, faults):
            fields = dict(entry) | {"unit": entry.unit or "", "review_by": entry.review_by or review_by}
            found[name] = Parameter(id=name, **fields)
    return found


def _evidence(table: Mapping[str, Any], faults: list[str]) -> dict[str, Evidence]:
    """A source with a DOI and no address of its own is found under its DOI."""
    found = {}
    for name, item in table.items():
        if entry := read_entry(EvidenceEntry, f"evidence.toml: {name}", item, faults):
            url = entry.url or (f"https://doi.org/{entry.doi}" if entry.doi else None)
            found[name] = Evidence(id=name, **(dict(entry) | {"url": url}))
    return found


def _cited(parameters: Mapping[str, Parameter], rules: Mapping[str, Rule]) -> Iterable[str]:
    yield from (source for item in parameters.values() for source in item.sources)
    yield from (source for rule in rules.values() for source in rule.evidence)


def _forbidden(name: str, content: bytes, phrases: Iterable[str]) -> list[str]:
    text = content.decode("utf-8", errors="replace").lower()
    return [f"{name}: holds the forbidden phrase '{phrase}'" for phrase in phrases if phrase.lower() in text]


def _hash(contents: Mapping[str, bytes]) -> str:
    """SHA-256 over the files in the order of their names: a different content is a different hash."""
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{len(contents[name])}\0".encode())
        digest.update(contents[name])
    return f"sha256:{digest.hexdigest()}"


def _invalid(faults: list[str]) -> KnowledgeInvalid:
    lines = "\n".join(f"- {fault}" for fault in faults)
    return KnowledgeInvalid(
        f"The clinical content has {len(faults)} fault{'s' if len(faults) != 1 else ''}:\n{lines}",
        hint="Correct the files of cds_service/knowledge, or the overrides file named by CDS_KNOWLEDGE_OVERRIDES.",
    )
