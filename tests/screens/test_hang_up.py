"""The terminal is gone: what is being typed is kept, the flow's own ends are reached (the card is logged out), the app ends."""

from __future__ import annotations

import contextlib
import os
import pty

import msgspec
import pytest

from ebid_tui.app import EbidApp
from ebid_tui.flows.ui import Blocks, Ui
from ebid_tui.terminal.driver import TerminalWriter
from tests.screens import scripted
from tests.screens.stage import still


@pytest.mark.parametrize("busy", [False, True])
async def test_the_draft_is_written_and_the_card_logged_out(busy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Blocks] = []
    ended: list[str] = []
    monkeypatch.setattr(Still, "made", 0)
    monkeypatch.setattr("ebid_tui.process.ending.threading.Timer", Still)

    def keep(values: Blocks) -> bool:
        kept.append(values)
        return True

    async def flow(ui: Ui) -> None:
        try:
            ui.clock(scripted.NOW)
            await ui.fill(msgspec.structs.replace(scripted.registration(), keep=keep))
        finally:
            ended.append("logged out")

    app = EbidApp(scripted.profile(), flow, clock=still())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("tab", "tab", "途", "中")
        if busy:
            app.block("")
        app.hung_up()
        for _ in range(500):
            await pilot.pause(0.01)
            if ended:
                break
    assert ended == ["logged out"]
    assert any(value == "途中" for values in kept for row in values.values() for value in row.values())
    assert Still.made == 1, "it ends even where something does not"


class Still:
    """A timer that never goes off."""

    made = 0
    daemon = False

    def __init__(self, *_: object) -> None:
        Still.made += 1

    def start(self) -> None:
        pass


def test_what_cannot_be_written_any_more_is_dropped_and_told() -> None:
    """The writer goes on: one that stopped at the first error would leave the app waiting for it."""
    ours, theirs = pty.openpty()
    lost: list[bool] = []
    with os.fdopen(theirs, "w") as file:
        glass = TerminalWriter(file, lambda: lost.append(True))
        glass.write("a")
        glass.flush()
        assert os.read(ours, 10) == b"a"
        assert glass.isatty()
        assert lost == []
        os.close(ours)
        glass.write("b")
        glass.flush()
        assert lost
        glass.write("d")
        with contextlib.suppress(OSError):
            file.close()


async def test_a_page_without_a_form_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebid_tui.process.ending.threading.Timer", Still)

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.choose(scripted.menu())

    app = EbidApp(scripted.profile(), flow, clock=still())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.hung_up()
        await pilot.pause()
    assert app.return_code in (0, None)
