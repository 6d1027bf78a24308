"""What an authority answered: whether a CRL or an OCSP response is its own, complete and of now, and what it says of a certificate.

Looked at before anything is kept, so that nobody on the way can put something else, or something older, into its place.
The validator looks at all of it once more, by its own rules, when a path is judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ebid_tui.server.pki.path import TOLERANCE, strong_hash, strong_key
from ebid_tui.server.pki.reading import refusing

if TYPE_CHECKING:
    from asn1crypto import algos, crl, ocsp, x509

WITHOUT_NEXT = timedelta(minutes=30)
"""How long an OCSP response is good that does not say when the next one comes."""

Status = Literal["good", "revoked", "unknown"]


class BadAnswer(Exception):
    """It cannot be used; the argument is a code: `unreadable`, `signature`, `stale`, `future` …"""


@dataclass(frozen=True, slots=True)
class AnswerPeriod:
    """From when until when an answer holds."""

    this_update: datetime
    next_update: datetime


def _readable() -> AbstractContextManager[None]:
    """Raises BadAnswer for whatever else is raised inside."""
    return refusing(lambda _: BadAnswer("unreadable"))


def crl_of(body: bytes) -> crl.CertificateList:
    """A list as it came, DER or PEM. Raises BadAnswer."""
    from asn1crypto import crl, pem

    with _readable():
        if body.lstrip().startswith(b"-----BEGIN"):
            body = pem.unarmor(body)[2]
        made: crl.CertificateList = crl.CertificateList.load(body, strict=True)
        made["tbs_cert_list"]["this_update"].native  # noqa: B018 - read now what is only read when it is asked for
        return made


def crl_span(found: crl.CertificateList, issuers: Iterable[x509.Certificate], now: datetime) -> AnswerPeriod:
    """How long a list holds that one of these (the same authority's certificates) signed. Raises BadAnswer."""
    with _readable():
        if found.delta_crl_indicator_value is not None:
            raise BadAnswer("delta")
        point = found.issuing_distribution_point_value
        if point is not None and (point["indirect_crl"].native or point["only_some_reasons"].native):
            raise BadAnswer("partial")
        named = [issuer for issuer in issuers if issuer.subject == found.issuer]
        if not named:
            raise BadAnswer("issuer")
        able = [i for i in named if strong_key(i.public_key) and (i.key_usage_value is None or "crl_sign" in i.key_usage_value.native)]
        signed, algorithm = found["tbs_cert_list"].dump(), found["signature_algorithm"]
        if not any(_signed_by(issuer, signed, found["signature"].native, algorithm) for issuer in able):
            raise BadAnswer("signature")
        tbs = found["tbs_cert_list"]
        return _span(tbs["this_update"].native, tbs["next_update"].native, now)


def on_list(certificate: x509.Certificate, body: bytes) -> bool:
    """Whether a list (DER) by the certificate's issuer names it, whatever date it gives. Raises BadAnswer."""
    from cryptography import x509 as reading

    # asn1crypto would make an object of every entry that it passes.
    with _readable():
        entry = reading.load_der_x509_crl(body).get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return False
    try:
        reason = entry.extensions.get_extension_for_class(reading.CRLReason).value.reason
    except Exception:  # noqa: BLE001 - none, twice, or unreadable: it is on the list
        return True
    return reason is not reading.ReasonFlags.remove_from_crl


def ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> bytes:
    """The question about one certificate (RFC 6960; SHA-1 names the issuer here, it protects nothing)."""
    from asn1crypto import ocsp

    identity = {
        "hash_algorithm": {"algorithm": "sha1"},
        "issuer_name_hash": certificate.issuer.sha1,
        "issuer_key_hash": issuer.public_key.sha1,
        "serial_number": certificate.serial_number,
    }
    extensions = [{"extn_id": "nonce", "critical": False, "extn_value": nonce}]
    asked = ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": identity}], "request_extensions": extensions}})
    made: bytes = asked.dump()
    return made


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """What a responder says of one certificate."""

    response: ocsp.OCSPResponse
    status: Status
    span: AnswerPeriod
    responder: x509.Certificate | None
    """The delegated responder's certificate where its own revocation has to be looked up (no id-pkix-ocsp-nocheck)."""


def ocsp_answer(
    body: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime, nonce: bytes | None = None
) -> OcspAnswer:
    """Raises BadAnswer for a response that is not the issuer's or its responder's word, of now, about this certificate."""
    from asn1crypto import ocsp

    with _readable():
        response = ocsp.OCSPResponse.load(body, strict=True)
        if response["response_status"].native != "successful":
            raise BadAnswer(str(response["response_status"].native))
        basic = response["response_bytes"]["response"].parsed
        tbs = basic["tbs_response_data"]
        echoed = response.nonce_value
        # A responder that signs ahead of time sends none; one that sends another answers somebody else.
        if nonce is not None and echoed is not None and echoed.native != nonce:
            raise BadAnswer("nonce")
        single = _about(tbs["responses"], certificate, issuer)
        signer = _signer(basic, issuer, now)
        if not _signed_by(signer, tbs.dump(), basic["signature"].native, basic["signature_algorithm"]):
            raise BadAnswer("signature")
        span = _span(single["this_update"].native, single["next_update"].native, now, WITHOUT_NEXT)
        delegated = signer.sha256 != issuer.sha256 and signer.ocsp_no_check_value is None
        return OcspAnswer(response, single["cert_status"].name, span, signer if delegated else None)


def _about(responses: ocsp.Responses, certificate: x509.Certificate, issuer: x509.Certificate) -> ocsp.SingleResponse:
    for single in responses:
        identity = single["cert_id"]
        algorithm = identity["hash_algorithm"]["algorithm"].native
        if algorithm not in ("sha1", "sha256", "sha384", "sha512"):
            continue
        name = hashlib.new(algorithm, certificate.issuer.dump(), usedforsecurity=False).digest()
        key = hashlib.new(algorithm, bytes(issuer.public_key["public_key"]), usedforsecurity=False).digest()
        theirs = (identity["issuer_name_hash"].native, identity["issuer_key_hash"].native, identity["serial_number"].native)
        if theirs == (name, key, certificate.serial_number):
            return single
    raise BadAnswer("another certificate")


def _signer(basic: ocsp.BasicOCSPResponse, issuer: x509.Certificate, now: datetime) -> x509.Certificate:
    """The issuer itself, or a responder to which it gave this task (RFC 6960, section 4.2.2.2)."""
    named = basic["tbs_response_data"]["responder_id"]

    def is_named(candidate: x509.Certificate) -> bool:
        if named.name == "by_name":
            return bool(candidate.subject == named.chosen)
        return bool(candidate.public_key.sha1 == named.native)

    if is_named(issuer) and strong_key(issuer.public_key):
        return issuer
    for candidate in basic["certs"] or ():
        usage = candidate.extended_key_usage_value
        if (
            is_named(candidate)
            and candidate.issuer == issuer.subject
            and usage is not None
            and "ocsp_signing" in usage.native
            and candidate.not_valid_before <= now <= candidate.not_valid_after
            and strong_key(candidate.public_key)
            and _signed_by(
                issuer, candidate["tbs_certificate"].dump(), candidate["signature_value"].native, candidate["signature_algorithm"]
            )
        ):
            return candidate
    raise BadAnswer("unauthorised")


def _signed_by(signer: x509.Certificate, content: bytes, signature: bytes, algorithm: algos.SignedDigestAlgorithm) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

    if not strong_hash(algorithm):
        return False
    try:
        DefaultSignatureValidator().validate_signature(
            signature=signature, signed_data=content, public_key_info=signer.public_key, signature_algorithm=algorithm
        )
        return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, NotImplementedError):
        return False


def _span(begins: datetime, ends: datetime | None, now: datetime, otherwise: timedelta | None = None) -> AnswerPeriod:
    if ends is None:
        if otherwise is None:
            raise BadAnswer("no next update")
        ends = begins + otherwise
    if begins > now + TOLERANCE:
        raise BadAnswer("future")
    if ends <= now:
        raise BadAnswer("stale")
    return AnswerPeriod(begins, ends)
