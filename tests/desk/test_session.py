"""Signing in, and signing in again where one was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.demo.cards import PIN, Wallet, make_virtual
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.server.store import operators
from tests.desk.counter import counter
from tests.server.operating import PASSWORD, SYSTEM, Clerk, audit
from tests.server.running_server import ORIGIN, Running
from tests.server.signing import Card


async def test_a_wrong_password_is_told_and_only_the_name_stays(office: Running) -> None:
    async with counter(office, signed_in=False) as s:
        await s.until("ログインの方法")
        await s.press("1")
        await s.until("職員ID")
        await s.type("desk")
        await s.press("enter")
        await s.type("wrong-password-1")
        shown = s.text()
        assert "wrong" not in shown
        assert "****************" in shown
        assert "wrong-password-1" in await s.press("f6")
        await s.press("enter")
        await s.type("123456")
        await s.press("enter")
        shown = await s.until("! ログインできませんでした")
        assert "[desk " in shown
        assert "wrong-password-1" not in shown
        assert "123456" not in shown
        assert "wrong-password-1" not in repr(s.app.voice._typed)
        await s.type(PASSWORD)
        await s.press("enter")
        await s.type(s.clerk.code())
        await s.press("enter")
        await s.until("業者検索")
        assert PASSWORD not in repr(s.app.voice._typed) + repr(s.state)
    assert s.state.who is not None
    assert ("desk_sign_in", "operator:desk", "desk", None) in audit(office)


async def test_a_session_that_ended_is_taken_up_again_at_the_same_page(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.search("41000", "> 4100000001")
        await s.press("enter")
        await s.until("【資格】")
        await s.press("3")
        office.ahead = timedelta(minutes=16)
        await s.press("g")
        await s.until("ログインの有効時間が過ぎました", "いまの画面に戻ります")
        await s.press("enter")
        await s.until("[desk ")  # the name stands there, and the cursor behind it
        await s.type(PASSWORD)
        await s.press("enter")
        await s.type(s.clerk.code())
        await s.press("enter")
        shown = await s.until("【カード 1枚目 使えます】", "4100000001 株式会社山田建設")
        assert "【資格】" not in shown
        await s.press("escape")
        await s.until("[41000", "> 4100000001")


async def test_a_session_that_ended_while_searching_keeps_what_was_typed(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        office.ahead = timedelta(minutes=16)
        await s.type("山田")
        await s.until("ログインの有効時間が過ぎました")
        await s.press("enter")
        await s.until("[desk ")  # the name stands there, and the cursor behind it
        await s.type(PASSWORD)
        await s.press("enter")
        await s.type(s.clerk.code())
        await s.press("enter")
        await s.until("業者検索", "[山田", "株式会社山田建設")


async def test_who_does_not_sign_in_again_has_left(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.search("41000", "> 4100000001")
        await s.press("enter")
        await s.until("【資格】")
        await s.press("3")
        office.ahead = timedelta(minutes=16)
        await s.press("g")
        await s.until("ログインの有効時間が過ぎました", "いまの画面に戻ります")
        await s.press("enter")
        await s.until("[desk ")
        await s.press("escape")
        await s.until("ログインの方法")
        await s.press("escape")
        await s.came(lambda: s.ended == [False])
    assert s.state.who is None


async def test_another_operator_finds_nothing_of_the_one_before(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.search("41000", "> 4100000001")
        await s.press("enter")
        await s.until("【資格】")
        office.ahead = timedelta(minutes=16)
        await s.press("g")
        await s.until("ログインの有効時間が過ぎました")
        await s.press("enter")
        await s.until("[desk ")
        s.clerk = Clerk(office, "there")
        await s.press("up", "ctrl+u")
        await s.type("there")
        await s.press("enter")
        await s.type(PASSWORD)
        await s.press("enter")
        await s.type(s.clerk.code())
        await s.press("enter")
        shown = await s.until("業者検索", "職員 there（承認者）")
        assert "4100000001" not in shown
        assert "41000" not in shown


class Closing(DeskServer):
    """Knows that it was closed."""

    closed = False

    async def close(self) -> None:
        self.closed = True
        await super().close()


async def test_signing_out_asks_and_ends_the_session_at_the_server(office: Running) -> None:
    client = Closing(ServerAddress(ORIGIN, ORIGIN, office.socket, (ORIGIN,)))
    async with counter(office, desk=client, signed_in=False) as s:
        await s.sign_in()
        await s.press("escape")
        await s.until("ログインを終えて")
        await s.press("enter")  # the careful answer
        await s.until("業者検索")
        await s.press("f3")
        await s.until("ログインを終えて")
        await s.press("down", "enter")
        await s.came(lambda: s.ended == [False])
    assert s.state.who is None
    assert client.closed


@pytest.fixture
def reader_and_cards() -> Iterator[tuple[VirtualReader, CardWorker]]:
    reader = VirtualReader("Virtual Reader 00")
    worker = CardWorker(reader)
    worker.start()
    yield reader, worker
    worker.stop()


async def test_an_operators_card_signs_in_with_its_pin(
    office: Running, card: Callable[[str], Card], wallet: Wallet, reader_and_cards: tuple[VirtualReader, CardWorker]
) -> None:
    reader, cards = reader_and_cards
    with office.database(writing=True) as connection:
        assert operators.change(connection, SYSTEM, "desk", fingerprint=card("saitama-new").fingerprint)
    async with counter(office, signed_in=False, cards=cards) as s:
        await s.until("ログインの方法")
        await s.press("2")
        await s.until("職員用のICカード")
        reader.insert(make_virtual(wallet, "saitama-new"))
        await s.until("PIN番号", "残り回数")
        await s.type(PIN)
        await s.press("enter")
        await s.until("業者検索", "職員 desk（担当）操作を記録しています")


async def test_a_card_of_nobody_is_told_and_another_way_is_asked_for(
    office: Running, wallet: Wallet, reader_and_cards: tuple[VirtualReader, CardWorker]
) -> None:
    reader, cards = reader_and_cards
    reader.insert(make_virtual(wallet, "saitama-next"))
    async with counter(office, signed_in=False, cards=cards) as s:
        await s.until("ログインの方法")
        await s.press("2")
        await s.until("PIN番号", "残り回数")
        await s.type(PIN)
        await s.press("enter")
        await s.until("ログインできませんでした")
        await s.press("enter")
        await s.until("ログインの方法")
