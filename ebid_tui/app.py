"""The Textual app: shows the steps of a flow, the overlays over them, and a clean message if anything breaks.

It knows neither client nor server nor card worker: the flow comes as a coroutine function over `flows.ui.Ui`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.console import RenderableType
from rich.style import Style
from textual import events
from textual.await_complete import AwaitComplete
from textual.driver import Driver
from textual.geometry import Offset
from textual.message import Message
from textual.timer import Timer

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows.ui import Report, Ui
from ebid_tui.language import LANGUAGES, language, remember_origins, speak, use_words
from ebid_tui.messages import t
from ebid_tui.process.ending import gone_soon
from ebid_tui.screens.base import Page, Step, Surface
from ebid_tui.screens.screen_stack import ScreenStack
from ebid_tui.screens.voice import ScreenUi
from ebid_tui.terminal.app import TerminalApp
from ebid_tui.terminal.escape import EscapeGuard
from ebid_tui.terminal.keys import half_width
from ebid_tui.widgets.clock import ServerClock
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.keys import bindings, use_keymap
from ebid_tui.widgets.role_styles import RoleStyles

if TYPE_CHECKING:
    from ebid_tui.card.interface import Cards, CardTray, ReaderState
    from ebid_tui.printing.targets import PrintTargets

Flow = Callable[[Ui], Awaitable[object]]
"""What the app runs; when it returns, the app ends with its result."""

PROBED_WIDE = (2, 1)
"""Column and row of the cursor behind a character that took two cells."""

FIRST_STEP = 0.5
"""Seconds that the first frame waits for the flow's first step."""


class ReadersChanged(Message):
    """A card was put in or taken out; posted from the card's thread."""

    def __init__(self, readers: tuple[ReaderState, ...]) -> None:
        super().__init__()
        self.readers = readers


