"""Two server processes on one database, asked the same things at the same moment: counted, not hoped for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError
from ebid_tui.server.store import accounts, schema
from tests.server import databases
from tests.server.lives import PASSWORD, lives, office, populate, refuse_halves, trust, vendor
from tests.server.running_server import Bidder, Running
from tests.server.signing import Authority, Card

ROUNDS = 8


@pytest.fixture
async def workers(database_kind: str, short_dir: Path, card_directory: Wallet, authority: Authority) -> AsyncIterator[tuple[Running, ...]]:
    """Two processes, each on a socket of its own."""
    url = databases.url(short_dir)
    trust(short_dir, card_directory, authority)
    both = tuple(office(short_dir, url, socket) for socket in ("s", "t"))
    populate(both[0], card_directory, ROUNDS * 2)
    with ExitStack() as stack:
        started = [stack.enter_context(lives(short_dir, url, socket)) for socket in ("s", "t")]
        for one in started:
            await one.begin()
        for one in started:
            await one.listens()
        yield both


async def ready(worker: Running, card: Card, turn: int) -> tuple[Bidder, Any]:
    """Signed in, and with a statement to be sent."""
    number, name = vendor(turn)
    bidder = Bidder(worker, card)
    await bidder.sign_in()
    found = await bidder.search(vendor_no=number, trade_name=name, password=PASSWORD)
    return bidder, card.signed(await bidder.statement(found, holder_confirmed=True))


async def both(*tries: Awaitable[Any]) -> tuple[list[Any], list[str]]:
    """What was given, and the codes of what was refused."""
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert not [d for d in done if isinstance(d, BaseException) and not isinstance(d, EbidError)], done
    return [d for d in done if not isinstance(d, EbidError)], [d.code for d in done if isinstance(d, EbidError)]


async def test_r_05_one_card_for_two_vendors_at_two_workers(workers: tuple[Running, Running], authority: Authority) -> None:
    given: list[Receipt] = []
    for round_ in range(ROUNDS):
        card = authority.card("試験建設", "個人　十郎")
        one, other = [await ready(worker, card, 2 * round_ + n) for n, worker in enumerate(workers)]
        won, told = await both(one[0].client.register(one[1], "key-of-one"), other[0].client.register(other[1], "key-of-other"))
        assert (len(won), told) == (1, ["R-05"])
        given += won
    with workers[0].database() as connection:
        refuse_halves(connection, given)


async def test_one_key_twice_at_two_workers(workers: tuple[Running, Running], authority: Authority) -> None:
    given: list[Receipt] = []
    for round_ in range(ROUNDS):
        card = authority.card("試験建設", "個人　十郎")
        (bidder, signed), (again, _) = [await ready(worker, card, round_) for worker in workers]
        won, told = await both(*(b.client.register(signed, "one-and-the-same") for b in (bidder, again, bidder, again)))
        assert (told, len({receipt.id for receipt in won})) == ([], 1)
        given += won[:1]
    with workers[0].database() as connection:
        refuse_halves(connection, given)


async def test_a_challenge_signed_once_and_sent_to_two_workers(workers: tuple[Running, Running], authority: Authority) -> None:
    for turn in range(ROUNDS):
        card = authority.card("試験建設", "個人　十郎")
        bidder, signed = await ready(workers[0], card, turn)
        again, _ = await ready(workers[1], card, turn)
        won, told = await both(bidder.client.register(signed, "key-of-one"), again.client.register(signed, "key-of-other"))
        # Who comes second is told of the card or of the nonce, whichever is looked at first when it comes.
        assert len(won) == 1
        assert told in (["E-NONCE"], ["R-05"])


async def test_r_33_every_wrong_password_counts_whichever_worker_is_asked(workers: tuple[Running, Running], authority: Authority) -> None:
    card = authority.card("試験建設", "個人　十郎")
    signed_in = [Bidder(worker, card) for worker in workers]
    for bidder in signed_in:
        await bidder.sign_in()
    for turn in range(ROUNDS):
        number, name = vendor(turn)
        tries = (b.search(vendor_no=number, trade_name=name, password="Wrong-pass1") for b in (*signed_in, *signed_in))
        assert await both(*tries) == ([], ["R-28"] * 4)
        with workers[0].database() as connection:
            assert accounts.account(connection, "ise", number).wrong == 4
        tries = (b.search(vendor_no=number, trade_name=name, password="Wrong-pass1") for b in signed_in)
        assert await both(*tries) == ([], ["R-33"] * 2)
        with workers[0].database() as connection:
            a = schema.accounts.c
            assert connection.execute(select(a.password_state).where(a.system == "ise", a.number == number)).scalar_one() == "locked"
