"""Calling another server over HTTP: timed, bounded, signed where there is a key, never along a redirect.

Tokens and signed calls go to the address that was given alone.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import orjson
import requests
from requests.utils import get_environ_proxies

from cds_service import __version__
from cds_service.protocol.origins import is_loopback

if TYPE_CHECKING:
    from cds_tools.signing import Signer

MAX_ANSWER_BYTES = 20 * 1024 * 1024
_CHUNK = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_ISSUES, _LONGEST_ISSUE = 3, 300  # of what a server says

Why = Literal["certificate", "time", "size", "connection"]


class NoAnswer(Exception):
    """Nothing, or nothing usable, came back. ``why``: the kind of reason, for callers with words of their own."""

    def __init__(self, message: str, why: Why) -> None:
        super().__init__(message)
        self.why = why


class Unsendable(ValueError):
    """The address is none that can be called."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that may pass: to connect, between two parts of an answer, and until all of it is read."""

    connect_s: float
    part_s: float
    whole_s: float

    @classmethod
    def of(cls, seconds: float) -> Times:
        """The same for each."""
        return cls(seconds, seconds, seconds)


@dataclass(frozen=True, slots=True)
class Patience:
    """When a call is made again: at which statuses, how often at most, after how many seconds at most.

    ``unasked``: also where the server does not say in ``Retry-After`` how long to wait.
    """

    statuses: frozenset[int]
    attempts: int
    longest_s: float
    unasked: bool = False

    def pause_s(self, answer: Answer, attempt: int) -> float | None:
        """Seconds to wait before the next attempt, a little longer each time; None when there is none.

        ``attempt``: how many there were, from 1.
        """
        if answer.status not in self.statuses or attempt >= self.attempts:
            return None
        said = answer.headers.get("Retry-After", "").strip()
        if not said.isdecimal() and not self.unasked:
            return None
        pause = float(said) if said.isdecimal() else 0.5 * 2**attempt
        return pause if pause <= self.longest_s else None


