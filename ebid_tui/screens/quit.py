"""Asking before the program ends; no is the answer unless yes is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from textual import events

from ebid_tui.messages import t
from ebid_tui.screens.overlay import Overlay
from ebid_tui.widgets.frame import KeyLabel, PageFrame, buttons
from ebid_tui.widgets.keys import bindings, key_label, renamed
from ebid_tui.widgets.styled_lines import Line, paragraph


class QuitOverlay(Overlay):
    """`leave` ends the program. Ctrl+C a second time ends it too (the app sees to that)."""

    BINDINGS = bindings("page.accept", "page.back", "page.left", "page.right")

    def __init__(self, office: PageFrame, leave: Callable[[], None], typed: Literal["", "kept", "lost"]) -> None:
        """`typed`: what becomes of what was typed; empty where that is nothing."""
        super().__init__(office)
        self._leave = leave
        self._typed = typed
        self.yes = False

    def lines(self, width: int) -> list[Line]:
        rows = paragraph(t("screen.quit.question"), min(width, 60), "heading")
        if self._typed:
            rows += [(), *paragraph(t(f"screen.quit.{self._typed}"), min(width, 60))]
        rows += [(), buttons(((t("screen.quit.no"), ""), (t("screen.quit.yes"), "")), int(self.yes), indent=0)]
        return [*rows, (), *paragraph(renamed(t("screen.quit.again"), ("app.quit",)), min(width, 60), "dim")]

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept"), key_label("page.right", t("screen.key.other")), key_label("page.back", t("screen.quit.no"))]

    def take_key(self, event: events.Key) -> bool:
        if event.key not in ("y", "n"):
            return False
        self.yes = event.key == "y"
        self.repaint()
        return True

    def action_left(self) -> None:
        self.yes = not self.yes
        self.repaint()

    action_right = action_left

    def action_accept(self) -> None:
        if self.yes:
            self._leave()
        else:
            self.app.pop_screen()
