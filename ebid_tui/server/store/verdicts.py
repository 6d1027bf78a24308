"""What was found about a certificate when it was accepted: kept with the evidence, so that anyone can find it again later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Revocation = Literal["good", "unavailable", "unchecked"]
"""`good`: every certificate of the path was looked up; `unavailable`: it could not be, and the system accepts and records
that; `unchecked`: the system asks for no look-up (a demo's authority publishes none)."""


@dataclass(frozen=True, slots=True)
class CertificateVerdict:
    """An accepted certificate's path and what proved that nothing of it was revoked. All in DER."""

    path: tuple[bytes, ...]
    """From the trust anchor to the card's certificate, both included."""
    crls: tuple[bytes, ...]
    ocsp: tuple[bytes, ...]
    revocation: Revocation
    valid_until: datetime
    """The first end of a certificate, CRL or OCSP response among these."""
