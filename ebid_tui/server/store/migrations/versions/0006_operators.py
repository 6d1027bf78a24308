"""Operators with their roles, and limits on signing in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "operators",
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("login_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("agencies", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", "login_id", name="pk_operators"),
        sa.UniqueConstraint("system", "fingerprint", name="uq_operators_system_fingerprint"),
    )
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("empty_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rate_limits"),
    )
    op.create_index("ix_rate_limits_empty_at", "rate_limits", ["empty_at"])
    op.add_column("sessions", sa.Column("operator", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM sessions WHERE kind = 'operator'")
    op.drop_column("sessions", "operator")
    op.drop_table("rate_limits")
    op.drop_table("operators")
