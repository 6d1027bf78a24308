"""The table of what waits until the office accepts it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, text

from ebid_tui.server.store.columns import CleanedText, CleanedValues, UtcDateTime
from ebid_tui.server.store.schema import metadata, vendor_columns

acceptances = Table(
    "acceptances",
    metadata,
    # The receipt of the change that waits. No reference: receipts are written last in a transaction (`deferred_inserts`).
    Column("receipt_id", String(96), primary_key=True),
    *vendor_columns(),
    Column("operation", String(16), nullable=False),
    # papers or approval
    Column("waits_for", String(16), nullable=False),
    # Of a renewal the new card's registration; `previous_id` is the old one's, which works until this is accepted.
    Column("registration_id", ForeignKey("registrations.id"), nullable=False),
    Column("previous_id", ForeignKey("registrations.id")),
    # What an amendment changes once it is accepted.
    Column("blocks", CleanedValues),
    # waiting → accepted, refused, or replaced by a later amendment
    Column("state", String(16), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", Text),
    Column("reason", CleanedText),
    Index("ix_acceptances_waiting", "system", "state", "since"),
    Index("ix_acceptances_registration", "registration_id"),
)
# One thing waits for a registration at a time, and one renewal for a card.
for _name in ("registration_id", "previous_id"):
    Index(
        f"uq_acceptances_{_name}",
        acceptances.c[_name],
        unique=True,
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    )
