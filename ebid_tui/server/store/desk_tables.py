"""The tables of the agency's side: operators and their devices, limits on signing in, and what waits for a second operator's approval."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from ebid_tui.server.store.columns import Fingerprint, JsonText, UtcDateTime
from ebid_tui.server.store.schema import metadata, vendor_columns

operators = Table(
    "operators",
    metadata,
    Column("system", String(64), nullable=False),
    Column("login_id", String(40), nullable=False),
    Column("role", String(16), nullable=False),
    # The agencies that this operator sees; NULL is every one of the system.
    Column("agencies", JsonText),
    # Both NULL for an operator who signs in by card only.
    Column("password_hash", Text),
    Column("totp_secret", LargeBinary),
    # The time step of the last code that was used: none counts twice (RFC 6238 section 5.2).
    Column("totp_step", Integer, nullable=False, server_default="0"),
    Column("fingerprint", Fingerprint),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("system", "login_id"),
    UniqueConstraint("system", "fingerprint"),
)

operator_devices = Table(
    "operator_devices",
    metadata,
    # SHA-256 of what a device holds on which this operator signed in with password and code: a lane of its own (decisions/limits.py).
    Column("token_hash", Fingerprint, primary_key=True),
    Column("system", String(64), nullable=False),
    Column("login_id", String(40), nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_operator_devices_operator", "system", "login_id"),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    # A hash: neither addresses nor numbers are kept.
    Column("key", String(64), primary_key=True),
    # Unix time in milliseconds at which this bucket has run empty again.
    Column("empty_at", BigInteger, nullable=False, index=True),
)

desk_requests = Table(
    "desk_requests",
    metadata,
    Column("id", String(64), primary_key=True),
    *vendor_columns(),
    # reset_password, unlock or cancel_card; the last one is about a registration.
    Column("kind", String(16), nullable=False),
    Column("registration_id", String(64)),
    # The vendor's written application.
    Column("application", String(40), nullable=False),
    # waiting → approved → done, or refused.
    Column("state", String(16), nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("decided_by", String(40)),
    Column("decided_at", UtcDateTime),
    Column("done_by", String(40)),
    Column("done_at", UtcDateTime),
    Index("ix_desk_requests_state", "system", "state", "asked_at"),
)
