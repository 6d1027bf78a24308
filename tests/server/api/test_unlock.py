"""R-33: a card that is registered for a locked number unlocks it, in a system whose file says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.profile import systems
from ebid_tui.errors import EbidError
from ebid_tui.server.store import accounts, schema
from tests.server.running_server import SEARCH_1, Bidder, Running, running
from tests.server.signing import Authority, Card

NUMBER = SEARCH_1["vendor_no"]


@pytest.fixture
def town(server: Running, tmp_path: Path, short_dir: Path, card_directory: Wallet, authority: Authority) -> Iterator[Running]:
    """A made-up system that allows it, with the demo's vendors, beside the one that it is made of."""
    (tmp_path / "town.toml").write_text('extends = "ise"\nid = "town"\n[rules]\nunlock_by_card = true\n', encoding="utf-8")
    with running(short_dir, card_directory, authority.der, system_directories=(tmp_path,), systems=("ise", "town")) as made:
        with server.database() as source, made.database(writing=True) as target:
            for table in (schema.accounts, schema.qualifications):
                found = source.execute(table.select().where(table.c.system == "ise")).mappings()
                rows = [{name: value for name, value in row.items() if name != "id"} | {"system": "town"} for row in found]
                target.execute(insert(table), rows)
        yield made


def locked(town: Running, system: str = "town") -> None:
    with town.database(writing=True) as connection:
        for _ in range(5):
            account = accounts.count_wrong(connection, system, NUMBER, 5)
    assert account.state == "locked"


async def code_of(bidder: Bidder, number: str = NUMBER) -> str:
    try:
        await bidder.client.unlock("ise", "construction", number)
    except EbidError as error:
        return error.code
    return "done"


async def test_r_33_a_registered_card_unlocks_its_number(town: Running, card: Callable[[str], Card], authority: Authority) -> None:
    owner, stranger = Bidder(town, card("ise-new"), "town"), Bidder(town, authority.card("別の会社", "別人"), "town")
    await owner.register()
    await stranger.sign_in()
    locked(town)
    assert await code_of(stranger) == "E-NOT-REGISTERED"
    assert await code_of(owner, "1000000002") == "E-NOT-REGISTERED"
    with pytest.raises(EbidError, match="R-33"):
        await owner.search()
    assert await code_of(owner) == "done"
    assert (await owner.search()).qualification.vendor.number == NUMBER
    assert await code_of(owner) == "done", "asked again after a lost reply"
    with town.database() as connection:
        account = accounts.account(connection, "town", NUMBER)
        rows = connection.execute(schema.audit.select().where(schema.audit.c.event == "unlock_by_card")).all()
    assert (account.state, account.wrong) == ("active", 0), "the password is the one that it was"
    assert [(row.system, row.actor, row.subject) for row in rows] == [("town", owner.card.fingerprint, NUMBER)]


async def test_r_33_it_gives_no_guesses_without_end(town: Running, card: Callable[[str], Card]) -> None:
    owner, told = Bidder(town, card("ise-new"), "town"), []
    await owner.register()
    for _ in range(4):
        locked(town)
        told.append(await code_of(owner))
    assert told == ["done"] * 3 + ["E-TOO-MANY"]


@pytest.mark.parametrize("state", ["renewed", "cancelled"])
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_r_33_a_card_that_is_in_use_no_longer_unlocks_nothing(town: Running, card: Callable[[str], Card], state: str) -> None:
    owner = Bidder(town, card("ise-new"), "town")
    await owner.register()
    locked(town)
    with town.database(writing=True) as connection:
        connection.execute(update(schema.registrations).where(schema.registrations.c.system == "town").values(state=state))
    assert await code_of(owner) == "E-NOT-REGISTERED"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_r_33_where_the_file_does_not_say_so_it_is_the_application(server: Running, bidder: Bidder) -> None:
    await bidder.register()
    locked(server, "ise")
    assert await code_of(bidder) == "R-33"
    assert not any(systems.profile_of(system).rules.unlock_by_card for system in systems.available()), "no document allows it"
