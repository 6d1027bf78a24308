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
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from ebid_tui.domain.systems import Profile
from ebid_tui.flows.ui import Report, Ui
from ebid_tui.messages import t
from ebid_tui.screens.base import Overlay, Page
from ebid_tui.screens.layers import Layers
from ebid_tui.screens.voice import TuiUi
from ebid_tui.widgets import theme as themes
from ebid_tui.widgets.clock import ServerClock
from ebid_tui.widgets.frame import Office
from ebid_tui.widgets.keys import ACTIONS, bindings
from ebid_tui.widgets.pen import erases_in_colour
from ebid_tui.widgets.wire import Wire

if TYPE_CHECKING:
    from ebid_tui.card.interface import Cards, CardTray, ReaderState
    from ebid_tui.printing.outlet import Outlet

Flow = Callable[[Ui], Awaitable[object]]
"""What the app runs; when it returns, the app ends with its result."""

FIRST_STEP = 0.5
"""Seconds that the first frame waits for the flow's first step."""


class ReadersChanged(Message):
    """A card was put in or taken out; posted from the card's thread."""

    def __init__(self, readers: tuple[ReaderState, ...]) -> None:
        super().__init__()
        self.readers = readers


class EbidApp(App[object], inherit_bindings=False):
    """`run` is the flow; `cards` tells of insertions and removals; `tray` is the demo's virtual reader.

    `on_first_frame` is called once, after the first menu has been painted: what is slow to start is started there.
    `reports` is where a crash leaves its report (no personal data); None: the user's state directory.
    """

    CSS = "Sheet { width: 100%; height: 100%; } Overlay { align: center middle; background: transparent; }"
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
        outlet: Callable[[Profile], Outlet] | None = None,
        on_first_frame: Callable[[], None] | None = None,
        clock: ServerClock | None = None,
        theme_file: Path | None = None,
        reports: Path | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        chosen, self.theme_fault = themes.choose(theme_file)
        super().__init__(driver_class=driver_class, ansi_color=chosen is None)
        self.animation_level = "none"
        looks = themes.styles(chosen, "page"), themes.styles(chosen, "panel")
        self.office = Office(profile, clock or ServerClock(), *looks, tray is not None)
        self.tray = tray
        self.outlet = outlet
        self.voice = TuiUi(self)
        self._run_flow = run
        self._cards = cards
        self._on_first_frame = on_first_frame
        self._reports = reports
        self._unwatch: Callable[[], None] | None = None
        self._layers = Layers(self, self.office, self._pop_only)
        self._minute: Timer | None = None
        self._wire = Wire(erases=erases_in_colour())
        self._painted_size = Size(0, 0)

    # -- start and end

    async def on_mount(self) -> None:
        self._painted_size = self.size
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.exit)
        self.app_resume_signal.subscribe(self, lambda _: self._wire.forget())
        self.run_worker(self._follow(), name="flow", group="flow")
        # The first menu is the first frame: nothing is painted before it (a flow that waits first is not waited for long).
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._layers.stepped.wait(), FIRST_STEP)
        self.call_after_refresh(self._painted)

    async def _follow(self) -> None:
        if self.theme_fault:
            await self.voice.read(Report("theme", t("screen.trouble.title"), (), self.theme_fault, t("common.close")))
        self.exit(await self._run_flow(self.voice))

    def _painted(self) -> None:
        """The first frame is on the terminal: now what is slow may start."""
        gc.freeze()
        gc.enable()
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

    def _fatal_error(self) -> None:
        """Textual's traceback shows local variables; a person gets a sentence, and a report without any data is written."""
        from ebid_tui.screens.crash import crash_message

        self._exit_renderables.append(crash_message(self._exception, self._reports))
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        self._return_code = 1
        self._fatal_error()

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
            self._repaint()

    def _minute_passed(self) -> None:
        if self._minute is not None:
            self._minute.stop()
        self._minute = self.set_timer(self.office.clock.seconds_to_next_minute(), self._minute_passed)
        self._repaint()

    # -- what lies over what

    def pop_screen(self) -> AwaitComplete:
        """Close what lies on top: an overlay, or a page over the step."""
        popped = super().pop_screen()
        self._layers.settle()
        return popped

    def _pop_only(self) -> None:
        super().pop_screen()

    def _repaint(self) -> None:
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Page):
                screen.repaint()
                return

    def on_resize(self, event: events.Resize) -> None:
        if event.size != self._painted_size:
            self._painted_size = event.size
            self._wire.forget()
        self._layers.resized(event.size)

    def on_readers_changed(self, message: ReadersChanged) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, (Overlay, Page)):
                screen.readers_changed(message.readers)

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        """Keys are handled here, one after the other, each to its end: what is typed fast never reaches another field or page.

        Textual would post a key to the screen and its binding back to the app, and the next key would overtake it.
        """
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
        elif self._layers.hears(event):
            screen = self.screen
            if isinstance(event, events.Paste):
                if isinstance(screen, (Overlay, Page)):
                    screen.take_paste(event.text)
            elif await self._check_bindings(event.key, priority=True):
                pass  # quitting and redrawing come before anything a screen does with the key
            elif not isinstance(screen, (Overlay, Page)) or not screen.take_key(event):
                await self._check_bindings(event.key)

    def action_ask_quit(self) -> None:
        """Ask first; a second time means it."""
        self._layers.ask_to_quit()

    def action_help(self) -> None:
        """What this screen asks for, its keys, whom to ask."""
        from ebid_tui.screens.help import HelpScreen

        page = self.screen
        if isinstance(page, HelpScreen):
            self.pop_screen()
        elif isinstance(page, Page):
            ids = dict.fromkeys(binding.id for _, binding in page._bindings if binding.id in ACTIONS)
            offered = [i for i in (*ids, "app.quit") if i and (i != "app.tray" or self.tray is not None)]
            notes = self.tray.notes() if self.tray is not None else ()
            self.push_screen(HelpScreen(self.office, page.help_page(), offered, notes))

    def action_tray(self) -> None:
        """The demo's virtual reader."""
        if self.tray is not None and isinstance(self.screen, Page):
            from ebid_tui.screens.tray import TrayOverlay

            self.push_screen(TrayOverlay(self.office, self.tray))

    # -- output

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send what changed, and nothing twice."""
        if not self._running or self._batch_count:
            return
        super()._display(screen, self._wire.reduced(renderable, self.console._color_system))

    def action_redraw(self) -> None:
        """Paint everything again, over whatever another program wrote."""
        self._wire.forget()
        self.refresh()
