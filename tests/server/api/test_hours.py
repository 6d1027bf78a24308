"""R-22: outside the service hours nothing is written, everything can be looked at, and the refusal says when it opens."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from ebid_tui.demo import days
from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.statement import Signed
from ebid_tui.errors import EbidError
from ebid_tui.server import cli
from ebid_tui.server.settings import JAPAN, ServerSettings
from tests.server import databases
from tests.server.api.test_card_free import GOODS, content
from tests.server.api.test_card_free_amendments import amendment as change_without_card
from tests.server.api.test_password import TYPED
from tests.server.holder import Holder
from tests.server.running_server import Bidder, Running, running
from tests.server.signing import Authority, Card, demo_card

Cards = Callable[[str], Card]

OPEN = datetime(2026, 11, 24, 10, 0, tzinfo=JAPAN)
"""A Tuesday."""


@pytest.fixture(scope="module")
def documented(card_directory: Wallet) -> Wallet:
    """The demo cards as they are at the time where the server's clock is stopped."""
    return Wallet(card_directory.directory, days.DOCUMENTED)


@pytest.fixture(scope="module")
def card(documented: Wallet) -> Cards:
    return cache(lambda name: demo_card(documented, name))


@pytest.fixture(scope="module")
def only_servers(documented: Wallet, authority: Authority) -> Iterator[Callable[[str], Running]]:
    """A server that keeps the hours, on each kind of database."""
    with ExitStack() as stack:

        def start(_kind: str) -> Running:
            directory = databases.keep(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebid-"))))
            return stack.enter_context(running(directory, documented, authority.der, enforce_hours=True))

        yield cache(start)


@pytest.fixture
def at(server: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[datetime], None]]:
    """Stop the server's clock there and, so that statements have its time, the client's."""

    def set_clock(now: datetime) -> None:
        server.stands = now
        monkeypatch.setattr("ebid_tui.domain.statement.now", lambda: now)

    yield set_clock
    server.stands = None


Clock = Callable[[datetime], None]

CLOSED = [
    (datetime(2026, 11, 24, 8, 29, 59, tzinfo=JAPAN), "2026年11月24日（火）08:30"),
    (datetime(2026, 11, 24, 20, 0, tzinfo=JAPAN), "2026年11月25日（水）08:30"),
    (datetime(2026, 11, 21, 12, 0, tzinfo=JAPAN), "2026年11月24日（火）08:30"),  # a Saturday; Monday is 勤労感謝の日
    (datetime(2026, 12, 29, 12, 0, tzinfo=JAPAN), "2027年01月04日（月）08:30"),
]


@pytest.mark.parametrize(("now", "opens"), CLOSED)
async def test_r_22_closed_says_when_it_opens(server: Running, at: Clock, now: datetime, opens: str) -> None:
    at(now)
    with pytest.raises(EbidError) as caught:
        await server.client().challenge("ise", "ise")
    assert caught.value.code == "R-22"
    assert opens in caught.value.remedy


@pytest.mark.parametrize("now", [datetime(2026, 11, 24, 8, 30, tzinfo=JAPAN), datetime(2026, 11, 24, 19, 59, 59, tzinfo=JAPAN)])
async def test_r_22_open(server: Running, at: Clock, now: datetime) -> None:
    at(now)
    assert (await server.client().challenge("ise", "ise")).nonce


async def test_r_22_looking_goes_on(server: Running, at: Clock, card: Cards) -> None:
    at(CLOSED[0][0])
    holder = Holder(server, card("ise-current"))
    assert (await holder.client.clock()).hour == 8
    await holder.sign_in()
    assert await holder.registered()
    assert await holder.client.status("ise", "construction")
    bidder = Bidder(server, card("ise-new"))
    await bidder.sign_in()
    assert await bidder.search()
    assert await server.client().login("ise", "ise", "construction", {"vendor_no": "1000000005", "password": "Demo-pass5"})


async def _registration(server: Running, card: Cards) -> tuple[Bidder, Signed]:
    bidder = Bidder(server, card("ise-new"))
    await bidder.sign_in()
    return bidder, bidder.card.signed(await bidder.statement(await bidder.search()))


