"""Vendors found by parts of their names, and cards by their holders'."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from ebid_tui.domain.text import names
from ebid_tui.server.store import search_index

revision = "0007"
down_revision = "0006"

KEY = ["system", "agency", "category", "number"]
UNIQUE = "uq_qualifications_system_agency_category_number"
BATCH = 5000


def upgrade() -> None:
    _key_by_number()
    op.add_column("registrations", sa.Column("folded_holder", sa.Text(), nullable=True))
    op.create_index("ix_registrations_serial", "registrations", ["system", "serial"])
    op.create_index("ix_registrations_expiry", "registrations", ["system", "agency", "not_after"])
    _fold()
    search_index.create(op.get_bind())


def downgrade() -> None:
    search_index.drop(op.get_bind())
    op.drop_index("ix_registrations_expiry", "registrations")
    op.drop_index("ix_registrations_serial", "registrations")
    op.drop_column("registrations", "folded_holder")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("qualifications", recreate="always") as batch_op:
            batch_op.drop_constraint("pk_qualifications", type_="primary")
            batch_op.drop_constraint(UNIQUE, type_="unique")
            batch_op.drop_column("id")
            batch_op.create_primary_key("pk_qualifications", KEY)
    else:
        op.drop_constraint("pk_qualifications", "qualifications", type_="primary")
        op.drop_constraint(UNIQUE, "qualifications", type_="unique")
        op.drop_column("qualifications", "id")
        op.create_primary_key("pk_qualifications", "qualifications", KEY)


def _key_by_number() -> None:
    """Qualifications get a number of their own, by which the index knows them."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("qualifications", recreate="always") as batch_op:
            batch_op.drop_constraint("pk_qualifications", type_="primary")
            batch_op.add_column(sa.Column("id", sa.Integer(), nullable=False))
            batch_op.create_primary_key("pk_qualifications", ["id"])
            batch_op.create_unique_constraint(UNIQUE, KEY)
    else:
        op.drop_constraint("pk_qualifications", "qualifications", type_="primary")
        op.execute("ALTER TABLE qualifications ADD COLUMN id SERIAL NOT NULL")
        op.create_primary_key("pk_qualifications", "qualifications", ["id"])
        op.create_unique_constraint(UNIQUE, "qualifications", KEY)


def _fold() -> None:
    """What the search looks at, of everything that is there."""
    bind = op.get_bind()
    found = bind.execute(sa.text("SELECT id, trade_name FROM qualifications")).all()
    name = sa.text("UPDATE qualifications SET folded_name = :key WHERE id = :id")
    for batch in _batches({"id": row.id, "key": names.search_key(row.trade_name)} for row in found):
        bind.execute(name, batch)
    ids = bind.execute(sa.text("SELECT id FROM registrations WHERE fingerprint IS NOT NULL")).scalars().all()
    one = sa.text("SELECT blocks FROM registrations WHERE id = :id")
    holder = sa.text("UPDATE registrations SET folded_holder = :key WHERE id = :id")
    keys = ({"id": each, "key": names.holder_key(json.loads(bind.execute(one, {"id": each}).scalar_one()))} for each in ids)
    for batch in _batches(keys):
        bind.execute(holder, batch)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
