"""TLS as a client: which certificates are taken, and why one was not, in the words of who can mend it."""

from __future__ import annotations

import ssl

from ebid_tui.errors import ServerError, TlsRefused

_REASONS = {10: "EXPIRED", 9: "EARLY", 62: "NAME", 64: "NAME"}
"""OpenSSL's X509_V_ERR codes that have a remedy of their own; everything else is an authority that is not trusted."""
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
"""What comes of it when the other side speaks something else."""


def context(authorities: str | None) -> ssl.SSLContext:
    """With a file of authorities (PEM) in the place of the machine's; ServerError E-SERVER-CA where it cannot be used.

    Names are looked for where they belong, in subjectAltName, never in the common name (RFC 9525 section 6.3).
    """
    try:
        made = ssl.create_default_context(cafile=authorities)
    except OSError as error:  # an ssl.SSLError is one
        raise ServerError(error.strerror or "", code="E-SERVER-CA", path=authorities or "") from None
    made.hostname_checks_common_name = False
    return made


def code_of(error: BaseException) -> str:
    """The code of what TLS refused, on either side, behind an error of whoever spoke it; empty where it was something else."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__ or seen.__context__
    if seen is None:
        return ""
    if isinstance(seen, ssl.SSLCertVerificationError):
        return f"E-SERVER-TLS-{_REASONS.get(seen.verify_code, 'UNKNOWN')}"
    return "E-SERVER-TLS-NONE" if seen.reason in _NO_TLS else "E-SERVER-TLS"


def refused(error: BaseException, host: str) -> TlsRefused | None:
    """The refusal behind an error; it holds nothing of the request, which may have a password in it."""
    code = code_of(error)
    return TlsRefused(code=code, host=host) if code else None
