"""Two kiosks in the same second, at two server processes on one database; and a server killed in the middle of a renewal."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.records import Receipt, Values
from ebid_tui.errors import EbidError
from ebid_tui.server.store import accepted_changes, schema
from ebid_tui.server.store.accepted_changes import Earlier
from tests.server import databases
from tests.server.holder import Holder
from tests.server.running_server import Bidder, Running
from tests.server.serving import beside, on_socket, serve
from tests.server.signing import Card

Cards = Callable[[str], Card]

SEARCH_5: Values = {"vendor_no": "1000000005", "trade_name": "建設工事００５", "password": "Demo-pass5"}


async def outcomes(tries: Sequence[Awaitable[Receipt]]) -> tuple[list[Receipt], list[str]]:
    """The receipts, and the codes of those who were told no."""
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(each, Receipt | EbidError) for each in done), done
    return [d for d in done if isinstance(d, Receipt)], [d.code for d in done if isinstance(d, EbidError)]


async def registering(kiosks: Sequence[Running], card: Card) -> list[Awaitable[Receipt]]:
    """The same card, at every kiosk for its own vendor, ready to be sent."""
    tries: list[Awaitable[Receipt]] = []
    for number, kiosk in enumerate(kiosks):
        bidder = Bidder(kiosk, card)
        await bidder.sign_in()
        found = await (bidder.search() if number % 2 else bidder.search(**SEARCH_5))
        signed = bidder.card.signed(await bidder.statement(found, holder_confirmed=True))
        tries.append(bidder.client.register(signed, f"key-of-kiosk-{number}"))
    return tries


async def renewing(kiosks: Sequence[Running], pairs: Sequence[tuple[Card, Card]]) -> list[Awaitable[Receipt]]:
    """At every kiosk one pair of cards, ready to be sent."""
    tries: list[Awaitable[Receipt]] = []
    for number, (kiosk, (current, new)) in enumerate(zip(kiosks, pairs, strict=True)):
        holder = Holder(kiosk, current)
        signed = await holder.signed_renewal(new)
        tries.append(holder.client.renew(signed, f"key-of-kiosk-{number}"))
    return tries


@pytest.fixture(scope="session")
def two_processes(card_directory: Wallet) -> Iterator[Callable[[str], tuple[Running, Running]]]:
    """Two servers on one database, for all tests of a kind of database."""
    with ExitStack() as stack:

        def start(_kind: str) -> tuple[Running, Running]:
            directory = databases.keep(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebid-"))))
            one = stack.enter_context(serve(directory, card_directory, "--uds", str(directory / "s")))
            other = stack.enter_context(beside(directory, "--uds", str(directory / "t")))
            first, second = on_socket(directory), on_socket(directory, "t")
            first.remember()
            one.listens(first)
            other.listens(second)
            return first, second

        yield cache(start)


@pytest.fixture
def kiosks(database_kind: str, two_processes: Callable[[str], tuple[Running, Running]]) -> Iterator[list[Running]]:
    """Four kiosks at two processes, with everything as it was in the beginning."""
    yield [*two_processes(database_kind)] * 2
    two_processes(database_kind)[0].restore()


async def test_r_05_two_kiosks_with_the_same_cards(kiosks: list[Running], card: Cards) -> None:
    """Registering one card, renewing one card, renewing to one card: one wins, the others are told."""
    won, told = await outcomes(await registering(kiosks, card("ise-new")))
    assert (len(won), set(told)) == (1, {"R-05"})
    # One current card, one new card.
    pair = (card("ise-current"), card("ise-next"))
    won, told = await outcomes(await renewing(kiosks, [pair] * 4))
    assert (len(won), set(told)) == (1, {"R-05"})
    # One current card, two new ones: the second is told that its current card is out.
    pairs = [(card("ise-next"), card(name)) for name in ("ise-second", "stranger", "ise-second", "stranger")]
    won, told = await outcomes(await renewing(kiosks, pairs))
    assert len(won) == 1
    assert set(told) == {"R-05", "R-11"}
    with kiosks[0].database() as connection:
        active = select(func.count()).select_from(schema.registrations).where(schema.registrations.c.state == "active")
        here = active.where(schema.registrations.c.system == "ise", schema.registrations.c.category == "construction")
        assert connection.execute(here).scalar_one() == 3  # the two registered cards, and the one that was renewed twice
        for table in (schema.evidence, schema.audit, schema.mail_outbox, schema.idempotency):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 3


async def test_r_05_registering_and_renewing_to_the_same_card(kiosks: list[Running], card: Cards) -> None:
    tries = await registering(kiosks[:1], card("ise-next"))
    tries += await renewing(kiosks[1:2], [(card("ise-current"), card("ise-next"))])
    won, told = await outcomes(tries)
    assert (len(won), told) == (1, ["R-05"])


async def test_a_renewal_sent_twice_through_two_processes(kiosks: list[Running], card: Cards) -> None:
    holder = Holder(kiosks[0], card("ise-current"))
    await holder.sign_in()
    signed = await holder.signed_renewal(card("ise-next"))
    other = Holder(kiosks[1], card("ise-current"))
    await other.sign_in()
    sent = [h.client.renew(signed, "key-of-a-renewal") for h in (holder, other, holder, other)]
    won, told = await outcomes(sent)
    assert told == []
    assert len({receipt.id for receipt in won}) == 1


@pytest.mark.usefixtures("database_kind")
@pytest.mark.parametrize("seconds", [0.002, 0.006, 0.012])
async def test_killed_while_renewing_nothing_is_half_done(short_dir: Path, card_directory: Wallet, card: Cards, seconds: float) -> None:
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s")) as served:
        holder = Holder(on_socket(short_dir), card("ise-current"))
        await served.answers(holder.client)
        signed = await holder.signed_renewal(card("ise-next"))
        sending = asyncio.ensure_future(holder.client.renew(signed, "key-of-a-renewal"))
        await asyncio.sleep(seconds)
        served.end(signal.SIGKILL)
        served.start()
        await asyncio.gather(sending, return_exceptions=True)
        await served.answers(holder.client)
        receipt = await holder.client.renew(signed, "key-of-a-renewal")
        assert await holder.client.renew(signed, "key-of-a-renewal") == receipt
        with holder.server.database() as connection:
            states = connection.execute(select(schema.registrations.c.state).where(schema.registrations.c.number == "1000000005"))
            assert sorted(states.scalars()) == ["active", "active", "renewed"]
            assert connection.execute(select(schema.evidence.c.receipt_id)).scalar_one() == receipt.id
            assert connection.execute(select(func.count()).select_from(schema.mail_outbox)).scalar_one() == 1


@pytest.mark.parametrize("operation", ["registration", "amendment", "renewal"])
async def test_sent_twice_and_accepted_between_the_first_look_and_the_decision(
    server: Running, card: Cards, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    send = await ready(server, card, operation)
    first = await send()
    before, look, looks = server.contents(), accepted_changes.earlier, iter([True])

    def too_early(*arguments: Any) -> Earlier | None:
        return None if next(looks, False) else look(*arguments)

    monkeypatch.setattr(accepted_changes, "earlier", too_early)
    assert await send() == first
    assert next(looks, False) is False
    assert server.contents() == before


async def ready(server: Running, card: Cards, operation: str) -> Callable[[], Awaitable[Receipt]]:
    """A change, to be sent as often as one likes."""
    if operation == "registration":
        bidder = Bidder(server, card("ise-new"))
        await bidder.sign_in()
        registration = bidder.card.signed(await bidder.statement(await bidder.search()))
        return lambda: bidder.client.register(registration, "key-of-a-change")
    holder = Holder(server, card("ise-current"))
    if operation == "renewal":
        renewal = await holder.signed_renewal(card("ise-next"))
        return lambda: holder.client.renew(renewal, "key-of-a-change")
    await holder.sign_in()
    amendment = holder.card.signed(await holder.amendment(await holder.registered()))
    return lambda: holder.client.amend(amendment, "key-of-a-change")
