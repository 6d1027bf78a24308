"""What runs overnight: mail that is tried again, and copies to a vendor's other agencies (R-16) with their audit rows.

Going back forgets how often a mail was tried; what was sent stays sent.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OLD_KEY, NEW_KEY = ["system", "category", "company_id"], ["system", "agency", "category", "company_id"]
OUTBOX = ("attempts", "next_attempt_at", "claim", "lease_until", "finished_at", "reason")


def upgrade() -> None:
    with op.batch_alter_table("mail_outbox") as batch_op:
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("claim", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=64), nullable=True))
    with op.batch_alter_table("audit") as batch_op:
        batch_op.add_column(sa.Column("agency", sa.String(length=64), nullable=True))
    # A vendor keeps its 企業ID at every agency to which it is copied.
    with op.batch_alter_table("vendor_details") as batch_op:
        batch_op.drop_constraint("uq_vendor_details_system_category_company_id", type_="unique")
        batch_op.create_unique_constraint("uq_vendor_details_system_agency_category_company_id", NEW_KEY)
    op.create_index("ix_qualifications_vendor", "qualifications", ["system", "category", "number"])
    op.create_index("ix_propagations_vendor", "propagations", ["system", "category", "number"])
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_for", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_jobs"),
    )


def downgrade() -> None:
    op.drop_table("jobs")
    op.drop_index("ix_propagations_vendor", "propagations")
    op.drop_index("ix_qualifications_vendor", "qualifications")
    # One 企業ID a vendor and category is all that the older program has room for: the copies lose theirs.
    op.execute(
        "UPDATE vendor_details SET company_id = NULL WHERE EXISTS (SELECT 1 FROM vendor_details AS other"
        " WHERE other.system = vendor_details.system AND other.category = vendor_details.category"
        " AND other.company_id = vendor_details.company_id AND other.agency < vendor_details.agency)"
    )
    with op.batch_alter_table("vendor_details") as batch_op:
        batch_op.drop_constraint("uq_vendor_details_system_agency_category_company_id", type_="unique")
        batch_op.create_unique_constraint("uq_vendor_details_system_category_company_id", OLD_KEY)
    with op.batch_alter_table("audit") as batch_op:
        batch_op.drop_column("agency")
    with op.batch_alter_table("mail_outbox") as batch_op:
        for column in OUTBOX:
            batch_op.drop_column(column)
