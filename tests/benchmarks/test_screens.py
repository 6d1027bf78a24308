"""The terminal's side: first frame against a minimal Textual app, bytes per event (issue 2, Speed)."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence

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


def test_the_first_menu_of_the_demo_against_a_minimal_textual_app() -> None:
    for command in (MINIMAL, DEMO):
        first_frame(command)  # bytecode, and files in the cache
    minimal, demo = [], []
    for _ in range(ROUNDS):
        minimal.append(first_frame(MINIMAL))
        demo.append(first_frame(DEMO))
    floor, ours = statistics.median(minimal) * 1000, statistics.median(demo) * 1000
    print(f"\nfirst frame: minimal {floor:.0f} ms, demo {ours:.0f} ms, ratio {ours / floor:.2f}")
    assert ours <= 1.25 * floor


def test_bytes_per_event() -> None:
    sizes = measure(idle_seconds=5.0)
    print()
    for event, found in sizes.items():
        print(f"{event:14} max {max(found):5} bytes   mean {statistics.mean(found):7.1f}")
    assert max(sizes["keystroke"] + sizes["keystroke ja"] + sizes["backspace"]) <= 200
    assert max(sizes["tab"] + sizes["shift+tab"]) <= 400
    assert sizes["idle"] == [0]
