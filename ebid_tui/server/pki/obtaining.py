"""One question to an authority, from the address to an answer that may be kept. Blocking: for a thread."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ebid_tui.server.pki import answers
from ebid_tui.server.pki.answers import BadAnswer
from ebid_tui.server.pki.fetching import Fetcher, NotFetched
from ebid_tui.server.store.revocation import RevocationAnswer, RevocationSource

if TYPE_CHECKING:
    from asn1crypto import x509

NONCE = 32
"""Bytes (RFC 8954)."""


class NotObtained(Exception):
    """No answer that may be kept; the argument is a code."""


def crl_source(url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationSource:
    """A list at an address; it is the same for all cards of an authority."""
    return RevocationSource(_key("crl", url, issuer.subject.dump()), "crl", url, certificate.dump(), issuer.dump())


def file_source(issuer: x509.Certificate) -> RevocationSource:
    """A list that an administrator brought in as a file."""
    return RevocationSource(_key("crl", "", issuer.subject.dump()), "crl", "", issuer.dump(), issuer.dump())


def ocsp_source(url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationSource:
    """What a responder says of one certificate. It is asked again by itself only about authorities."""
    key = _key("ocsp", url, issuer.subject.dump(), issuer.public_key.dump(), str(certificate.serial_number).encode())
    return RevocationSource(key, "ocsp", url, certificate.dump(), issuer.dump(), ahead=bool(certificate.ca))


def obtain(source: RevocationSource, web: Fetcher, now: datetime, further: Iterable[x509.Certificate] = ()) -> RevocationAnswer:
    """Ask, and look at the answer. `further` are the authority's other certificates (it may sign lists with another key).

    Raises NotObtained.
    """
    from asn1crypto import x509

    certificate, issuer = x509.Certificate.load(source.certificate), x509.Certificate.load(source.issuer)
    try:
        if source.kind == "crl":
            return crl_answer(web.get(source.url), (issuer, *further), now)
        nonce = secrets.token_bytes(NONCE)
        body = web.post(source.url, answers.ocsp_request(certificate, issuer, nonce))
        span = answers.ocsp_answer(body, certificate, issuer, now, nonce).span
        return RevocationAnswer(body, hashlib.sha256(body).hexdigest(), span.this_update, span.next_update)
    except (NotFetched, BadAnswer) as error:
        raise NotObtained(str(error)) from error


def crl_answer(body: bytes, issuers: Iterable[x509.Certificate], now: datetime) -> RevocationAnswer:
    """A list (DER or PEM) that one of these signed. Raises BadAnswer."""
    found = answers.crl_of(body)
    span = answers.crl_span(found, issuers, now)
    der = found.dump()
    return RevocationAnswer(der, hashlib.sha256(der).hexdigest(), span.this_update, span.next_update)


def _key(*parts: str | bytes) -> str:
    """SHA-256 over the parts with their lengths."""
    hashed = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        hashed.update(len(raw).to_bytes(4) + raw)
    return hashed.hexdigest()
