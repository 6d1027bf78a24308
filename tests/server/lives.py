"""A server that dies at any moment, and people who register and renew at it all the while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from sqlalchemy import Connection, func, select

from ebid_tui.demo import cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.records import Qualification, Receipt, Vendor
from ebid_tui.errors import ChallengeGone, EbidError, ServerAway
from ebid_tui.server.settings import ServerSettings
from ebid_tui.server.store import accounts, schema, vendors
from ebid_tui.server.store.accounts import Account
from tests.forked import Forked, nursery
from tests.patience import long
from tests.server.holder import Holder
from tests.server.running_server import NAME_1, ORIGIN, Bidder, Running, seed
from tests.server.signing import Authority, signed_by_both

PASSWORD = "Demo-pass1"
NUMBERS = "39"
"""What the numbers of the crowd's vendors begin with; the roster's do not."""
PATIENCE = long()
T = TypeVar("T")


class Lives:
    """The server that lives at the moment."""

    def __init__(self, directory: Path, database: str, socket: str = "s") -> None:
        self.log = directory / f"{socket}.log"
        self._arguments = (database, str(directory / socket), str(directory / "trust"))
        self._life: Forked | None = None
        self._before = 0
        """Bytes that the lives before wrote."""

    async def begin(self) -> None:
        """Start a life; it may not listen yet."""
        self._before = self.log.stat().st_size if self.log.exists() else 0
        self._life = await asyncio.to_thread(nursery.begin, "tests.server.life", self._arguments, self.log)

    async def listens(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while b"listening\n" not in self.log.read_bytes()[self._before :]:
            assert time.monotonic() < deadline, self.log.read_text()
            await asyncio.sleep(0.01)

    @property
    def child(self) -> int:
        """Its process number."""
        assert self._life is not None
        return self._life.pid

    def kill(self) -> None:
        if self._life is not None:
            self._life.kill()


@dataclass
class Crowd:
    """Vendors with a card each, and another one to renew to; what they were answered."""

    server: Running
    authority: Authority
    turn: Iterator[int]
    receipts: list[Receipt] = field(default_factory=list)
    sending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a change is sent."""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first receipt."""
    under_way: int = 0
    """Changes that were sent and not answered."""
    took: float = 0.05
    """Seconds that the last change took which was answered at once."""

    async def one(self) -> None:
        """登録 and ICカード更新 of the next vendor, however often each step must be asked for."""
        number, name = vendor(next(self.turn))
        old, new = (self.authority.card(name, person) for person in ("個人　十郎", "個人　二郎"))
        bidder, holder = Bidder(self.server, old), Holder(self.server, old)
        holder.client = bidder.client
        try:
            await patiently(bidder.sign_in)
            sought = await patiently(lambda: bidder.search(vendor_no=number, trade_name=name, password=PASSWORD))
            registration = old.signed(await patiently(lambda: bidder.statement(sought, holder_confirmed=True)))
            await self._changed(lambda: bidder.client.register(registration, f"registration-{number}"))
            found = await patiently(holder.registered)
            renewal = signed_by_both(await patiently(lambda: holder.renewal(new, found)), old, new)
            await self._changed(lambda: holder.client.renew(renewal, f"renewal-of-{number}"))
        finally:
            await bidder.client.close()

    async def _changed(self, send: Callable[[], Awaitable[Receipt]]) -> None:
        async def counted() -> Receipt:
            self.sending.set()
            started = time.monotonic()
            self.under_way += 1
            try:
                answer = await send()
            finally:
                self.under_way -= 1
            self.took = time.monotonic() - started
            return answer

        given = await patiently(counted, but=())
        self.receipts.append(given)
        self.answered.set()
        if len(self.receipts) % 5 == 0:
            assert await patiently(send, but=()) == given


async def patiently(ask: Callable[[], Awaitable[T]], but: tuple[type[EbidError], ...] = (ChallengeGone,)) -> T:
    """Ask until there is an answer. A refusal is raised: no half done change may stand in the way.

    `but`: a nonce whose use was not acknowledged is used all the same; signing in again needs a new one.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return await ask()
        except EbidError as error:
            if not isinstance(error, (ServerAway, *but)):
                raise
            await asyncio.sleep(0.01)
    raise AssertionError("the server did not come back")


