"""`ebid-tui kiosk`: the keeper, one visit of its own (`--visit`), or the setting of the administrator's secret."""

from __future__ import annotations

import argparse
import getpass
import os
import signal
import sys
from pathlib import Path

import msgspec

from ebid_tui import settings
from ebid_tui.domain.profile import systems
from ebid_tui.flows.ui import Ui
from ebid_tui.kiosk.admin_secret import SHORTEST, AdminSecret, set_secret
from ebid_tui.messages import t
from ebid_tui.process.ending import gone_soon

THEME = "kiosk"
"""The theme where the settings name none."""


def secret_file() -> Path:
    """Where the hash of the secret is."""
    return settings.config_directory() / "kiosk-secret"


def main(options: argparse.Namespace, loaded: settings.Settings) -> int:
    """The exit code. Raises SettingsError, ProfileError before anything is shown."""
    if options.set_secret:
        return _set_secret()
    if not loaded.system:
        raise settings.SettingsError("system", t("main.system"))
    profile = systems.profile_of(loaded.system, *loaded.profile_directories)
    if options.visit is not None:
        return _visit(profile, msgspec.structs.replace(loaded, print_to_file=False), options.visit)
    from ebid_tui.kiosk.keeper import Keeper

    given = [f"{settings.option_of(key)}={vars(options)[key]}" for key in settings.FLAGS if vars(options).get(key) is not None]
    command = [sys.executable, "-m", "ebid_tui", "kiosk", *given, "--visit"]
    return Keeper(command, sys.stdin.fileno(), settings.state_directory() / "crashes").run()


def _visit(profile: systems.Profile, loaded: settings.Settings, waiting: int) -> int:
    """One visitor. Everything is loaded before the terminal is this process's own; the keeper stays small."""
    from ebid_tui.card_and_server import real_parts
    from ebid_tui.client import api  # noqa: F401 - loaded ahead: the server is asked with the first frame
    from ebid_tui.commands import screens
    from ebid_tui.flows.enter import visit
    from ebid_tui.kiosk.app import KioskApp
    from ebid_tui.process import memory
    from ebid_tui.terminal.driver import ForegroundTerminal

    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    parts = real_parts(loaded)
    theme_file = screens.theme_file(loaded.theme or THEME)
    if not os.read(waiting, 1):
        return 0  # the keeper has gone

    def begin() -> None:
        memory.close()  # after the first frame, long before any PIN
        parts.begin()

    async def one(ui: Ui) -> None:
        await visit(ui, parts.cards, parts.server, profile, way_out=True)  # and no drafts

    app = KioskApp(
        profile,
        one,
        parts.server,
        secret=AdminSecret(secret_file(), settings.state_directory() / "kiosk-attempts"),
        idle=loaded.idle_seconds,
        countdown=loaded.countdown_seconds,
        cards=parts.cards,
        outlet=parts.outlet,
        on_first_frame=begin,
        theme_file=theme_file,
        themes_directory=settings.themes_directory(),
        driver_class=ForegroundTerminal,
        own_cursor=True,
        keymap=settings.keymap_file(loaded),
        ambiguous=loaded.ambiguous,
    )
    try:
        app.run(mouse=loaded.mouse)
    finally:
        gone_soon(app.return_code or 0)
        parts.close()
    return app.return_code or 0


def _set_secret() -> int:
    """Ask twice, without showing; 1 where nothing was set."""
    first = getpass.getpass(t("kiosk.set.new", shortest=SHORTEST))
    if getpass.getpass(t("kiosk.set.again")) != first:
        print(t("kiosk.set.differ"), file=sys.stderr)
        return 1
    try:
        set_secret(secret_file(), first.encode())
    except ValueError:
        print(t("kiosk.set.short", shortest=SHORTEST), file=sys.stderr)
        return 1
    except OSError as error:
        print(t("kiosk.set.not_saved", file=secret_file(), reason=error.strerror or type(error).__name__), file=sys.stderr)
        return 1
    print(t("kiosk.set.done", file=secret_file()))
    return 0
