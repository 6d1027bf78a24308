"""What every screen is made of: one sheet of lines, painted by a function of what the screen knows.

A `Step` asks for one answer and stays painted, deaf, until the next one takes its place: nothing flickers, and nothing
typed ahead reaches a screen that was not seen yet. An `Overlay` is a panel over it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, TypeVar, cast

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from ebid_tui.flows.localising import relocalised
from ebid_tui.flows.ui import Nav
from ebid_tui.language import TranslatableText
from ebid_tui.messages import t
from ebid_tui.terminal.conversion import NOBODY, Conversion
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame, boxed, header, key_bar, title_row, where_row
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.scrolling import scrolled
from ebid_tui.widgets.sheet import Sheet
from ebid_tui.widgets.styled_lines import Line, width_of

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
    """A page or panel of things to choose from: up and down go round, a number takes one at once.

    Textual reads a class's style sheet along its first base only: a page names this first (Page scrolls by these keys), a panel last.
    """

    cursor: Cursor

    def take_key(self, event: events.Key) -> bool:
        if not self.cursor.numbered(event):
            return False
        self.action_accept()
        return True

    def turn(self, steps: int) -> None:
        self.cursor.turn(steps)
        self.repaint()

    def action_up(self) -> None:
        self.turn(-1)

    def action_down(self) -> None:
        self.turn(1)

    def action_accept(self) -> None:
        """Take the chosen one."""
        raise NotImplementedError


class Page(Surface, inherit_bindings=False):
    """Header, title, a body that scrolls, a foot, the key bar."""

    BINDINGS = bindings("app.help", "app.tray", "app.language", "app.theme")
    takes_paste = True

    def __init__(self, office: PageFrame, title: str) -> None:
        super().__init__(office)
        self.page_title = title
        self.where = office.standing.where
        self.scroll_top = 0
        self.body_height = 1
        self.body_length = 0
        self.sheet = Sheet(self.paint, office.page)

    # -- what a page says; each screen overrides what it needs

    def body(self, width: int) -> PageBody:
        """The scrollable lines."""
        raise NotImplementedError

    def foot(self, width: int) -> Sequence[Line]:
        """Lines that stay above the key bar."""
        return ()

    def keys(self) -> Sequence[KeyLabel]:
        """The left part of the key bar."""
        return ()

    def help_page(self) -> HelpPage:
        """What F1 explains here."""
        return HelpPage(self.page_title)

    def pointed(self, x: int, y: int) -> bool:
        """A click on a cell that means something here; False leaves it to the keys that it shows (widgets.clicks)."""
        return False

    # -- painting

    @property
    def head_rows(self) -> int:
        """Rows above the body: header, title, and where one stands."""
        return 3 if self.where else 2

    def paint(self, width: int, height: int) -> list[Line]:
        """The whole page; also notes how far the body reaches."""
        foot = list(self.foot(width))
        body = self.body(width)
        self.body_height = max(1, height - self.head_rows - 1 - len(foot))
        self.body_length = len(body.lines)
        self._keep_in_sight(body)
        shown = body.lines[self.scroll_top : self.scroll_top + self.body_height]
        filler: list[Line] = [()] * (self.body_height - len(shown))
        self.types = body.cursor is not None
        column, row = body.cursor or (0, self.scroll_top + self.body_height)
        self.cell = min(column, width - 1), row - self.scroll_top + self.head_rows
        right = [key_label("app.help"), *([key_label("app.tray")] if self.office.tray else [])]
        right += [key_label("app.quit")] if self.office.quit else []
        bar = key_bar(self.keys(), right, width)
        head = [header(self.office, width), title_row(self.page_title, self._place(), width)]
        head += [where_row(self.where, width)] if self.where else []
        return [*head, *shown, *filler, *foot, bar]

    def _keep_in_sight(self, body: PageBody) -> None:
        last_top = max(0, len(body.lines) - self.body_height)
        if body.focus is not None:
            self.scroll_top = scrolled(self.scroll_top, self.body_height, body)
        self.scroll_top = max(0, min(self.scroll_top, last_top))

    def _place(self) -> str:
        if self.body_length <= self.body_height:
            return ""
        last = min(self.scroll_top + self.body_height, self.body_length)
        return t("screen.place" if last >= self.body_length else "screen.place_more", last=last, all=self.body_length)

    def on_screen_resume(self) -> None:
        self.repaint()  # what lay over it is gone, and the clock went on

    # -- scrolling, for pages that are only read

    @property
    def page_rows(self) -> int:
        """So many rows are a page further."""
        return self.body_height - 1

    @property
    def all_rows(self) -> int:
        return self.body_length

    def scroll_rows(self, rows: int) -> None:
        self.scroll_top = max(0, min(self.scroll_top + rows, max(0, self.body_length - self.body_height)))
        self.repaint()

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


class Overlay(ModalScreen[None], Surface, inherit_bindings=False):
    """A panel over the page. Its size is that of its lines."""

    def __init__(self, office: PageFrame) -> None:
        Surface.__init__(self, office)
        self.styles.background = "transparent"  # not by CSS, which comes a moment too late: the page would vanish for a frame
        self.sheet = Sheet(self._paint, office.panel)

    def lines(self, width: int) -> list[Line]:
        """The panel's lines, for a width of at most so many cells."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.resize_panel()

    def say_again(self) -> None:
        super().say_again()
        self.resize_panel()

    def resize_panel(self) -> None:
        """Give the panel the size of its lines, as far as the terminal has room."""
        width, height = cast("tuple[int, int]", self.app.size)
        lines = self.lines(max(width - 8, 10))
        self.sheet.styles.width = min(max((width_of(row) for row in lines), default=0) + 4, width)
        self.sheet.styles.height = min(len(lines) + 2, height)

    def on_resize(self) -> None:
        self.resize_panel()

    def action_back(self) -> None:
        self.app.pop_screen()

    def _paint(self, width: int, height: int) -> list[Line]:
        return boxed(self.lines(width - 4), width)[:height]
