"""Evidence with what its certificates were accepted on, an audit log whose rows hold each other, and what imports of the roster changed.

Rows that are there already are numbered without gaps and chained, with the receipts and evidence they tell of as these stand
now. Going back drops the hashes and what the verdicts rest on: evidence exported before can still be verified.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from ebid_tui.server.store.audit_chain import START, AuditEntry, linked
from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.proofs import Proof

revision = "0005"
down_revision = "0004"

CHANGES = ("registration", "amendment", "renewal")
BATCH = 1000

audit = sa.table(
    "audit",
    *(sa.column(name) for name in ("system", "event", "actor", "subject", "receipt_id", "agency", "content", "hash")),
    sa.column("id", sa.Integer),
    sa.column("at", UtcDateTime),
)
receipts = sa.table("receipts", *(sa.column(n) for n in ("id", "registration_id", "system", "owner", "body")), sa.column("at", UtcDateTime))
evidence = sa.table(
    "evidence",
    *(sa.column(name) for name in ("receipt_id", "proof", "statement", "verdicts")),
    sa.column("certificate", sa.LargeBinary),
    sa.column("previous_certificate", sa.LargeBinary),
    sa.column("received_at", UtcDateTime),
)


def upgrade() -> None:
    op.create_table(
        "evidence_blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_evidence_blobs"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "qualification_changes",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_qualification_changes"),
    )
    op.create_index("ix_qualification_changes_vendor", "qualification_changes", ["system", "agency", "category", "number"])
    op.add_column("evidence", sa.Column("verdicts", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("content", sa.String(length=64), nullable=True))
    op.add_column("audit", sa.Column("hash", sa.String(length=64), nullable=True))
    number, last = _chain(op.get_bind())
    op.bulk_insert(head, [{"id": 1, "number": number, "hash": last}])
    with op.batch_alter_table("audit") as batch_op:
        batch_op.alter_column("hash", existing_type=sa.String(length=64), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("audit") as batch_op:
        batch_op.drop_column("hash")
        batch_op.drop_column("content")
    with op.batch_alter_table("evidence") as batch_op:
        batch_op.drop_column("verdicts")
    op.drop_index("ix_qualification_changes_vendor", "qualification_changes")
    op.drop_table("qualification_changes")
    op.drop_table("audit_head")
    op.drop_table("evidence_blobs")


def _chain(connection: sa.Connection) -> tuple[int, str]:
    """Number and chain the rows that are there; the head."""
    number, previous, last_id = 0, START, None
    told: set[str] = set()
    renumber = sa.update(audit).where(audit.c.id == sa.bindparam("p_id"))
    while rows := _next(connection, last_id):
        proofs = _proofs(connection, [row.receipt_id for row in rows if row.receipt_id is not None])
        changes: list[dict[str, Any]] = []
        for row in rows:
            number, last_id = number + 1, row.id
            # The row of the change itself, not of what was copied overnight or noted later.
            own = row.event in CHANGES and row.agency is None and row.receipt_id in proofs and row.receipt_id not in told
            content = proofs[row.receipt_id].content if own else None
            if own:
                told.add(row.receipt_id)
            link = AuditEntry(row.at, row.system, row.event, row.actor, row.subject, row.receipt_id, row.agency, content)
            previous = linked(previous, number, link)
            changes.append({"p_id": row.id, "id": number, "content": content, "hash": previous})
        connection.execute(renumber, changes)
    return number, previous


def _next(connection: sa.Connection, after: int | None) -> list[Any]:
    chosen = sa.select(audit).order_by(audit.c.id).limit(BATCH)
    return list(connection.execute(chosen if after is None else chosen.where(audit.c.id > after)))


def _proofs(connection: sa.Connection, ids: list[str]) -> dict[str, Proof]:
    found: dict[str, Proof] = {}
    r, e = receipts.c, evidence.c
    chosen = (
        sa.select(r.id, r.registration_id, r.system, r.owner, r.body, r.at, e.proof, e.statement)
        .add_columns(e.certificate, e.previous_certificate, e.verdicts, e.received_at)
        .select_from(receipts.outerjoin(evidence, e.receipt_id == r.id))
        .where(r.id.in_(ids))
    )
    for row in connection.execute(chosen):
        found[row.id] = Proof(*row)
    return found
