"""To which network addresses a connection may lead: a listed name must not turn out to be this machine or its cloud.

A name on the allow-list says nothing about where it resolves to. The address is looked at once the socket stands and
before a request, and with it the token, is sent; looking the name up beforehand would leave time for another answer.
Through a proxy the proxy decides: it alone sees the address.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from socket import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from cds_service.protocol.origins import is_loopback


class AddressRefused(HTTPError):
    """The server's name leads to an address that is not called. Never retried; the message names nothing."""


def is_refused(address: str, host: str) -> bool:
    """May a connection to ``host`` not end at this address?

    Link-local (where clouds keep their credentials), multicast and unspecified addresses are never called. Loopback is
    called only where the URL itself names it.
    """
    peer = ip_address(address)
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        peer = peer.ipv4_mapped
    if peer.is_link_local or peer.is_multicast or peer.is_unspecified:
        return True
    return peer.is_loopback and not is_loopback(host)


class _Checked:
    """Looks at the address as soon as the socket stands: before TLS, and so before a request."""

    host: str

    def _new_conn(self) -> socket:
        found: socket = super()._new_conn()  # type: ignore[misc]
        if is_refused(found.getpeername()[0], self.host):
            found.close()
            raise AddressRefused("the address of the FHIR server is not called")
        return found


class _Connection(_Checked, HTTPConnection):
    pass


class _SecureConnection(_Checked, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class CheckedAdapter(HTTPAdapter):
    """An adapter whose direct connections look at the address they reached; connections to a proxy do not."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
