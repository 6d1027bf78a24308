"""Tries that are being checked, and the devices on which operators signed in before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("checking", sa.Integer(), server_default="0", nullable=False))
    op.add_column("accounts", sa.Column("checking_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "operator_devices",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("login_id", sa.String(length=40), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_operator_devices"),
    )
    op.create_index("ix_operator_devices_operator", "operator_devices", ["system", "login_id"])


def downgrade() -> None:
    op.drop_table("operator_devices")
    op.drop_column("accounts", "checking_at")
    op.drop_column("accounts", "checking")
