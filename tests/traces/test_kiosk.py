"""What is left of a visitor of a kiosk when the next one comes: nothing, in the next process, the waiting one, and their keeper."""

from __future__ import annotations

import os
import secrets
import signal
import string
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo.cards import SLOT_AUTHENTICATION
from ebid_tui.demo.virtual_card import SlotKey
from ebid_tui.messages import t
from tests.card import pcscd
from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.card.vpcd import save_card
from tests.e2e.program import COMMAND, Process, below
from tests.patience import wait_until
from tests.traces import memory
from tests.traces.glass import Glass
from tests.traces.memory import Found, scan
from tests.traces.place import F5, PASSWORD, PivPlace, find_the_company, to_the_pin
from tests.wallets import of_today

START = t("kiosk.start.card")
PERSON = "鷹司　檀密"
"""A name that nothing else on this machine bears."""


class Counter(PivPlace):
    """A kiosk's counter: the card is in the visitor's hand."""

    def _insert(self, key: SlotKey) -> dict[str, str]:
        (card := self.directory / "card").mkdir()
        save_card(card, {SLOT_AUTHENTICATION: key}, pin=self.pin)
        self._daemon = self._held.enter_context(PrivatePcscd(self.directory))
        self.hand = self._held.enter_context(CardProcess(self._daemon.ports[0], {"card": card}))
        return {"PCSCLITE_CSOCK_NAME": str(self._daemon.socket_path)}

    def kiosk(self, idle: int) -> Glass:
        seconds = {"EBID_TUI_IDLE_SECONDS": str(idle), "EBID_TUI_COUNTDOWN_SECONDS": "6"}
        return self.glass(*COMMAND, "kiosk", *self.server, env=seconds)


@pytest.fixture(scope="module")
def counter(rooms: Path) -> Iterator[Counter]:
    if memory.missing() or pcscd.missing():
        pytest.skip(memory.missing() or pcscd.missing())
    made = Counter(Path(tempfile.mkdtemp(dir=rooms)), of_today(rooms / "keys"))
    yield made
    made.close()


def screens(glass: Glass) -> list[Process]:
    return sorted((p for p in below(glass.pid) if "--visit" in p.command), key=lambda process: int(process.started))


def copies(pids: list[int], typed: dict[str, str]) -> dict[str, list[Found]]:
    return {what: found for what, secret in typed.items() if (found := [one for pid in pids for one in scan(pid, secret)])}


@pytest.mark.pcscd
@pytest.mark.parametrize("end", ["card", "idle", "crash"])
def test_nothing_of_a_visitor_is_left(counter: Counter, end: str) -> None:
    """R-21."""
    if end != "card" and os.environ.get("KIOSK_TRACES") != "all":
        pytest.skip("takes 20 s: `make visitors` has it")
    mail = "".join(secrets.choice(string.ascii_lowercase) for _ in range(14))
    typed = {"PIN": counter.pin, "password": PASSWORD, "mail": mail, "name": PERSON}
    with counter.kiosk(idle=12 if end == "idle" else 600) as glass:
        glass.wait(START, "Enter")
        counter.hand.insert("card")
        to_the_pin(glass)
        glass.at_once(counter.pin)
        glass.keys("\r")
        find_the_company(glass)
        for value in (
            "工事部",
            "営業部",
            "5160018",
            "三重県伊勢市岩渕一丁目",
            PERSON,
            "0596-00-0001",
            "0596-00-0002",
            f"{mail}@example.jp",
        ):
            glass.at_once(value)
            glass.look()
            glass.keys("\r")
        glass.keys(F5)
        glass.wait("7項目をコピーしました")
        wait_until(lambda: len(screens(glass)) == 2, "no process stands ready")
        visit, ready = screens(glass)
        assert "mail" in copies([visit.pid], typed), "the search finds what is there"
        if end == "card":
            counter.hand.remove()
        elif end == "crash":
            os.kill(visit.pid, signal.SIGSEGV)
        else:
            glass.wait("操作がありません")
        seen = glass.wait(START, gone="営業部")
        counter.hand.remove()
        assert not visit.alive
        assert ready.alive
        wait_until(lambda: len(screens(glass)) == 2, "no process stands ready for the next but one")
        assert copies([glass.pid, *(process.pid for process in screens(glass))], typed) == {}
        assert not any(text in seen for text in (mail, PERSON[:2]))
