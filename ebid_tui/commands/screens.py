"""Runs the terminal app: visit after visit, each starting clean (R-21)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# Before Textual is imported: under the kitty protocol an IME's commit of five or more kanji becomes garbage.
os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
# What helps its developers would write or send every key somewhere, a PIN's too.
os.environ.pop("TEXTUAL", None)
os.environ.pop("TEXTUAL_LOG", None)

from ebid_tui.app import EbidApp, Flow
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.process import memory
from ebid_tui.settings import Settings, keymap_file, themes_directory
from ebid_tui.terminal.driver import Terminal
from ebid_tui.widgets import theme as themes


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