ONCE_MORE = Patience(frozenset({429}), attempts=2, longest_s=60)
"""A server that says when to come back is asked once more, if that is in a minute at most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``document``: the parsed body, None when it is not JSON."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    milliseconds: float = 0.0

    @property
    def media_type(self) -> str:
        """The type alone, in small letters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def says_json(self) -> bool:
        """Is it declared as JSON?"""
        return self.media_type == "application/json" or self.media_type.endswith("+json")

    @property
    def document(self) -> Any:
        """The body as parsed JSON; None when it is not JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    @property
    def good(self) -> bool:
        """2xx?"""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """4xx?"""
        return 400 <= self.status < 500

    @property
    def cards(self) -> list[Any]:
        """The cards, as far as there are any."""
        cards = self.document.get("cards") if isinstance(self.document, dict) else None
        return cards if isinstance(cards, list) else []

    @property
    def has_cards(self) -> bool:
        """True if this is the answer of a hook: 2xx with an array of cards, which may be empty."""
        document = self.document
        return self.good and isinstance(document, dict) and isinstance(document.get("cards"), list)

    @property
    def redirect(self) -> str | None:
        """Where the server redirects to; None where it does not."""
        return self.headers.get("Location") if self.status in _REDIRECTS else None

    @property
    def words(self) -> str:
        """What the server says went wrong, from its OperationOutcome; empty where it says nothing."""
        return outcome_words(self.document)


class Caller:
    """Makes the calls of one client. ``calls``: how many it made."""

    def __init__(
        self,
        times: Times,
        *,
        agent: str = "cds-service",
        patience: Patience = ONCE_MORE,
        signer: Signer | None = None,
        session: requests.Session | None = None,
        pause: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """``agent``: how the client names itself. ``session``, ``pause`` and ``clock`` (in seconds): for tests."""
        self.signer = signer
        self.calls = 0
        self._times = times
        self._patience = patience
        self._pause = pause or time.sleep
        self._clock = clock
        self._session = session or requests.Session()
        self._session.trust_env = False  # else a .netrc could add credentials
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self._session.headers.update({"Accept": "application/json", "User-Agent": f"{agent}/{__version__}"})

    def get(self, url: str, **named: Any) -> Answer:
        """A GET. Raises: NoAnswer, Unsendable."""
        return self.send("GET", url, **named)

    def post(self, url: str, document: Any, **named: Any) -> Answer:
        """A POST of a JSON document, or of bytes as they are. Raises: NoAnswer, Unsendable."""
        body = document if isinstance(document, bytes) else orjson.dumps(document)
        headers = {"Content-Type": "application/json"} | dict(named.pop("headers", {}))
        return self.send("POST", url, body=body, headers=headers, **named)

    def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | Literal[False] | None = None,
    ) -> Answer:
        """One call; again, after a pause, as the caller's patience has it. Any status is returned.

        ``token``: None signs it where there is a key, False sends none, a text is sent as it is, and once.
        Raises: NoAnswer, Unsendable.
        """
        attempt = 1
        answer = self._send_once(method, url, body, dict(headers or {}), token)
        while not isinstance(token, str) and (pause := self._patience.pause_s(answer, attempt)) is not None:
            self._pause(pause)
            attempt += 1
            answer = self._send_once(method, url, body, dict(headers or {}), token)
        self.calls += 1
        return answer

    def _send_once(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], token: str | Literal[False] | None
    ) -> Answer:
        sent = headers | self._authorization(url, token)
        begun = self._clock()
        try:
            with self._session.request(
                method,
                url,
                data=body,
                headers=sent,
                proxies=_proxies(url),
                timeout=(self._times.connect_s, self._times.part_s),
                allow_redirects=False,
                stream=True,
            ) as response:
                read = self._read(response, begun)
        except requests.exceptions.Timeout:
            raise NoAnswer(f"no answer to {method} within {self._times.part_s:g} s", "time") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
            raise Unsendable("this is no address that can be called") from None
        except (requests.RequestException, OSError) as fault:
            why: Why = "certificate" if isinstance(fault, requests.exceptions.SSLError) else "connection"
            raise NoAnswer(f"no answer to {method}: the connection failed ({type(fault).__name__})", why) from None
        milliseconds = (self._clock() - begun) * 1000
        return Answer(method, url, response.status_code, response.headers, read, milliseconds)

    def _authorization(self, url: str, token: str | Literal[False] | None) -> dict[str, str]:
        if token is None and self.signer is not None:
            token = self.signer.token(url)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _read(self, response: requests.Response, begun: float) -> bytes:
        read = bytearray()
        for chunk in response.iter_content(_CHUNK):
            read += chunk
            if len(read) > MAX_ANSWER_BYTES:
                raise NoAnswer(f"the answer is larger than {MAX_ANSWER_BYTES} bytes", "size")
            if self._clock() - begun > self._times.whole_s:
                raise NoAnswer(f"the answer was not complete within {self._times.whole_s:g} s", "time")
        return bytes(read)


def fresh_id() -> str:
    """A new UUID, such as for ``hookInstance``."""
    return str(uuid.uuid4())


def outcome_words(document: Any) -> str:
    """The errors of an OperationOutcome in its own words, shortened; empty for anything else."""
    outcome = document if isinstance(document, dict) else {}
    listed = outcome.get("issue") if outcome.get("resourceType") == "OperationOutcome" else None
    issues = [issue for issue in listed or () if isinstance(issue, dict)]
    said = [_text(issue) for issue in issues if issue.get("severity") in ("fatal", "error", None)]
    return "; ".join(dict.fromkeys(text for text in said[:_MOST_ISSUES] if text))


def _text(issue: Mapping[str, Any]) -> str:
    details = issue.get("details")
    texts = (details.get("text") if isinstance(details, dict) else None, issue.get("diagnostics"), issue.get("code"))
    return next((" ".join(text.split())[:_LONGEST_ISSUE] for text in texts if isinstance(text, str) and text), "")


def _proxies(url: str) -> dict[str, str]:
    return {} if is_loopback(urlsplit(url).hostname or "") else get_environ_proxies(url)
