"""The made-up fifth system, which is one TOML file and nothing else, goes through every flow that there is."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from ebid_tui.app import EbidApp
from ebid_tui.demo.cards import Wallet
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.plain.run import COMPLETED, NOT_COMPLETED
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store import schema
from tests.clock import STARTED
from tests.e2e.town import COMPANY, NUMBER, PASSWORD, Ran, Town, issued, of_another_authority, town
from tests.screens.stage import Stage
from tests.server.signing import Authority
from tests.wallets import of_today

MINATO = Path(__file__).resolve().parents[1] / "domain" / "profiles" / "minato.toml"

PIN = "pin: 123456\n"
SEARCH = f"search.user_id: {NUMBER}\nsearch.trade_name: {COMPANY}\nsearch.password: {PASSWORD}\n"
FORM = """\
company.phone: 0300000003
representative_contact.name: 総務課
representative_contact.postal_code: 1000001
representative_contact.address: 港町一丁目２－３
card_contact.name: 工務課
card_contact.person: 港　花子
card_contact.email: hanako@minato.example
card_contact.email_again: hanako@minato.example
"""
END = "review: submit\ndone: close\n"
NEW_PASSWORD = "Atarashii2027"


def at(agency: str, category: str, menu: str) -> str:
    """From the entrance to the menu's item."""
    return f"agency: {agency}\ncategory: {category}\nentry: カードの手続き\nmenu: {menu}\n"


