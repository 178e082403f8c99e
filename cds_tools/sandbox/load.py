"""Putting fixture patients into a FHIR server: each in one transaction, and only what is not there as it should be.

A second run changes nothing. Where the server takes no transactions, resources are put one by one, each after those
that it points to. When that breaks off, the error says what was put.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cds_tools.sandbox.errors import LoadBrokenOff, SandboxStopped
from cds_tools.sandbox.fhir_server import FhirServer, TransactionRefused
from cds_tools.sandbox.fixture_records import IDENTIFIER_SYSTEM, Item, Record, urn
from cds_tools.sandbox.presence import Present, present


@dataclass(frozen=True, slots=True)
class Loaded:
    """One patient on the server. ``put``: references of what was created or brought up to date in this run."""

    record: Record
    patient: str
    put: tuple[str, ...]
    unchanged: int


@dataclass(slots=True)
class Loader:
    """Loads records into one server. ``one_by_one``: without transactions. ``refusals``: why, by case."""

    server: FhirServer
    found: Mapping[str, Present]
    one_by_one: bool
    done: list[Loaded] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    def load(self, records: Iterable[Record], each: Callable[[], None] = lambda: None) -> list[Loaded]:
        """Every patient; ``each`` is called after each.

        Raises: LoadBrokenOff, which says what was put; also when the tester stops it.
        """
        for record in records:
            put: list[str] = []
            try:
                self.done.append(self._load(record, put))
            except SandboxStopped as stopped:
                raise self._broken_off(record, put, stopped) from None
            except KeyboardInterrupt:
                raise self._broken_off(record, put, SandboxStopped("It was interrupted.")) from None
            each()
        return self.done

    def _load(self, record: Record, put: list[str]) -> Loaded:
        """``put`` is filled on the way, so that it is known when the way ends early."""
        references = {item.name: self.found[item.name].reference for item in record.items if item.name in self.found}
        wanting = [item for item in record.items if not self._is_as_it_should_be(item)]
        as_one = bool(wanting) and not self.one_by_one and self._taken_as_one(record, wanting, references, put)
        if not as_one:
            self._put_one_by_one(wanting, references, put)
        return Loaded(record, references[record.patient], tuple(put), len(record.items) - len(put))

    def _is_as_it_should_be(self, item: Item) -> bool:
        return item.name in self.found and self.found[item.name].mark == item.mark

    def _taken_as_one(
        self, record: Record, wanting: Sequence[Item], references: dict[str, str], put: list[str]
    ) -> bool:
        """Did the server take the transaction? If not, it took nothing of it."""
        try:
            self._transact(wanting, references, put)
        except TransactionRefused as refused:
            self.refusals[record.case.id] = refused.why
            self.one_by_one = refused.any
            return False
        return True

    def _transact(self, wanting: Sequence[Item], references: dict[str, str], put: list[str]) -> None:
        entries = []
        for item in wanting:
            there = references.get(item.name)
            resource = item.referring(references)
            if there is None:
                request = {"method": "POST", "url": item.kind, "ifNoneExist": _unless(item)}
                entries.append({"fullUrl": urn(item.name), "resource": resource, "request": request})
            else:
                resource["id"] = there.partition("/")[2]
                full_url = f"{self.server.base_url}/{there}"
                entries.append({"fullUrl": full_url, "resource": resource, "request": {"method": "PUT", "url": there}})
        made = self.server.transact(entries)
        references.update(zip((item.name for item in wanting), (one.reference for one in made), strict=True))
        put += [one.reference for one in made if one.new]

    def _put_one_by_one(self, wanting: Sequence[Item], references: dict[str, str], put: list[str]) -> None:
        for item in wanting:
            resource = item.referring(references)
            if item.name in references:
                self.server.update(references[item.name], resource)
                put.append(references[item.name])
            else:
                made = self.server.create(resource, _unless(item))
                references[item.name] = made.reference
                put += [made.reference] if made.new else []

    def _broken_off(self, record: Record, put: Sequence[str], stopped: SandboxStopped) -> LoadBrokenOff:
        lines = [f"Loading stopped at {record.case.id}. {stopped.message}"]
        for loaded in self.done:
            if loaded.put:
                lines.append(f"  {loaded.record.case.id}: {len(loaded.put)} resources put ({loaded.patient})")
        lines.append(f"  {record.case.id}: {self._state_of(record, put)}")
        undo = f"`cds-service sandbox clean --fhir-server {self.server.base_url}` takes away what is there."
        hint = f"{stopped.hint} {undo} Loading again goes on where it stopped." if stopped.hint else undo
        return LoadBrokenOff("\n".join(lines), hint=hint)

    def _state_of(self, record: Record, put: Sequence[str]) -> str:
        """What the server now holds of the patient at whom loading stopped: looked up, not assumed."""
        try:
            held = present(self.server)
        except SandboxStopped:
            said = f"{', '.join(put)} put; " if put else ""
            return f"{said}whether more is there is not known, as the server cannot be asked"
        there = [held[item.name].reference for item in record.items if item.name in held]
        if not there:
            return "nothing of it is there"
        if len(there) == len(record.items):
            return f"all of its {len(there)} resources are there: {', '.join(there)}"
        return f"half loaded, {len(there)} of {len(record.items)} resources are there: {', '.join(there)}"


def _unless(item: Item) -> str:
    return f"identifier={IDENTIFIER_SYSTEM}|{item.name}"
