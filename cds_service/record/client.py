"""Reading from a client's FHIR server: one shared session, strict about tokens, time and size.

The token goes to the origin of ``fhirServer`` alone and no redirect is followed. Neither URLs nor what a server says is
repeated in a note: both may name the patient.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import orjson
import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from cds_service import __version__
from cds_service.protocol.origins import is_loopback, same_origin
from cds_service.record.addresses import AddressRefused, CheckedAdapter
from cds_service.record.deadline import Deadline

CONNECTIONS = 64  # enough for every key of all calls that may fetch at one time, so that none waits for another's
CONNECT_LIMIT = 2.0  # seconds; the rest of the budget is for the answer
MAX_RESPONSE_BYTES = 20 * 1024 * 1024
PAUSE_BEFORE_RETRY = 0.1  # seconds, where the server does not say
WORTH_A_RETRY = frozenset({429, 502, 503, 504})

FHIR_MEDIA_TYPES = ("application/fhir+json", "application/json+fhir", "application/json", "text/json")
_CHUNK = 65_536
_OK = 200

TIME_SPENT = "the time budget was spent"
UNREACHABLE = "the FHIR server could not be reached"
ADDRESS_REFUSED = "fhirServer leads to an address that is not called"


@dataclass(frozen=True, slots=True)
class Access:
    """The right to read at one FHIR server."""

    base_url: str
    token: str | None = field(default=None, repr=False)

    def url(self, query: str) -> str:
        """The absolute URL of a query relative to the base."""
        return f"{self.base_url.rstrip('/')}/{query}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``status`` is None without an answer; ``document`` is there only when it is good.

    ``refused``: we would not ask, whatever the server might have answered.
    """

    status: int | None
    document: object = None
    note: str | None = None
    retry_after: float | None = None
    refused: bool = False

    @property
    def good(self) -> bool:
        """Did JSON come with status 200?"""
        return self.status == _OK and self.note is None


class FhirClient:
    """GET requests to FHIR servers over kept-alive connections. Safe to share between threads."""

    def __init__(
        self, *, max_response_bytes: int = MAX_RESPONSE_BYTES, media_types: Sequence[str] = FHIR_MEDIA_TYPES
    ) -> None:
        """``media_types``: what an answer may be declared as, the preferred one first."""
        self._max_response_bytes = max_response_bytes
        self._media_types = frozenset(media_types)
        self._session = requests.Session()
        self._session.trust_env = False  # else a .netrc could add credentials
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # nothing is kept between patients
        self._session.headers.update(
            {"Accept": _accept(media_types), "User-Agent": f"crc-lung-metastasis-cds/{__version__}"}
        )
        adapter = CheckedAdapter(pool_connections=CONNECTIONS, pool_maxsize=CONNECTIONS)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def get(self, url: str, access: Access, deadline: Deadline) -> Answer:
        """One GET, repeated once when the server is busy or the connection broke, if the time allows.

        Raises: ValueError for a URL outside the server's origin, which is a defect of the caller.
        """
        if not same_origin(url, access.base_url):
            raise ValueError("a URL outside fhirServer's origin must not be asked for")
        answer = self._get_once(url, access, deadline)
        broken = answer.status is None and answer.note == UNREACHABLE
        if not broken and answer.status not in WORTH_A_RETRY:
            return answer
        pause = PAUSE_BEFORE_RETRY if answer.retry_after is None else answer.retry_after
        if pause >= deadline.remaining:
            return answer
        time.sleep(pause)
        return self._get_once(url, access, deadline)

    def _get_once(self, url: str, access: Access, deadline: Deadline) -> Answer:
        left = deadline.remaining
        if left <= 0:
            return Answer(None, note=TIME_SPENT)
        try:
            with self._session.get(
                url,
                headers={"Authorization": f"Bearer {access.token}"} if access.token else None,
                proxies=_proxies(access.base_url),
                timeout=(min(CONNECT_LIMIT, left), left),
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._read(response, deadline)
        except AddressRefused:
            return Answer(None, note=ADDRESS_REFUSED, refused=True)
        except (requests.RequestException, HTTPError, OSError):
            return Answer(None, note=TIME_SPENT if deadline.spent else UNREACHABLE)

    def _read(self, response: requests.Response, deadline: Deadline) -> Answer:
        status = response.status_code
        if status != _OK:
            redirect = " with a redirect, which is not followed" if response.is_redirect else ""
            return Answer(
                status,
                note=f"the FHIR server answered {status}{redirect}",
                retry_after=_seconds(response.headers.get("Retry-After")),
            )
        if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in self._media_types:
            return Answer(status, note="the FHIR server's answer is not declared as JSON")
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._max_response_bytes:
                return Answer(status, note="the FHIR server's answer is too large")
            if deadline.spent:
                return Answer(status, note=TIME_SPENT)
        try:
            return Answer(status, orjson.loads(body))
        except orjson.JSONDecodeError:
            return Answer(status, note="the FHIR server's answer is not JSON")


def _accept(media_types: Sequence[str]) -> str:
    """The Accept header: each type a little less welcome than the one before it."""
    return ", ".join(kind if place == 0 else f"{kind};q={1 - place / 10:.1f}" for place, kind in enumerate(media_types))


def _seconds(retry_after: str | None) -> float | None:
    """``Retry-After`` in seconds, from a number or a date; None when absent or unreadable."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


@lru_cache(maxsize=64)
def _proxies(base_url: str) -> dict[str, str]:
    """The environment's proxies for a server; a server on this machine is called directly."""
    if is_loopback(urlsplit(base_url).hostname or ""):
        return {}
    return get_environ_proxies(base_url)
