"""What every screen is made of: one sheet of lines, painted by a function of what the screen knows.

A `Step` asks for one answer and stays painted, deaf, until the next one takes its place: nothing flickers, and nothing
typed ahead reaches a screen that was not seen yet. A panel over it is an `Overlay` (screens/overlay.py).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, TypeVar

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from ebid_tui.flows.localising import relocalised
from ebid_tui.flows.ui import Nav
from ebid_tui.language import TranslatableText
from ebid_tui.messages import t
from ebid_tui.terminal.conversion import NOBODY, Conversion
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame, header, key_bar, quiet, title_row, where_row
from ebid_tui.widgets.keys import bindings, key_label, keys_of
from ebid_tui.widgets.scrolling import Viewport
from ebid_tui.widgets.sheet import Sheet
from ebid_tui.widgets.styled_lines import Line

if TYPE_CHECKING:
    from ebid_tui.card.interface import ReaderState

Answer = TypeVar("Answer")

Proceed = Literal[True] | Nav
"""Go on, or one of the ways out."""


class HelpPage(msgspec.Struct, frozen=True):
    """What help says about one screen: rows of a name and its explanation."""

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()


class Surface(Screen[None], inherit_bindings=False):
    """What a page and a panel have in common: one sheet of lines; keys and pastes come from the app, one by one."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)  # a change of focus must not repaint the screen
    AUTO_FOCUS: ClassVar[str | None] = ""
    takes_paste: ClassVar[bool] = False
    """False: what is pasted here is not even kept until `take_paste`, which gets an empty text."""
    takes_text: ClassVar[bool] = False
    """Whether characters are text here. Where they are keys, those of an input method (１, ｐ) count as the half-width ones."""
    types = False
    """Whether there is a place where one types now."""
    cell: tuple[int, int] | None = None
    """Column and row in the sheet at which the terminal's cursor is left, where an input method draws; None: as below this."""
    sheet: Sheet

    def __init__(self, office: PageFrame) -> None:
        super().__init__()
        self.office = office

    def compose(self) -> ComposeResult:
        yield self.sheet

    @property
    def input_method(self) -> Conversion:
        """What converts what is typed, as far as the terminal tells."""
        return getattr(self.app, "input_method", NOBODY)

    def wants(self) -> tuple[object, bool | None]:
        """Where one is, and whether an input method should convert there: False where it only stands in the way, None: as it is."""
        return self, None if self.takes_text else False

    def keys(self) -> Sequence[KeyLabel]:
        """What the key bar says while this lies on top: keys that do something now."""
        return ()

    def take_key(self, event: events.Key) -> bool:
        """A key that means something here beside the bindings; False leaves it to them."""
        return False

    def take_paste(self, text: str) -> None:
        """A bracketed paste."""

    def paste_lost(self) -> None:
        """A paste of which nothing is kept: it did not come to its end, or this page is another one."""
        self.app.bell()

    def readers_changed(self, readers: tuple[ReaderState, ...]) -> None:
        """A card was put in or taken out."""

    def keep(self) -> None:
        """Have what is typed remembered, before this is left."""

    def say_again(self) -> None:
        """Another language is spoken: what this was given to show, in that one. What was typed stays."""
        for name, value in tuple(vars(self).items()):
            if (
                name == "page_title"
                or isinstance(value, TranslatableText | tuple)
                or (isinstance(value, msgspec.Struct) and name != "office")
            ):
                again = relocalised(value)
                if again is not value:
                    setattr(self, name, again)

    def repaint(self) -> None:
        """Show what changed."""
        if self.is_mounted:
            self.sheet.repaint()


class Choosing(Surface):
    """A page or panel of things to choose from: up and down go round, a number takes one: at once where there are few.

    Textual reads a class's style sheet along its first base only: a page names this first (Page scrolls by these keys), a panel last.
    """

    cursor: Cursor

    def take_key(self, event: events.Key) -> bool:
        if not self.cursor.numbered(event):
            return False
        if self.cursor.few:
            self.action_accept()
        else:
            self.moved()
        return True

    def turn(self, steps: int) -> None:
        self.cursor.turn(steps)
        self.moved()

    def moved(self) -> None:
        """Another one is chosen."""
        self.repaint()

    @property
    def stop(self) -> int:
        return self.cursor.at

    def go_to(self, stop: int) -> None:
        self.cursor.at = stop

    def action_up(self) -> None:
        self.turn(-1)

    def action_down(self) -> None:
        self.turn(1)

    def action_accept(self) -> None:
        """Take the chosen one."""
        raise NotImplementedError


