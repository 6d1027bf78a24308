"""Certificates of TLS servers, as an office's own authority would issue them, good and bad ones."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.clock import STARTED


class Authority:
    """Issues server certificates."""

    def __init__(self, directory: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name.from_rfc4514_string("CN=Town CA")
        self.directory = directory
        self.file = directory / "ca.pem"
        self.file.write_bytes(self._issue(self._name, self._key, STARTED - timedelta(days=1), STARTED + timedelta(days=90), None))

    def _issue(self, subject: x509.Name, key: Any, begins: datetime, ends: datetime, host: str | None) -> bytes:
        builder = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number(), begins, ends)
        builder = builder.add_extension(x509.BasicConstraints(host is None, None), critical=True)
        if host is not None:
            if host:
                builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
            builder = builder.add_extension(authority, critical=False)
        else:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
            builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def context(self, host: str = "localhost", begins: int = -1, ends: int = 60) -> ssl.SSLContext:
        """TLS with a certificate for `host` (empty: that has no name but its CN, localhost), valid between these days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        subject = x509.Name.from_rfc4514_string("CN=server" if host else "CN=localhost")
        pem += self._issue(subject, key, STARTED + timedelta(days=begins), STARTED + timedelta(days=ends, hours=1), host)
        (file := self.directory / "server.pem").write_bytes(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context
