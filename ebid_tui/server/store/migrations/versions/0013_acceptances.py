"""What waits until the office accepts it: registrations, amendments and renewals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "acceptances",
        sa.Column("receipt_id", sa.String(length=96), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=16), nullable=False),
        sa.Column("waits_for", sa.String(length=16), nullable=False),
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("previous_id", sa.String(length=64), nullable=True),
        sa.Column("blocks", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name="fk_acceptances_registration_id_registrations"),
        sa.ForeignKeyConstraint(["previous_id"], ["registrations.id"], name="fk_acceptances_previous_id_registrations"),
        sa.PrimaryKeyConstraint("receipt_id", name="pk_acceptances"),
    )
    op.create_index("ix_acceptances_waiting", "acceptances", ["system", "state", "since"])
    op.create_index("ix_acceptances_registration", "acceptances", ["registration_id"])
    where = sa.text("state = 'waiting'")
    for name in ("registration_id", "previous_id"):
        op.create_index(f"uq_acceptances_{name}", "acceptances", [name], unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_table("acceptances")
