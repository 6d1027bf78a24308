"""Whatever a server says, a terminal gets from the screens only what they themselves send: by a pty."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from tests.benchmarks.pty_bytes import Terminal
from tests.hostile.figures import note
from tests.hostile.liar import Liar, Told, liar
from tests.hostile.texts import MARK, ORDER, UNSEEN, changed, left, strings
from tests.patience import long
from tests.server.running import Running

ALL = os.environ.get("HOSTILE") == "all"
OWN = re.compile(r"\x1b(?:\[[<=>?]?[0-9;]*[$ ]?[@-~]|[78=>M]|\([0B]|\]22;default\x07)")
"""ECMA-48, 5.4: what the screens may send. Of strings that a terminal would keep only the pointer's shape, which is a constant."""
thorough = pytest.mark.skipif(not ALL, reason="make hostile does it: half a minute each")
EVERYTHING = "".join(UNSEEN.values())


def faults(raw: bytes) -> Iterator[str]:
    sent = raw.decode("utf-8", "surrogateescape")
    yield from (f"sequence {own!r}" for own in OWN.findall(sent) if MARK in own or ORDER in own)
    text = re.sub(f"[\r\b]|(?<!{MARK})\x07", "", OWN.sub("", sent))  # the program rings the bell, too
    if (found := left(text)) is not None:
        at = next(i for i, char in enumerate(text) if left(char))
        yield f"{found}: {text[max(0, at - 30) : at + 30]!r}"


class Attack:
    """Texts in Japanese in the answers to some requests, all of them spoilt in every way."""

    def __init__(self, method: str, path: str) -> None:
        self.method, self.path, self.spoilt = method, path, 0

    def __call__(self, _number: int, told: Told) -> tuple[int, bytes] | None:
        if told.method != self.method or not told.path.startswith(f"/v1/{self.path}"):
            return None
        body = told.body
        for where in [*strings(body)]:
            held = body
            for step in where:
                held = held[step]
            if not held.isascii():
                body = changed(body, where, lambda text: f"{text[:1]}{EVERYTHING}{text[1:]}")
                self.spoilt += 1
        return told.status, json.dumps(body).encode()


class Shown:
    """A program in a terminal, and what was typed into it."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal, self._seen = terminal, 0

    def until(self, *texts: str) -> None:
        """Each comes, after what was waited for before."""
        for text in texts:
            self._seen = self.terminal.raw.index(text.encode(), self._seen) if text.encode() in self.terminal.raw[self._seen :] else -1
            if self._seen < 0:
                self._seen = 0
                self.terminal.read_until(text, long())

    def send(self, *keys: str) -> None:
        for key in keys:
            self._seen = len(self.terminal.raw)
            self.terminal.send(key)


@pytest.fixture
def between(counter: Running, short_dir: Path) -> Iterator[Liar]:
    with liar(short_dir / "lies", counter.socket) as made:
        yield made


def bidder(between: Liar, wallet: Wallet) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.hostile.screens_app", str(between.socket), str(wallet.directory), wallet.day.isoformat())


def to_the_menu(shown: Shown) -> None:
    shown.until("建設工事")
    shown.send("\r")
    shown.until("利用者登録")
    shown.send("\r")
    shown.until("処理選択メニュー")


def searching(shown: Shown) -> None:
    to_the_menu(shown)
    shown.send("\r")
    shown.until("利用者登録メニュー")
    shown.send("1")
    shown.until("ise-new")
    shown.send("\r")
    shown.until("PIN")
    shown.send("123456", "\r")
    shown.until("業者番号")
    for value in ("1000000001", "テスト工事業者０１", "Demo-pass1"):
        shown.send(value, "\r")
    shown.until(MARK)
    shown.send("\x1b[6~", "\x1b[6~", "\x1b[6~", "\x1b[21~")


@thorough
def test_the_search_of_a_bidder(between: Liar, wallet: Wallet) -> None:
    _attacked(between, Attack("POST", "qualifications/search"), bidder(between, wallet), searching)


def _attacked(between: Liar, attack: Attack, command: tuple[str, ...], typed: Callable[[Shown], None]) -> None:
    between.begin(attack)
    with Terminal(command) as terminal:
        typed(Shown(terminal))
        terminal.read()
        raw = terminal.raw
    bad = [*faults(raw)]
    note("screens", attack.spoilt * len(UNSEEN), len(bad))
    assert bad == []
    assert attack.spoilt
    assert MARK.encode() in raw, "what can be seen of it is shown"


def test_what_is_looked_for_would_be_found() -> None:
    for hostile in UNSEEN.values():
        assert list(faults(f"あ{hostile}".replace("\n", "").replace("\r", "").encode())) or "\r\n" in hostile, hostile
