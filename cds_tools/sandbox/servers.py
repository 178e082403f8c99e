"""HTTP calls of the workbench: one session, what came back as a value, and failures in words for the tester.

Tokens and signed calls go to the address that was given alone: over https or on this machine, never along a redirect.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from requests.utils import get_environ_proxies

from cds_service import __version__
from cds_service.errors import InputNotReadable
from cds_service.protocol.origins import is_loopback, origin
from cds_tools.sandbox.errors import AccessRefused, ServerRefused, ServerUnreachable

TIMEOUT_S = (5, 60)  # to connect, and between two parts of the answer
BUSY = frozenset({429, 503})
_ATTEMPTS = 4
_LONGEST_PAUSE_S = 30.0
_MOST_ISSUES, _LONGEST_ISSUE = 3, 300  # of what a server says
_HINT_OF = {
    401: "The server asks for a token: give a file that holds one with --token-file.",
    403: "The caller, or its token, has not the right to do this.",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered. ``document`` is None where it is no JSON."""

    status: int
    document: Any
    location: str | None
    content_type: str

    @property
    def good(self) -> bool:
        """Is the status 2xx?"""
        return 200 <= self.status < 300

    @property
    def words(self) -> str:
        """What the server says went wrong, from its OperationOutcome; empty where it says nothing."""
        outcome = self.document if isinstance(self.document, dict) else {}
        listed = outcome.get("issue") if outcome.get("resourceType") == "OperationOutcome" else None
        issues = [issue for issue in listed or () if isinstance(issue, dict)]
        said = [_text(issue) for issue in issues if issue.get("severity") in ("fatal", "error", None)]
        return "; ".join(dict.fromkeys(text for text in said[:_MOST_ISSUES] if text))


def _text(issue: dict[str, Any]) -> str:
    details = issue.get("details")
    texts = (details.get("text") if isinstance(details, dict) else None, issue.get("diagnostics"), issue.get("code"))
    return next((" ".join(text.split())[:_LONGEST_ISSUE] for text in texts if isinstance(text, str) and text), "")


def base_address(url: str) -> str:
    """A base URL as it was typed, without a slash at its end. Raises: InputNotReadable."""
    if origin(url) is None or urlsplit(url).query or urlsplit(url).fragment:
        raise InputNotReadable(f"{url} is not an http(s) address.", hint="Such as http://127.0.0.1:8080/fhir.")
    return url.rstrip("/")


class Caller:
    """Calls to one server, named ``what`` in messages."""

    def __init__(self, what: str, *, accept: str) -> None:
        self._what = what
        self._session = requests.Session()
        self._session.trust_env = False  # else a .netrc could add credentials
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self._session.headers.update({"Accept": accept, "User-Agent": f"crc-lung-metastasis-cds/{__version__}"})

    def call(self, method: str, url: str, body: object = None, **headers: str | None) -> Reply:
        """One call; again, after a pause, while the server is busy. Names of ``headers`` have ``_`` for ``-``.

        Raises: ServerUnreachable, AccessRefused (401, 403), ServerRefused (a redirect). Any other status is returned.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        for attempt in range(1, _ATTEMPTS + 1):
            answer = self._send(method, url, body, sent)
            pause = _pause(answer.headers.get("Retry-After"), attempt)
            if answer.status_code not in BUSY or attempt == _ATTEMPTS or pause > _LONGEST_PAUSE_S:
                break
            time.sleep(pause)
        reply = _reply(answer)
        if answer.is_redirect:
            to = answer.headers.get("Location", "another address")
            raise ServerRefused(f"The {self._what} redirects {url} to {to}.", hint="Give the address that it leads to.")
        if reply.status in _HINT_OF:
            said = f": {reply.words}" if reply.words else "."
            raise AccessRefused(
                f"The {self._what} answers {reply.status} to {method} {url}{said}", hint=_HINT_OF[reply.status]
            )
        return reply

    def refused(self, reply: Reply, doing: str) -> ServerRefused:
        """The error for an answer that is not good."""
        said = f": {reply.words}" if reply.words else " and says no more."
        return ServerRefused(f"The {self._what} answers {reply.status} to {doing}{said}", answered=reply.status)

    def _send(self, method: str, url: str, body: object, headers: dict[str, str]) -> requests.Response:
        data = None if body is None else orjson.dumps(body)
        proxies = {} if is_loopback(urlsplit(url).hostname or "") else get_environ_proxies(url)
        try:
            return self._session.request(
                method, url, data=data, headers=headers, proxies=proxies, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.exceptions.SSLError:
            why, hint = "its certificate is not valid here", "For a certificate of your own: REQUESTS_CA_BUNDLE."
        except requests.exceptions.Timeout:
            why, hint = "it did not answer in time", "Try again, or look whether it is up."
        except (requests.RequestException, OSError):
            why, hint = "nothing answers there", "Check the address, and whether the server is up."
        raise ServerUnreachable(f"The {self._what} at {url} could not be reached: {why}.", hint=hint)


def _reply(answer: requests.Response) -> Reply:
    try:
        document = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        document = None
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Reply(answer.status_code, document, answer.headers.get("Location"), kind)


def _pause(retry_after: str | None, attempt: int) -> float:
    """Seconds to wait: what the server says, else a little longer each time."""
    said = (retry_after or "").strip()
    return float(said) if said.isdecimal() else 0.5 * 2**attempt