@pytest.fixture(scope="session")
def town_cards(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The authorities of the cards in town, for all of a run; the server has the machine's clock."""
    return of_today(tmp_path_factory.mktemp("town-cards"))


@pytest.fixture(scope="module")
def open_town(town_cards: Wallet) -> Iterator[Town]:
    authority = Authority(now=STARTED)
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory, town(Path(directory), town_cards, MINATO, authority) as made:
        made.cards["aosign"] = of_another_authority(authority)
        made.cards["stranger"] = issued(town_cards, "test-ca", "stranger", 710, "株式会社よその町", "他所　一郎")
        yield made


@pytest.fixture
def minato(open_town: Town) -> Iterator[Town]:
    """The town as it was in the beginning."""
    yield open_town
    open_town.number_of_readers = 1
    open_town.server.restore()


def registered(minato: Town, capsys: pytest.CaptureFixture[str], card: str = "first", form: str = FORM) -> Ran:
    ran = minato.run(at("港町", "工事", "新規登録") + f"card: {card}\n" + PIN + SEARCH + form + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    return ran


def test_registration_with_its_own_labels(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    ran = registered(minato, capsys)
    assert ran.receipt.startswith("MINATO-")
    asked = ("登録業者の検索", "発注機関: 港町", "登録番号 必須 (半角英数字8文字)", "窓口 必須 (40文字以内)", "担当者 必須 (24文字以内)")
    assert ran.told(*asked, "新規登録の確認", "カードの名義人: 港　太郎", "登録の完了", "カードを登録しました。")
    assert "FAX 任意 (半角数字15文字以内)" in ran.out, "an optional field may be left empty"
    (mail,) = minato.mails()
    to, subject, *lines = mail.splitlines()
    assert (to, subject) == ("hanako@minato.example", "カード手続きのお知らせ")
    assert {"手続き: 新規登録", "手続き先: 港町", f"会社名: {COMPANY}", "ご担当: 港　花子", "港町調達サービス"} <= set(lines)
    assert any(re.fullmatch(r"会社番号: [0-9]{16}", line) for line in lines)


def test_r29_its_character_set_is_wider(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """①, 髙 and ㈱ are characters of cp932; elsewhere each is refused."""
    ran = registered(minato, capsys, form=FORM.replace("港　花子", "髙橋　①子").replace("工務課", "㈱工務課"))
    assert ran.told("担当者: 髙橋　①子", "部署: ㈱工務課")


def test_the_search_as_each_agency_asks_it(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """水道企業団 asks no password, and the name only from who likes to give it."""
    number_only = f"search.user_id: {NUMBER}\n"
    script = at("港町水道企業団", "工事", "新規登録") + "card: first\n" + PIN + number_only + FORM + END
    ran = minato.run(script, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    assert ran.told("登録番号は、水道企業団の通知書にあります。")
    assert "<search.password>" not in ran.out
    wrong_name = number_only + "search.trade_name: 株式会社よその町\nsearch.user_id: :cancel\n"
    ran = minato.run(at("港町水道企業団", "工事", "新規登録") + "card: second\n" + PIN + wrong_name, capsys)
    assert ran.told("R-28"), "a name that is given is looked at"


def test_r13_its_names_may_be_shortened(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    script = at("港町", "工事", "新規登録") + "card: first\n" + PIN + SEARCH.replace("株式会社", "（株）") + FORM + END
    assert minato.run(script, capsys).code == COMPLETED


def test_r18_later_cards_show_what_the_first_one_typed(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    registered(minato, capsys)
    own = "".join(line for line in FORM.splitlines(keepends=True) if line.startswith("card_contact"))
    ran = registered(minato, capsys, "second", own)
    assert ran.told("窓口: 総務課", "電話: 0300000003")
    assert "窓口 必須" not in ran.out


def test_amendment_with_the_number_that_the_system_gave(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    registered(minato, capsys)
    changes = "card_contact.person: 港　次郎\npropagate: yes\n"
    ran = minato.run(
        at("港町", "工事", "内容変更") + "card: first\n" + PIN + changes + "review: submit\ndone: print\ndone: close\n", capsys
    )
    assert ran.code == COMPLETED, ran.out + ran.err
    assert re.search(r"会社番号: [0-9]{16}", ran.out)
    assert ran.told("*担当者: 港　次郎", "港　花子", "内容変更の確認", "登録内容を変更しました。", "登録の控え", "大切に保管してください。")
    printed = ran.out[ran.out.index("登録の控え") :]
    assert "カードの名義人: 港　太郎" in printed
    assert "受付窓口" not in printed, "this system's print of an amendment has no such block"


def test_renewal_by_its_own_rules(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """A card of the same company from another authority is asked about; the PIN of the first may serve for the second."""
    registered(minato, capsys)
    cards = "card: first\n" + PIN + "card: aosign\nsame_pin: yes\nholder: yes\npropagate: no\n"
    swapped = "review: submit\ncard: first\n" + PIN + "done: print\ndone: close\n"
    ran = minato.run(at("港町", "工事", "カード切替") + cards + swapped, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    assert ran.told("カード切替の確認", "いまのカード: ", "新しいカード: ", "! 発行者", "カードを切り替えました。")
    rows = [line[2:].partition("（")[0] for line in ran.out.splitlines() if line[:2] in ("= ", "* ", "! ")]
    assert rows == ["有効期限", "発行者", "シリアル番号", "カードの名義人", "カードの会社名", "会社名"]
    again = minato.run(at("港町", "工事", "内容変更") + "card: first\n" + PIN, capsys)
    assert (again.code, again.told("R-11")) == (NOT_COMPLETED, True)


def test_r08_another_company_stops_a_renewal_and_leads_to_registration(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    registered(minato, capsys)
    cards = "card: first\n" + PIN + "card: stranger\nregister_instead: no\ncard: :cancel\n"
    ran = minato.run(at("港町", "工事", "カード切替") + cards, capsys)
    assert (ran.code, ran.told("このカードには更新できません", "コード R-08")) == (NOT_COMPLETED, True)
    assert ran.out.count("PINの入力") == 1, "the stranger's PIN is not asked"


def test_r04_the_password_by_its_own_policy_then_r15_the_wait(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    entrance = "agency: 港町\ncategory: 工事\nentry: 暗証の変更\n"
    changing = f"password_change.user_id: {NUMBER}\npassword_change.password: {PASSWORD}\n"
    short = "password_change.new_password: short1\npassword_change.new_password_again: short1\n"
    ran = minato.run(entrance + changing + short + "password_change.user_id: :cancel\n", capsys)
    assert ran.told("12文字以上")
    right = f"password_change.new_password: {NEW_PASSWORD}\npassword_change.new_password_again: {NEW_PASSWORD}\n"
    login = f"login.user_id: {NUMBER}\nlogin.password: {NEW_PASSWORD}\n"
    ran = minato.run(entrance + changing + right + login, capsys)
    assert ran.told("登録番号 必須", "暗証", "登録状況", f"会社名: {COMPANY}", "使えるICカードは0枚です。"), ran.out + ran.err
    assert "業者番号" not in ran.out, "this system calls it otherwise"
    search = at("港町", "工事", "新規登録") + "card: first\n" + PIN + SEARCH.replace(PASSWORD, NEW_PASSWORD)
    ran = minato.run(search + "search.user_id: :cancel\n", capsys)
    assert ran.told("R-15")
    with minato.server.database(writing=True) as connection:
        connection.execute(schema.accounts.update().values(changed_on=date(2026, 1, 5)))
    assert minato.run(search + FORM + END, capsys).code == COMPLETED


def test_registration_without_a_card_where_a_category_allows_it(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """R-36; a card is added later, and 水道企業団, which knows no passwords, does not offer it at all."""
    ran = minato.run(at("港町", "物品", "新規登録") + "method: password\n" + SEARCH + FORM + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    assert ran.told("等級: 物品　甲", "等級: 役務　乙")
    changes = "card_contact.person: 港　三郎\npropagate: yes\n"
    ran = minato.run(at("港町", "物品", "内容変更") + "method: password\n" + SEARCH + changes + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    assert ran.told("手続きをした窓口: 港町", "ほかの窓口にも反映する", "登録内容を変更しました。")
    ran = minato.run(at("港町", "物品", "新規登録") + "method: card\ncard: first\n" + PIN + SEARCH + FORM + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    ran = minato.run(at("港町水道企業団", "物品", "新規登録") + "card: second\n" + PIN + f"search.user_id: {NUMBER}\n" + FORM + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err


def test_r05_two_categories_of_one_realm_share_their_cards(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    ran = minato.run(at("港町", "役務", "新規登録") + "card: first\n" + PIN + SEARCH + FORM + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    ran = minato.run(at("港町", "物品", "新規登録") + "method: card\ncard: first\n" + PIN, capsys)
    assert ran.told("R-05")
    assert registered(minato, capsys).receipt, "工事 is another realm (R-19)"


def test_status_which_and_logout(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    registered(minato, capsys)
    ran = minato.run(at("港町", "工事", "登録状況") + "card: first\n" + PIN, capsys)
    assert ran.told("使えるICカードは1枚です。", "カードの会社名: " + COMPANY, "カードの名義人: 港　太郎", "使えます", "会社番号: ")
    ran = minato.run(at("港町", "工事", "「新規登録」か「カード切替」か分からないとき") + "which: 3\ncard: first\n", capsys)
    assert ran.told("「カード切替」を選んでください。")
    ran = minato.run(at("港町", "工事", "ログアウト") + "logout: yes\n", capsys)
    assert ran.told("ログアウトしました。")


def test_r16_overnight_the_other_agencies_have_it_too(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    registered(minato, capsys)
    before = minato.run(at("港湾局", "工事", "登録状況") + "card: first\n" + PIN, capsys)
    assert before.told("E-NOT-REGISTERED")
    assert minato.night().copies == 2
    after = minato.run(at("港湾局", "工事", "登録状況") + "card: first\n" + PIN, capsys)
    assert after.told("使えるICカードは1枚です。"), after.out
    ran = minato.run(at("港湾局", "工事", "内容変更") + "card: first\n" + PIN + "card_contact.person: 港　三郎\n" + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err


def test_r22_its_own_hours_and_closing_days(town_cards: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    """Open on Saturdays and holidays, closed at the year's end; each agency has its own days besides."""
    authority = Authority(now=STARTED)

    def asked(now: datetime, agency: str) -> Ran:
        with tempfile.TemporaryDirectory(prefix="ebid-") as directory:
            with town(Path(directory), town_cards, MINATO, authority, enforce_hours=True, now=lambda: now) as made:
                return made.run(at(agency, "工事", "新規登録") + "card: :cancel\n", capsys)

    closed = asked(datetime(2026, 12, 30, 10, 0, tzinfo=JAPAN), "港町")
    assert closed.told("R-22", "2027年01月01日（金）09:00")
    assert "<card>" not in closed.out
    assert not asked(datetime(2026, 12, 26, 17, 14, tzinfo=JAPAN), "港町").told("R-22"), "a Saturday"
    assert asked(datetime(2027, 6, 1, 10, 0, tzinfo=JAPAN), "港町水道企業団").told("R-22", "2027年06月02日（水）09:00")


async def test_the_screens_are_its_own_as_well(minato: Town, tmp_path: Path) -> None:
    """The same file makes the screens: its titles, labels, limits and buttons, from the entrance to the receipt."""
    parts = minato.parts()
    assert parts.tray

    async def visits(ui: Ui) -> None:
        while await visit(ui, parts.cards, parts.server, minato.profile) is not Nav.BACK:
            pass

    reports = tmp_path / "reports"
    app = EbidApp(minato.profile, visits, tray=parts.tray, cards=parts.cards, on_first_frame=parts.begin, reports=reports)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            stage = Stage(app, pilot)
            await stage.until("港町調達サービス", "発注機関", "港町水道企業団", "港湾局")
            await stage.press("1")
            await stage.until("業務区分", "工事", "物品", "役務")
            await stage.press("1")
            await stage.until("手続きの選択", "カードの手続き", "暗証の変更")
            await stage.press("1")
            await stage.until("処理の選択", "時", "分")  # it has one button, and is only told
            await stage.gone("確認しています")
            await stage.until("カードの手続きメニュー", "新規登録", "内容変更", "カード切替")
            await stage.press("1")
            await stage.until("first")
            await stage.press("1")
            await stage.until("PINの入力", "カードの名義人", "港　太郎", "操作者")
            await stage.type("123456")
            await stage.press("enter")
            await stage.until("登録業者の検索", "発注機関: 港町", "登録番号", "必須", "(半角英数字8文字)", "暗証", "検索する", "もどる")
            for value in (NUMBER, COMPANY, PASSWORD):
                await stage.type(value)
                await stage.press("enter")
            await stage.until("新規登録", "【会社】", COMPANY, "電話", "確認へ")
            typed = dict(line.split(": ", 1) for line in FORM.splitlines())
            for value in [typed[f"representative_contact.{name}"] for name in ("name", "postal_code", "address")]:
                await stage.type(value)
                await stage.press("enter")
            await stage.until("【カードと担当者】", "カードの会社名", "メール", "(半角80文字以内)")
            for name in ("email", "email_again", "name", "person"):
                await stage.type(typed[f"card_contact.{name}"])
                await stage.press("enter")
            await stage.until("新規登録の確認", "【会社】")
            while "発行者" not in await stage.press("pagedown"):
                pass
            await stage.until("【カードの証明書】", "シリアル番号", "登録する")
            await stage.press("f10")
            await stage.until("登録の完了", "カードを登録しました。", "MINATO-", "控えの印刷")
            await stage.press("f8")
            await stage.until("登録の控え", "会社番号")
    finally:
        parts.close()
    assert not reports.exists(), "it crashed"
