"""`ebid-tui desk`: the helpdesk's screens, and the training that they lead to; with `--plain` the same in lines."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ebid_tui import settings
from ebid_tui.card_and_server import CardAndServer, real_parts, server_address
from ebid_tui.client.desk import DeskServer
from ebid_tui.client.desk_devices import DeskDevices
from ebid_tui.domain.profile import systems
from ebid_tui.errors import EbidError
from ebid_tui.flows.desk.session import DeskState
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile
    from ebid_tui.flows.ui import Ui

Practice = Callable[[settings.Settings], "tuple[CardAndServer, Profile]"]
"""What a training is made of, and the system as it has it."""

SIGN_OUT = 3.0
"""Seconds that the server has for the end of a session, where the program was ended from outside."""


def main(options: argparse.Namespace, loaded: settings.Settings, demo: Practice) -> int:
    """The exit code. `demo` makes a training. Raises SettingsError, ProfileError, ServerError E-ORIGIN, E-SERVER-URL."""
    if not loaded.system:
        raise settings.SettingsError("system", t("main.system"))
    profile = systems.profile_of(loaded.system, *loaded.profile_directories)
    desk = desk_server(loaded)
    if options.plain or options.script is not None:
        from ebid_tui.plain.desk import run_desk_in_lines

        return run_desk_in_lines(profile, real_parts(loaded), desk, options.script, options.secrets_fd)
    return _screens(profile, desk, loaded, demo)


def desk_server(loaded: settings.Settings) -> DeskServer:
    """The configured server, as operators use it."""
    return DeskServer(server_address(loaded), DeskDevices(settings.state_directory() / "desk-devices"))


def _screens(profile: Profile, desk: DeskServer, loaded: settings.Settings, demo: Practice) -> int:
    """The desk, and from there a training and back, until the operator leaves."""
    from ebid_tui.commands import screens
    from ebid_tui.commands.desk_app import DeskApp
    from ebid_tui.flows.desk.training import training
    from ebid_tui.flows.desk.visit import desk_visit

    state = DeskState()
    goes_on: list[bool] = []

    try:
        while True:
            parts = real_parts(loaded)
            goes_on.clear()

            async def at_the_desk(ui: Any, parts: CardAndServer = parts) -> None:
                goes_on.append(await desk_visit(ui, desk, parts.cards, profile, state, training=True))

            code = screens.run_flow(profile, parts, loaded, at_the_desk, DeskApp)
            if code or goes_on != [True]:
                return code
            made, practised = demo(loaded)
            practice = replace(made, outlet=None)  # no demo receipt comes out of a real printer

            async def practise(ui: Ui, practice: CardAndServer = practice, practised: Profile = practised) -> None:
                notes = practice.tray.notes() if practice.tray is not None else ()
                await training(ui, practice.cards, practice.server, practised, notes)

            if code := screens.run_flow(profile, practice, loaded, practise, DeskApp, mark=t("desk.training.mark")):
                return code
    finally:
        if desk.signed_in:
            with suppress(EbidError, TimeoutError):
                asyncio.run(_sign_out(desk))


async def _sign_out(desk: DeskServer) -> None:
    await asyncio.wait_for(desk.sign_out(), SIGN_OUT)
    await desk.close()
