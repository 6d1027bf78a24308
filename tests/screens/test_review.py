"""登録内容確認, the question of R-06, 処理完了 and the print view."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest
from textual import events

from ebid_tui.flows.comparing import CardComparison, ChoiceRow, DiffRow
from ebid_tui.flows.ui import Nav, Report, Row, Section, Ui
from ebid_tui.messages import t
from ebid_tui.widgets.frame import button_rows
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import asking, stage


async def test_everything_that_will_be_signed_can_be_read() -> None:
    flow, _ = asking(lambda ui: ui.review(scripted.review()))
    async with stage(flow) as s:
        seen = await s.until("登録内容確認")
        for _ in range(3):
            seen += "\n" + await s.press("pagedown")
        for section in scripted.sections():
            for row in section.rows:
                assert row.label in seen
                assert row.value in seen
        assert "683 (10進) / 2ab (16進)" in seen
        assert "! 企業情報とICカードの企業名称が" in seen
        assert "! 連絡先メールアドレス  test01@example.co.jp" in seen


@pytest.mark.parametrize("key", ["f10", "ctrl+s"])
async def test_it_registers_by_its_own_key_and_only_after_every_row_was_seen(key: str) -> None:
    flow, answers = asking(lambda ui: ui.review(scripted.review()))
    async with stage(flow) as s:
        await s.until("登録内容確認")
        assert t("screen.review.unread", next="PgDn") in s.text()
        await s.press("end")
        assert t("screen.review.unread", next="PgUp") in s.text(), "rows between were never on the screen"
        while "押すと「登録」を実行します" not in await s.press(key):
            assert answers == [], "it leads to what was not seen"
            assert t("screen.review.not_yet", next="PgDn", key="F10") in s.text()
        await s.press("enter", "enter")
        assert answers == []
        await s.press(key)
        assert answers == [True]


async def test_ten_of_its_keys_in_one_read_register_nothing() -> None:
    """Each of them shows the next page; nobody has seen what was there for no time at all."""
    flow, answers = asking(lambda ui: ui.review(scripted.review()))
    async with stage(flow) as s:
        await s.until("登録内容確認")
        await s.press(*["f10"] * 10)
        assert answers == []
        await s.press(*["pagedown"] * 5, *["f10"] * 5)
        assert answers == []
        for _ in range(10):
            await s.press("f10")
        assert answers == [True]


async def test_what_was_seen_counts_at_another_size_and_under_a_panel_nothing_does() -> None:
    flow, answers = asking(lambda ui: ui.review(scripted.review()))
    async with stage(flow) as s:
        await s.until("登録内容確認")
        await s.press("pagedown")
        review = s.page
        first = set(review.seen._whole)
        await s.press("ctrl+q")
        await s.pilot.resize_terminal(200, 60)
        await s.until("終了しますか")
        assert review.seen._whole >= first
        await s.press("f10")
        await s.pilot.resize_terminal(60, 20)
        await s.pilot.resize_terminal(80, 24)
        await s.press("escape")
        await s.gone("終了しますか")
        assert answers == []
        await s.pilot.resize_terminal(132, 60)
        await s.until("登録内容確認", "押すと「登録」を実行します")
        await s.press("f10")
        assert answers == [True], "everything is on the screen"


@pytest.mark.parametrize("key", ["escape", "f3"])
async def test_back_leads_back(key: str) -> None:
    flow, answers = asking(lambda ui: ui.review(scripted.review()))
    async with stage(flow) as s:
        await s.until("登録内容確認")
        await s.press(key)
        assert answers == [Nav.BACK]


async def test_a_key_struck_before_the_page_was_seen_does_not_answer_it() -> None:
    flow, answers = asking(lambda ui: ui.confirm(scripted.holder()))
    async with stage(flow) as s:
        await s.until("ICカードの名義の確認")
        for name in ("down", "enter"):
            early = events.Key(name, None)
            early.time = s.page.seen_at - 0.001
            s.app.post_message(early)
        await s.pilot.pause()
        assert answers == []
        assert early.time < time.monotonic()


async def test_the_careful_answer_is_the_one_that_is_chosen() -> None:
    """R-06."""
    for keys, answer in ((["enter"], False), (["escape"], False), (["down", "enter"], True), (["down", "up", "enter"], False)):
        flow, answers = asking(lambda ui: ui.confirm(scripted.holder()))
        async with stage(flow) as s:
            shown = await s.until("ICカードの名義の確認")
            assert ">[ いいえ。登録しません ]" in shown
            assert "テスト０６株式会社 / テスト　六郎" in shown
            await s.press(*keys)
            assert answers == [answer]


async def test_the_receipt_its_mail_and_the_print() -> None:
    """R-12, R-20."""
    flow, answers = asking(lambda ui: ui.done(scripted.done()))
    async with stage(flow) as s:
        shown = await s.until("処理完了")
        assert "利用者登録が完了しました。" in shown
        assert "ISE-20261121-0001" in shown
        assert "2026/11/21 18:11:05" in shown
        assert "test01@example.co.jp" in shown
        shown = await s.press("f8")
        assert "利用者情報" in shown
        assert "代表者氏名            個人　十郎" in shown
        assert "照合番号 0123456789abcdef" in await s.press("end")
        assert "処理完了" in await s.press("escape")
        assert answers == []
        await s.press("enter")
        assert answers == [None]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["enter"], "retry"), (["escape"], "back"), (["right", "enter"], "back"), (["left", "enter"], "cancel"), (["f3"], "back")],
)
async def test_trouble_names_the_error_the_helpdesk_and_the_ways_on(keys: list[str], answer: str) -> None:
    flow, answers = asking(lambda ui: ui.trouble(scripted.trouble()))
    async with stage(flow) as s:
        shown = await s.until("サーバーに接続できません")
        assert "E-SERVER-AWAY" in shown
        assert "0570-03-2505" in shown
        assert ">[ 再試行 ]" in shown
        await s.press(*keys)
        assert answers == [answer]


@pytest.mark.parametrize(
    ("keys", "answer"), [(["enter"], "back"), (["escape"], "back"), (["right", "enter"], "agency"), (["left", "enter"], "category")]
)
async def test_what_mends_a_refusal_is_a_button_and_what_it_is_about_is_named(keys: list[str], answer: str) -> None:
    flow, answers = asking(lambda ui: ui.trouble(scripted.search_refused()))
    async with stage(flow) as s:
        shown = await s.until("資格審査情報が見つかりません")
        assert all(part in shown for part in (">[ 入力に戻る ]", "[ 調達機関を選び直す ]", "[ 調達区分を選び直す ]", "コード R-28"))
        assert "業者番号" in shown
        assert "1000000001" in shown
        await s.press(*keys)
        assert answers == [answer]


async def test_buttons_take_as_many_rows_as_they_need() -> None:
    rows = button_rows(["あ" * 20, "い" * 20, "う"], 1, 80)
    assert [["[ " in text for text, _ in row].count(True) for row in rows] == [1, 2]
    assert "".join(text for text, _ in rows[1]).startswith("    >[ い")


async def test_two_cards_side_by_side_tell_differences_by_sign() -> None:
    comparison = CardComparison(
        id="review", title="電子証明書更新確認", current="現在使用しているICカード", new="新規に使用するICカード",
        rows=(
            DiffRow("企業名称", "建設工事００５", "建設工事００５", "equal"),
            DiffRow("ICカード企業名称", "テスト０６株式会社", "テスト２０株式会社", "notable", "会社名が違います。"),
            DiffRow("証明書シリアル番号", "659 (10進) / 293 (16進)", "673 (10進) / 2a1 (16進)", "changed"),
        ),
        warnings=("更新すると、いまのカードではログインできなくなります。",), question="よろしければ「更新」を選んでください。",
        submit="更新", back="戻る",
    )  # fmt: skip
    flow, answers = asking(lambda ui: ui.compare(comparison))
    async with stage(flow) as s:
        shown = await s.until("電子証明書更新確認")
        assert " ! ICカード企業名称" in shown
        assert " * 証明書シリアル番号" in shown
        assert "会社名が違います。" in shown
        await s.press("f10")
        assert answers == [True]


async def test_a_report_is_read_to_its_end_and_closed() -> None:
    rows = tuple(Row(f"項目{n}", "値") for n in range(40))
    report = Report("status", "登録状況", (Section("業者概要", rows),), "登録されている内容です。", "閉じる")
    flow, answers = asking(lambda ui: ui.read(report))
    async with stage(flow) as s:
        assert t("screen.more.below", down="PgDn") in await s.until("登録状況")
        assert "項目39" in await s.press("enter", "enter")
        await s.press("enter")
        assert answers == [None]


async def test_every_screen_in_the_order_of_a_registration() -> None:
    async def flow(ui: Ui) -> object:
        result = await scripted.every_screen(ui)
        results.append(result)
        await asyncio.Event().wait()
        return result

    from tests.screens.plastic import Hand

    results: list[object] = []
    hand = Hand()
    async with stage(flow, hand=hand) as s:
        await s.until("調達区分")
        await s.press("1")
        await s.until("利用者登録メニュー")
        await s.press("1")
        await s.until("デモ用カード")
        await s.press("1")
        await s.until("PIN番号入力ダイアログ", "3回")
        await s.press(*"123456", "enter")
        await s.until("ただいまICカードにアクセス中です")
        await s.until("あと1回")
        await s.press(*"123456", "enter")
        await s.until("資格審査情報検索")
        await s.press(*"1000000001", "tab", *"テスト工事業者０１", "tab", *"Demo-pass1", "f10")
        await s.until("資格審査情報が見つかりません")
        await s.press("f10")
        await s.until("ICカードの名義の確認")
        await s.press("down", "enter")
        await s.until("利用者登録", "【企業情報】")
        await s.press("f10")
        await s.until("登録内容確認")
        await s.press("escape")
        await s.until("登録する内容を入力してください")
        await s.press("f10")
        await s.until("登録内容確認")
        while "押すと「登録」を実行します" not in await s.press("pagedown"):
            pass
        await s.press("f10")
        await s.until("サーバーに接続できません")
        await s.press("enter")
        await s.until("処理完了")
        await s.press("escape")
        await s.came(lambda: results)
        assert results == [scripted.receipt()]
        assert s.app.voice.typed("registration") == {}


@pytest.mark.parametrize(("keys", "chosen"), [(["f4"], True), (["c"], True), (["f4", "f4"], False), ([], False)])
async def test_r16_a_row_is_chosen_by_its_key_and_says_what_follows(keys: list[str], chosen: bool) -> None:
    row = ChoiceRow("propagate", "機関: 港町", "ほかにも反映する", False, "広がります。", "ここだけです。")
    kept: list[bool | None] = []

    async def confirmed(ui: Ui) -> object:
        answer = await ui.review(msgspec.structs.replace(scripted.review(), choice=row))
        kept.append(ui.chosen("review"))
        return answer

    flow, answers = asking(confirmed)
    async with stage(flow) as s:
        await s.until("登録内容確認")
        for key in ("pagedown", "pagedown", "pagedown", "pagedown", "end", *keys):
            await s.press(key)
        shown = await s.until(("[x] " if chosen else "[ ] ") + "ほかにも反映する")
        assert ("広がります。" in shown, "ここだけです。" in shown, "機関: 港町" in shown) == (chosen, not chosen, True)
        await s.press("f10")
        assert (answers, kept) == ([True], [chosen])


async def test_r16_what_was_chosen_is_kept_when_the_page_is_left() -> None:
    row = ChoiceRow("propagate", "機関: 港町", "ほかにも反映する", False, "広がります。", "ここだけです。")
    kept: list[bool | None] = []

    async def left(ui: Ui) -> object:
        answer = await ui.review(msgspec.structs.replace(scripted.review(), choice=row))
        kept.append(ui.chosen("review"))
        ui.forget()
        kept.append(ui.chosen("review"))
        return answer

    flow, answers = asking(left)
    async with stage(flow) as s:
        await s.until("登録内容確認")
        await s.press("f4", "escape")
        assert (answers, kept) == ([Nav.BACK], [True, None])


async def test_r47_a_dialog_that_is_always_shown_waits_for_its_key_where_a_card_is_in() -> None:
    flow, answers = asking(lambda ui: ui.insert_card(msgspec.structs.replace(scripted.card(), first=True)))
    async with stage(flow, hand=Hand("ise-second")) as s:
        shown = await s.until(scripted.card().lead)
        assert t("screen.card.ok") in shown, "the card is in: it is only to be said"
        assert answers == []
        await s.press("enter")
        assert answers == [None]
