"""A registration through a PKCS#11 module whose process is killed, or hangs, at every call: it goes on, and no PIN is sent twice."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest

from ebid_tui.card.pkcs11.module_process import ModuleProcess
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo import cards as demo_cards
from ebid_tui.domain import statement
from ebid_tui.domain.records import Receipt
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import CardRequest, Done, PinRequest, Trouble
from tests.card.softhsm import PIN, SoftHsm, Start, Stored
from tests.flows.conftest import place_of
from tests.flows.office import CONTACT, NOW, Office
from tests.flows.script import ScriptUi
from tests.patience import long
from tests.wallets import documented

EVERY = 1 if os.environ.get("ACCIDENTS") == "all" else 4
FORMS: dict[str, Any] = {
    "search": {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}},
    "registration": {"company": {"department": "工事部"}, "representative_contact": CONTACT, "card_contact": CONTACT},
}
CODES = {
    "killed": {"E-MODULE-CRASHED", "E-MODULE-LOAD", "E-MODULE-PIN", "E-CARD-RESET"},
    "killed-after-the-work": {"E-MODULE-CRASHED", "E-MODULE-LOAD", "E-MODULE-PIN", "E-CARD-RESET"},
    "stopped": {"E-MODULE-HUNG", "E-MODULE-PIN", "E-CARD-RESET"},
}


class Hands(ScriptUi):
    """Says yes, types the PIN, and counts how often."""

    entered = 0

    def _answer(self, request_id: str, request: Any) -> Any:
        assert self.busy_now == 0
        self.requests.append(request)
        assert len(self.requests) < 40
        match request:
            case CardRequest():
                return True
            case PinRequest():
                self.entered += 1
                if request.problem is not None:
                    self.told.append(request.problem)
                return PIN
            case Trouble():
                return "retry" if "retry" in request.ways else request.ways[-1]
        return FORMS.get(request_id, True)


class Line:
    """Counts the calls of a module's process, and does to it at one of them what was ordered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.at, self.what = -1, ""
        exchange = ModuleProcess._exchange

        def troubled(process: ModuleProcess, op: str, request: dict[str, Any], secret: bytearray | None, seconds: float) -> Any:
            number = len(self.calls)
            self.calls.append(op)
            if number != self.at or process._process is None:
                return exchange(process, op, request, secret, seconds)
            if self.what == "killed-after-the-work":
                exchange(process, op, request, secret, seconds)
            os.kill(process._process.pid, signal.SIGSTOP if self.what == "stopped" else signal.SIGKILL)
            return exchange(process, op, request, secret, 0.2 if self.what == "stopped" else seconds)

        monkeypatch.setattr(ModuleProcess, "_exchange", troubled)

    def order(self, at: int, what: str) -> None:
        self.calls, self.at, self.what = [], at, what


async def flow(worker: CardWorker, line: Line) -> Hands:
    ui, office = Hands(), Office()
    receipt = await asyncio.wait_for(register(ui, worker, office, place_of("ise")), long())
    assert isinstance(receipt, Receipt)
    assert [done.receipt for done in ui.asked(Done)] == [receipt]
    assert len(office.statements) == 1
    assert line.calls.count("login") <= ui.entered, "a PIN was sent twice"
    assert not worker._sessions
    return ui


@pytest.mark.parametrize("what", CODES)
async def test_a_registration_with_the_process_lost_at_any_call(
    hsm: SoftHsm, start: Start, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(statement, "now", lambda: NOW)
    wallet = documented(tmp_path_factory.mktemp("keys"))
    hsm.token("ise", Stored(demo_cards.make_virtual(wallet, "ise-new").slots[0x9A]))
    line = Line(monkeypatch)
    ui = await flow(start(), line)
    assert ui.told == []
    calls = len(line.calls)
    assert "login" in line.calls
    assert "sign" in line.calls
    for at in range(list(CODES).index(what), calls, EVERY):
        line.order(at, what)
        ui = await flow(start(), line)
        told = {error.code for error in ui.told}
        assert told <= CODES[what], f"call {at}: {sorted(told)}"
        assert all(error.title and error.remedy for error in ui.told)
