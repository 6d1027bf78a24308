"""Textual's app on this program's terminal: keys in order, only the cells that changed, no traceback (`ebid_tui.app` builds on it)."""

from __future__ import annotations

import os
from typing import Any

from rich.console import RenderableType
from rich.style import Style
from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.screen import Screen

from ebid_tui.terminal.conversion import NOBODY, Conversion
from ebid_tui.terminal.front_end import under_front_end, understood
from ebid_tui.terminal.input import TerminalAnswer
from ebid_tui.terminal.screen_updates import ChangedCells, ScreenUpdates
from ebid_tui.terminal.sgr import erases_in_colour, sgr_style_of

LOOK = 0.25
"""Seconds between looks at the mode of an input method that does not tell when it changes."""

LARGE = 1000
"""Characters from which an update may be seen half done: then the terminal is told where it ends, if it understands that."""


class TerminalApp(App[object], inherit_bindings=False):
    """What a subclass says: `take` (a key or paste), `types` (whether one types now), `wants` (how), `crash_message`."""

    def __init__(self, driver_class: type[Driver] | None, *, ansi_color: bool) -> None:
        super().__init__(driver_class=driver_class, ansi_color=ansi_color)
        self._wire = ScreenUpdates(whole=under_front_end(os.environ))
        self._painted_size = Size(0, 0)
        self._converts: bool | None = None

    # -- end

    async def _close_all(self) -> None:
        """Textual waits for removals once more at its very end; one that was cancelled on the way there would end it with an error."""
        await super()._close_all()
        self._next_callbacks.clear()

    def _fatal_error(self) -> None:
        """Textual's traceback shows local variables; a person gets a sentence."""
        self._exit_renderables.append(self.crash_message(self._exception))
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        self._return_code = 1
        self._fatal_error()

    def crash_message(self, error: BaseException | None) -> RenderableType:
        """What a person reads when the app broke."""
        raise NotImplementedError

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        """Keys are handled here, one after the other, each to its end: what is typed fast never reaches another field or page.

        Textual would post a key to the screen and its binding back to the app, and the next key would overtake it.
        """
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            self._wire.typed = True
            await self.take(event)
            if self._wire.whole:
                self.call_after_refresh(self._paint_over)  # what was composed there, also where the key changed nothing
        else:
            await super().on_event(event)

    async def take(self, event: events.Key | events.Paste) -> None:
        """What was typed or pasted."""
        raise NotImplementedError

    async def run_binding(self, key: str, *, priority: bool = False) -> bool:
        """Do what the key is bound to (with `priority`: what comes before anything a screen does with it). Whether it was bound."""
        return await self._check_bindings(key, priority)

    def on_terminal_answer(self, message: TerminalAnswer) -> None:
        """In order with the keys."""
        answered = getattr(self._driver, "answered", None)
        if answered is not None:
            answered(message)
            self.refresh()

    # -- output

    @property
    def input_method(self) -> Conversion:
        """What converts what is typed, as far as the terminal tells."""
        return getattr(self._driver, "conversion", NOBODY)

    def wants(self) -> tuple[object, bool | None]:
        """Where one types, and whether that is to be converted (terminal.conversion)."""
        return None, None

    def types(self) -> bool:
        """Whether the terminal's own cursor is to be seen, where one types."""
        return False

    def typing_style(self) -> Style:
        """That of a field's text, where one types."""
        return Style.null()

    def painted(self) -> None:
        """The first frame is on the terminal."""
        self._wire.erases = erases_in_colour()
        if self.input_method.readable:
            self.set_interval(LOOK, self._look_at_mode)

    def _look_at_mode(self) -> None:
        on = self.input_method.on
        if on != self._converts:
            self._converts = on
            self.mode_changed()

    def mode_changed(self) -> None:
        """An input method converts what is typed from now on, or does not any more."""

    def watch_terminal(self) -> None:
        """From now on what the terminal shows is known; not when the program was in the background."""
        self.resized(self.size)
        self.app_resume_signal.subscribe(self, lambda _: self.forget_shown())

    def resized(self, size: Size) -> None:
        """The terminal has this size now, and what it shows is not known if it is another one."""
        if size != self._painted_size:
            self._painted_size = size
            self.forget_shown()
        self._wire.size = (size.width, size.height)

    def forget_shown(self) -> None:
        """The terminal may show something else: with the next update everything is sent again."""
        self._wire.forget()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send what changed, and nothing twice."""
        if not self._running or self._batch_count:
            return
        if self._driver is None or self.is_headless or self._closed:
            super()._display(screen, renderable)
            return
        self.input_method.want(*self.wants())
        reduced = self._reduced(renderable)
        if not isinstance(reduced, ChangedCells):
            super()._display(screen, reduced)
            return
        # In one piece; the marks of a synchronised update would cost more than most updates.
        self._driver.write(
            reduced.sent if len(reduced.sent) < LARGE or not self._sync_available else f"{SYNC_START}{reduced.sent}{SYNC_END}"
        )
        self._driver.flush()
        self.post_display_hook()

    def _reduced(self, renderable: RenderableType | None) -> RenderableType | None:
        """What has to be sent of an update, with the cursor where one types."""
        column, row = self.screen.outer_size.clamp_offset(self.cursor_position)
        system = understood(self.console._color_system) if self._wire.whole else self.console._color_system
        pen = sgr_style_of(self.typing_style(), system) if (types := self.types()) else None
        return self._wire.reduced(renderable, system, (row, column), shows_cursor=types, pen=pen)

    def _paint_over(self) -> None:
        if self._wire.typed and self.screen_stack:
            self._display(self.screen, None)

    def action_redraw(self) -> None:
        """Paint everything again, over whatever another program wrote."""
        self.forget_shown()
        self.refresh()
