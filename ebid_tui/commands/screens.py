"""Runs the terminal app: visit after visit, each starting clean (R-21)."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import Any

# Before Textual is imported: under the kitty protocol an IME's commit of five or more kanji becomes garbage.
os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
# What helps its developers would write or send every key somewhere, a PIN's too.
os.environ.pop("TEXTUAL", None)
os.environ.pop("TEXTUAL_LOG", None)

from ebid_tui.app import EbidApp, Flow
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.process import memory
from ebid_tui.screens.base import Step
from ebid_tui.settings import Settings, keymap_file, themes_directory
from ebid_tui.terminal.driver import Terminal
from ebid_tui.terminal.screen_text import screen_rows
from ebid_tui.widgets import theme as themes

SHOWN_SECONDS = 60.0
"""Until a page must be there that is only looked at."""


def run_windows(profile: Profile, parts: CardAndServer, settings: Settings) -> int:
    """The app until somebody leaves it; 0, or 1 after a crash."""

    async def visits(ui: Ui) -> None:
        while await visit(ui, parts.cards, parts.server, profile, parts.drafts) is not Nav.BACK:
            pass

    if parts.tray is not None:
        # Stands above the shell's next prompt when the screens are gone; F1 shows it, too.
        for label, value in parts.tray.notes():
            print(f"{label}: {value}")
    return run_flow(profile, parts, settings, visits)


def run_flow(profile: Profile, parts: CardAndServer, settings: Settings, flow: Flow, kind: type[EbidApp] = EbidApp, **more: Any) -> int:
    """The app until this flow ends or somebody leaves it; 0, or 1 after a crash. `more` is for another `kind` of it."""

    def begin() -> None:
        memory.close()  # after the first frame, long before any PIN
        parts.begin()

    app = kind(
        profile,
        flow,
        tray=parts.tray,
        cards=parts.cards,
        outlet=parts.outlet,
        on_first_frame=begin,
        theme_file=theme_file(settings.theme),
        themes_directory=themes_directory(),
        driver_class=Terminal,
        own_cursor=True,
        keymap=keymap_file(settings),
        ambiguous=settings.ambiguous,
        **more,
    )
    try:
        app.run(mouse=settings.mouse)
    finally:
        parts.close()
    return app.return_code or 0


def theme_file(theme: str) -> Path:
    """A setting's theme as a file."""
    return themes.file_of(theme, themes_directory())


async def rows_shown(profile: Profile, ask: Flow, size: tuple[int, int]) -> list[str]:
    """What the screen of one request shows, as text of so many columns and rows, without a terminal. Raises TimeoutError."""

    async def flow(ui: Ui) -> None:
        ui.clock(datetime.now(JAPAN))
        await ask(ui)

    app = EbidApp(profile, flow)
    async with app.run_test(size=size) as pilot:
        async with asyncio.timeout(SHOWN_SECONDS):
            while not (isinstance(app.screen, Step) and app.screen.seen_at < float("inf")):
                await pilot.pause(0.01)
        await pilot.pause()
        return screen_rows(app.screen)
