"""Where a connection may end: the address is looked at before anything is sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from cds_service.fhir.source import SourceState
from cds_service.record.addresses import is_refused
from cds_service.record.client import ADDRESS_REFUSED, Access, FhirClient
from cds_service.record.deadline import Deadline
from cds_service.record.search import KeyReader, Wanted


@pytest.mark.parametrize(
    ("address", "host", "refused"),
    [
        ("169.254.169.254", "ehr.example.org", True),
        ("169.254.169.254", "169.254.169.254", True),
        ("fe80::1", "ehr.example.org", True),
        ("fe80::1%1", "ehr.example.org", True),
        ("::ffff:169.254.169.254", "ehr.example.org", True),
        ("224.0.0.1", "ehr.example.org", True),
        ("ff02::1", "ehr.example.org", True),
        ("0.0.0.0", "ehr.example.org", True),  # noqa: S104 - an address to refuse, not to listen on
        ("::", "ehr.example.org", True),
        ("127.0.0.1", "ehr.example.org", True),
        ("127.8.8.8", "localhost.ehr.example.org", True),
        ("::1", "ehr.example.org", True),
        ("::ffff:127.0.0.1", "ehr.example.org", True),
        ("127.0.0.1", "localhost", False),
        ("127.0.0.1", "127.0.0.1", False),
        ("::1", "[::1]", False),
        ("10.1.2.3", "ehr.example.org", False),
        ("203.0.113.7", "ehr.example.org", False),
        ("2001:db8::7", "ehr.example.org", False),
    ],
)
def test_address(address: str, host: str, refused: bool) -> None:
    assert is_refused(address, host) is refused


class Listener:
    """Accepts connections on loopback and keeps every byte that arrives."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard = b""
        self.closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            connection, _ = self.socket.accept()
        except OSError:  # the test ended without a connection
            return
        with connection:
            connection.settimeout(5)
            if part := connection.recv(4096):
                self.heard += part
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.closed.set()


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.socket.close()


def resolve_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def lookup(host: str, *more: object, **named: object) -> object:
        return real("127.0.0.1", *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_listed_name_that_leads_to_this_machine_gets_no_request(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    resolve_to_this_machine(monkeypatch)
    base = f"{scheme}://ehr.example.org:{listener.port}/fhir"
    reader = KeyReader(FhirClient(), Access(base, "the-token"), Deadline(60))
    source, _ = reader.read(Wanted("conditions", "Condition", "Condition?patient=p1"))
    assert listener.closed.wait(60)
    assert (source.state, source.note) == (SourceState.NOT_ALLOWED, ADDRESS_REFUSED)
    assert listener.heard == b""


def test_an_address_that_the_url_itself_names_is_asked(listener: Listener) -> None:
    base = f"http://127.0.0.1:{listener.port}/fhir"
    answer = FhirClient().get(f"{base}/Patient/p1", Access(base, "the-token"), Deadline(60))
    assert answer.status == 404
    assert b"Bearer the-token" in listener.heard
