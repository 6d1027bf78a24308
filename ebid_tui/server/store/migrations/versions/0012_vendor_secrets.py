"""What a vendor has to know beside its number and its password: hashes, by the search's field."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "vendor_secrets",
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system", "number", "field", name="pk_vendor_secrets"),
    )


def downgrade() -> None:
    op.drop_table("vendor_secrets")
