"""The kiosk's own screens: the start that waits for a card or a key, the countdown, the administrator's secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events

from ebid_tui.kiosk.secret import Secret
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Overlay, Step
from ebid_tui.widgets.frame import Body, Office
from ebid_tui.widgets.ink import Line, paragraph
from ebid_tui.widgets.keys import bindings

if TYPE_CHECKING:
    from ebid_tui.card.interface import ReaderState

LONGEST = 128
"""Characters of a secret that are taken."""


class StartScreen(Step[None]):
    """Ends when a card is put in or Enter is pressed. A card that the last visitor left in a reader wakes nobody."""

    BINDINGS = bindings("page.accept")

    def __init__(self, office: Office) -> None:
        super().__init__(office, t("kiosk.start.title"))
        self._before: dict[str, bool] | None = None

    def body(self, width: int) -> Body:
        lines: list[Line] = [(), (), *paragraph(t("kiosk.start.card"), width - 4, "heading", indent="    "), ()]
        if any((self._before or {}).values()):
            lines += [*paragraph(t("kiosk.start.left"), width - 4, indent="    "), ()]
        return Body([*lines, *paragraph(t("kiosk.start.key"), width - 4, indent="    ")])

    def help_page(self) -> HelpPage:
        return HelpPage(self.page_title, (), (t("kiosk.start.help"),))

    def readers_changed(self, readers: tuple[ReaderState, ...]) -> None:
        now = {reader.name: reader.present for reader in readers}
        put_in = self._before is not None and any(present and not self._before.get(name, False) for name, present in now.items())
        self._before = now
        if put_in:
            self.finish(None)
        self.repaint()

    def action_accept(self) -> None:
        self.finish(None)


class CountdownOverlay(Overlay):
    """Nobody has pressed a key for long; any key closes this (the app sees to that)."""

    def __init__(self, office: Office, left: int) -> None:
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


class SecretOverlay(Overlay):
    """Asks for the administrator's secret; `leave` ends the kiosk. What is typed lies in one buffer that is overwritten."""

    BINDINGS = bindings("page.accept", "page.back")

    def __init__(self, office: Office, secret: Secret, leave: Callable[[], None]) -> None:
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
        rows += paragraph("*" * min(self._count, 40) + "_", wide)
        return [*rows, (), *(paragraph(self._said, wide) if self._said else [()])]

    def take_key(self, event: events.Key) -> bool:
        if event.key in ("enter", "ctrl+j", "escape", "f3"):
            return False
        if event.key in ("backspace", "ctrl+u"):
            self._wipe()
        elif event.character and event.is_printable and self._count < LONGEST and not self._checking:
            self._typed += event.character.encode()
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
            self.resize_panel()
            self.repaint()

    def action_back(self) -> None:
        self._wipe()
        self.app.pop_screen()

    def _wipe(self) -> None:
        self._typed[:] = bytes(len(self._typed))
        self._typed.clear()
        self._count = 0