class Page(Surface, inherit_bindings=False):
    """Header, title, what always stands below it, a body that scrolls, a foot, the key bar."""

    BINDINGS = bindings("app.help", "app.tray", "app.language", "app.theme")
    takes_paste = True
    paging = "page.page_up", "page.page_down"
    """The actions whose keys lead on where there are more rows than fit."""

    def __init__(self, office: PageFrame, title: str) -> None:
        super().__init__(office)
        self.page_title = title
        self.where = office.standing.where
        self.view = Viewport()
        self.body_at = 2
        """The body's first row on the screen."""
        self.sheet = Sheet(self.paint, office.page)

    # -- what a page says; each screen overrides what it needs

    def head(self, width: int) -> Sequence[Line]:
        """Lines that stay below the title: what has to be seen wherever one is."""
        return ()

    def body(self, width: int) -> PageBody:
        """The scrollable lines."""
        raise NotImplementedError

    def in_sight(self, body: PageBody) -> None:
        """The body is on the screen as `view` says, with nothing over it."""

    def foot(self, width: int) -> Sequence[Line]:
        """Lines that stay above the key bar."""
        return ()

    def help_page(self) -> HelpPage:
        """What F1 explains here."""
        return HelpPage(self.page_title)

    def pointed(self, x: int, y: int) -> bool:
        """A click on a cell that means something here; False leaves it to the keys that it shows (widgets.clicks)."""
        return False

    # -- painting

    @property
    def over(self) -> Surface | None:
        """The panel that lies on top, if this is below one."""
        top = self.app.screen
        return top if isinstance(top, Surface) and not isinstance(top, Page) else None

    def paint(self, width: int, height: int) -> list[Line]:
        """The whole page; also notes what of the body is in sight."""
        head, body = [*([where_row(self.where, width)] if self.where else []), *self.head(width)], self.body(width)
        self.body_at = 2 + len(head)
        self.view.show(body, height - self.body_at - 1 - len(list(self.foot(width))))
        top, over = self.view.top, self.over
        if over is None:
            self.in_sight(body)
        foot = list(self.foot(width))  # it says what is in sight, in as many lines
        shown = body.lines[top : top + self.view.height]
        filler: list[Line] = [()] * (self.view.height - len(shown))
        self._place_cursor(body, width)
        title = title_row(self.page_title, "" if over else self._place(), width)
        if over is not None:
            shown, foot = [quiet(row) for row in shown], [()] * len(foot)
        return [header(self.office, width), title, *head, *shown, *filler, *foot, self._bar(over, width)]

    def _place_cursor(self, body: PageBody, width: int) -> None:
        """The terminal's cursor stands where one types, or below the body's last row."""
        seen = body.cursor is not None and self.view.sees((body.cursor[1], body.cursor[1]))
        self.types = seen
        column, row = body.cursor if body.cursor is not None and seen else (0, self.view.top + self.view.height)
        self.cell = min(column, width - 1), row - self.view.top + self.body_at

    def _bar(self, over: Surface | None, width: int) -> Line:
        """The keys of what lies on top; behind them those that work everywhere."""
        right = [] if over else [key_label("app.help"), *([key_label("app.tray")] if self.office.tray else [])]
        right += [key_label("app.quit")] if self.office.quit else []
        return key_bar((over or self).keys(), right, width)

    def _place(self) -> str:
        """Whether there is more above or below, and by which keys one gets there."""
        way = {(True, True): "both", (True, False): "above", (False, True): "below"}.get((self.view.above, self.view.below))
        up, down = (keys_of(action)[0] for action in self.paging)
        return "" if way is None else t(f"screen.more.{way}", up=up, down=down)

    def on_screen_resume(self) -> None:
        self.repaint()  # what lay over it is gone, and the clock went on

    # -- scrolling

    @property
    def page_rows(self) -> int:
        """So many rows are a page further."""
        return max(1, self.view.height - 1)

    @property
    def all_rows(self) -> int:
        return self.view.length

    def scroll_rows(self, rows: int) -> None:
        """By the page: what is chosen goes along, where there is something to choose in sight."""
        found = self.view.scroll(rows)
        if found is not None:
            self.go_to(found)
        self.view.hold(self.stop)
        self.repaint()

    @property
    def stop(self) -> int:
        """Which of the body's stops has the focus."""
        return 0

    def go_to(self, stop: int) -> None:
        """Give one of the body's stops the focus."""

    def wheel(self, rows: int) -> None:
        """The mouse's wheel was turned."""
        self.scroll_rows(rows)

    def action_page_down(self) -> None:
        self.scroll_rows(self.page_rows)

    def action_page_up(self) -> None:
        self.scroll_rows(-self.page_rows)

    def action_down(self) -> None:
        self.scroll_rows(1)

    def action_up(self) -> None:
        self.scroll_rows(-1)

    def action_top(self) -> None:
        self.scroll_rows(-self.all_rows)

    def action_bottom(self) -> None:
        self.scroll_rows(self.all_rows)


class Step(Page, Generic[Answer], inherit_bindings=True):
    """A page that asks for one answer."""

    careful = False
    """True where a key struck before the page was seen must not answer it."""

    def __init__(self, office: PageFrame, title: str) -> None:
        super().__init__(office, title)
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.seen_at = math.inf

    def finish(self, answer: Answer) -> None:
        """Give the answer; later ones are ignored."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        """End without an answer."""
        if not self.answer.done():
            self.answer.set_exception(error)

    @property
    def answered(self) -> bool:
        return self.answer.done()

    def on_mount(self) -> None:
        self.call_after_refresh(self._was_seen)

    def _was_seen(self) -> None:
        self.seen_at = time.monotonic()

    def hears(self, struck: float) -> bool:
        """Whether a key struck at this time (monotonic) may count."""
        return not self.answered and (not self.careful or struck >= self.seen_at)
