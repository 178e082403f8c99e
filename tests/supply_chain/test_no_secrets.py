"""No secret stands in a tracked file."""

from __future__ import annotations

import re

import pytest

from tests.docs.test_tree import tracked_texts

PATTERNS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a private JWK": re.compile(r'"d"\s*:\s*"[A-Za-z0-9_-]{32,}"'),
    "a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"),
    "an access key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}"),
    "a token of a code host": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}|\bglpat-[\w-]{20}"),
    "a password in a URL": re.compile(
        r"[a-z]+://[^/\s:@'\"]+:(?!\w*(?:CANARY|CHANGE-ME|password|\.\.\.|port))[^@\s'\"{}<>$]{4,}@"
    ),
    "an assigned secret": re.compile(
        r"(?i)(?:secret|passwo?r?d|api_?key|token)[\"']?\s*[:=]\s*[\"'](?=[^\"']*\d)(?=[^\"']*[a-z])[\w+/=-]{24,}[\"']"
    ),
}
PLANTED = {
    "a private key": "-----BEGIN EC PRIVATE" + " KEY-----",
    "a private JWK": '{"kty": "EC", "d": "' + "Ab3_" * 16 + '"}',
    "a signed token": "eyJhbGciOiJFUzM4NCJ9" + ".eyJpc3MiOiJodHRwcyJ9." + "c2lnbmF0dXJlLWhlcmUtYW5k",
    "an access key of a cloud": "AKIA" + "ABCDEFGHIJKLMNOP",
    "a token of a code host": "ghp_" + "a1" * 18,
    "a password in a URL": "postgresql://cds:" + "Tr0ub4dor" + "@db/cds",
    "an assigned secret": 'API_KEY = "' + "a1b2" * 8 + '"',
}


@pytest.mark.parametrize("what", PATTERNS)
def test_no_file_holds(what: str) -> None:
    found = {name: match[0][:40] for name, text in tracked_texts().items() if (match := PATTERNS[what].search(text))}
    assert found == {}


@pytest.mark.parametrize("what", PATTERNS)
def test_a_planted_secret_is_seen(what: str) -> None:
    assert PATTERNS[what].search(PLANTED[what])
