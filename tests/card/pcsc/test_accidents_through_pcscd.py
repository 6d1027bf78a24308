"""A sample of the accidents through a real `pcscd`: whole flows, cards in a process of their own. All of them: tests/accidents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.demo import cards as demo_cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.domain import statement
from ebid_tui.domain.records import Receipt, Vendor
from ebid_tui.flows.register import register
from ebid_tui.flows.renew import renew
from ebid_tui.flows.ui import CardRequest, Done, PinRequest
from ebid_tui.messages import t
from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.flows.conftest import place_of
from tests.flows.office import COMPANY, CONTACT, NOW, Office
from tests.flows.script import ScriptUi
from tests.patience import long, looking
from tests.wallets import documented

pytestmark = pytest.mark.pcscd

PLACE = place_of("ise")
FORMS: dict[str, Any] = {
    "search": {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}},
    "registration": {"company": {"department": "工事部"}, "representative_contact": CONTACT, "card_contact": CONTACT},
}
REMOVED = {"E-CARD-REMOVED", "E-CARD-REMOVED-PIN", "E-CARD-MUTE", "E-NO-CARD"}
"""What a pulled card looks like to pcscd: for up to 400 ms, until the reader notices, as one that does not answer."""

GARBLED = {"E-CARD-GARBLED", "E-CERT", "R-34", "E-CARD-MUTE"}


class Hands(ScriptUi):
    """Puts in the card that is asked for, and waits until the reader has noticed."""

    def __init__(self, worker: CardWorker, slots: list[CardProcess], names: tuple[str, ...], own_readers: bool) -> None:
        super().__init__()
        self.worker, self.slots, self.names, self.own_readers = worker, slots, names, own_readers
        self.entered = 0
        self.in_it: dict[int, str] = {}

    def _answer(self, request_id: str, request: Any) -> Any:
        assert self.busy_now == 0
        self.requests.append(request)
        assert len(self.requests) < 60
        if isinstance(request, PinRequest):
            self.entered += 1
            if request.problem is not None:
                self.told.append(request.problem)
            return b"123456"
        return FORMS.get(request_id, True)

    async def insert_card(self, request: CardRequest) -> Any:
        if request.problem is not None:
            self.told.append(request.problem)
        self.requests.append(request)
        assert len(self.requests) < 60
        new = request.lead in {PLACE.profile.renewal.new_dialog, t("flow.card.new_beside"), t("flow.card.new_again")}
        which = int(new and len(self.names) > 1)
        at = which if self.own_readers else 0
        if request.problem is not None or self.in_it.get(at) != self.names[which]:
            await self._until(lambda: len(self.worker.readers()) > at)
            before = self.worker.readers()[at].count
            self.slots[at].remove()
            await self._until(lambda: not self.worker.readers()[at].present)
            self.slots[at].insert(self.names[which])
            await self._until(lambda: self.worker.readers()[at].present and self.worker.readers()[at].count != before)
            self.in_it[at] = self.names[which]
        return True

    async def _until(self, true: Any) -> None:
        async for _ in looking(0.005):
            if true():
                return
        raise TimeoutError


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    return documented(tmp_path_factory.mktemp("keys"))


@pytest.fixture(autouse=True)
def stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's clock shows the office's time, which is the documents' day."""
    monkeypatch.setattr(statement, "now", lambda: NOW)


@pytest.fixture
def slots(pcscd: PrivatePcscd, wallet: Wallet) -> Iterator[list[CardProcess]]:
    demo_cards.trust_anchors(wallet)
    with ExitStack() as stack:
        yield [stack.enter_context(CardProcess(port, demo=wallet)) for port in pcscd.ports]


async def held_to_account(ui: Hands, office: Office, flow: Any, worker: CardWorker, slots: list[CardProcess], codes: set[str]) -> None:
    receipt = await asyncio.wait_for(flow(ui, worker, office, PLACE), long())
    assert isinstance(receipt, Receipt)
    assert [done.receipt for done in ui.asked(Done)] == [receipt]
    assert len(office.statements) == 1
    assert {error.code for error in ui.told} <= codes
    assert all(error.title for error in ui.told)
    assert not worker._sessions
    for number, slot in enumerate(slots):
        if number in ui.in_it:
            assert slot.tries_left() == 3
    assert await asyncio.wait_for(worker.call(lambda: 5), long()) == 5


def met(slot: CardProcess, at: int) -> bool:
    """Whether the card was asked so much that the accident happened."""
    return slot.count() > at


@pytest.mark.parametrize(
    ("at", "what", "codes"),
    [
        (1, "remove", REMOVED),
        (5, "remove", REMOVED),
        (6, "remove", REMOVED),
        (8, "remove", REMOVED),
        (4, "1234", GARBLED),
        (6, "1234", GARBLED),
    ],
)
async def test_a_registration(
    pcsc_worker: CardWorker, slots: list[CardProcess], wallet: Wallet, at: int, what: str, codes: set[str]
) -> None:
    office = Office()
    slots[0].accident(at, what)
    await held_to_account(Hands(pcsc_worker, slots[:1], ("ise-new",), True), office, register, pcsc_worker, slots[:1], codes)
    assert met(slots[0], at)


@pytest.mark.parametrize(
    ("readers", "slot", "at", "what", "codes"),
    [
        (2, 0, 6, "remove", REMOVED),
        (2, 0, 8, "remove", REMOVED),
        (2, 1, 5, "remove", REMOVED),
        (2, 1, 7, "remove", REMOVED),
        (2, 1, 6, "1234", GARBLED),
        (1, 0, 4, "remove", REMOVED),
        (1, 0, 14, "remove", REMOVED),
        (1, 0, 20, "remove", REMOVED),
    ],
)
async def test_a_renewal(
    pcsc_worker: CardWorker,
    slots: list[CardProcess],
    wallet: Wallet,
    readers: int,
    slot: int,
    at: int,
    what: str,
    codes: set[str],
) -> None:
    vendor = Vendor(system="ise", agency=PLACE.agency.id, category=PLACE.category.id, number="1000000005")
    office = Office(vendor, {**COMPANY, "vendor_no": "1000000005", "name": "建設工事００５"})
    office.has(demo_cards.certificate(wallet, "ise-current"))
    slots[slot].accident(at, what)
    hands = Hands(pcsc_worker, slots, ("ise-current", "ise-next"), readers == 2)
    await held_to_account(hands, office, renew, pcsc_worker, slots, codes)
    assert [state for _, state in office.states()] == ["renewed", "active"]
    assert met(slots[slot], at)
