"""R-20: the print view: a page to a real CUPS, what its printer reports, and a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows.ui import Ui
from ebid_tui.printing.printers import Cups
from ebid_tui.printing.targets import PrintTargets
from tests.printing.conftest import needs_font
from tests.printing.cupsd import PrivateCups, missing
from tests.screens import scripted
from tests.screens.stage import asking, stage

needs_cups = pytest.mark.skipif(bool(missing()), reason=missing() or "-")


@pytest.fixture(scope="module")
def daemon() -> Iterator[PrivateCups]:
    with PrivateCups() as cups:
        yield cups


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebid_tui.printing.printout.EVERY", 0.05)


def to(server: str, *, printer: str = "", to_file: bool = True, deadline: float = 5.0) -> Callable[[Profile], PrintTargets]:
    return lambda profile: PrintTargets(profile, Cups(server, deadline=deadline), printer, to_file)


def ending() -> tuple[Callable[[Ui], Awaitable[object]], list[object]]:
    return asking(lambda ui: ui.done(scripted.done()))


@needs_cups
async def test_two_keys_print_where_there_is_one_printer(daemon: PrivateCups) -> None:
    """R-20."""
    flow, answers = ending()
    before = len(daemon.settled("desk"))
    async with stage(flow, outlet=to(daemon.server, printer="desk")) as s:
        await s.until("処理完了", "F8 印刷")
        await s.press("f8")
        await s.until("利用者情報", "F8 印刷する")
        await s.press("f8")
        await s.until("事務室のプリンター", "印刷が終わりました")
        pages = daemon.printed("desk")[before:]
        assert len(pages) == 1
        assert pages[0].startswith(b"%PDF-")
        await s.press("escape", "escape")
        assert answers == [None]


@needs_cups
async def test_of_several_printers_one_is_chosen_and_says_what_ails_it(daemon: PrivateCups) -> None:
    flow, _ = ending()
    before = len(daemon.settled("desk"))
    async with stage(flow, outlet=to(daemon.server)) as s:
        await s.until("処理完了")
        await s.press("f8")
        await s.until("印刷する")
        await s.press("f8")
        shown = await s.until(
            "プリンターを選んでください", "事務室のプリンター", "（標準）", "受け付けていません", "プリンターが停止されています"
        )
        assert "使えます" in shown
        await s.press("1")
        await s.until("印刷が終わりました")
        assert len(daemon.printed("desk")) == before + 1


@needs_cups
async def test_out_of_paper_is_told_until_there_is_some_and_the_flow_can_be_left_meanwhile(daemon: PrivateCups) -> None:
    flow, answers = ending()
    daemon.say("desk", "media-empty-error")
    try:
        async with stage(flow, outlet=to(daemon.server, printer="desk")) as s:
            await s.until("処理完了")
            await s.press("f8")
            await s.until("印刷する")
            await s.press("f8")
            await s.until("! 用紙がありません。用紙を補給してください。", "Del 印刷をやめる")
            await s.press("escape")  # the view; the job is still known when it is opened again
            await s.until("処理完了", "受付番号")
            await s.press("f8")
            await s.until("用紙がありません。")
            await s.press("f8")
            assert daemon.command("lpstat", "-o", "desk").count("desk-") == 1, "a page must not be sent twice"
            daemon.say("desk", "")
            await s.until("印刷が終わりました")
            daemon.say("desk", "cover-open")
            await s.press("f8")
            await s.until("カバーが開いています。")
            await s.press("escape", "escape")
            assert answers == [None]
    finally:
        daemon.say("desk", "")


@needs_cups
async def test_a_page_can_be_taken_back(daemon: PrivateCups) -> None:
    flow, _ = ending()
    daemon.say("desk", "media-jam-error")
    try:
        async with stage(flow, outlet=to(daemon.server, printer="desk")) as s:
            await s.until("処理完了")
            await s.press("f8")
            await s.until("印刷する")
            await s.press("f8")
            await s.until("用紙が詰まっています。")
            await s.press("delete")
            await s.until("印刷を取り消しました", "F8 印刷する")
    finally:
        daemon.say("desk", "")


@needs_cups
async def test_a_hung_print_server_keeps_neither_screen_nor_flow(daemon: PrivateCups) -> None:
    flow, answers = ending()
    daemon.hang(True)
    try:
        async with stage(flow, outlet=to(daemon.server, deadline=0.5)) as s:
            await s.until("処理完了")
            await s.press("f8")
            await s.until("印刷する")
            await s.press("f8")
            await s.until("プリンターを調べています。")
            await s.press("pagedown")
            await s.until("! 印刷サーバーが応答しません。")
            await s.press("f8")
            await s.press("escape", "escape")
            assert answers == [None]
    finally:
        daemon.hang(False)


@needs_cups
async def test_a_printer_that_the_settings_name_and_is_gone_is_told(daemon: PrivateCups) -> None:
    flow, _ = ending()
    async with stage(flow, outlet=to(daemon.server, printer="lost")) as s:
        await s.until("処理完了")
        await s.press("f8")
        await s.until("印刷する")
        await s.press("f8")
        await s.until("設定されたプリンター（lost）がありません。")


@needs_font
async def test_a_page_is_saved_and_not_over_another_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flow, _ = ending()
    async with stage(flow, outlet=to(str(tmp_path / "s"))) as s:
        await s.until("処理完了")
        await s.press("f8")
        await s.until("F2 ファイルに保存")
        await s.press("f2")
        await s.until("ファイル名", "控え-")
        await s.press("ctrl+u", *"x.pdf", "enter")
        await s.until("保存しました:")
        assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")
        (tmp_path / "x.pdf").write_text("old")
        await s.press("f2")
        await s.until("ファイル名")
        await s.press("ctrl+u", "x", "tab")
        await s.until("[x.pdf")
        await s.press("enter")
        await s.until("同じ名前のファイルがあります。")
        assert (tmp_path / "x.pdf").read_text() == "old"
        await s.press("enter")
        await s.came(lambda: (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-"))
        await s.until("保存しました:")


@needs_font
async def test_where_nothing_can_be_written_it_says_so_and_keeps_the_name(tmp_path: Path) -> None:
    flow, _ = ending()
    async with stage(flow, outlet=to(str(tmp_path / "s"))) as s:
        await s.until("処理完了")
        await s.press("f8")
        await s.until("ファイルに保存")
        await s.press("f2")
        await s.until("ファイル名")
        await s.press("ctrl+u", *f"{tmp_path}/no/x.pdf", "enter")
        await s.until("ファイルに保存できませんでした")
        assert s.page.editor.value == f"{tmp_path}/no/x.pdf"
        await s.press("escape")
        await s.gone("ファイル名")


async def test_a_kiosk_saves_no_files(tmp_path: Path) -> None:
    flow, _ = ending()
    async with stage(flow, outlet=to(str(tmp_path / "s"), to_file=False)) as s:
        await s.until("処理完了")
        await s.press("f8")
        shown = await s.until("印刷する")
        assert "ファイルに保存" not in shown
        assert "ファイル名" not in await s.press("f2", "s")
