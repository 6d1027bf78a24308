"""One database of each kind for all tests of this folder; whatever a test does to it is taken back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.migrate import make_ready
from tests.server import postgres
from tests.server.postgres import Cluster

KINDS = ("sqlite", "postgres")
"""Not "postgresql": `make mutants` leaves out what is called so, and has to see these."""


@pytest.fixture(scope="session")
def only_urls(postgresql: Callable[[], Cluster]) -> Iterator[Callable[[str], str]]:
    with ExitStack() as stack:

        def made(kind: str) -> str:
            if kind == "postgres":
                url = postgresql().new()
            else:
                url = f"sqlite:///{Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='ebid-'))) / 'ebid.db'}"
            make_ready(url)
            return url

        yield cache(made)


@pytest.fixture(scope="session")
def only_engines(only_urls: Callable[[str], str]) -> Iterator[Callable[[str], Engine]]:
    with ExitStack() as stack:

        def made(kind: str) -> Engine:
            engine = writing_engine(only_urls(kind))
            stack.callback(engine.dispose)
            return engine

        yield cache(made)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres" and postgres.programs() is None:
        pytest.skip("no PostgreSQL here (Debian: postgresql)")
    return str(request.param)


@pytest.fixture
def shared(kind: str, only_urls: Callable[[str], str]) -> str:
    """The URL of a database that is empty, and has to stay so."""
    return only_urls(kind)


@pytest.fixture
def connection(kind: str, only_engines: Callable[[str], Engine]) -> Iterator[Connection]:
    """A transaction on empty tables, as a request has it."""
    with only_engines(kind).connect() as made:
        transaction = made.begin()
        yield made
        if transaction.is_active:
            transaction.rollback()
