"""The kiosk's keeper over 2,000 visits, and how long the screen is gone after a crash."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.screens.base import Step
from ebid_tui.screens.choose import ChooseScreen
from ebid_tui.screens.done import DoneScreen
from ebid_tui.screens.form import FormScreen
from ebid_tui.screens.review import ReviewScreen
from tests.benchmarks.conftest import Measured
from tests.benchmarks.pty_bytes import Terminal
from tests.e2e.program import ROOT, below
from tests.kiosk.visitors import resident as own_memory
from tests.patience import wait_until
from tests.screens import scripted
from tests.screens.stage import stage

VISITS = 2000
FLOWS = 2000
GROWTH = 2048
"""KiB that the keeper may have more after them."""

TIMES = 1.0
"""How much of a cold start a crash may cost: the next process stands ready."""

KEEPER = """
import sys
from pathlib import Path
from ebid_tui.kiosk import keeper
keeper.PAUSES = (0.0,)
sys.exit(keeper.Keeper(["/bin/sh", "-c", sys.argv[2], sys.argv[1]], 0, Path(sys.argv[1])).run())
"""
CHILD = 'echo x >>"$0/visits"; read -r n <&$1; [ "$(wc -l <"$0/visits")" -lt %d ] || exit 86'


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4


@pytest.mark.timeout(900)
def test_the_keeper_does_not_grow(tmp_path: Path, measured: Measured) -> None:
    visits = tmp_path / "visits"
    with Terminal([sys.executable, "-c", KEEPER, str(tmp_path), CHILD % VISITS]) as terminal:
        wait_until(visits.exists, "no visit began")
        first = last = resident(terminal.pid)
        while terminal.wait(0.5) is None:
            last = resident(terminal.pid) or last  # nothing is left of one that has just ended
    assert len(visits.read_text().splitlines()) >= VISITS
    measured(f"keeper: KiB after 1 visit, and after {VISITS}", f"{first} and {last}", f"<= {GROWTH} more", last - first <= GROWTH)


def test_a_crash_costs_less_than_a_cold_start(tmp_path: Path, measured: Measured) -> None:
    environment = {"HOME": str(tmp_path), "PCSCLITE_CSOCK_NAME": str(tmp_path / "none")}
    command = [sys.executable, "-m", "ebid_tui", "kiosk", "--system", "ise", "--server-socket", str(tmp_path / "no-server")]
    os.chdir(ROOT)
    began = time.monotonic()
    with Terminal(command, env=environment) as terminal:
        _frame(terminal)
        cold = time.monotonic() - began
        times = []
        for _ in range(5):
            wait_until(lambda: len(_screens(terminal)) == 2, "no process stands ready")
            time.sleep(2)  # until it has loaded everything
            os.kill(_screens(terminal)[0], signal.SIGKILL)
            began = time.monotonic()
            _frame(terminal)
            times.append(time.monotonic() - began)
    crash = sorted(times)[2]
    measured("kiosk: a cold start, s", f"{cold:.2f}")
    measured("kiosk: after a crash, s (worst)", f"{crash:.2f} ({max(times):.2f})", f"< {TIMES} of a cold start", crash < cold * TIMES)


def _frame(terminal: Terminal) -> None:
    seen = b""
    while "利用者登録".encode() not in seen:
        seen += terminal.read(0.005, 0.02)


def _screens(terminal: Terminal) -> list[int]:
    return [p.pid for p in sorted(below(terminal.pid), key=lambda process: int(process.started)) if "--visit" in p.command]


@pytest.mark.timeout(900)
async def test_flows_do_not_grow(measured: Measured) -> None:
    """One app, as at a desk: flow after flow, each with its own texts in every field."""
    sizes: dict[int, int] = {}

    async def flows(ui: Ui) -> None:
        for number in range(1, FLOWS + 1):
            await ui.choose(scripted.categories())
            await ui.fill(scripted.search({"search": {"vendor_no": f"{number:010}"}}))
            await ui.fill(scripted.registration({"card_contact": {"email": f"v{number}@example.co.jp"}}))
            await ui.review(scripted.review())
            await ui.done(scripted.done())
            ui.forget()
            if number in (1, FLOWS):
                gc.unfreeze()
                sizes[number] = own_memory()

    answers: dict[type, object] = {ChooseScreen: "construction", FormScreen: Nav.BACK, ReviewScreen: True, DoneScreen: None}
    async with stage(flows) as at:
        answered: object = None
        while not at.app._exit:
            page = at.app.screen
            if isinstance(page, Step) and page is not answered and type(page) in answers and page.seen_at < float("inf"):
                answered = page
                page.finish(answers[type(page)])
            await asyncio.sleep(0)
    grown = sizes[FLOWS] - sizes[1]
    measured(f"one app: KiB after 1 flow, and after {FLOWS}", f"{sizes[1]} and {sizes[FLOWS]}", f"<= {GROWTH} more", grown <= GROWTH)