def vendor(turn: int) -> tuple[str, str]:
    """A number, and its name."""
    return f"{NUMBERS}{turn:08d}", "試験建設" + f"{turn:05d}".translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def trust(directory: Path, card_directory: Wallet, authority: Authority) -> None:
    """The files of `--trust`."""
    (directory / "trust").mkdir()
    for name, der in cards.trust_anchors(card_directory).items():
        anchors = [der, authority.der] if name == "test-ca" else [der]
        pem = b"".join(x509.load_der_x509_certificate(d).public_bytes(serialization.Encoding.PEM) for d in anchors)
        (directory / "trust" / f"{name}.pem").write_bytes(pem)


def populate(server: Running, card_directory: Wallet, count: int) -> None:
    """So many vendors more, like the roster's first; all with one password."""
    seed(server.settings, card_directory)
    q, a = schema.qualifications, schema.accounts
    with server.database(writing=True) as connection:
        first = connection.execute(select(q).where(q.c.system == "ise", q.c.trade_name == NAME_1, q.c.category == "construction")).one()
        known = accounts.account(connection, "ise", first.number)
        for turn in range(count):
            number, name = vendor(turn)
            whose = Vendor(system="ise", agency="ise", category="construction", number=number)
            company = dict(first.company) | {"name": name}
            vendors.add_qualification(connection, Qualification(vendor=whose, state="approved", trade_name=name, company=company))
            accounts.add_account(connection, Account("ise", number, None, known.password_hash, "active", 0, known.changed_on))
        assert connection.execute(select(func.count()).select_from(a)).scalar_one() > count


@contextmanager
def lives(directory: Path, url: str, socket: str = "s") -> Iterator[Lives]:
    made = Lives(directory, url, socket)
    try:
        yield made
    finally:
        made.kill()


def office(directory: Path, url: str, socket: str = "s") -> Running:
    return Running(ServerSettings(database=url, origins=(ORIGIN,), anchors={}), str(directory / socket))


def refuse_halves(connection: Connection, given: list[Receipt]) -> None:
    """Every acknowledged receipt is there exactly once, nothing else is, and each has all that belongs to it."""
    receipts = {row.id: row for row in connection.execute(select(schema.receipts))}
    assert sorted(receipts) == sorted({receipt.id for receipt in given})
    for receipt in given:
        assert receipts[receipt.id].body["check"] == receipt.check
    for table in (schema.evidence, schema.idempotency, schema.mail_outbox, schema.audit):
        of = table.c.receipt_id
        found = connection.execute(select(of, func.count()).where(of.is_not(None)).group_by(of))
        assert {row[0]: row[1] for row in found} == dict.fromkeys(receipts, 1), table.name
    r, b = schema.registrations, schema.card_bindings
    states = {row.id: row.state for row in connection.execute(select(r).where(r.c.number.startswith(NUMBERS)))}
    assert sorted(states) == sorted(row.registration_id for row in receipts.values())
    replaced = {receipt.previous.fingerprint for receipt in given if receipt.previous is not None}
    for receipt in given:
        assert receipt.card is not None
        wanted = "renewed" if receipt.card.fingerprint in replaced else "active"
        assert states[receipts[receipt.id].registration_id] == wanted
    bound = connection.execute(select(b.c.fingerprint).where(b.c.number.startswith(NUMBERS))).scalars()
    assert sorted(bound) == sorted(receipt.card.fingerprint for receipt in given if receipt.card)


async def refused(ask: Callable[[], Awaitable[Any]]) -> EbidError:
    """What is said no with."""
    try:
        await ask()
    except EbidError as error:
        return error
    raise AssertionError("it was accepted")
