"""A WSGI application behind ``requests``, without a socket."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from werkzeug.test import Client

BASE = "http://127.0.0.1:1"


class InProcess(BaseAdapter):
    """Answers every request by calling the application."""

    def __init__(self, application: Any) -> None:
        super().__init__()
        self._client = Client(application)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        answer = self._client.open(
            parts.path,
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string=parts.query,
            method=request.method,
            headers=[(name, value) for name, value in request.headers.items() if name != "Content-Length"],
            data=request.body,
        )
        made = requests.Response()
        made.status_code = answer.status_code
        made.headers = CaseInsensitiveDict(answer.headers.items())
        made.url = str(request.url)
        made.request = request
        made._content = answer.get_data()
        made._content_consumed = True
        return made

    def close(self) -> None:
        """Nothing is open."""


def session(application: Any) -> requests.Session:
    """A session whose every request goes to the application."""
    made = requests.Session()
    made.mount("http://", InProcess(application))
    return made
