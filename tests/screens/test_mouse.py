"""With `mouse = true` a click does what its key does; without it no terminal is asked to report any."""

from __future__ import annotations

from ebid_tui.flows.ui import Nav
from ebid_tui.messages import t
from ebid_tui.screens.form import FormScreen
from ebid_tui.screens.quit import QuitOverlay
from ebid_tui.screens.tray import TrayOverlay
from tests.benchmarks.pty_bytes import FORM, Terminal
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import Stage, asking, stage


def cell(stage: Stage, text: str) -> tuple[int, int]:
    """Column and row of a text on the screen."""
    from rich.cells import cell_len

    for y, line in enumerate(stage.text().split("\n")):
        if text in line:
            return cell_len(line[: line.index(text)]), y
    raise AssertionError(f"{text} is not there:\n{stage.text()}")


async def click(stage: Stage, text: str) -> None:
    await stage.pilot.click(offset=cell(stage, text))
    await stage.pilot.pause()


async def test_a_click_on_a_field_moves_there() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as shown:
        await click(shown, "連絡先住所")
        screen = shown.app.screen
        assert isinstance(screen, FormScreen)
        assert screen.model.entry.field.label == "連絡先住所"
        await shown.press("三")
        assert screen.model.entry.editor.value == "三"


async def test_a_click_on_the_key_bar_is_that_key() -> None:
    flow, answers = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as shown:
        await click(shown, "戻る")
    assert answers == [Nav.BACK]


async def test_a_click_on_an_option_chooses_it() -> None:
    flow, answers = asking(lambda ui: ui.choose(scripted.menu()))
    async with stage(flow) as shown:
        await click(shown, f"1  {scripted.menu().options[0].label}")
    assert answers == [scripted.menu().options[0].id]


async def test_a_click_on_the_other_button_answers_with_it() -> None:
    flow, answers = asking(lambda ui: ui.confirm(scripted.holder()))
    async with stage(flow) as shown:
        await click(shown, f"[ {scripted.holder().yes} ]")
    assert answers == [True]


async def test_the_wheel_moves_a_page_that_is_read() -> None:
    flow, _ = asking(lambda ui: ui.review(scripted.review()))
    async with stage(flow) as shown:
        before = shown.page.view.top
        shown.page.sheet.on_mouse_scroll_down()
        assert shown.page.view.top > before


def test_the_mouse_is_not_asked_for_by_default() -> None:
    with Terminal(FORM) as terminal:
        assert b"\x1b[?1000h" not in terminal.read_until("連絡先電話番号")


async def test_a_click_in_a_panel_is_its_key_and_one_beside_it_is_none() -> None:
    """Also on a row on which a number would choose."""
    hand = Hand()
    flow, _ = asking(lambda ui: ui.choose(scripted.menu()))
    async with stage(flow, hand=hand) as shown:
        await shown.until(scripted.menu().title)
        await shown.press("f9")
        x, y = cell(shown, "2  ise-second")
        for beside in (0, 79):
            await shown.pilot.click(offset=(beside, y))
            await shown.pilot.pause()
            assert isinstance(shown.app.screen, TrayOverlay)
        await shown.pilot.click(offset=(x, y))
        await shown.pilot.pause()
    assert hand.inserted == ("ise-second",)


async def test_a_click_on_a_panels_button_chooses_it() -> None:
    flow, _ = asking(lambda ui: ui.choose(scripted.menu()))
    async with stage(flow) as shown:
        await shown.until(scripted.menu().title)
        await shown.press("ctrl+q")
        await click(shown, f"[ {t('screen.quit.no')} ]")
        assert not isinstance(shown.app.screen, QuitOverlay)
