"""The keys of callers: from a file, from listed addresses; kept, rotated, and never fetched from anywhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import responses

from cds_service.errors import CallerNotTrusted, SettingsInvalid
from cds_service.trust import keys as module
from cds_service.trust.keys import FRESH_S, MAX_BYTES, PAUSE_S, STALE_S, ListedKeys, read_key_set
from tests.contract.requirements import proves
from tests.unit.signing import ISSUER, jwk, key_set

URL = "https://ehr.example.org/jwks.json"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(module._FetchedSet.__init__, "__defaults__", (standing,))
    return standing


@pytest.fixture
def net() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def serve(net: responses.RequestsMock, document: object, **more: Any) -> None:
    net.upsert("GET", URL, body=json.dumps(document), content_type="application/jwk-set+json", **more)


def kid_found(keys: ListedKeys, kid: str, jku: str | None = URL, issuer: str = ISSUER) -> bool:
    try:
        keys.key(issuer, kid, "ES384", jku)
    except CallerNotTrusted:
        return False
    return True


@proves("AUTH-12")
def test_a_listed_address_is_asked_once_and_kept(net: responses.RequestsMock, clock: Clock) -> None:
    serve(net, key_set("ec"))
    keys = ListedKeys([URL], None)
    assert kid_found(keys, "ec")
    clock.now += FRESH_S
    assert kid_found(keys, "ec")
    assert len(net.calls) == 1
    assert net.calls[0].request.headers["Accept"].startswith("application/jwk-set+json")
    assert "Authorization" not in net.calls[0].request.headers


@proves("AUTH-12")
def test_a_rotated_key_is_found_at_once(net: responses.RequestsMock, clock: Clock) -> None:
    serve(net, key_set("ec"))
    keys = ListedKeys([URL], None)
    assert kid_found(keys, "ec")
    serve(net, key_set("ec", "ec2"))
    clock.now += PAUSE_S + 1
    assert kid_found(keys, "ec2")


def test_a_key_that_was_withdrawn_is_gone_when_the_set_is_old(net: responses.RequestsMock, clock: Clock) -> None:
    serve(net, key_set("ec", "ec2"))
    keys = ListedKeys([URL], None)
    assert kid_found(keys, "ec2")
    serve(net, key_set("ec"))
    clock.now += FRESH_S + 1
    assert not kid_found(keys, "ec2")
    assert kid_found(keys, "ec")


def test_made_up_kids_do_not_make_us_hammer_the_address(net: responses.RequestsMock, clock: Clock) -> None:
    serve(net, key_set("ec"))
    keys = ListedKeys([URL], None)
    for number in range(50):
        assert not kid_found(keys, f"made-up-{number}")
    assert len(net.calls) == 1
    clock.now += PAUSE_S + 1
    assert not kid_found(keys, "made-up")
    assert len(net.calls) == 2


def test_a_set_outlives_a_failure_of_its_address_for_an_hour(net: responses.RequestsMock, clock: Clock) -> None:
    serve(net, key_set("ec"))
    keys = ListedKeys([URL], None)
    assert kid_found(keys, "ec")
    serve(net, {"error": "broken"}, status=503)
    clock.now += STALE_S - 1
    assert kid_found(keys, "ec")
    clock.now += 2
    assert not kid_found(keys, "ec")
    assert keys.problem() == "the address of a key set answers 503"


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("<html>", {"content_type": "text/html"}),
        ("{", {"content_type": "application/json"}),
        ("[]", {"content_type": "application/json"}),
        (json.dumps(key_set("ec")), {"status": 404}),
        (" " * (MAX_BYTES + 1), {"content_type": "application/json"}),
        ("", {"status": 302, "headers": {"Location": "https://evil.example.org/jwks"}}),
    ],
    ids=["html", "cut", "no set", "404", "too large", "redirect"],
)
def test_an_address_that_gives_no_keys_gives_no_trust(
    net: responses.RequestsMock, clock: Clock, body: str, more: dict[str, Any]
) -> None:
    net.add("GET", URL, body=body, **more)
    net.add("GET", "https://evil.example.org/jwks", json=key_set("ec"))
    assert not kid_found(ListedKeys([URL], None), "ec")
    assert {call.request.url for call in net.calls} == {URL}


@proves("AUTH-11")
def test_an_address_that_is_not_listed_is_never_asked(net: responses.RequestsMock) -> None:
    assert not kid_found(ListedKeys([URL], None), "ec", jku="https://evil.example.org/jwks")
    assert len(net.calls) == 0


def test_an_address_listed_for_one_issuer_is_no_good_for_another(net: responses.RequestsMock) -> None:
    serve(net, key_set("ec"))
    keys = ListedKeys([f"{ISSUER} {URL}"], None)
    assert not kid_found(keys, "ec", issuer="https://other.example.org")
    assert len(net.calls) == 0
    assert kid_found(keys, "ec")


def test_a_token_without_jku_is_looked_up_in_the_file_alone(net: responses.RequestsMock, tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_text(json.dumps(key_set("ec")))
    serve(net, key_set("ec2"))
    keys = ListedKeys([URL], tmp_path / "jwks.json")
    assert kid_found(keys, "ec", jku=None)
    assert not kid_found(keys, "ec2", jku=None)
    assert kid_found(keys, "ec2")


def test_a_changed_file_is_read_again_and_half_a_file_locks_nobody_out(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(key_set("ec")))
    keys = ListedKeys([], file)
    file.write_text("{")
    assert kid_found(keys, "ec", jku=None)
    file.write_text(json.dumps(key_set("ec2")))
    os.utime(file, ns=(1, 1))
    assert kid_found(keys, "ec2", jku=None)
    assert not kid_found(keys, "ec", jku=None)
    file.unlink()
    assert kid_found(keys, "ec2", jku=None)


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "AA", "kid": "x"}]}'])
def test_a_file_without_public_keys_refuses_to_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "jwks.json").write_text(text)
    with pytest.raises(SettingsInvalid, match="CDS_JWKS_FILE"):
        ListedKeys([], tmp_path / "jwks.json")


@pytest.mark.parametrize(
    "entry",
    [
        {"kid": 7},
        {"use": "enc"},
        {"kty": "oct"},
        {"kid": None},
    ],
)
def test_what_is_no_public_signing_key_is_passed_over(entry: dict[str, Any]) -> None:
    assert list(read_key_set({"keys": ["x", jwk("ec", **entry), jwk("ec2")]})) == ["ec2"]


@pytest.mark.parametrize("broken", [{"x": "!"}, {"crv": "P-256"}, {"alg": "ES512"}, {"y": 7}])
def test_a_broken_key_or_one_for_another_algorithm_is_no_key(tmp_path: Path, broken: dict[str, Any]) -> None:
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [jwk("ec", **broken)]}))
    assert not kid_found(ListedKeys([], tmp_path / "jwks.json"), "ec", jku=None)


def test_of_two_keys_with_one_kid_the_fitting_one_is_taken(tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [jwk("rsa") | {"kid": "k"}, jwk("ec") | {"kid": "k"}]}))
    assert ListedKeys([], tmp_path / "jwks.json").key(ISSUER, "k", "ES384", None).key_type == "EC"
