"""Codes of six digits that change every 30 seconds (RFC 6238), as authenticator apps make them."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
WINDOW = 1
"""Steps before and after the present one that are taken as well: clocks differ, people type."""
NOBODY = "A" * 32
"""What a code is compared with where there is no secret: it takes as long."""


def new_secret() -> str:
    """160 bits, base32."""
    return pyotp.random_base32()


def uri(secret: str, login_id: str, issuer: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login_id, issuer_name=issuer)


def step_of(secret: str | None, code: str, now: datetime, after: int) -> int | None:
    """The time step whose code this is, if it is later than `after`: no code counts twice (RFC 6238 section 5.2).

    `secret` None takes as long, and is always None.
    """
    totp, present, found = pyotp.TOTP(secret or NOBODY), int(now.timestamp()) // STEP_SECONDS, None
    for step in range(present - WINDOW, present + WINDOW + 1):
        same = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if same and step > after:
            found = step
    return found if secret is not None else None
