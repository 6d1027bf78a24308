"""One run of line mode with a script, the demo's cards and an office for one test."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.demo.cards import Wallet, make_virtual
from ebid_tui.demo.packaged import WORLDS
from ebid_tui.demo.tray import DemoTray
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain import statement
from ebid_tui.plain.run import run_lines
from tests.flows.office import NOW, Office
from tests.wallets import documented


class Run:
    """Calling it runs a script from the entrance on; what was printed is kept. Cards keep their tries for one run only."""

    def __init__(self, wallet: Wallet, tmp_path: Path, capsys: pytest.CaptureFixture[str], office: Office, *, readers: int = 1) -> None:
        self.wallet, self.office, self.tmp_path, self.capsys = wallet, office, tmp_path, capsys
        self.readers = readers
        self.out = self.err = ""
        self.cards: dict[str, VirtualCard] = {}

    def __call__(self, script: str, secrets: str = "") -> int:
        """`secrets`: what comes from a descriptor."""
        file = self.tmp_path / "script.txt"
        file.write_text(script, encoding="utf-8")
        readers = [VirtualReader(f"Virtual Reader {number:02}") for number in range(self.readers)]
        cards = CardWorker(*readers)
        self.cards.clear()
        tray = DemoTray(readers, partial(WORLDS.__getitem__, self.office.profile.id), self._make)
        parts = CardAndServer(cards, self.office, cards.start, cards.stop, tray)
        code = run_lines(self.office.profile, parts, str(file), _descriptor(secrets) if secrets else None)
        self.out, self.err = self.capsys.readouterr()
        assert unreadable(self.out) == []
        return code

    def _make(self, name: str) -> VirtualCard:
        self.cards[name] = make_virtual(self.wallet, name)
        return self.cards[name]

    def register(self, name: str) -> None:
        """The office has this card registered."""
        self.office.has(make_virtual(self.wallet, name).slots[0x9A].certificate)

    @property
    def prompts(self) -> list[str]:
        """The ids of everything that was asked, in order."""
        return [line.rpartition("<")[2].partition(">")[0] for line in self.out.splitlines() if "<" in line and ">:" in line]


def _descriptor(text: str) -> int:
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return reading


def unreadable(out: str) -> list[str]:
    """Lines that a screen reader or a dumb terminal stumbles over: cursor tricks, drawn lines, two prompts in one."""
    tricks = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f─-╿▀-▟]")
    return [line for line in out.split("\n") if tricks.search(line) or len(re.findall("<[a-z_.]+>:", line)) > 1]


RunAt = Callable[..., Run]


@pytest.fixture(autouse=True)
def stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's clock shows the office's time, which is the documents' day."""
    monkeypatch.setattr(statement, "now", lambda: NOW)


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    return documented(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def run_at(wallet: Wallet, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> RunAt:
    """A run at an office; `readers` says how many readers stand there."""
    return partial(Run, wallet, tmp_path, capsys)
