"""資格審査情報検索 and 利用者登録 on the screen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rich.cells import cell_len

from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.messages import t
from tests.screens import scripted
from tests.screens.stage import asking, stage


def row_of(shown: str, text: str) -> int:
    return next(y for y, row in enumerate(shown.splitlines()) if text in row)


async def test_the_search_shows_marks_limits_and_the_help_of_the_field() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        shown = await s.until("資格審査情報検索")
        assert "> 業者番号     [           ] (※) (半角数字10文字)" in shown
        assert "商号又は名称" in shown
        assert "(60文字以内)" in shown
        assert "伊勢市から通知された10桁の業者番号です。" in shown
        shown = await s.press("tab")
        assert "> 商号又は名称" in shown
        assert "伊勢市から通知された商号又は名称です。" in shown
        assert "F10 検索" in shown
        assert "Esc 戻る" in shown


async def test_the_count_lives_beside_the_field() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        assert "[12345      ] (※) 5/10" in await s.type("12345")
        assert "! 11/10" in await s.type("678901")
        assert "! 10文字で入力してください（いま11文字）。" in s.text()


async def test_what_is_typed_fast_goes_to_its_own_field() -> None:
    """Keys are handled one after the other: a Tab between two words is never overtaken."""
    flow, answers = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press(*"1000000001", "tab", *"テスト工事業者０１", "tab", *"Demo-pass1", "f10")
        assert answers == [{"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}}]


async def test_enter_goes_on_and_submits_on_the_last_field() -> None:
    flow, answers = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press(*"1000000001", "enter", *"テスト工事業者０１", "enter", *"Demo-pass1", "enter")
        assert len(answers) == 1


@pytest.mark.parametrize("key", ["f10", "ctrl+s"])
async def test_the_first_faulty_field_gets_the_cursor(key: str) -> None:
    flow, answers = asking(lambda ui: ui.fill(scripted.search({"search": {"vendor_no": "1000000001", "password": "x"}})))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        shown = await s.press("tab", "tab", key)
        assert "> 商号又は名称" in shown
        assert "! 未入力です" in shown
        assert t("screen.form.faulty", count=1) in shown
        assert answers == []


async def test_a_password_is_masked_until_it_is_to_be_looked_at() -> None:
    """R-14."""
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("tab", "tab")
        shown = await s.type("Demo-pass1")
        assert "Demo-pass1" not in shown
        assert "[**********" in shown
        assert "Demo-pass1" in await s.press("f6")
        assert "Demo-pass1" not in await s.press("ctrl+t")


async def test_an_error_is_said_as_one_types_with_the_way_to_put_it_right() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("tab")
        shown = await s.type("㈱テスト")
        assert "! 1文字目の「㈱」は使えません" in shown
        assert "F7" in shown
        assert "[株式会社テスト" in await s.press("f7")


async def test_an_error_is_said_on_leaving_and_stands_below_the_field_after_a_check() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search({"search": {"trade_name": "テスト", "password": "x"}})))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.type("12345")
        shown = await s.press("tab")
        assert "[12345      ] (※) ! 5/10" in shown
        assert "! 業者番号: 10文字で入力してください（いま5文字）。" in shown
        shown = await s.press("f10")
        assert "> 業者番号     [12345      ] (※) ! 5/10\n        ! 10文字で入力してください（いま5文字）。" in shown
        assert "* " + t("screen.form.mended") in await s.type("67890")


async def test_no_row_jumps_while_one_types() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        before = await s.until("資格審査情報検索")
        await s.press("tab")
        for text in ("ｱ", "㈱", "あ"):
            shown = await s.type(text)
            assert row_of(shown, "パスワード   [") == row_of(before, "パスワード   [")
        assert "「㈱」は使えません" in shown


async def test_the_conversion_is_shown_before_it_counts() -> None:
    """R-29."""
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("tab")
        assert "変換後: テスト０１" in await s.type("ﾃｽﾄ01")
        shown = await s.press("tab")
        assert "[テスト０１" in shown
        assert "* 商号又は名称: 全角に変換しました。" in shown


async def test_a_paste_is_cut_and_said() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        shown = await s.paste("1234567890123\n")
        assert "[1234567890 ] (※) 10/10" in shown
        assert "3文字を取り除きました" in shown
        assert "改行" not in shown, "of what is left out nothing more is said"


async def test_the_registration_form_is_readable_at_80_columns() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as s:
        seen = await s.until("利用者登録")
        for _ in range(3):
            seen += "\n" + await s.press("pagedown")
        for block in scripted.registration().blocks:
            for field in block.fields:
                assert field.label in seen
                assert field.note in seen
        assert "テスト工事業者０１" in seen
        assert "指名のお知らせは、ここのメールアドレスに届きます。" in seen
        assert all(cell_len(row) <= 80 for row in seen.splitlines())


async def test_the_field_being_edited_stays_in_sight() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as s:
        await s.until("利用者登録")
        for _ in range(20):
            assert "> " in await s.press("tab")
        for _ in range(20):
            assert "> " in await s.press("shift+tab")
        assert "> 代表電話番号" in s.text()
        assert "【企業情報】" in s.text()


async def test_the_cursor_of_the_input_method_is_at_the_cell_being_edited() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as s:
        await s.until("利用者登録")
        await s.press("tab", "tab")
        await s.type("営業部")
        x, y = s.app.cursor_position
        row = s.app.screen._compositor.render_strips()[y]
        assert row.crop(0, x).text.endswith("営業部")


async def test_back_keeps_what_was_typed() -> None:
    async def flow(ui: Ui) -> None:
        assert await ui.fill(scripted.search()) is Nav.BACK
        await ui.fill(scripted.search(ui.typed("search")))

    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.type("12345")
        await s.press("escape")
        assert "[12345 " in await s.until("資格審査情報検索")


async def test_everything_typed_is_gone_after_forget() -> None:
    """R-21."""
    seen: list[Any] = []

    async def flow(ui: Ui) -> None:
        await ui.fill(scripted.search())
        seen.append(ui.typed("search"))
        ui.forget()
        seen.append(ui.typed("search"))
        await asyncio.Event().wait()

    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.type("12345")
        await s.press("f3")
        assert seen == [{"search": {"vendor_no": "12345", "trade_name": "", "password": ""}}, {}]


@pytest.mark.parametrize("key", ["f5", "ctrl+y"])
async def test_the_contact_is_copied_with_one_key(key: str) -> None:
    """From every block: the contact's own too, which was just filled in."""
    for block in ("company", "representative_contact", "card_contact"):
        flow, _ = asking(lambda ui: ui.fill(scripted.registration({"representative_contact": scripted.CONTACT})))
        async with stage(flow) as s:
            await s.until("利用者登録")
            s.page.model.go(next(n for n, entry in enumerate(s.page.model.entries) if entry.block.id == block))
            assert "7項目をコピーしました" in await s.press(key)
            assert s.page.model.typed()["card_contact"] == scripted.CONTACT


async def test_why_the_last_search_failed_stands_above_the_form_with_every_cause() -> None:
    """R-28, R-13, R-14."""
    flow, _ = asking(lambda ui: ui.fill(scripted.search(notice=scripted.not_found())))
    async with stage(flow) as s:
        shown = await s.until("! 資格審査情報が見つかりません")
        for cause in ("業者番号が10桁", "株式会社を省略しない", "0とO", "調達区分の選び違い"):
            assert cause in shown


async def test_a_long_value_is_wrapped_and_wholly_visible() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("tab")
        shown = await s.type("あいうえおかきくけこ" * 6)
        assert shown.count("あ") == 6 + shown.count("あ", 0, shown.index("> 商号"))
        assert "60/60" in shown
