"""Every panel over every page: the foot shows the keys of what is on top, and nothing of the page below looks as if keys went there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
import pytest

from ebid_tui.flows.ui import Blocks, Report, Row, Section, Ui
from ebid_tui.forms.known import Suggestion
from ebid_tui.messages import t
from ebid_tui.screens.busy import BusyOverlay
from ebid_tui.screens.choose_known import KnownOverlay
from ebid_tui.screens.overlay import Overlay
from ebid_tui.screens.quit import QuitOverlay
from ebid_tui.screens.tray import TrayOverlay
from ebid_tui.widgets.keys import keys_of
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import Stage, asking, stage

LONG = Report("r", "登録状況", (Section("概要", tuple(Row(f"項目{n}", "値") for n in range(40))),), "", "閉じる")
PAGES: dict[str, tuple[Callable[[Ui], Awaitable[object]], str]] = {
    "menu": (lambda ui: ui.choose(scripted.menu()), "利用者登録メニュー"),
    "search": (lambda ui: ui.fill(scripted.search()), "資格審査情報検索"),
    "form": (lambda ui: ui.fill(scripted.registration(scripted.filled())), "【企業情報】"),
    "pin": (lambda ui: ui.ask_pin(scripted.pin()), "PIN番号入力ダイアログ"),
    "card": (lambda ui: ui.insert_card(scripted.card()), "リーダーに入れてください"),
    "holder": (lambda ui: ui.confirm(scripted.holder()), "ICカードの名義の確認"),
    "review": (lambda ui: ui.review(scripted.review()), "登録内容確認"),
    "report": (lambda ui: ui.read(LONG), "登録状況"),
    "trouble": (lambda ui: ui.trouble(scripted.trouble()), "サーバーに接続できません"),
    "done": (lambda ui: ui.done(scripted.done()), "処理完了"),
}
KNOWN: Any = [Suggestion(None, "伊勢市", "伊勢市")] * 3  # type: ignore[arg-type] # nobody takes one
PANELS: dict[str, Callable[[Stage], Overlay]] = {
    "quit": lambda s: QuitOverlay(s.app.office, lambda: None, ""),
    "tray": lambda s: TrayOverlay(s.app.office, Hand("ise-new")),
    "known": lambda s: KnownOverlay(s.app.office, KNOWN, lambda _: None),
    "busy": lambda s: BusyOverlay(s.app.office, "処理中です"),
}


def signs(s: Stage) -> list[str]:
    """Those of the lowest page."""
    return signs_on(next(screen for screen in s.app.screen_stack if not isinstance(screen, Overlay) and hasattr(screen, "sheet")))


def signs_on(surface: Any) -> list[str]:
    """Roles and marks of a page or panel that say where one is."""
    painted = [piece for row in surface.sheet.lines for piece in row]
    return [role for text, role in painted if role in ("cursor", "selected") or (role == "marker" and text.strip())]


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("page", PAGES)
async def test_the_keys_are_those_of_what_is_on_top(page: str, panel: str) -> None:
    request, title = PAGES[page]
    flow, _ = asking(request)
    async with stage(flow, hand=Hand()) as s:
        before = await s.until(title)
        over = PANELS[panel](s)
        s.app.push_screen(over)
        await s.pilot.pause()
        shown = await s.until(title) if page not in ("card", "trouble") else s.text()
        bar = shown.splitlines()[-1]
        told = [word for entry in list(over.keys()) for word in (entry.key, *entry.label.split())]
        assert bar.split() == [*told, "Ctrl+Q", "終了"]
        assert signs(s) == []
        assert t("screen.more.below", down="PgDn").strip() not in shown
        await s.pilot.resize_terminal(120, 40)
        await s.pilot.resize_terminal(80, 24)
        await s.pilot.pause()
        assert s.text().splitlines()[-1].split() == bar.split()
        s.app.pop_screen()
        await s.pilot.pause()
        assert s.text() == before


@pytest.mark.parametrize(("made", "said"), [(True, "screen.quit.kept"), (False, "screen.quit.lost"), (None, "screen.quit.lost")])
async def test_the_question_whether_to_quit_tells_what_becomes_of_what_was_typed(made: bool | None, said: str) -> None:
    kept: list[Blocks] = []

    def keep(values: Blocks) -> bool:
        kept.append(values)
        return bool(made)

    form = msgspec.structs.replace(scripted.registration(), keep=None if made is None else keep)
    flow, _ = asking(lambda ui: ui.fill(form))
    async with stage(flow) as s:
        await s.until("【企業情報】")
        await s.type("途中")
        shown = (await s.press("ctrl+c")).replace(" ", "").replace("\n", "")
        assert t(said)[:20] in shown
        assert bool(kept) == (made is not None), "it is kept when it is said"


async def test_where_nothing_was_typed_nothing_is_said_of_it() -> None:
    flow, _ = asking(lambda ui: ui.choose(scripted.menu()))
    async with stage(flow) as s:
        await s.until("利用者登録メニュー")
        shown = await s.press("ctrl+c")
        assert "終了しますか。" in shown
        assert "入力した" not in shown


async def test_keys_that_are_not_shown_do_nothing_in_a_form() -> None:
    """F4 and F5 work where they are offered, and nowhere else."""
    flow, _ = asking(lambda ui: ui.fill(scripted.registration(scripted.filled())))
    async with stage(flow) as s:
        await s.until("【企業情報】")
        for _ in range(len(s.page.model.entries)):
            bar = s.text().splitlines()[-1]
            for key, name in (("f4", "form.fill"), ("f5", "form.copy")):
                before = s.page.model.typed(), s.page.model.said
                await s.press(key)
                changed = (s.page.model.typed(), s.page.model.said) != before
                assert changed == (f"{keys_of(name)[0]} " in bar), (key, bar)
            await s.press("tab")


@pytest.mark.parametrize("count", [1, 2, 9])
async def test_number_keys_are_shown_where_there_is_a_choice(count: int) -> None:
    menu = scripted.menu()
    options = (menu.options * 12)[:count]
    flow, _ = asking(lambda ui: ui.choose(msgspec.structs.replace(menu, options=options)))
    async with stage(flow) as s:
        bar = (await s.until(menu.title)).splitlines()[-1]
        assert (f"1-{min(count, 9)} " in bar) == (count > 1)


@pytest.mark.parametrize("ways", [("retry",), ("retry", "cancel")])
async def test_one_button_needs_no_key_for_another(ways: tuple[Literal["retry", "cancel"], ...]) -> None:
    flow, _ = asking(lambda ui: ui.trouble(msgspec.structs.replace(scripted.trouble(), ways=ways)))
    async with stage(flow) as s:
        bar = (await s.until("サーバーに接続できません")).splitlines()[-1]
        assert ("Right" in bar) == (len(ways) > 1)