async def _writes(server: Running, card: Cards) -> list[Callable[[], Awaitable[object]]]:
    """Every write, ready to be sent."""
    bidder, registration = await _registration(server, card)
    amending, renewing = Holder(server, card("ise-current")), Holder(server, card("ise-current"))
    await amending.sign_in()
    amendment = amending.card.signed(await amending.amendment(await amending.registered()))
    renewal = await renewing.signed_renewal(card("ise-next"))
    without = server.client()
    await without.search_card_free("ise", "ise", "goods", GOODS)
    said, changed = content(), change_without_card()
    return [
        lambda: bidder.client.register(registration, "key-of-a-registration"),
        lambda: amending.client.amend(amendment, "key-of-an-amendment"),
        lambda: renewing.client.renew(renewal, "key-of-a-renewal"),
        lambda: without.register_card_free(said, "key-of-a-test"),
        lambda: without.amend_card_free(changed, "key-of-a-change"),
        lambda: server.client().change_password("ise", TYPED),
    ]


async def test_r_22_no_write_passes_after_closing_time_and_nothing_is_lost(server: Running, at: Clock, card: Cards) -> None:
    at(datetime(2026, 11, 24, 19, 59, tzinfo=JAPAN))
    writes = await _writes(server, card)
    at(datetime(2026, 11, 24, 20, 0, 30, tzinfo=JAPAN))
    before = server.contents()
    for write in writes:
        with pytest.raises(EbidError) as caught:
            await write()
        assert caught.value.code == "R-22"
        assert "2026年11月25日" in caught.value.remedy
    assert server.contents() == before
    # The same things, sent again in time, are as good as before.
    at(datetime(2026, 11, 24, 19, 59, 30, tzinfo=JAPAN))
    for write in writes:
        assert await write()


async def test_r_22_what_was_acknowledged_is_acknowledged_again(server: Running, at: Clock, card: Cards) -> None:
    at(datetime(2026, 11, 24, 19, 59, tzinfo=JAPAN))
    *writes, _ = await _writes(server, card)
    receipts = [await write() for write in writes]
    at(datetime(2026, 11, 24, 20, 5, tzinfo=JAPAN))
    assert [await write() for write in writes] == receipts


async def test_r_22_an_agency_has_closing_days_of_its_own(
    tmp_path: Path, short_dir: Path, documented: Wallet, authority: Authority
) -> None:
    text = 'extends = "nagasaki"\nid = "resting"\n[[agencies]]\nid = "nagasaki-city"\nclosed_days = ["2026-11-24"]\n'
    (tmp_path / "resting.toml").write_text(text, encoding="utf-8")
    with running(
        short_dir,
        documented,
        authority.der,
        enforce_hours=True,
        system_directories=(tmp_path,),
        systems=("resting",),
        now=lambda: OPEN,
    ) as made:
        assert (await made.client().challenge("resting", "nagasaki-pref")).nonce
        with pytest.raises(EbidError) as caught:
            await made.client().challenge("resting", "nagasaki-city")
        assert "2026年11月25日（水）08:30" in caught.value.remedy


async def test_r_22_a_window_of_an_agency_ends_at_its_minute(
    tmp_path: Path, short_dir: Path, documented: Wallet, authority: Authority
) -> None:
    window = '{ start = "2026-11-24T00:00", end = "2026-11-25T13:15" }'
    text = f'extends = "nagasaki"\nid = "mending"\n[[agencies]]\nid = "nagasaki-city"\nclosed = [{window}]\n'
    (tmp_path / "mending.toml").write_text(text, encoding="utf-8")
    with running(
        short_dir,
        documented,
        authority.der,
        enforce_hours=True,
        system_directories=(tmp_path,),
        systems=("mending",),
        now=lambda: OPEN,
    ) as made:
        assert (await made.client().challenge("mending", "nagasaki-pref")).nonce
        with pytest.raises(EbidError) as caught:
            await made.client().challenge("mending", "nagasaki-city")
        assert "2026年11月25日（水）13:15" in caught.value.remedy


@pytest.mark.parametrize(("options", "keeps"), [([], True), (["--always-open"], False)])
def test_r_22_serve_keeps_the_hours_unless_told_otherwise(
    url: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], keeps: bool
) -> None:
    (tmp_path / "test-ca.pem").write_bytes(authority.der)
    told: list[ServerSettings] = []
    monkeypatch.setattr("ebid_tui.server.app.create_app", told.append)
    monkeypatch.setattr("ebid_tui.server.running.serving.run", lambda *_: True)
    assert cli.main(["--database", url, "--trust", str(tmp_path), "--uds", str(tmp_path / "s"), *options]) == 0
    assert [settings.enforce_hours for settings in told] == [keeps]
