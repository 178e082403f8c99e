"""Replacing whatever could tell who a patient is, the same by the same, and keeping what rules are decided on.

Not a list of what to hide, but of what to keep: codes with their systems and displays, quantities, dates, statuses,
the types and forms of elements. Every other text is replaced by an unmistakable word: names, identifiers, addresses,
telecoms, notes, conclusions, texts beside codes. Ids and references are replaced throughout. Narratives, attachments'
data, photos and links are dropped. Dates stay, as rules rest on them: a recording is not anonymous.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from typing import Any

from cds_service.fhir.references import literal_keys
from cds_tools.sandbox.fixture_records import IDENTIFIER_SYSTEM

BASE = "https://ehr.example.org/fhir"
_DROPPED = frozenset({"photo", "data", "hash", "link", "implicitRules", "signature", "timestamp"})
_CODED = frozenset(
    {
        "resourceType", "code", "status", "intent", "priority", "gender", "use", "comparator", "type", "mode", "kind",
        "language", "contentType", "valueCode", "version", "severity", "periodUnit", "durationUnit",
    }
)  # fmt: skip
_CODE = re.compile(r"[A-Za-z0-9.:_\-/*^%{}\[\]<>=+'|#()]{1,64}")
_DATE_ELEMENT = re.compile(r"(?:.*(?:[dD]ate|DateTime|On|Asserted)|start|end|started|issued)")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")
_UID = re.compile(r"(urn:oid:)?\d+(?:\.\d+){3,}")
_URL = re.compile(r"(?:https?://|urn:)\S+")
_STANDARD_IDENTIFIERS = ("urn:dicom:", "urn:ietf:", "http://hl7.org/", "http://terminology.hl7.org/")
_TELECOM = frozenset({"phone", "fax", "email", "pager", "url", "sms", "other"})
_CODED_ANSWERS = frozenset({"multiple", "innumerable"})  # our lesion-count, where it is no number
_PEOPLE = frozenset({"Patient", "Person", "RelatedPerson", "Practitioner", "Organization", "Location"})
_LONGEST_UNIT = 20
_SHORTEST_SECRET = 3
_WHOLE_DATE = len("2025-06-01")  # a year alone may be anything, but where a date is meant
_KIND_OF = {
    "Name": {"family", "given", "prefix", "suffix"},
    "Address": {"line", "city", "district", "state", "postalCode", "country"},
    "Number": {"value"},
}

Resource = dict[str, Any]


class Pseudonyms:
    """One recording's replacements. ``case`` names the new fixture; its patient's id is made from it."""

    def __init__(self, case: str) -> None:
        self._case = case
        self._patient = ""
        self._words: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._urls: dict[str, str] = {}
        self._count: Counter[str] = Counter()
        self._secrets: set[str] = set()

    def request(self, request: Resource) -> Resource:
        """The hook request about somebody else: prefetched data only, with a number of its own."""
        context = request["context"]
        self._patient = context["patientId"]
        self._learn(request)
        changed: Resource = {"hook": request["hook"], "hookInstance": str(uuid.uuid4()), "context": {}}
        for name, value in context.items():
            changed["context"][name] = self._of_context(name, value)
        prefetch = {key: self._walk(key, value, {}) for key, value in request.get("prefetch", {}).items()}
        if isinstance(prefetch.get("patient"), dict):
            prefetch["patient"] = self._recognisable(prefetch["patient"])
        return changed | ({"prefetch": prefetch} if prefetch else {})

    def remaining(self, written: str) -> int:
        """How many words of names, identifiers, addresses or telecoms still stand in what is to be written."""
        ours = _words_of(" ".join((self._case, *self._words.values())))
        return len(self._secrets & (_words_of(written) - ours))

    def _of_context(self, name: str, value: Any) -> Any:
        if name == "patientId":
            return self._id("Patient", value)
        if name == "encounterId":
            return self._id("Encounter", value)
        if isinstance(value, str):
            return self._reference(value)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return [self._reference(item) for item in value]
        return self._walk(name, value, {})

    def _learn(self, value: Any, element: str = "", of_person: bool = False) -> None:
        """Where each resource lies, and which words about people must not stay anywhere."""
        if isinstance(value, list):
            for item in value:
                self._learn(item, element, of_person)
        elif isinstance(value, dict) and value.get("system") != IDENTIFIER_SYSTEM:
            resource, url = value.get("resource"), value.get("fullUrl")
            if isinstance(resource, dict) and isinstance(url, str):
                self._urls[url] = f"{resource.get('resourceType')}/{resource.get('id', url)}"
            inside = value["resourceType"] in _PEOPLE if "resourceType" in value else of_person
            for name, item in value.items():
                self._learn(item, name, inside)
        elif of_person and isinstance(value, str) and any(element in elements for elements in _KIND_OF.values()):
            self._secrets |= {word for word in _words_of(value) if len(word) >= _SHORTEST_SECRET}

    def _walk(self, element: str, value: Any, holder: Resource) -> Any:
        if isinstance(value, list):
            kept = [item for item in value if not _is_ours(item)]
            return [self._walk(element, item, holder) for item in kept] if kept or not value else None
        if isinstance(value, str):
            return self._text(element, value, holder)
        if not isinstance(value, dict):
            return value
        if element == "meta":
            return {"profile": value["profile"]} if "profile" in value else None
        changed: Resource = {}
        for name, item in value.items():
            is_narrative = name == "text" and isinstance(item, dict) and "div" in item
            if name in _DROPPED or is_narrative or (name == "id" and "resourceType" not in value):
                continue
            found = self._walk(name, item, value)
            if found is not None or item is None:
                changed[name] = found
        if element == "contained" and isinstance(value.get("id"), str):
            changed["id"] = self._id("contained", value["id"])
        return changed

    def _text(self, element: str, text: str, holder: Resource) -> str:
        if element == "id":
            return self._id(str(holder.get("resourceType")), text)
        if element == "reference":
            return self._reference(text)
        if element == "fullUrl":
            return f"{BASE}/{self._reference(self._urls[text])}" if text in self._urls else self._word(element, text)
        if element == "system" and isinstance(holder.get("value"), str):
            return self._identifier_system(text)
        return text if self._stays(element, text, holder) else self._word(element, text)

    def _stays(self, element: str, text: str, holder: Resource) -> bool:
        """Is this text of a kind that says nothing about who it is?"""
        if any(element in elements for elements in _KIND_OF.values()):
            return False
        if element in _CODED:
            return bool(_CODE.fullmatch(text))
        if element in {"system", "profile"} or (element == "url" and len(holder) > 1):
            return bool(_URL.fullmatch(text))
        if element == "display":
            return "code" in holder and "system" in holder and not self._says_who(text)
        if element == "unit":
            return len(text) <= _LONGEST_UNIT and not self._says_who(text)
        if element == "valueString":
            return text in _CODED_ANSWERS
        return bool(_DATE.fullmatch(text)) and bool(len(text) >= _WHOLE_DATE or _DATE_ELEMENT.fullmatch(element))

    def _says_who(self, text: str) -> bool:
        return not self._secrets.isdisjoint(_words_of(text))

    def _identifier_system(self, system: str) -> str:
        if system in _TELECOM or system.startswith(_STANDARD_IDENTIFIERS):
            return system
        return self._numbered(f"system {system}", "https://ehr.example.org/identifiers/{}", "identifiers")

    def _word(self, element: str, text: str) -> str:
        if uid := _UID.fullmatch(text):
            number = self._numbered(f"uid {text.removeprefix('urn:oid:')}", "2.25.{}", "uid")
            return f"{uid[1] or ''}{number}"
        kind = next((kind for kind, elements in _KIND_OF.items() if element in elements), "Text")
        return self._numbered(f"text {text}", "CANARY-" + kind + "-{}", kind)

    def _numbered(self, original: str, form: str, kind: str) -> str:
        """The replacement of an original; a new one gets the next number of its kind."""
        if original not in self._words:
            self._count[kind] += 1
            self._words[original] = form.format(self._count[kind])
        return self._words[original]

    def _id(self, kind: str, name: str) -> str:
        if kind == "Patient" and name == self._patient:
            return f"canary-{self._case}"
        return self._numbered(f"id {kind}/{name}", kind.lower() + "-{}", f"id of {kind}")

    def _reference(self, literal: str) -> str:
        """A reference to the same resource under its new id, relative or absolute as it was."""
        if literal.startswith("#"):
            return "#" + self._id("contained", literal[1:])
        keys = literal_keys(self._urls.get(literal, literal))
        if not keys:
            return self._word("reference", literal)
        if keys[0].startswith("urn:"):
            return uuid.UUID(self._numbered(f"urn {literal}", "00000000-0000-4000-8000-{:012}", "urn")).urn
        kind, _, name = keys[0].partition("/")
        relative = f"{kind}/{self._id(kind, name)}"
        return f"{BASE}/{relative}" if literal.startswith("http") else relative

    def _recognisable(self, patient: Resource) -> Resource:
        """A name, an identifier and an address, as every fixture has, so that a leak would be seen."""
        word = f"CANARY-{self._case}"
        number = {"system": "https://ehr.example.org/identifiers/0", "value": word}
        return patient | {
            "identifier": [number | identifier for identifier in patient.get("identifier") or [{}]],
            "name": [{"family": word} | name for name in patient.get("name") or [{}]],
            "address": [{"line": [word]} | address for address in patient.get("address") or [{}]],
        }


def _words_of(text: str) -> set[str]:
    return {word for word in re.split(r"\W+", text.lower()) if word}


def _is_ours(item: Any) -> bool:
    """An identifier that a fixture patient was given on being loaded: no part of a record."""
    return isinstance(item, dict) and item.get("system") == IDENTIFIER_SYSTEM
