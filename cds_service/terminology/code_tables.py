"""Code -> value sets: the question that is asked of every coding of every resource, answered by one look-up.

In ICD-10, ICD-10-CM, ICD-O-3 and ATC a code's beginning is its ancestor: ``is-a`` compares beginnings there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from cds_service.fhir.codings import HIERARCHICAL, Coding
from cds_service.terminology.value_sets import Fault, Selection, ValueSet, without_version

NOTHING: frozenset[str] = frozenset()
#: No code of these systems is longer; ICD-10-GM adds marks such as a dagger to at most seven characters.
_LONGEST = 12

Names = frozenset[str]
Key = tuple[str, str]  # system and code


def key_of(system: str, code: str) -> Key:
    """System and code in the form in which codes are compared."""
    return system, code.replace(".", "").strip().upper() if system in HIERARCHICAL else code.strip()


class _Index:
    """Which value sets name a code: itself, or one of its ancestors."""

    def __init__(self) -> None:
        self.codes: dict[Key, set[str]] = defaultdict(set)
        self.ancestors: dict[Key, set[str]] = defaultdict(set)

    def add(self, name: str, selection: Selection) -> None:
        for coding in selection.concepts:
            self.codes[key_of(coding.system, coding.code)].add(name)
        for coding in selection.ancestors:
            self.ancestors[key_of(coding.system, coding.code)].add(name)

    def names(self, key: Key) -> set[str]:
        found = set(self.codes.get(key, ()))
        system, code = key
        if system in HIERARCHICAL:
            for length in range(1, len(code) + 1):
                found |= self.ancestors.get((system, code[:length]), NOTHING)
        return found


class CodeTables:
    """The value sets of every code, with local codes mapped to ours."""

    def __init__(self, value_sets: Mapping[str, ValueSet], mapped: Mapping[Key, tuple[Key, ...]]) -> None:
        """``mapped``: local codes with the codes that they stand for. Raises: Fault."""
        self._mapped = mapped
        self._included, self._excluded = _Index(), _Index()
        for value_set in value_sets.values():
            self._included.add(value_set.name, value_set.include)
            self._excluded.add(value_set.name, value_set.exclude)
        self._composed = _composed(value_sets)
        self._flat: dict[str, dict[str, Names]] = defaultdict(dict)
        for system, code in {*self._included.codes, *mapped}:
            if system not in HIERARCHICAL:
                self._flat[system][code] = self._names((system, code))
        self._hierarchical = frozenset(
            system
            for system, _ in (*self._included.ancestors, *self._included.codes, *mapped)
            if system in HIERARCHICAL
        )
        self._listed = self._list(value_sets)

    def of(self, system: str, code: str) -> Names:
        """The value sets of a code."""
        flat = self._flat.get(system)
        if flat is not None:
            found = flat.get(code)
            return found if found is not None else flat.get(code.strip(), NOTHING)
        if system not in self._hierarchical or len(code) > _LONGEST:
            return NOTHING
        return self._names(key_of(system, code))

    def enumerated(self, name: str) -> tuple[Coding, ...]:
        """The codes that a value set names one by one, and local codes mapped to it; sorted."""
        return self._listed.get(name, ())

    def _list(self, value_sets: Mapping[str, ValueSet]) -> dict[str, tuple[Coding, ...]]:
        displays = {
            key_of(item.system, item.code): item
            for value_set in value_sets.values()
            for item in value_set.include.concepts
        }
        listed: dict[str, list[Coding]] = defaultdict(list)
        for key in sorted({*displays, *self._mapped}):
            for name in self._names(key):
                listed[name].append(displays.get(key) or Coding(*key, ""))
        return {name: tuple(found) for name, found in listed.items()}

    def _names(self, key: Key) -> Names:
        """The value sets of a code and of the codes that it stands for; one step only, so that no map can loop."""
        return self._own_names(key).union(*(self._own_names(target) for target in self._mapped.get(key, ())))

    def _own_names(self, key: Key) -> Names:
        included, excluded = self._included.names(key), self._excluded.names(key)
        included -= excluded
        for name, parts, without in self._composed:
            if name in included or not parts.isdisjoint(included):
                if name in excluded or not without.isdisjoint(included):
                    included.discard(name)
                else:
                    included.add(name)
        return frozenset(included)


def _composed(value_sets: Mapping[str, ValueSet]) -> list[tuple[str, Names, Names]]:
    """Value sets made of others, parts before wholes: name, parts, parts that are taken out."""
    names = {value_set.url: name for name, value_set in value_sets.items()}
    ordered: list[tuple[str, Names, Names]] = []
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise Fault(f"value sets include each other: {' > '.join((*path, name))}")
        if name in done:
            return
        value_set = value_sets[name]
        parts, without = (_named(item.value_sets, names, name) for item in (value_set.include, value_set.exclude))
        for part in sorted(parts | without):
            visit(part, (*path, name))
        done.add(name)
        if parts or without:
            ordered.append((name, parts, without))

    for name in sorted(value_sets):
        visit(name, ())
    return ordered


def _named(urls: Iterable[str], names: Mapping[str, str], holder: str) -> Names:
    found = set()
    for url in urls:
        if (name := names.get(without_version(url))) is None:
            raise Fault(f"{holder} refers to the value set {url}, which is not known here")
        found.add(name)
    return frozenset(found)
