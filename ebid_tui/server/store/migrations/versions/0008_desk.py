"""What a helpdesk does: applications, approvals, history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "desk_requests",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("registration_id", sa.String(length=64), nullable=True),
        sa.Column("application", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=40), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_desk_requests"),
    )
    op.create_index("ix_desk_requests_state", "desk_requests", ["system", "state", "asked_at"])
    op.create_index("ix_audit_subject", "audit", ["system", "subject"])
    op.add_column("accounts", sa.Column("unlocked_state", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("accounts", "unlocked_state")
    op.drop_index("ix_audit_subject", "audit")
    op.drop_table("desk_requests")
