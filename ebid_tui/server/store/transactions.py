"""How work that runs beside the requests reaches the database: one short transaction after the other."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ebid_tui.errors import EbidError

T = TypeVar("T")

WORK = 2.0
REST = 0.12
"""After so many seconds of transactions in a row, so many of rest. SQLite has no queue for its one writer: who waits looks
again every tenth of a second, and would find the gap between two transactions only by luck."""


class Transactions(Protocol):
    """Runs `work` in a transaction and returns what it returns, once that is durable."""

    def __call__(self, work: Callable[[Connection], T], /) -> T: ...


def direct(engine: Engine) -> Transactions:
    """Transactions on an engine of one's own: a process that is no server."""
    since = time.monotonic()

    def transact(work: Callable[[Connection], T], /) -> T:
        nonlocal since
        with engine.begin() as connection:
            result = work(connection)
        if time.monotonic() - since > WORK:
            time.sleep(REST)
            since = time.monotonic()
        return result

    return transact


@contextmanager
def database_errors() -> Iterator[None]:
    """A database's own troubles as EbidError E-DATABASE: without its URL (it may hold a password) and without any row's values."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:  # the driver's own, where it is used without SQLAlchemy
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        raise EbidError(code="E-DATABASE", reason=(said.splitlines() or [type(error).__name__])[0]) from None
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise EbidError(code="E-DATABASE", reason=type(error).__name__) from None
