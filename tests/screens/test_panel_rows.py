"""A panel has its rows for itself: on them nothing of what is below is seen, whatever that is; above and below them nothing changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import LayoutUpdate

from ebid_tui.app import EbidApp
from ebid_tui.flows.ui import Report, Row, Section, Ui
from ebid_tui.forms.known import Suggestion
from ebid_tui.kiosk.screens import CountdownOverlay, EndOverlay, SecretOverlay
from ebid_tui.messages import t
from ebid_tui.printing.printers import Printer
from ebid_tui.screens import busy
from ebid_tui.screens.base import Page
from ebid_tui.screens.busy import BusyOverlay
from ebid_tui.screens.choose_known import KnownOverlay, NarrowedOverlay
from ebid_tui.screens.choose_one import ListOverlay
from ebid_tui.screens.choose_printer import PrinterOverlay
from ebid_tui.screens.leave import LeaveOverlay
from ebid_tui.screens.overlay import Overlay
from ebid_tui.screens.quit import QuitOverlay
from ebid_tui.screens.save_page import SaveOverlay
from ebid_tui.screens.too_small import TooSmallOverlay
from ebid_tui.screens.tray import TrayOverlay
from ebid_tui.widgets.sheet import cells
from ebid_tui.widgets.styled_lines import Line, width_of
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import Stage, asking, stage, still
from tests.screens.test_input_method import save, secret
from tests.screens.test_keys import SCREENS
from tests.screens.test_on_top import KNOWN, PAGES, signs_on
from tests.terminal.test_screen_updates_screens import Watched, settled

SIZES = [(80, 24), (100, 30), (133, 43)]
VALUE = "全角の長い値が、行の右端まで続きます。" * 8
WIDE = Report("r", "登録状況", (Section("概要", tuple(Row(f"項目{n}", VALUE) for n in range(40))),), "", "閉じる")
OVER: dict[str, tuple[Callable[[Ui], Awaitable[object]], str]] = {**PAGES, "wide": (lambda ui: ui.read(WIDE), "登録状況")}
TOWNS: Any = [Suggestion(None, f"愛知県清須市春日{n:02}", f"愛知県清須市春日{n:02}") for n in range(66)]  # type: ignore[arg-type] # nobody takes one
PRINTERS = [Printer("lp1", "総務課", "2階", default=True), Printer("lp2", accepting=False)]

Make = Callable[[EbidApp, Path], Any]
PANELS: dict[type[Overlay], Make] = {
    QuitOverlay: lambda app, _: QuitOverlay(app.office, lambda: None, "lost"),
    LeaveOverlay: lambda app, _: LeaveOverlay(app.office, ("screen.leave.pin",), lambda: None),
    TrayOverlay: lambda app, _: TrayOverlay(app.office, Hand("ise-new")),
    KnownOverlay: lambda app, _: KnownOverlay(app.office, KNOWN, lambda _: None),
    NarrowedOverlay: lambda app, _: NarrowedOverlay(app.office, TOWNS, lambda _: None),
    PrinterOverlay: lambda app, _: PrinterOverlay(app.office, PRINTERS, lambda _: None),
    BusyOverlay: lambda app, _: BusyOverlay(app.office, t("screen.busy.wait")),
    CountdownOverlay: lambda app, _: CountdownOverlay(app.office, 30),
    SaveOverlay: save,
    SecretOverlay: secret,
}
WHOLE: dict[type[Overlay], Make] = {
    TooSmallOverlay: lambda app, _: TooSmallOverlay(app.office, (80, 24)),
    EndOverlay: lambda app, _: EndOverlay(app.office, t("kiosk.end.wiping")),
}
"""They leave nothing of what is below."""

UPPER = QuitOverlay, CountdownOverlay, NarrowedOverlay


def test_every_panel_of_the_program_is_tried_here() -> None:
    assert PANELS.keys() | WHOLE.keys() == {kind for kind in SCREENS if issubclass(kind, Overlay)} - {Overlay, ListOverlay}


def painted(s: Stage) -> list[list[tuple[str, Style]]]:
    """Every cell of the screen; the second of a wide character is empty."""
    update = s.app.screen._compositor.render_update(full=True, screen_stack=s.app._background_screens)
    assert isinstance(update, LayoutUpdate)
    return [[cell for part in row for text, style, _ in part for cell in _cells(text, style or Style.null())] for row in update.strips]


def _cells(text: str, style: Style) -> list[tuple[str, Style]]:
    return [(char, style) for char, _ in cells(((text, ""),))]


def _ground(style: Style) -> str:
    return "default" if style.bgcolor is None else style.bgcolor.name


def characters(row: Line) -> list[str]:
    return [char for char, _ in cells(row)]


def surfaces(s: Stage) -> list[Any]:
    """The page and the panels over it, the uppermost first."""
    stack = [screen for screen in s.app.screen_stack if isinstance(screen, (Page, Overlay))]
    return list(reversed(stack[max(at for at, screen in enumerate(stack) if isinstance(screen, Page)) :]))


def rows_are_kept(s: Stage) -> None:
    """Each row shows the uppermost panel that covers it, and of it only the frame; else the page."""
    width, height = s.app.size
    shown = painted(s)
    assert [len(row) for row in shown] == [width] * height
    ground = _ground(s.app.office.page["text"])
    for y, row in enumerate(shown):
        surface = next(each for each in surfaces(s) if each.sheet.region.y <= y < each.sheet.region.bottom)
        assert [char for char, _ in row] == characters(surface.sheet.lines[y - surface.sheet.region.y])
        if isinstance(surface, Overlay) and type(surface) not in WHOLE:
            frame = max(map(width_of, surface.lines(width - 8))) + 4
            assert frame <= width
            left = (width - frame) // 2
            beside = row[:left] + row[left + frame :]
            assert {char for char, _ in beside} <= {" "}, "".join(char for char, _ in row)
            assert {_ground(style) for _, style in beside} <= {ground}
            assert {char for char, _ in row[left : left + 2] + row[left + frame - 2 : left + frame]} == {" "}


async def over(s: Stage, make: Make, directory: Path) -> Any:
    panel = make(s.app, directory)
    await s.app.push_screen(panel)
    await s.pilot.pause()
    return panel


@pytest.fixture(autouse=True)
def bar_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "STEP", 3600.0)


@pytest.mark.parametrize(
    ("page", "look", "size"),
    [
        *((page, "colours", SIZES[0]) for page in OVER),
        *((page, look, size) for page in ("form", "wide") for look in ("colours", "mono", "ascii") for size in SIZES[look == "colours" :]),
    ],
)
async def test_beside_a_panel_stands_nothing(
    page: str, size: tuple[int, int], look: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if look == "mono":
        monkeypatch.setenv("NO_COLOR", "1")
    request, title = OVER[page]
    flow, _ = asking(request)
    async with stage(flow, hand=Hand(), size=size) as s:
        s.app.ascii_only = look == "ascii"
        s.page.repaint()
        before = await s.until(title)
        for make in (*PANELS.values(), *WHOLE.values()):
            await over(s, make, tmp_path)
            rows_are_kept(s)
            s.app.pop_screen()
            await s.pilot.pause()
            assert s.text() == before


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("lower", PANELS, ids=lambda kind: kind.__name__)
async def test_nor_beside_a_panel_over_a_panel(lower: type[Overlay], size: tuple[int, int], tmp_path: Path) -> None:
    flow, _ = asking(OVER["wide"][0])
    async with stage(flow, hand=Hand(), size=size) as s:
        await s.until("登録状況")
        below = await over(s, PANELS[lower], tmp_path)
        before = s.text()
        for upper in UPPER:
            await over(s, PANELS[upper], tmp_path)
            rows_are_kept(s)
            assert signs_on(below) == [], "keys go elsewhere"
            s.app.pop_screen()
            await s.pilot.pause()
            assert s.text() == before


@pytest.mark.parametrize("kind", PANELS, ids=lambda kind: kind.__name__)
async def test_nor_after_the_terminal_has_another_size(kind: type[Overlay], tmp_path: Path) -> None:
    flow, _ = asking(OVER["form"][0])
    async with stage(flow, hand=Hand()) as s:
        await s.until("【企業情報】")
        await over(s, PANELS[kind], tmp_path)
        for size in (*SIZES, (60, 20), (81, 25), SIZES[0]):
            await s.pilot.resize_terminal(*size)
            await s.pilot.pause()
            rows_are_kept(s)


@pytest.mark.parametrize("whole", [False, True], ids=["", "under a front end"])
async def test_a_panel_that_shrinks_and_grows_leaves_nothing_on_the_terminal(whole: bool, tmp_path: Path) -> None:
    flow, _ = asking(OVER["form"][0])
    app = Watched(scripted.profile(), flow, clock=still(), own_cursor=True)
    app.begin(80, 24)
    app._wire.whole = whole
    app.COLOURS = ColorSystem.STANDARD if whole else app.COLOURS
    async with app.run_test(size=(80, 24)) as pilot:
        s = Stage(app, pilot)
        await s.until("【企業情報】")
        panel = await over(s, PANELS[NarrowedOverlay], tmp_path)
        heights = set()
        for key in (*"春日6", "5", "9", "backspace", "backspace", "backspace", "ctrl+u", "x", "ctrl+q", "escape"):
            await s.press(key)
            await settled(app, pilot)
            rows_are_kept(s)
            heights.add(panel.sheet.size.height)
        assert len(heights) > 2


async def test_a_line_that_comes_has_its_row_and_its_margin(tmp_path: Path) -> None:
    """Whatever made the panel longer: nobody has to think of its size."""
    flow, _ = asking(OVER["menu"][0])
    async with stage(flow) as s:
        await s.until("利用者登録メニュー")
        panel = await over(s, PANELS[BusyOverlay], tmp_path)
        rows = panel.sheet.size.height
        panel.said = t("screen.busy.quit_later")
        panel.repaint()
        await s.pilot.pause()
        assert panel.sheet.size.height > rows
        rows_are_kept(s)
