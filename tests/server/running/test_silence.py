"""A database's error carries no row's values: they are personal data, and errors are logged."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import bulk_engine, writing_engine
from ebid_tui.server.store.migrate import make_ready


@pytest.mark.parametrize("engine", [writing_engine, bulk_engine])
def test_a_failed_statement_tells_no_values(url: str, engine: Callable[[str], Engine]) -> None:
    make_ready(url)
    row = {"system": "minato", "number": "00000001", "password_hash": "$argon2id$secret", "password_state": "initial", "wrong": 0}
    opened = engine(url)
    with pytest.raises(IntegrityError) as failed, opened.begin() as connection:
        connection.execute(insert(schema.accounts), [row, row])
    opened.dispose()
    assert failed.value.orig is not None
    for told in (str(failed.value), str(failed.value.orig), repr(failed.value.orig)):
        assert "argon2id" not in told
        assert "00000001" not in told
