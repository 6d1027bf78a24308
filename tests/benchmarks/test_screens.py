"""The terminal's side: first frame against a minimal Textual app, bytes per event (issue 2, Speed)."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from datetime import datetime

from ebid_tui.demo.days import JAPAN
from tests.benchmarks.conftest import Measured
from tests.benchmarks.pty_bytes import Terminal, measure

MINIMAL = (sys.executable, "-m", "tests.benchmarks.minimal_app")
DEMO = (sys.executable, "-m", "ebid_tui", "demo")
FIRST = "調達区分"
CLOCK = datetime.now(JAPAN).strftime("%Y年")  # real clock: what the demo shows is the machine's
ROUNDS = 11
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""An installed program has its bytecode; a test run may forbid writing it."""


def first_frame(command: Sequence[str]) -> float:
    """Seconds from starting the command to its first painted text."""
    return times(command, FIRST)[0]


def times(command: Sequence[str], *texts: str) -> list[float]:
    """Seconds from starting the command until each of these texts was painted, in this order."""
    begun, found = time.perf_counter(), []
    with Terminal(command, env=COMPILED) as terminal:
        got = b""
        for text in texts:
            while text.encode() not in got:
                assert time.perf_counter() - begun < 30, got[-400:]
                got += terminal.read(0.002, 0.002)
            found.append(time.perf_counter() - begun)
    return found


def test_the_first_menu_of_the_demo_against_a_minimal_textual_app(measured: Measured) -> None:
    for command in (MINIMAL, DEMO):
        first_frame(command)  # bytecode, and files in the cache
    minimal, demo = [], []
    for _ in range(ROUNDS):
        minimal.append(first_frame(MINIMAL))
        demo.append(first_frame(DEMO))
    floor, ours = statistics.median(minimal) * 1000, statistics.median(demo) * 1000
    measured("first frame: a minimal Textual app, ms", f"{floor:.0f}")
    measured("first frame: the demo's first menu, ms", f"{ours:.0f}")
    measured("first frame: ratio", f"{ours / floor:.2f}", "<= 1.15", ours <= 1.15 * floor)


def test_the_clock_of_the_demos_server_against_its_first_frame(measured: Measured) -> None:
    """The menu can be used when the server's clock is there (R-01): the server starts beside the first frame."""
    times(DEMO, FIRST, CLOCK)
    found = [times(DEMO, FIRST, CLOCK) for _ in range(ROUNDS)]
    frame, clock = (statistics.median(one) * 1000 for one in zip(*found, strict=True))
    measured("the demo's clock on the screen, ms", f"{clock:.0f}")
    measured("the demo's clock: ratio to its first frame", f"{clock / frame:.2f}", "<= 3", clock <= 3 * frame)


def test_bytes_per_event(measured: Measured) -> None:
    sizes = measure(idle_seconds=5.0)
    goals = {"tab": 420, "shift+tab": 420, "idle": 0}  # where rows scroll into sight; without: test_terminal.py
    for event, found in sizes.items():
        measured(f"form, 80x24: {event}, most bytes", max(found), f"<= {goals.get(event, 60)}", max(found) <= goals.get(event, 60))