class EbidApp(TerminalApp, inherit_bindings=False):
    """`run` is the flow; `cards` tells of insertions and removals; `tray` is the demo's virtual reader.

    `on_first_frame` is called once, after the first menu has been painted: what is slow to start is started there.
    `ambiguous`: what becomes of characters that some terminals draw in two cells (settings.Settings.ambiguous).
    `keymap` is a file of one's own keys (screens/keymap.py).
    `own_cursor`: where one types, the terminal's own cursor is shown, instead of a painted one (which costs more to send).
    `reports` is where a crash leaves its report (no personal data); None: the user's state directory.
    """

    CSS = """
    Sheet { width: 100%; height: 100%; }
    Overlay { align: center middle; background: transparent; }
    ToastRack { overflow: hidden; }  /* there are no toasts, and its scrollbars cost the first frame 4 ms */
    """
    TITLE = "ebid-tui"
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS: ClassVar[str | None] = ""
    ESCAPE_TO_MINIMIZE = False
    BINDINGS = bindings("app.quit", "app.redraw")

    def __init__(
        self,
        profile: Profile,
        run: Flow,
        *,
        tray: CardTray | None = None,
        cards: Cards | None = None,
        outlet: Callable[[Profile], PrintTargets] | None = None,
        on_first_frame: Callable[[], None] | None = None,
        clock: ServerClock | None = None,
        theme_file: Path | None = None,
        themes_directory: Path | None = None,
        reports: Path | None = None,
        driver_class: type[Driver] | None = None,
        own_cursor: bool = False,
        keymap: Path | None = None,
        ambiguous: Literal["auto", "narrow", "ascii"] = "narrow",
    ) -> None:
        self._looks = RoleStyles(theme_file, themes_directory, own_cursor=own_cursor)
        super().__init__(driver_class, ansi_color=self._looks.by_terminal)
        self.animation_level = "none"
        self._own_cursor = own_cursor
        self.asks_width = ambiguous == "auto"
        """Whether the terminal is to be asked how wide it draws what others draw in one cell."""
        self.ascii_only = ambiguous == "ascii"
        use_keymap({})
        self._keymap_fault = ""
        if keymap is not None:
            from ebid_tui.screens.keymap import taken  # 60 ms, for it looks at every screen

            self._keymap_fault = taken(self, keymap)
        self.office = PageFrame(profile, clock or ServerClock(), self._looks.page, self._looks.panel, tray is not None)
        self.tray = tray
        self.outlet = outlet
        self.voice = ScreenUi(self)
        self._run_flow = run
        self._cards = cards
        self._on_first_frame = on_first_frame
        self._reports = reports
        self._unwatch: Callable[[], None] | None = None
        self._layers = ScreenStack(self, self.office, super().pop_screen, lambda: self.voice.unsent)
        self._escapes = EscapeGuard()
        self._minute: Timer | None = None

    # -- start and end

    async def on_mount(self) -> None:
        remember_origins()  # every task of the app begins here
        use_words(self.office.profile.words)
        self.watch_terminal()
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.hung_up)
        self.run_worker(self._follow(), name="flow", group="flow")
        # The first menu is the first frame: nothing is painted before it (a flow that waits first is not waited for long).
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._layers.stepped.wait(), FIRST_STEP)
        self.call_after_refresh(self.painted)

    def hung_up(self) -> None:
        """The terminal is gone, or somebody ends the program: what is being typed is kept where drafts are, and everything ends."""
        for surface in self._layers.surfaces:
            surface.keep()
        self.exit()
        gone_soon(1)

    async def _follow(self) -> None:
        if self._looks.fault:
            await self.voice.read(Report("theme", t("screen.trouble.title"), (), self._looks.fault, t("common.close")))
        if self._keymap_fault:
            await self.voice.read(Report("keymap", t("keys.title"), (), self._keymap_fault, t("common.close")))
        self.exit(await self._run_flow(self.voice))

    def painted(self) -> None:
        """The first frame is on the terminal: now what is slow may start."""
        gc.freeze()
        gc.enable()
        super().painted()
        if self._cards is not None:
            self._unwatch = self._cards.watch(self._tell)
            if self._cards.readers():
                self._tell(self._cards.readers())  # what changed since the first step was made
        if self._on_first_frame is not None:
            self._on_first_frame()

    def _tell(self, readers: tuple[ReaderState, ...]) -> None:
        """A card was put in or taken out; called on the card's thread."""
        self.post_message(ReadersChanged(readers))

    def on_unmount(self) -> None:
        if self._unwatch is not None:
            self._unwatch()

    def crash_message(self, error: BaseException | None) -> RenderableType:
        """A sentence; a report without any data is written."""
        from ebid_tui.screens.crash import crash_message

        return crash_message(error, self._reports)

    # -- what the voice asks for (screens.voice.Stage)

    @property
    def readers(self) -> tuple[ReaderState, ...]:
        """The readers as last told."""
        return () if self._cards is None else self._cards.readers()

    async def show(self, step: Page) -> None:
        """Put a step in the place of the last one, as soon as nothing is open over it."""
        await self._layers.show(step)

    def open_page(self, page: Page) -> None:
        """A page over the current one."""
        self.push_screen(page)

    def block(self, message: str) -> None:
        """No key counts from now on; the overlay says why if it lasts (R-02)."""
        self._layers.work.begin(message)

    def unblock(self) -> None:
        """Work is over."""
        self._layers.work_ended()

    def clock_told(self, now: datetime) -> None:
        """The server's time: shown, and carried on once a minute (R-01)."""
        self.office.clock.tell(now)
        self._minute_passed()

    def clock_awaited(self, problem: str) -> None:
        """Why the server's time has not come yet; once it is known it goes on by itself."""
        if not self.office.clock.known and self.office.clock.problem != problem:
            self.office.clock.problem = problem
            self._layers.repaint()

    def _minute_passed(self) -> None:
        if self._minute is not None:
            self._minute.stop()
        self._minute = self.set_timer(self.office.clock.seconds_to_next_minute(), self._minute_passed)
        self._layers.repaint()

    # -- what lies over what

    def pop_screen(self) -> AwaitComplete:
        """Close what lies on top: an overlay, or a page over the step."""
        popped = super().pop_screen()
        self._layers.settle()
        return popped

    def on_resize(self, event: events.Resize) -> None:
        self.resized(event.size)
        self._layers.resized(event.size)

    def on_readers_changed(self, message: ReadersChanged) -> None:
        for surface in self._layers.surfaces:
            surface.readers_changed(message.readers)

    # -- keys

    async def take(self, event: events.Key | events.Paste) -> None:
        """What was typed or pasted, unless nothing may be typed now."""
        screen = self.screen
        if (self._escapes.swallows(event) and isinstance(screen, Step)) or not self._layers.hears(event):
            return
        if isinstance(event, events.Key) and isinstance(screen, Surface) and not screen.takes_text:
            event = half_width(event)
        if isinstance(event, events.Paste):
            self._layers.paste(event.text)
        elif await self.run_binding(event.key, priority=True):
            pass  # quitting and redrawing come before anything a screen does with the key
        elif not isinstance(screen, Surface) or not screen.take_key(event):
            await self.run_binding(event.key)

    def on_paste_begun(self) -> None:
        """In order with the keys before it (terminal/input.py)."""
        self._layers.paste_begun()

    def on_paste_lost(self) -> None:
        """It did not come to its end."""
        self._layers.paste(None)

    def action_ask_quit(self) -> None:
        """Ask first; a second time means it."""
        self._layers.ask_to_quit()

    def action_help(self) -> None:
        """What this screen asks for, its keys, whom to ask."""
        self._layers.help(self.office, self.tray)

    def action_tray(self) -> None:
        """The demo's virtual reader."""
        if self.tray is not None:
            self._layers.open_tray(self.tray)

    def action_theme(self) -> None:
        """The next theme."""
        self._looks.next()
        self.ansi_color = self._looks.by_terminal
        self.forget_shown()
        for surface in self._layers.surfaces:
            surface.sheet.restyle()

    def action_language(self) -> None:
        """The next language: everything is said again, and what was typed stays."""
        speak(LANGUAGES[(LANGUAGES.index(language()) + 1) % len(LANGUAGES)])
        for surface in self._layers.surfaces:
            surface.say_again()
            surface.repaint()

    # -- output

    def types(self) -> bool:
        top = self.screen
        return self._own_cursor and isinstance(top, Surface) and top.types

    def mode_changed(self) -> None:
        self._layers.repaint()

    def wants(self) -> tuple[object, bool | None]:
        top = self.screen
        return top.wants() if isinstance(top, Surface) else (None, None)

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's cursor is left: where one types on the uppermost screen that has such a place."""
        for surface in reversed(self._layers.surfaces):
            if surface.cell is not None:
                return surface.sheet.region.offset + surface.cell
        return Offset()

    @cursor_position.setter
    def cursor_position(self, place: Offset) -> None:
        """Textual's own idea of it; the screens know better."""

    def typing_style(self) -> Style:
        return self.screen.sheet.style_of("input") if isinstance(self.screen, Surface) else Style.null()

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """The terminal's answer to `terminal.driver.PROBE`: behind two cells it draws everything of that kind in two."""
        if self.asks_width and (event.x, event.y) == PROBED_WIDE:
            self.ascii_only = True
            for surface in self._layers.surfaces:
                surface.repaint()
            self.action_redraw()
