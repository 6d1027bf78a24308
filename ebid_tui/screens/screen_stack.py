"""The app's stack of screens: the flow's step, the busy overlay, what the person opened, the sign of a small terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from textual import events
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen

from ebid_tui.messages import t
from ebid_tui.screens.base import Page, Step, Surface
from ebid_tui.screens.overlay import Overlay
from ebid_tui.screens.work import Work
from ebid_tui.terminal.screen_parts import bound_ids
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.keys import ACTIONS, raw_keys, renamed

if TYPE_CHECKING:
    from ebid_tui.card.interface import CardTray
    from ebid_tui.screens.too_small import TooSmallOverlay

LINGER = 0.05
"""Seconds that the overlay of work stays after it, for what comes next."""

NEEDED = (80, 24)
"""Columns and rows that every screen needs."""


class ScreenStack:
    """The app's stack of screens: one step at its bottom, shown until the next takes its place."""

    def __init__(
        self, app: App[object], office: PageFrame, pop: Callable[[], object], unsent: Callable[[], Literal["", "kept", "lost"]]
    ) -> None:
        """`pop` takes the top screen off the stack and does nothing else; `unsent` says what becomes of what was typed."""
        self._app = app
        self._office = office
        self._unsent = unsent
        self._step: Page | None = None
        self._uncovered = asyncio.Event()
        self._quitting: Overlay | None = None
        self._small: TooSmallOverlay | None = None
        self._ask_later = False
        self._pasted_onto: Screen[Any] | None = None
        self.stepped = asyncio.Event()
        """Set once the first step is shown."""
        self.work = Work(app, office, lambda: self.covered, pop)

    @property
    def surfaces(self) -> list[Surface]:
        """All that lies there, the lowest first."""
        return [screen for screen in self._app.screen_stack if isinstance(screen, Surface)]

    def repaint(self) -> None:
        """Show what changed on the uppermost page."""
        for page in reversed(self.surfaces):
            if isinstance(page, Page):
                page.repaint()
                return

    @property
    def covered(self) -> bool:
        """Whether something the person opened, or the sign of a small terminal, lies over the step."""
        top = self._app.screen
        return isinstance(top, Surface) and top not in (self._step, self.work.overlay)

    @property
    def too_small(self) -> bool:
        """Whether the terminal is too small to show anything else."""
        return self._small is not None

    async def show(self, step: Page) -> None:
        """Put a step in the place of the last one, as soon as nothing is open over it."""
        while self.covered:
            self._uncovered.clear()
            await self._uncovered.wait()
        with self._app.batch_update():
            self.work.close()
            first = self._step is None
            self._step = step
            await (self._app.push_screen(step) if first else self._app.switch_screen(step))
        self.stepped.set()

    def work_ended(self) -> None:
        """One work is over. Its overlay stays for a moment: a next step or more work takes its place without a flicker."""
        self.work.end()
        if not self.work.going:
            self._app.set_timer(LINGER, self.settle)

    def settle(self) -> None:
        """Bring the stack in line with what is true now; to be called when something was closed."""
        if self.work.going:
            self.work.show()
        else:
            self.work.close()
        if self._ask_later and not self.work.going and not self.covered:
            self._ask_later = False
            self._ask_whether_to_quit()
        self._uncovered.set()

    def resized(self, size: Size) -> None:
        """Too small to show anything: say so, and come back by itself."""
        fits = size.width >= NEEDED[0] and size.height >= NEEDED[1]
        if not fits and self._small is None:
            from ebid_tui.screens.too_small import TooSmallOverlay

            self._small = TooSmallOverlay(self._office, NEEDED)
            self._app.push_screen(self._small)
        elif fits and self._small is not None:
            self._small = None
            self._app.pop_screen()

    def hears(self, event: events.Key | events.Paste) -> bool:
        """Whether a key counts: not while work goes on (R-02), not for a step that has its answer or was not seen yet."""
        if isinstance(event, events.Key) and event.key in raw_keys("app.quit"):
            return True
        if self.covered:
            return True
        if self.work.going or self._app.screen is not self._step:
            return False
        return not isinstance(self._step, Step) or self._step.hears(event.time)

    def paste_begun(self) -> None:
        """What is pasted now is for the screen on top."""
        self._pasted_onto = self._app.screen

    def paste(self, text: str | None) -> None:
        """A paste at its end, or None for one without. Where the screen is another one by now, it is text nowhere."""
        meant, self._pasted_onto = self._pasted_onto, None
        top = self._app.screen
        if not isinstance(top, Surface):
            return
        if text is None or meant not in (None, top):
            top.paste_lost()
        else:
            top.take_paste(text)

    def help(self, office: PageFrame, tray: CardTray | None) -> None:
        """What the page asks for, its keys, whom to ask; or close that. `tray`: the demo's, whose numbers are told too."""
        from ebid_tui.screens.help import HelpScreen

        page = self._app.screen
        if isinstance(page, HelpScreen):
            self._app.pop_screen()
        elif isinstance(page, Page):
            ids = [i for i in bound_ids(page) if i in ACTIONS and (i != "app.tray" or tray is not None)]
            offered = [*ids, "app.quit"] if office.quit else ids
            self._app.push_screen(HelpScreen(office, page.help_page(), offered, tray.notes() if tray is not None else ()))

    def open_tray(self, tray: CardTray) -> None:
        """The demo's virtual reader, over a page."""
        if isinstance(self._app.screen, Page):
            from ebid_tui.screens.tray import TrayOverlay

            self._app.push_screen(TrayOverlay(self._office, tray))

    def ask_to_quit(self) -> None:
        """Ask first; a second time means it. During work, ask when it is over."""
        if self._ask_later or (self._quitting is not None and self._app.screen is self._quitting):
            self._app.exit()
        elif self._small is not None:
            self._ask_later = True
            self._small.say(renamed(t("screen.quit.once_more"), ("app.quit",)))
        elif self.work.going:
            self._ask_later = True
            self.work.say(t("screen.busy.quit_later"))
        else:
            self._ask_whether_to_quit()

    def _ask_whether_to_quit(self) -> None:
        from ebid_tui.screens.quit import QuitOverlay

        for surface in self.surfaces:
            surface.keep()
        self._quitting = QuitOverlay(self._office, self._app.exit, self._unsent())
        self._app.push_screen(self._quitting)
