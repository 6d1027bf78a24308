"""Alembic's entry: runs the migrations on the connection it is given, in one transaction."""

from __future__ import annotations

from alembic import context

from ebid_tui.server.store.engine import refuse_broken_references
from ebid_tui.server.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
    refuse_broken_references(connection)
