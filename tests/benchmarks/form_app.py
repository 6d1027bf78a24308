"""The app with the scripted flow, for measuring in a pty: `python -m tests.benchmarks.form_app form|filled|search|steps|all`."""

from __future__ import annotations

import gc
import os
import sys

from tests.screens.plastic import Hand


def run(name: str) -> int:
    """Run until it is left; the imports are in the order of `ebid_tui.commands.screens`."""
    gc.disable()
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    from ebid_tui.app import EbidApp
    from ebid_tui.flows.ui import Ui
    from ebid_tui.terminal.driver import Terminal
    from tests.screens import scripted

    async def form(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.fill(scripted.registration())

    async def filled(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.fill(scripted.registration(scripted.filled()))

    async def search(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.fill(scripted.search())

    async def steps(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.choose(scripted.menu())
        await ui.fill(scripted.registration(scripted.filled()))
        await ui.review(scripted.review())

    hand = Hand()
    flow = {"form": form, "filled": filled, "search": search, "steps": steps, "all": scripted.every_screen}[name]
    app = EbidApp(scripted.profile(), flow, tray=hand, cards=hand, driver_class=Terminal, own_cursor=True)
    app.run(mouse=False)
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
