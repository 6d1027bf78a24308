"""The files of `serve --trust`: what may stand in one, and how `admin trust-ca` adds to it."""

from __future__ import annotations

import base64
import binascii
import logging
import re
import ssl
import stat
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import issuers
from ebid_tui.domain.certificate import Certificate
from ebid_tui.errors import CertificateUnreadable, EbidError
from ebid_tui.messages import t
from ebid_tui.process import private_files
from ebid_tui.server.pki import anchors
from ebid_tui.server.pki.path import HASHES

PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
LARGEST = 1024 * 1024
SUFFIXES = (".pem", ".crt", ".cer", ".der")
KEYS = ("P-256", "P-384")
READABLE_FILE, READABLE_DIRECTORY = 0o644, 0o755
"""Whom a server trusts is no secret; who may write here decides it. Whatever the umask."""

log = logging.getLogger("ebid_tui.server")


def split(data: bytes) -> tuple[bytes, ...]:
    """The certificates (DER) of a file: PEM, of which several may stand in one, or DER. ValueError for broken PEM."""
    try:
        return tuple(base64.b64decode(b"".join(text.split()), validate=True) for text in PEM.findall(data)) or (data,)
    except binascii.Error as error:
        raise ValueError("PEM") from error


def read(file: Path) -> tuple[Certificate, ...]:
    """Raises EbidError E-CA for a file that cannot be read as certificates."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise _unfit(file, error.strerror or t("admin.ca_unreadable")) from None
    try:
        return tuple(dict.fromkeys(certificates.read(der) for der in split(data)))
    except (CertificateUnreadable, ValueError):
        raise _unfit(file, t("admin.ca_unreadable")) from None


def described(certificate: Certificate) -> Iterator[str]:
    """What a person compares with what the authority publishes, line by line."""
    yield t("admin.ca_subject", name=certificate.subject)
    itself = certificate.issuer == certificate.subject
    yield t("admin.ca_itself") if itself else t("admin.ca_issuer", name=certificate.issuer)
    digits = certificate.fingerprint.upper()
    yield t("admin.ca_fingerprint", fingerprint=":".join(digits[i : i + 2] for i in range(0, len(digits), 2)))
    yield t("admin.ca_period", begins=certificate.not_before, ends=certificate.not_after)
    yield t("admin.ca_key", key=certificate.key)
    if certificate.constrains_names:
        yield t("admin.ca_constrained")


def refuse_unknown(authority: str, directories: Iterable[Path]) -> None:
    """Raises EbidError E-CA for an id that no system can trust."""
    issuers.also_from(*directories)
    try:
        found = issuers.known_issuers().by_id(authority)
    except KeyError:
        raise EbidError(code="E-CA", file="issuers.toml", reason=t("admin.ca_no_authority", authority=authority)) from None
    if found.kind == "refused":
        raise EbidError(code="E-CA", file="issuers.toml", reason=t("admin.ca_refused"))


def refuse_unfit(file: Path, found: Sequence[Certificate], now: datetime, fingerprint: str | None) -> None:
    """Raises EbidError E-CA unless each is a certification authority's, strong enough and of now.

    `fingerprint` (SHA-256, hex with or without colons) must be one of theirs.
    """
    wanted = None if fingerprint is None else re.sub(r"[\s:]", "", fingerprint).lower()
    if wanted is not None and wanted not in {certificate.fingerprint for certificate in found}:
        raise _unfit(file, t("admin.ca_other_fingerprint"))
    for certificate in found:
        reasons = faults(certificate, now)
        if reasons:
            raise _unfit(file, "、".join(reasons))


def faults(certificate: Certificate, now: datetime) -> tuple[str, ...]:
    """Everything that speaks against an authority's certificate, as sentences."""
    return tuple(t(f"admin.ca_{fault}") for fault in _faults(certificate, now))


def _faults(certificate: Certificate, now: datetime) -> Iterator[str]:
    from asn1crypto import x509 as asn1
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    yield from anchors.faults(asn1.Certificate.load(certificate.der), now)
    parsed = x509.load_der_x509_certificate(certificate.der)
    size = int(certificate.key[4:]) if certificate.key.startswith("RSA-") else 0
    itself = parsed.issuer == parsed.subject
    # What an anchor's own signature is made with does not matter: nobody relies on it (RFC 5280, section 6.1).
    if (size < 2048 and certificate.key not in KEYS) or (not itself and certificate.signature_hash not in HASHES):
        yield "weak"
    try:
        if itself:
            parsed.verify_directly_issued_by(parsed)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        yield "signature"


def keep(directory: Path, authority: str, found: Sequence[Certificate]) -> tuple[Path, int]:
    """Add them to the authority's file, unless they are there; the file, and how many were new. Raises EbidError E-TRUST, E-CA."""
    existing = [directory / f"{authority}{suffix}" for suffix in SUFFIXES]
    target = next((path for path in existing if path.is_file()), existing[0])
    there = read(target) if target.is_file() else ()
    new = [certificate for certificate in found if certificate.fingerprint not in {c.fingerprint for c in there}]
    if new:
        try:
            private_files.directory(directory, READABLE_DIRECTORY)
            # Certificates are no secret. Without a suffix it is no authority's if this stops half-way.
            private_files.put(target, b"".join(_pem(certificate.der) for certificate in (*there, *new)), mode=READABLE_FILE)
        except OSError as error:
            raise EbidError(error.strerror or "", code="E-TRUST", directory=directory) from None
    return target, len(new)


def _pem(der: bytes) -> bytes:
    return ssl.DER_cert_to_PEM_cert(der).encode("ascii")


def load(directory: Path) -> dict[str, tuple[bytes, ...]]:
    """The trusted certificates (DER) of each file of a directory, by its stem: the id in the systems' `trusted`.

    Files of other suffixes are passed over. Raises EbidError E-TRUST where there is none, E-CA for one that is no certificate.
    """
    files = _files(directory)
    if not files:
        raise EbidError(code="E-TRUST", directory=directory)
    for path in writable_by_others(directory):
        log.warning("trust is writable by others than its owner path=%s", path)
    loaded: dict[str, tuple[bytes, ...]] = {}
    for path in files:
        loaded[path.stem] = loaded.get(path.stem, ()) + tuple(certificate.der for certificate in read(path))
    return loaded


def writable_by_others(directory: Path) -> tuple[Path, ...]:
    """The directory and those of its files that others than their owner can change, and with them whom the server trusts.

    Raises EbidError E-TRUST where it cannot be looked at.
    """
    if not directory.is_dir():
        return ()
    return tuple(path for path in (directory, *_files(directory)) if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _files(directory: Path) -> list[Path]:
    try:
        return [path for path in sorted(directory.iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file()]
    except OSError as error:
        raise EbidError(error.strerror or "", code="E-TRUST", directory=directory) from None


def _unfit(file: Path, reason: str) -> EbidError:
    return EbidError(reason, code="E-CA", file=file, reason=reason)
