"""Every place where one types, one after the other, at a real terminal: `python -m tests.screens.typing_app DIRECTORY`.

SIGUSR1 leads to the next. The last is the kiosk's secret, `SECRET`; who knows it ends the program with `LEAVE`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NoReturn

SECRET = "ab+secret"
LEAVE = 86


def run(directory: Path) -> int:
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    from ebid_tui.app import EbidApp
    from ebid_tui.flows.desk.ui import SearchState, VendorSearch
    from ebid_tui.flows.ui import Ui
    from ebid_tui.kiosk.admin_secret import AdminSecret
    from ebid_tui.kiosk.screens import SecretOverlay
    from ebid_tui.printing.printers import Cups
    from ebid_tui.printing.printout import Printout
    from ebid_tui.printing.targets import PrintTargets
    from ebid_tui.screens.desk.search import SearchScreen
    from ebid_tui.screens.overlay import Overlay
    from ebid_tui.screens.save_page import SaveOverlay
    from ebid_tui.terminal import input
    from ebid_tui.terminal.driver import Terminal
    from tests.kiosk.stand import keep_secret
    from tests.patience import long
    from tests.screens import scripted
    from tests.screens.test_pin_pad import on_pad

    input.TAIL = long()  # a tail that a busy machine sends late is one
    keep_secret(directory / "secret", SECRET.encode())

    async def nothing(*_: object) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError

    async def search(_: Ui) -> None:
        await app._layers.show(SearchScreen(app.office, VendorSearch("業者検索", SearchState(), nothing, False)))

    async def over(overlay: Overlay) -> None:
        app.push_screen(overlay)
        try:
            await nothing()
        finally:
            app.pop_screen()

    async def save(_: Ui) -> None:
        await over(SaveOverlay(app.office, Printout(PrintTargets(scripted.profile(), Cups("nowhere"), "", True), scripted.done())))

    async def secret(_: Ui) -> None:
        known = AdminSecret(directory / "secret", directory / "attempts")
        await over(SecretOverlay(app.office, known, lambda: app.exit(return_code=LEAVE)))

    places: list[Callable[[Ui], Awaitable[object]]] = [
        lambda ui: ui.fill(scripted.registration({"company": scripted.COMPANY | {"phone": ""}})),  # so that it begins there
        lambda ui: ui.fill(scripted.search()),
        lambda ui: ui.ask_pin(scripted.pin()),
        lambda ui: ui.wait_for_pin_pad(on_pad(), nothing),
        search,
        save,
        secret,
    ]

    async def every(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        further = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, further.set)
        for place in places:
            here = asyncio.ensure_future(place(ui))
            await further.wait()
            further.clear()
            here.cancel()

    app = EbidApp(scripted.profile(), every, driver_class=Terminal, own_cursor=True)
    app.run(mouse=False)
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
