"""A real server for one test: HTTP on a unix socket, the demo's roster in a database, and a clock that can be moved."""

from __future__ import annotations

import asyncio
import sqlite3
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import Connection, Engine, Table

from ebid_tui.client.api import HttpServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.demo import cards, roster
from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.packaged import WORLDS
from ebid_tui.domain import statement
from ebid_tui.domain.records import Found, Receipt, SignedIn, Values
from ebid_tui.domain.statement import SignIn, Statement
from ebid_tui.server.app import create_app
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.running.serving import ListenAddress, make_server
from ebid_tui.server.services import profiles
from ebid_tui.server.settings import PasswordCost, ServerSettings
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.schema import metadata
from tests.patience import long
from tests.server import databases
from tests.server.signing import Card

ORIGIN = "http://localhost"
CHEAP = PasswordCost(time=1, memory_kib=64)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For a unix socket: without it each client reads all the authorities of the world first."""

NAME_1 = "テスト工事業者０１"
SEARCH_1: Mapping[str, str] = {"vendor_no": "1000000001", "trade_name": NAME_1, "password": "Demo-pass1"}
CONTACT: Values = {
    "name": "工事部",
    "postal_code": "516-0018",
    "address": "三重県伊勢市",
    "person": "個人　十郎",
    "phone": "000-0000-001",
    "fax": "000-0000-001",
    "email": "test01@example.com",
}


@dataclass
class Running:
    """A server that runs, with what a test wants to know of it."""

    settings: ServerSettings
    socket: str
    ahead: timedelta = field(default_factory=timedelta)
    """How far the server's clock is moved."""
    stands: datetime | None = None
    """Where the server's clock stands still, but for what it is moved."""
    beginning: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """Every table's rows when the server started."""
    engines: dict[bool, Engine] = field(default_factory=dict)
    """For reading and for writing, with the statements that they have compiled."""
    lasts: bool = False
    """Its PostgreSQL serves several tests: connections stay open, for opening one costs more than what most are used for."""

    _fingerprints: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The same in short, of PostgreSQL."""
    _copy: sqlite3.Connection = field(default_factory=partial(sqlite3.connect, ":memory:", check_same_thread=False), repr=False)
    """The same, of an SQLite database."""
    _at_rest: Callable[[], None] = field(default=lambda: None, repr=False)
    """Waits until the server has nothing more to do."""

    def remember(self) -> None:
        if self.file:
            with closing(sqlite3.connect(self.file)) as file:
                file.backup(self._copy)
        with self.database() as connection:
            self._fingerprints = fingerprints(connection)
            self.beginning = {t.name: [dict(r) for r in connection.execute(t.select()).mappings()] for t in metadata.sorted_tables}

    @property
    def file(self) -> Path | None:
        """Of an SQLite database."""
        scheme, _, path = self.settings.database.partition(":///")
        return Path(path) if scheme == "sqlite" else None

    def contents(self) -> dict[str, list[Any]]:
        """Every row but those of signing in: what a refused change must leave as it was."""
        with self.database() as connection:
            tables = [table for table in metadata.sorted_tables if table.name not in ("challenges", "sessions", "rate_limits")]
            return {table.name: [tuple(row) for row in connection.execute(table.select())] for table in tables}

    def written(self) -> list[bytes]:
        """Every byte of the database that is on the disk."""
        if not self.file:
            return databases.written(self.settings.database)
        return [self.file.read_bytes(), self.file.with_name(f"{self.file.name}-wal").read_bytes()]

    def restore(self) -> None:
        """Make the database what it was in the beginning; in PostgreSQL what is so already is left alone.

        A request whose client has gone is worked on to its end: that is waited for, or it would write into the next test.
        """
        self._at_rest()
        if self.file:
            with closing(sqlite3.connect(self.file, timeout=long())) as file:
                self._copy.backup(file)
            return
        with self.database(writing=True) as connection:
            found, others = fingerprints(connection), list[Table]()
            for table in metadata.sorted_tables:
                refers = any(key.column.table in others for key in table.foreign_keys)
                if refers or found[table.name] != self._fingerprints[table.name]:
                    others.append(table)
            for table in reversed(others):
                connection.execute(table.delete())
            for table in others:
                if self.beginning[table.name]:
                    connection.execute(table.insert(), self.beginning[table.name])

    def client(self) -> HttpServer:
        return HttpServer(ServerAddress(ORIGIN, ORIGIN, self.socket, (ORIGIN,)))

    @contextmanager
    def http(self) -> Iterator[httpx.Client]:
        """Bare HTTP, for what no client of ours would send."""
        with httpx.Client(base_url=ORIGIN, transport=httpx.HTTPTransport(verify=NO_TLS, uds=self.socket), trust_env=False) as client:
            yield client

    @contextmanager
    def database(self, writing: bool = False) -> Iterator[Connection]:
        if writing not in self.engines:
            self.engines[writing] = (writing_engine if writing else reading_engine)(self.settings.database)
        with self.engines[writing].begin() as connection:
            yield connection
        if not self.lasts:
            databases.release(self.engines[writing])


@contextmanager
def running(directory: Path, card_directory: Wallet, further_anchor: bytes, **changes: Any) -> Iterator[Running]:
    """A server with the demo's vendors; it trusts one authority more at `test-ca`. `changes` are settings."""
    database = databases.ready(directory)
    anchors: dict[str, tuple[bytes, ...]] = {ca: (der,) for ca, der in cards.trust_anchors(card_directory).items()}
    anchors["test-ca"] += (further_anchor,)

    def now() -> datetime:
        return (made.stands or datetime.now(UTC)) + made.ahead  # real clock: the clients under test date their statements by it

    plain: dict[str, Any] = {
        "database": database,
        "origins": (ORIGIN,),
        "anchors": anchors,
        "password_cost": CHEAP,
        "now": now,
        "enforce_hours": False,
    }
    settings = ServerSettings(**(plain | changes))
    made = Running(settings, str(directory / "s"), lasts=databases.kind == "postgresql" and databases.is_kept(directory))
    enrol(settings, card_directory)
    made.remember()
    ready = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    def listens(_: object) -> None:
        loops.append(asyncio.get_running_loop())
        ready.set()

    def at_rest() -> None:
        if thread.is_alive():
            asyncio.run_coroutine_threadsafe(_answered(server), loops[0]).result(long())

    server = make_server(create_app(settings), ListenAddress(uds=Path(made.socket)), listens)
    thread = threading.Thread(target=server.run, name="server under test")
    thread.start()
    made._at_rest = at_rest
    try:
        assert ready.wait(long()), "the server did not start"
        yield made
    finally:
        server.should_exit = True
        thread.join()
        for engine in made.engines.values():
            engine.dispose()


