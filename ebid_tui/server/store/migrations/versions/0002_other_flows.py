"""Renewal, registration without a card (R-36), propagation (R-16).

Going back loses what the older program has no place for: registrations and sessions without a card.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CARD = (("fingerprint", sa.String(length=64)), ("serial", sa.Text()), ("issuer", sa.Text()), ("not_after", sa.DateTime(timezone=True)))
WITHOUT_A_CARD = "fingerprint IS NULL"
OWNED = ("receipts", "idempotency")


def upgrade() -> None:
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN fingerprint TO owner")
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), nullable=False, server_default="card"))
        batch_op.add_column(sa.Column("certificate", sa.LargeBinary(), nullable=True))
        batch_op.alter_column("fingerprint", existing_type=sa.String(length=64), nullable=True)
    op.execute("DELETE FROM sessions")  # they do not know their card's certificate: sign in again
    with op.batch_alter_table("registrations") as batch_op:
        for name, kind in CARD:
            batch_op.alter_column(name, existing_type=kind, nullable=True)
    op.create_index(
        "uq_registrations_card_free",
        "registrations",
        ["system", "agency", "category", "number"],
        unique=True,
        sqlite_where=sa.text(WITHOUT_A_CARD),
        postgresql_where=sa.text(WITHOUT_A_CARD),
    )
    with op.batch_alter_table("evidence") as batch_op:
        batch_op.add_column(sa.Column("proof", sa.String(length=16), nullable=False, server_default="signature"))
        batch_op.add_column(sa.Column("previous_certificate", sa.LargeBinary(), nullable=True))
        batch_op.alter_column("certificate", existing_type=sa.LargeBinary(), nullable=True)
    op.create_table(
        "propagations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=16), nullable=False),
        sa.Column("receipt_id", sa.String(length=96), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name="fk_propagations_receipt_id_receipts"),
        sa.PrimaryKeyConstraint("id", name="pk_propagations"),
        sa.UniqueConstraint("receipt_id", name="uq_propagations_receipt_id"),
    )
    op.create_index("ix_propagations_waiting", "propagations", ["state", "id"])


def downgrade() -> None:
    op.drop_table("propagations")
    without = f"SELECT id FROM receipts WHERE registration_id IN (SELECT id FROM registrations WHERE {WITHOUT_A_CARD})"
    for table in ("audit", "evidence", "idempotency", "mail_outbox"):
        op.execute(f"DELETE FROM {table} WHERE receipt_id IN ({without})")
    op.execute(f"DELETE FROM receipts WHERE id IN ({without})")
    op.execute(f"DELETE FROM registrations WHERE {WITHOUT_A_CARD}")
    op.execute("DELETE FROM sessions")
    with op.batch_alter_table("evidence") as batch_op:
        batch_op.alter_column("certificate", existing_type=sa.LargeBinary(), nullable=False)
        batch_op.drop_column("previous_certificate")
        batch_op.drop_column("proof")
    op.drop_index("uq_registrations_card_free", "registrations")
    with op.batch_alter_table("registrations") as batch_op:
        for name, kind in CARD:
            batch_op.alter_column(name, existing_type=kind, nullable=False)
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.alter_column("fingerprint", existing_type=sa.String(length=64), nullable=False)
        batch_op.drop_column("certificate")
        batch_op.drop_column("kind")
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN owner TO fingerprint")
