"""A vendor's page: seven parts a key away, and what an application asks for; each on record."""

from __future__ import annotations

from sqlalchemy import select, update

from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.domain.desk import DeskRequest, RequestKind
from ebid_tui.domain.records import Vendor
from ebid_tui.errors import ServerAway
from ebid_tui.messages import t
from ebid_tui.server.store import accounts, schema
from tests.desk.counter import Counter, counter
from tests.server.operating import SYSTEM, VENDOR_HERE, audit, tells_the_days_left
from tests.server.running_server import ORIGIN, Running


async def opened(s: Counter) -> str:
    await s.sign_in()
    await s.search("41000", "> 4100000001")
    await s.press("enter")
    return await s.until("【資格】", "4100000001 株式会社山田建設")


def password_state(office: Running) -> str:
    with office.database() as connection:
        return accounts.account(connection, SYSTEM, VENDOR_HERE.number).state


PARTS = (
    ("1q", "【資格】"),
    ("2c", "【代表窓口情報】"),
    ("3k", "【カード 1枚目 使えます】"),
    ("4p", "【パスワード】"),
    ("5e", "【2026/04/01 10:00 登録】"),
    ("6h", "【履歴】"),
    ("7s", "【申請】"),
)


async def test_every_part_is_a_key_away_and_each_key_has_a_second(office: Running) -> None:
    async with counter(office) as s:
        await opened(s)
        for keys, first in PARTS:
            for key in keys:
                await s.press("end" if key in "1q" else "home", key)
                assert s.text().splitlines()[3].strip().startswith(first)


async def test_what_is_on_record(office: Running) -> None:
    async with counter(office, size=(100, 100)) as s:
        shown = await opened(s)
        for text in (
            "窓口　花子",
            "川越　三郎",
            "43969（10進） / abc1（16進）",
            "届きませんでした",
            "届いたか分かりません",
            "送信済み",
            "送信待ち",
        ):
            assert text in shown
        assert tells_the_days_left(shown)
        await s.press("f2")
        await s.until("閲覧 (問い合わせ) 職員 desk")
    assert next(row for row in audit(office) if row[0].startswith("desk_view")) == (
        "desk_view:inquiry", "operator:desk", VENDOR_HERE.number, VENDOR_HERE.agency,
    )  # fmt: skip


async def reset(s: Counter) -> str:
    await s.press("r")
    await s.until("申請書の番号")
    await s.type("R8-123")
    await s.press("enter")
    await s.until("申請内容の確認", "R8-123", "4100000001 株式会社山田建設", "1回だけ")
    await s.press("f10")
    return await s.until("新しい初期パスワード", "読み方")


async def test_r33_a_reset_shows_the_initial_password_once(office: Running) -> None:
    async with counter(office) as s:
        await opened(s)
        shown = await reset(s)
        row = next(line for line in shown.splitlines() if "初期パスワード " in line)
        password = "".join(row.split()[1:])
        assert len(password) >= 8
        assert all(char in shown for char in password)
        hidden = await s.press("f6")
        assert password[0] + "  " + password[1] not in hidden
        assert "大文字" not in hidden
        await s.press("ctrl+t", "enter")
        await s.until("もう表示できません")
        await s.press("escape")
        shown = await s.until("【資格】")
        await s.press("4")
        await s.until("状態                通知されたパスワード（使えます）")
        assert password not in repr(vars(s.app.voice))
    assert password_state(office) == "initial"
    assert ("desk_application:reset_password", "operator:desk", "R8-123", VENDOR_HERE.agency) in audit(office)


async def test_r33_unlock_where_it_is_locked_only(office: Running) -> None:
    async with counter(office) as s:
        shown = await opened(s)
        assert "ロック解除" not in shown
        assert "ロックされていません" in await s.press("u")
        with office.database(writing=True) as connection:
            connection.execute(
                update(schema.accounts)
                .where(schema.accounts.c.number == VENDOR_HERE.number)
                .values(password_state="locked", unlocked_state="active", wrong=5)
            )
        await s.press("g")
        await s.until("F6 ロック解除")
        await s.press("f6")
        await s.until("申請書の番号")
        await s.type("R8-124")
        await s.press("enter")
        await s.until("申請内容の確認")
        await s.press("f10")
        await s.until("実施しました")
        await s.press("escape")
        await s.until("【資格】")
    assert password_state(office) == "active"