def fingerprints(connection: Connection) -> dict[str, str]:
    """Of every table's rows, in one question; only PostgreSQL answers it."""
    if connection.dialect.name != "postgresql":
        return {}
    each = (f"SELECT '{name}', md5(coalesce(string_agg(row::text, chr(10)), '')) FROM {name} AS row" for name in metadata.tables)
    return {str(row[0]): str(row[1]) for row in connection.exec_driver_sql(" UNION ALL ".join(each))}


async def _answered(server: uvicorn.Server) -> None:
    """On the server's loop, until every request that has come is answered."""
    for _ in range(10):  # what is in the sockets is taken out first
        await asyncio.sleep(0)
    while working := tuple(server.server_state.tasks):
        await asyncio.wait(working)


def seed(settings: ServerSettings, card_directory: Wallet) -> None:
    """Make the database, with the demo's roster."""
    assert make_ready(settings.database)
    enrol(settings, card_directory)


def enrol(settings: ServerSettings, card_directory: Wallet) -> None:
    """The demo's roster, in a database that is ready and empty."""
    passwords, engine = Passwords(CHEAP), writing_engine(settings.database)
    with engine.begin() as connection:
        served = profiles(settings)
        roster.seed(connection, {s: world for s, world in WORLDS.items() if s in served}, served, passwords, card_directory)
    engine.dispose()
    passwords.stop()


class Bidder:
    """A person at the counter: a card, a client, and the way to a registration."""

    def __init__(self, server: Running, card: Card, system: str = "ise", agency: str = "ise", category: str = "construction") -> None:
        self.server, self.card = server, card
        self.system, self.agency, self.category = system, agency, category
        self.client = server.client()

    async def nonce(self) -> str:
        return (await self.client.challenge(self.system)).nonce

    async def sign_in(self) -> SignedIn:
        return await self.client.sign_in(self.card.signed(sign_in_content(await self.nonce(), self.system)))

    async def search(self, **changes: str) -> Found:
        return await self.client.search(self.agency, self.category, dict(SEARCH_1) | changes)

    async def statement(self, found: Found, **changes: Any) -> Statement:
        """The statement as the flow would make it, with `changes`."""
        return content_of(found, self.card, await self.nonce(), **changes)

    async def register(self, key: str = "key-of-a-test", **changes: Any) -> Receipt:
        """The whole way, from signing in."""
        await self.sign_in()
        found = await self.search()
        return await self.client.register(self.card.signed(await self.statement(found, **changes)), key)


def sign_in_content(nonce: str, system: str = "ise", **changes: Any) -> SignIn:
    values: dict[str, Any] = {"system": system, "origin": ORIGIN, "nonce": nonce, "issued_at": statement.now()}
    return SignIn(**(values | changes))


def content_of(found: Found, card: Card, nonce: str, /, **changes: Any) -> Statement:
    """What is confirmed for a vendor, with the same contact twice."""
    vendor = found.qualification.vendor
    shown = ("name", "postal_code", "address", "representative", "title", "phone", "fax")
    company = {name: found.qualification.company.get(name, "") for name in shown} | {"department": "工事部"}
    holder = card.certificate.card_holder
    values: dict[str, Any] = {
        "operation": "registration",
        "system": vendor.system,
        "agency": vendor.agency,
        "category": vendor.category,
        "origin": ORIGIN,
        "nonce": nonce,
        "issued_at": statement.now(),
        "vendor": vendor.number,
        "blocks": {
            "company": company,
            "representative_contact": dict(CONTACT),
            "card_holder": {name: holder[name] for name in ("company", "person", "address")},
            "card_contact": dict(CONTACT),
        },
        "card": card.certificate.record,
        "holder_confirmed": False,
    }
    return Statement(**(values | changes))
