"""`ebid-tui kiosk`: the keeper, one visit of its own (`--visit`), or the setting of the administrator's secret."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

import msgspec

from ebid_tui import settings
from ebid_tui.domain import systems
from ebid_tui.flows.ui import Ui
from ebid_tui.kiosk.secret import SHORTEST, Secret, set_secret
from ebid_tui.messages import t

FLAGS = ("system", "server", "server_socket", "systems_directory", "theme")
"""What the keeper hands on to the screen process."""


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
    if options.visit:
        return _visit(profile, msgspec.structs.replace(loaded, print_to_file=False))
    from ebid_tui.kiosk.keeper import Keeper

    given = [f"--{flag.replace('_', '-')}={value}" for flag in FLAGS if (value := getattr(options, flag, None)) is not None]
    command = [sys.executable, "-m", "ebid_tui", "kiosk", "--visit", *given]
    return Keeper(command, sys.stdin.fileno(), settings.state_directory() / "crashes").run()


def _visit(profile: systems.Profile, loaded: settings.Settings) -> int:
    """One visitor. What is imported here is what the screens need: the keeper stays small."""
    from ebid_tui import sealed, windows
    from ebid_tui.flows.enter import visit
    from ebid_tui.kiosk.app import KioskApp
    from ebid_tui.parts import real_parts
    from ebid_tui.terminal import Terminal

    parts = real_parts(loaded)

    def begin() -> None:
        sealed.close()  # after the first frame, long before any PIN
        parts.begin()

    async def one(ui: Ui) -> None:
        await visit(ui, parts.cards, parts.server, profile)

    app = KioskApp(
        profile,
        one,
        secret=Secret(secret_file(), settings.state_directory() / "kiosk-attempts"),
        idle=loaded.idle_seconds,
        countdown=loaded.countdown_seconds,
        sign_out=parts.server.sign_out,
        cards=parts.cards,
        outlet=parts.outlet,
        on_first_frame=begin,
        theme_file=windows._theme_file(loaded.theme),
        driver_class=Terminal,
    )
    try:
        app.run(mouse=loaded.mouse)
    finally:
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
    print(t("kiosk.set.done", file=secret_file()))
    return 0
