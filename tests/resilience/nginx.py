"""A real nginx with the files of ``deploy/nginx``, on loopback, and certificates that are made here."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.ports import free_port
from tests.processes import starts_process

FILES = Path(__file__).parent.parent.parent / "deploy" / "nginx"
NAME = "cds.hospital.example"


def program() -> str:
    """nginx. Without it: skipped, but never where CI is set."""
    found = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("nginx is not installed (Debian: nginx-light)")
    pytest.skip("nginx is not installed (Debian: nginx-light)")


class Authority:
    """A certificate authority of the test's own, in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = folder / f"{name}.crt"
        self._write(self.certificate, self._signed(self._subject, self._key, authority=True))

    def issue(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of a server or a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate, private = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        self._write(certificate, self._signed(subject, key, authority=False))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, private

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, authority: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        names = [x509.DNSName(NAME), x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if authority:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    @staticmethod
    def _write(path: Path, certificate: x509.Certificate) -> None:
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running nginx. ``trusting``: what a caller trusts it by. ``log``: what it has written."""

    port: int
    trusting: Path
    log: Path

    def context(self, client: tuple[Path, Path] | None = None, **limits: ssl.TLSVersion) -> ssl.SSLContext:
        """A caller's TLS, with its certificate and key where it has some."""
        context = ssl.create_default_context(cafile=self.trusting)
        if client:
            context.load_cert_chain(*client)
        for name, version in limits.items():
            setattr(context, name, version)
        return context


MAIN = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
{user}
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/common.conf;
    include {folder}/{kind}.conf;
}}
"""


@starts_process
@contextmanager
def running_nginx(folder: Path, kind: str, upstream: int, authority: Authority) -> Iterator[Gateway]:
    """nginx with ``tls.conf`` or ``mtls.conf`` in front of a loopback port, until the block ends."""
    port = free_port()
    certificate, key = authority.issue(NAME)
    shutil.copy(certificate, folder / "server.crt")
    shutil.copy(key, folder / "server.key")
    for path in FILES.glob("*.conf"):
        (folder / path.name).write_text(_placed(path.read_text(), folder, port, upstream))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, kind=kind, user=user))
    with subprocess.Popen([program(), "-p", str(folder), "-c", str(folder / "nginx.conf")]) as process:
        try:
            _wait(port, process)
            yield Gateway(port, authority.certificate, folder / "cds.log")
        finally:
            process.terminate()
            process.wait(timeout=60)


def _placed(text: str, folder: Path, port: int, upstream: int) -> str:
    """A file of ours with the addresses and folders of this run; nothing else of it changes."""
    text = re.sub(r"server cds:8000;", f"server 127.0.0.1:{upstream};", text)
    text = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;", text)
    text = text.replace("/var/log/nginx/", f"{folder}/").replace("/etc/nginx/cds/", f"{folder}/")
    assert "/etc/nginx/cds/" not in text
    return text


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while True:
        assert process.poll() is None, "nginx does not take our files"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < until
        time.sleep(0.05)