async def test_a_card_is_cancelled_after_its_number_was_typed(office: Running) -> None:
    async with counter(office) as s:
        await opened(s)
        await s.press("x")
        await s.until("取り消すカードを選んで", "川越　三郎")
        await s.press("1")
        await s.until("取り消すカード: 川越　三郎 43969", "終わり4桁")
        await s.type("R8-125")
        await s.press("enter")
        await s.type("1111")
        await s.press("enter")
        await s.until("シリアル番号と違います")
        await s.press("down", "ctrl+u")
        await s.type("3969")
        await s.press("f10")
        await s.until("元に戻せません", "43969")
        await s.press("f10")
        await s.until("実施しました")
        await s.press("escape")
        await s.until("【資格】")
        await s.press("3")
        await s.until("【カード 1枚目 取消済み】")
        assert "使用中のカードがありません" in await s.press("f8")
    with office.database() as connection:
        states = connection.execute(select(schema.registrations.c.state).where(schema.registrations.c.number == VENDOR_HERE.number))
        assert states.scalars().all() == ["cancelled"]


async def test_a_mail_is_sent_again(office: Running) -> None:
    async with counter(office) as s:
        await opened(s)
        await s.press("m")
        await s.until("もう一度送るメール", "届きませんでした")
        assert "送信待ち" not in s.text()  # goes out by itself
        await s.press("2")
        await s.until("もう一度送りますか")
        await s.press("down", "enter")
        await s.until("【資格】")
    with office.database() as connection:
        states = connection.execute(select(schema.mail_outbox.c.state).where(schema.mail_outbox.c.receipt_id == "X-saitama-city")).scalars()
        assert sorted(states) == ["sent", "uncertain", "waiting", "waiting"]


async def test_a_mail_that_went_out_meanwhile_is_not_sent_again(office: Running) -> None:
    async with counter(office) as s:
        await opened(s)
        await s.press("m")
        await s.until("もう一度送るメール")
        await s.press("2")
        await s.until("もう一度送りますか")
        with office.database(writing=True) as connection:
            connection.execute(update(schema.mail_outbox).values(state="sending"))
        await s.press("down", "enter")
        await s.until(t("error.E-STATE.title"), t("error.E-STATE.remedy"))
        await s.press("enter")
        await s.until("【資格】")


async def test_leaving_a_form_does_nothing(office: Running) -> None:
    async with counter(office) as s:
        await opened(s)
        await s.press("f5")
        await s.until("申請書の番号")
        await s.press("escape")
        await s.until("【資格】")
        await s.press("f5")
        await s.until("申請書の番号")
        await s.type("R8-1")
        await s.press("enter")
        await s.until("申請内容の確認")
        await s.press("escape")
        await s.until("[R8-1")
    assert password_state(office) == "active"


class Lost(DeskServer):
    """Does what it is asked, and its answer is lost."""

    async def ask(self, vendor: Vendor, kind: RequestKind, application: str, registration_id: str | None = None) -> DeskRequest:
        await super().ask(vendor, kind, application, registration_id)
        raise ServerAway("lost")


async def test_after_a_lost_answer_nothing_is_asked_twice_and_the_page_shows_what_became_of_it(office: Running) -> None:
    async with counter(office, desk=Lost(ServerAddress(ORIGIN, ORIGIN, office.socket, (ORIGIN,)))) as s:
        await opened(s)
        await s.press("f5")
        await s.until("申請書の番号")
        await s.type("R8-9")
        await s.press("enter")
        await s.until("申請内容の確認")
        await s.press("f10")
        await s.until("処理されたか分かりません")
        await s.press("enter")
        await s.until("【資格】")
        await s.press("7")
        await s.until("【申請 R8-9】", "完了")
    assert len([row for row in audit(office) if row[0].startswith("desk_ask")]) == 1
