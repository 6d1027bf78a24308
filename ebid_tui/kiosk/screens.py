"""The kiosk's overlays: the countdown, the sign that the visit is over, the administrator's secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult

from ebid_tui.kiosk.admin_secret import AdminSecret
from ebid_tui.kiosk.start import plate
from ebid_tui.messages import t
from ebid_tui.screens.overlay import Overlay
from ebid_tui.terminal.keys import typed
from ebid_tui.widgets.frame import KeyLabel, PageFrame
from ebid_tui.widgets.input_mode import switch_it_off
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.sheet import Sheet
from ebid_tui.widgets.styled_lines import Line, line, paragraph

LONGEST = 128
"""Characters of a secret that are taken."""


class CountdownOverlay(Overlay):
    """Nobody has pressed a key for long; any key closes this (the app sees to that)."""

    def __init__(self, office: PageFrame, left: int) -> None:
        super().__init__(office)
        self._left = left

    def lines(self, width: int) -> list[Line]:
        texts = (("kiosk.idle.question", "heading"), ("kiosk.idle.left", "text"), ("kiosk.idle.key", "text"))
        return [row for key, role in texts for row in (*paragraph(t(key, seconds=self._left), min(width, 64), role), ())][:-1]

    def say(self, left: int) -> None:
        """So many seconds are left."""
        if left != self._left:
            self._left = left
            self.repaint()


class EndOverlay(Overlay):
    """Covers everything that was on the screen, while the session ends and what was asked to be printed goes to the printer."""

    def __init__(self, office: PageFrame, said: str) -> None:
        super().__init__(office)
        self.sheet = Sheet(self._whole, office.page)
        self.said = said

    def compose(self) -> ComposeResult:
        yield self.sheet

    def resize_panel(self) -> None:
        self.sheet.styles.width = "100%"
        self.sheet.styles.height = "100%"

    def _whole(self, width: int, height: int) -> list[Line]:
        empty: list[Line] = [()] * (height // 3)
        return [*empty, *plate(self.said, width, "title")]


class SecretOverlay(Overlay):
    """Asks for the administrator's secret; `leave` ends the kiosk. What is typed lies in one buffer that is overwritten."""

    BINDINGS = bindings("page.accept", "page.back")
    takes_text = True
    types = True

    def __init__(self, office: PageFrame, secret: AdminSecret, leave: Callable[[], None]) -> None:
        super().__init__(office)
        self._secret = secret
        self._leave = leave
        self._typed = bytearray()
        self._count = 0
        self._said = "" if secret.known() else t("kiosk.secret.none")
        self._checking = False

    def lines(self, width: int) -> list[Line]:
        wide = min(width, 64)
        rows = [*paragraph(t("kiosk.secret.title"), wide, "heading"), (), *paragraph(t("kiosk.secret.ask"), wide), ()]
        drawn = min(self._count, 40)
        self.types_at = drawn, len(rows)
        rows.append(line(("*" * drawn, "input"), (" ", "cursor")))
        below = paragraph(self._said, wide) if self._said else switch_it_off(self.input_method, wide, "")
        return [*rows, (), *(below or [()])]

    def wants(self) -> tuple[object, bool | None]:
        return self, False

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept"), key_label("page.back", t("common.close"))]

    def take_key(self, event: events.Key) -> bool:
        if event.key in ("enter", "ctrl+j", "escape", "f3"):
            return False
        if event.key in ("backspace", "ctrl+u"):
            self._wipe()
        elif (char := typed(event)) is not None and self._count < LONGEST and not self._checking:
            self._typed += char.encode()
            self._count += 1
        self.repaint()
        return True

    async def action_accept(self) -> None:
        if self._checking:
            return
        self._checking = True
        try:
            wait = self._secret.wait()
            if wait > 0:
                self._said = t("kiosk.secret.wait", seconds=max(1, round(wait)))
            elif await asyncio.to_thread(self._secret.check, bytes(self._typed)):
                self._leave()
            else:
                self._said = t("kiosk.secret.wrong", seconds=max(1, round(self._secret.wait()))) if self._secret.known() else self._said
        finally:
            self._checking = False
            self._wipe()
            self.repaint()

    def action_back(self) -> None:
        self._wipe()
        self.app.pop_screen()

    def _wipe(self) -> None:
        self._typed[:] = bytes(len(self._typed))
        self._typed.clear()
        self._count = 0
