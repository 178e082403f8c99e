"""Calling the service that is checked: timed, signed where a key was given, never following a redirect."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson
import requests
from requests.utils import get_environ_proxies

from cds_service import __version__
from cds_service.protocol.origins import is_loopback
from cds_tools.signing import Signer

MAX_ANSWER_BYTES = 20 * 1024 * 1024
_CHUNK = 65_536
_TOO_MANY = 429
_LONGEST_WAIT_S = 60


class NoAnswer(Exception):
    """Nothing, or nothing usable, came back."""


class Unsendable(ValueError):
    """The address is none that can be called."""


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


class Caller:
    """One CDS client. ``session``: for tests; else one of its own."""

    def __init__(
        self,
        *,
        timeout_s: float,
        signer: Signer | None = None,
        session: requests.Session | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """``pause`` and ``clock`` in seconds, for tests."""
        self.signer = signer
        self.answers: list[Answer] = []
        self._timeout_s = timeout_s
        self._pause = pause
        self._clock = clock
        self._session = session or requests.Session()
        self._session.trust_env = False  # else a .netrc could add credentials
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self._session.headers.update({"Accept": "application/json", "User-Agent": f"cds-service-check/{__version__}"})

    def get(self, url: str, **named: Any) -> Answer:
        """A GET."""
        return self.send("GET", url, **named)

    def post(self, url: str, document: Any, **named: Any) -> Answer:
        """A POST of a JSON document, or of bytes as they are."""
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
        """One call. ``token``: None signs it where there is a key, False sends none, a text is sent as it is.

        A service that says 429 with ``Retry-After`` is asked once more after that time, if it is a minute at most.
        Raises: NoAnswer.
        """
        answer = self._send_once(method, url, body, dict(headers or {}), token)
        wait = answer.headers.get("Retry-After", "")
        if (
            answer.status == _TOO_MANY
            and wait.isdecimal()
            and int(wait) <= _LONGEST_WAIT_S
            and not isinstance(token, str)
        ):
            self._pause(int(wait))
            answer = self._send_once(method, url, body, dict(headers or {}), token)
        self.answers.append(answer)
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
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as response:
                read = self._read(response, begun)
        except requests.exceptions.Timeout:
            raise NoAnswer(f"no answer to {method} within {self._timeout_s:g} s") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
            raise Unsendable("this is no address that can be called") from None
        except (requests.RequestException, OSError) as fault:
            raise NoAnswer(f"no answer to {method}: the connection failed ({type(fault).__name__})") from None
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
                raise NoAnswer(f"the answer is larger than {MAX_ANSWER_BYTES} bytes")
            if self._clock() - begun > self._timeout_s:
                raise NoAnswer(f"the answer was not complete within {self._timeout_s:g} s")
        return bytes(read)


def fresh_id() -> str:
    """A new UUID, such as for ``hookInstance``."""
    return str(uuid.uuid4())


def _proxies(url: str) -> dict[str, str]:
    return {} if is_loopback(urlsplit(url).hostname or "") else get_environ_proxies(url)
