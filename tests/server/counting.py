"""What a request costs, counted instead of timed: password hashings by their price, and what the database is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from argon2 import Parameters, PasswordHasher, extract_parameters
from sqlalchemy import Engine, event

from ebid_tui.server.store import limits

VERB_AND_TABLE = re.compile(r"^(?:INSERT INTO|UPDATE|DELETE FROM) \w+|^[A-Z]+|\bFROM \w+")


@contextmanager
def hashings() -> Iterator[list[Parameters]]:
    """What argon2 was asked for meanwhile, in any thread: checks cost what the hash says that they are held against."""
    made: list[Parameters] = []
    verify, hashed = PasswordHasher.verify, PasswordHasher.hash

    def counted_verify(self: PasswordHasher, kept: str, password: str) -> bool:
        made.append(extract_parameters(kept))
        return verify(self, kept, password)

    def counted_hash(self: PasswordHasher, password: str, **more: Any) -> str:
        made.append(extract_parameters(encoded := hashed(self, password, **more)))
        return encoded

    with patch.object(PasswordHasher, "verify", counted_verify), patch.object(PasswordHasher, "hash", counted_hash):
        yield made


@contextmanager
def statements() -> Iterator[list[str]]:
    """What any database was asked meanwhile: the verb and the table of each statement, in their order; what comes by chance stays away."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(" ".join(VERB_AND_TABLE.findall(statement)))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with patch.object(limits, "SWEEP", 1 << 62):
            yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
