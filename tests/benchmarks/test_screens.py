"""The terminal's side: first frame against a minimal Textual app, bytes per event (issue 2, Speed)."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence

from tests.benchmarks.conftest import Measured
from tests.benchmarks.pty_bytes import Terminal, measure

MINIMAL = (sys.executable, "-m", "tests.benchmarks.minimal_app")
DEMO = (sys.executable, "-m", "ebid_tui", "demo")
FIRST = "調達区分"
ROUNDS = 11
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""An installed program has its bytecode; a test run may forbid writing it."""


def first_frame(command: Sequence[str]) -> float:
    """Seconds from starting the command to its first painted text."""
    begun = time.perf_counter()
    with Terminal(command, env=COMPILED) as terminal:
        got = b""
        while FIRST.encode() not in got:
            assert time.perf_counter() - begun < 30, got[-400:]
            got += terminal.read(0.002, 0.002)
        return time.perf_counter() - begun


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
    measured("first frame: ratio", f"{ours / floor:.2f}", "<= 1.25", ours <= 1.25 * floor)


def test_bytes_per_event(measured: Measured) -> None:
    sizes = measure(idle_seconds=5.0)
    goals = {"tab": 420, "shift+tab": 420, "idle": 0}  # where rows scroll into sight; without: test_terminal.py
    for event, found in sizes.items():
        measured(f"form, 80x24: {event}, most bytes", max(found), f"<= {goals.get(event, 60)}", max(found) <= goals.get(event, 60))
