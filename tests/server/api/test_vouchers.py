"""A registered card stands in for the password of another one of its vendor, in a system whose file says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table, insert, update

from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import EbidError
from ebid_tui.server.store import schema, sign_ins
from tests.server.running_server import SEARCH_1, Bidder, Running, running
from tests.server.signing import Authority, Card

Cards = Callable[[str], Card]


def copied(server: Running, table: Table) -> list[dict[str, object]]:
    with server.database() as connection:
        found = connection.execute(table.select().where(table.c.system == "ise")).mappings()
        return [{name: row[name] for name in row if name != "id"} | {"system": "vouching"} for row in found]


@pytest.fixture
def vouching(server: Running, tmp_path: Path, short_dir: Path, card_directory: Wallet, authority: Authority) -> Iterator[Running]:
    """A made-up system that allows it, with the demo's vendors."""
    text = 'extends = "ise"\nid = "vouching"\n[password]\ncard_sign_in = true\n'
    (tmp_path / "vouching.toml").write_text(text, encoding="utf-8")
    names = ("ise", "vouching")
    with running(short_dir, card_directory, authority.der, system_directories=(tmp_path,), systems=names) as made:
        with made.database(writing=True) as connection:
            for table in (schema.accounts, schema.qualifications):
                connection.execute(insert(table), copied(server, table))
        yield made


async def code_of(bidder: Bidder, voucher: str = "", category: str = "construction") -> str:
    try:
        found = await bidder.client.search_by_card("ise", category, voucher)
    except EbidError as error:
        return error.code
    assert found.qualification.vendor.number == SEARCH_1["vendor_no"]
    return "found"


async def registered(vouching: Running, card: Card) -> Bidder:
    first = Bidder(vouching, card, "vouching")
    await first.register()
    return first


async def test_another_card_registers_without_any_password(vouching: Running, card: Cards) -> None:
    first = await registered(vouching, card("ise-new"))
    left = (await first.client.vouch()).token
    assert left not in repr(await first.client.vouch())
    second = Bidder(vouching, card("ise-next"), "vouching")
    await second.sign_in()
    assert await code_of(second) == "E-NOT-REGISTERED", "itself it is in use nowhere"
    assert await code_of(second, "made-up") == "E-NOT-REGISTERED"
    assert await code_of(second, left) == "found"
    found = await second.client.search_by_card("ise", "construction", left)
    receipt = await second.client.register(second.card.signed(await second.statement(found, holder_confirmed=True)), "key-of-another")
    assert receipt.vendor.number == SEARCH_1["vendor_no"]
    with vouching.database() as connection:
        events = [(row.event, row.subject) for row in connection.execute(schema.audit.select())]
    assert ("vouched_by_card", SEARCH_1["vendor_no"]) in events
    assert left.encode() not in b"".join(vouching.written())


async def test_a_card_vouches_for_itself_and_is_no_session(vouching: Running, card: Cards) -> None:
    first = await registered(vouching, card("ise-new"))
    assert await code_of(first) == "found"
    left = (await first.client.vouch()).token
    with vouching.database() as connection:
        kept = sign_ins.session(connection, sign_ins.token_hash(left), vouching.settings.now())
    assert kept is not None
    assert (kept.kind, kept.vendor) == ("voucher", None)
    first.client._session.begin(left)
    with pytest.raises(EbidError, match="E-SESSION"):
        await first.client.vouch()


async def test_what_a_card_has_left_ends_with_its_registration(vouching: Running, card: Cards) -> None:
    first = await registered(vouching, card("ise-new"))
    left = (await first.client.vouch()).token
    with vouching.database(writing=True) as connection:
        connection.execute(update(schema.registrations).values(state="cancelled"))
    second = Bidder(vouching, card("ise-next"), "vouching")
    await second.sign_in()
    assert await code_of(second, left) == "E-NOT-REGISTERED"
    with pytest.raises(EbidError, match="E-NOT-REGISTERED"):
        await second.client.vouch()


async def test_where_the_vendor_is_not_qualified_nothing_is_found(vouching: Running, card: Cards) -> None:
    first = await registered(vouching, card("ise-new"))
    assert await code_of(first, category="goods") == "R-28"


async def test_a_system_that_does_not_say_so_has_nothing_of_it(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("ise-new"))
    await bidder.register()
    assert await code_of(bidder) == "E-NOT-FOUND"
    with pytest.raises(EbidError, match="E-NOT-FOUND"):
        await bidder.client.vouch()
