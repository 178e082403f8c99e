"""The cases, what the service emits, and what it publishes: valid by FHIR R4 and by the mCODE STU4 profiles they name.

Structures come from the R4 definitions and the mCODE package that ``make node`` installs; terminology that needs a
server is not checked. ``test_case_files`` checks the same resources against ``fhir.resources``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pyrofile_validator.config import ValidatorConfig
from pyrofile_validator.core.engine import Validator

from fhir_fixtures import cases
from tests.ehr.dialects import DIALECTS, MCODE
from tests.ehr.record import record_of
from tests.golden.false_alarms import FALSE_ALARMS, FalseAlarm
from tests.integration.real_server import FOLDER, node
from tests.spec.core import site
from tests.spec.resources import Resource

MODULES = FOLDER / "node_modules"
Error = tuple[str, str, str, str]  # code, path, profile, message


@pytest.fixture(scope="module")
def validator() -> Validator:
    node()
    folders = [MODULES / "@medplum" / "definitions" / "dist" / "fhir" / "r4", MODULES / "hl7.fhir.us.mcode"]
    return Validator(ValidatorConfig(local_package_paths=[str(folder) for folder in folders]))


def errors(validator: Validator, found: Iterable[Resource]) -> dict[Error, str]:
    """Every error by what it is, with an example of where it stands."""
    said: dict[Error, str] = {}
    for resource in found:
        for issue in validator.validate_resource(resource).issues:
            if issue.severity.value in ("error", "fatal"):
                name = (issue.code, issue.path or "", issue.profile or "", issue.message)
                said.setdefault(name, f"{resource['resourceType']}/{resource.get('id')}")
    return said


def real(said: dict[Error, str]) -> dict[Error, str]:
    """The errors that are on no list of false alarms."""
    return {name: where for name, where in said.items() if not any(alarm.fits(*name) for alarm in FALSE_ALARMS)}


def of_the_cases() -> Iterator[Resource]:
    for one in cases():
        yield from record_of(one).resources
        drafts = one.request["context"].get("draftOrders", {}).get("entry", ())
        yield from (entry["resource"] for entry in drafts)


def of_the_mcode_dialect() -> Iterator[Resource]:
    for one in cases():
        yield from MCODE.shape(record_of(one)).resources


def emitted() -> Iterator[Resource]:
    """The resources of every suggestion on every card of the cases."""
    for one in cases():
        for card in (one.expected["response"] or {}).get("cards", ()):
            for suggestion in card.get("suggestions", ()):
                yield from (action["resource"] for action in suggestion["actions"] if "resource" in action)


def published() -> list[Resource]:
    return [dict(copy.deepcopy(resource)) for resource in site().terminology.resources()]


def test_the_cases_are_valid_but_for_known_false_alarms(validator: Validator) -> None:
    said = errors(validator, [*of_the_cases(), *of_the_mcode_dialect()])
    assert real(said) == {}
    stale = [alarm for alarm in FALSE_ALARMS if not any(alarm.fits(*name) for name in said)]
    assert stale == [], "no longer said: take them off the list"


def test_what_the_service_emits_and_publishes_is_valid(validator: Validator) -> None:
    suggested = list(emitted())
    assert {resource["resourceType"] for resource in suggested} == {"ServiceRequest"}
    assert errors(validator, [*suggested, *published()]) == {}


def without(resource: Resource, element: str) -> Resource:
    return {name: value for name, value in resource.items() if name != element}


def test_the_validator_finds_what_is_wrong(validator: Validator) -> None:
    """Otherwise its silence would say nothing."""
    one = {f"{item['resourceType']}/{item['id']}": item for item in of_the_cases() if "profile" in item.get("meta", {})}
    size, tumour, primary = (
        one[name] for name in ("Observation/lesion-1-size-2025-05-12", "BodyStructure/lesion-1", "Condition/primary")
    )
    for broken in (
        without(size, "status"),
        without(size, "code"),
        size | {"status": "perhaps"},
        size | {"component": []},
        size | {"effectiveDateTime": "12 May 2025"},
        size | {"invented": True},
        without(tumour, "patient"),
        without(tumour, "location"),
        without(primary, "code"),
        primary | {"onsetDateTime": "last year"},
    ):
        assert real(errors(validator, [broken])), broken


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_dialect_is_valid_fhir(dialect: Any) -> None:
    """Against ``fhir.resources``: a dialect is unusual, not broken."""
    for one in cases():
        for resource in dialect.shape(record_of(one)).resources:
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_each_false_alarm_has_its_reason() -> None:
    assert len({alarm[:3] for alarm in FALSE_ALARMS}) == len(FALSE_ALARMS) <= 10
    assert all(isinstance(alarm, FalseAlarm) and len(alarm.why) > 40 for alarm in FALSE_ALARMS)
