"""Runs the terminal app: visit after visit, each starting clean (R-21)."""

from __future__ import annotations

import os
from pathlib import Path

# Before Textual is imported: under the kitty protocol an IME's commit of five or more kanji becomes garbage.
os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"

from textual.drivers.linux_driver import LinuxDriver

from ebid_tui.app import EbidApp
from ebid_tui.domain.systems import Profile
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.parts import Parts
from ebid_tui.settings import Settings
from ebid_tui.widgets.theme import PACKAGED


class Terminal(LinuxDriver):
    """Textual's driver, for a terminal that may go away: the kernel says so by SIGHUP and then SIGCONT, and on the latter
    Textual would take the screen again in the middle of leaving it, and read from nothing for ever."""

    def _sigcont_application(self, *_: object) -> None:
        if os.isatty(self.fileno):
            super()._sigcont_application()


def run_windows(profile: Profile, parts: Parts, settings: Settings) -> int:
    """The app until somebody leaves it; 0, or 1 after a crash."""

    async def visits(ui: Ui) -> None:
        while await visit(ui, parts.cards, parts.server, profile) is not Nav.BACK:
            pass

    if parts.tray is not None:
        # Stands above the shell's next prompt when the screens are gone; F1 shows it, too.
        for label, value in parts.tray.notes():
            print(f"{label}: {value}")
    app = EbidApp(
        profile,
        visits,
        tray=parts.tray,
        cards=parts.cards,
        on_first_frame=parts.begin,
        theme_file=_theme_file(settings.theme),
        driver_class=Terminal,
    )
    try:
        app.run(mouse=settings.mouse)
    finally:
        parts.close()
    return app.return_code or 0


def _theme_file(theme: str) -> Path:
    """A packaged theme by its name, or a file of one's own."""
    packaged = PACKAGED / f"{theme}.toml"
    return packaged if packaged.is_file() else Path(theme).expanduser()
