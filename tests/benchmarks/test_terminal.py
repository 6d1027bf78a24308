"""Bytes and time at a terminal of 80x24, beside the same form in plain Textual and in prompt_toolkit, all in one run."""

from __future__ import annotations

import os
import select
import statistics
import sys
import time
from dataclasses import dataclass

import pytest

from tests.benchmarks import peer_form
from tests.benchmarks.conftest import Measured
from tests.benchmarks.pty_bytes import FORM, Terminal, measure_screens

ROUNDS = 7
KEYS = 300
KEYSTROKE, TAB, NEXT_SCREEN = 60, 120, 2500


@dataclass(frozen=True)
class Way:
    """One program that shows a menu, and after `1` a form; `last` is on the form's first page."""

    command: tuple[str, ...]
    menu: str
    last: str


OURS = Way((*FORM[:-1], "steps"), "利用者登録メニュー", "連絡先電話番号")
TEXTUAL = Way((sys.executable, "-m", "tests.benchmarks.peer_form", "textual"), peer_form.MENU, peer_form.LAST)
TOOLKIT = Way((sys.executable, "-m", "tests.benchmarks.peer_form", "prompt_toolkit"), peer_form.MENU, peer_form.LAST)


def until(terminal: Terminal, text: str) -> None:
    """Read, without waiting for silence afterwards."""
    got = b""
    end = time.monotonic() + 30
    while text.encode() not in got:
        assert time.monotonic() < end, got[-300:]
        got += terminal.read(0.001, 0.002)


def times(way: Way) -> tuple[float, float]:
    """Milliseconds from the start to the menu, and from the key to the form."""
    begun = time.perf_counter()
    with Terminal(way.command) as terminal:
        until(terminal, way.menu)
        first = time.perf_counter() - begun
        terminal.read(0.3)
        begun = time.perf_counter()
        os.write(terminal.descriptor, b"1")
        until(terminal, way.last)
        return first * 1000, (time.perf_counter() - begun) * 1000


def key_to_paint(way: Way) -> list[float]:
    """Milliseconds from each of many keys, at a typist's distance, to what is painted for it."""
    with Terminal(way.command) as terminal:
        until(terminal, way.menu)
        terminal.read(0.3)
        os.write(terminal.descriptor, b"1")
        until(terminal, way.last)
        terminal.read(0.3)
        found = []
        for n in range(KEYS):
            key = b"\x7f" if n % 20 >= 10 else b"1"
            begun = time.perf_counter()
            os.write(terminal.descriptor, key)
            select.select([terminal.descriptor], [], [], 5.0)
            found.append((time.perf_counter() - begun) * 1000)
            terminal.read(0.02)
        return sorted(found)


def sizes(way: Way) -> dict[str, list[int]]:
    """Bytes by event, on the form's first page."""
    with Terminal(way.command) as terminal:
        until(terminal, way.menu)
        terminal.read(0.3)
        begun = len(terminal.raw)
        os.write(terminal.descriptor, b"1")
        until(terminal, way.last)
        terminal.read(0.3)
        form = len(terminal.raw) - begun
        keys = [len(terminal.send(c)) for c in "1234567"]
        tabs = [len(terminal.send("\t")) for _ in range(5)]
        return {"keystroke": keys, "tab": tabs, "menu to form": [form]}


def test_bytes_beside_others(measured: Measured) -> None:
    pytest.importorskip("prompt_toolkit")
    goals = {"keystroke": KEYSTROKE, "tab": TAB, "menu to form": NEXT_SCREEN}
    ours, textual, toolkit = sizes(OURS), sizes(TEXTUAL), sizes(TOOLKIT)
    for event, goal in goals.items():
        most = max(ours[event])
        measured(f"80x24, 256 colours: {event}, most bytes", most, f"<= {goal}", most <= goal)
        for name, other in (("prompt_toolkit", toolkit), ("plain Textual", textual)):
            measured(f"  {event}: {name}, most bytes (ours / theirs)", f"{max(other[event])} ({most / max(other[event]):.2f})")
    for step, size in measure_screens().items():
        measured(f"80x24, 256 colours: {step}, bytes", size, f"<= {NEXT_SCREEN}", size <= NEXT_SCREEN)


def test_times_beside_plain_textual(measured: Measured) -> None:
    for way in (OURS, TEXTUAL):
        times(way)  # bytecode
    ours, theirs = ([times(way) for _ in range(ROUNDS)] for way in (OURS, TEXTUAL))
    for index, what in enumerate(("start to first frame", "menu to form")):
        mine, other = (statistics.median(found[index] for found in runs) for runs in (ours, theirs))
        kept = mine <= 1.25 * other
        measured(f"{what}, ms (ours / plain Textual)", f"{mine:.0f} / {other:.0f} = {mine / other:.2f}", "<= 1.25", kept)
    mine, other = (key_to_paint(way)[int(KEYS * 0.99) - 1] for way in (OURS, TEXTUAL))
    kept = mine <= 1.25 * other
    measured("key to paint, p99, ms (ours / plain Textual)", f"{mine:.1f} / {other:.1f} = {mine / other:.2f}", "<= 1.25", kept)
