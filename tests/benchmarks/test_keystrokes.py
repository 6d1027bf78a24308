"""Keystrokes for one registration and one renewal, counted through the real screens, against the manual's way.

Both counts are of the same visit, with the demo's vendors and cards: from the first menu, through the print, until the
first menu is there again. A character of a value is one keystroke on both sides, however an input method makes it.

The manual's way is what the documents' screens need on a keyboard, with what each shows at the time:

- a menu or a list of agencies or categories: a Tab to each button up to the one wanted, and Enter;
- PIN番号入力ダイアログ: the PIN, a Tab over 担当者, a Tab to OK, and Enter;
- 確認ダイアログ before each card of a renewal: Enter;
- a form: a Tab to each input, all of its characters (nothing is filled in, nothing copied), a Tab to the button, and Enter;
- a confirmation: a Tab to its first button, and Enter; with a choice to propagate (R-16) one Tab more;
- 処理完了: a Tab to 印刷 and Enter; then two Tabs to the button that closes, and Enter.

Ours is every key that the screens are given, the demo's own (which card goes into the reader) and our own question (R-06)
included: those have no counterpart in the documents.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from ebid_tui.app import EbidApp
from ebid_tui.demo.card_and_server import demo_parts
from ebid_tui.demo.vendors import VENDORS, DemoVendor
from ebid_tui.domain import fields
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.screens.base import Step
from ebid_tui.screens.card import CardScreen
from ebid_tui.screens.choose import ChooseScreen
from ebid_tui.screens.compare import CompareScreen
from ebid_tui.screens.confirm import ConfirmScreen
from ebid_tui.screens.done import DoneScreen
from ebid_tui.screens.form import FormScreen
from ebid_tui.screens.pin import PinScreen
from ebid_tui.screens.review import ReviewScreen
from ebid_tui.settings import Settings
from tests.benchmarks.conftest import Measured
from tests.screens.stage import Stage
from tests.server.running_server import CONTACT

GOAL = 0.40
PIN = "123456"
PATIENCE = 30.0
CARDS = {
    "ise": ("1000000001", ("ise-new",), ("ise-current", "ise-next")),
    "aomori": ("990000001", ("aomori-next",), ("aomori-current", "aomori-next")),
    "nagasaki": ("3000000001", ("nagasaki-next",), ("nagasaki-current", "nagasaki-next")),
    "saitama": ("4000000001", ("saitama-new",), ("saitama-current", "saitama-next")),
}
"""By system: whose registration it is, the card that is registered, and the two of a renewal."""


@dataclass
class Typist(Stage):
    """Somebody who knows the keys, at one visit. `ours` and `manual` are the counts so far."""

    app: EbidApp
    pilot: Pilot[object]
    vendor: DemoVendor
    operation: str
    cards: list[str]
    ours: int = 0
    manual: int = 0
    met: list[Step[object]] = field(default_factory=list)

    async def press(self, *keys: str) -> str:
        self.ours += len(keys)
        return await super().press(*keys)

    async def screen(self) -> Step[Any]:
        """The next step that asks for something, once it was seen."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < end:
            screen = self.app.screen
            waits = isinstance(screen, ChooseScreen) and screen.waiting
            if isinstance(screen, Step) and screen not in self.met and screen.seen_at < float("inf") and not waits:
                self.met.append(screen)
                return screen
            await asyncio.sleep(0.01)
        raise AssertionError(f"nothing came:\n{self.text()}")

    async def visit(self) -> None:
        """Until the first menu is there again."""
        first = None
        while True:
            screen = await self.screen()
            if first is not None and isinstance(screen, ChooseScreen) and screen.question.id == first:
                return
            if first is None:
                assert isinstance(screen, ChooseScreen)
                first = screen.question.id
            await self.answer(screen)

    async def answer(self, screen: Step[Any]) -> None:
        match screen:
            case ChooseScreen():
                await self.choose(screen)
            case CardScreen():
                name = self.cards.pop(0)
                await self.press(str([n for n, _ in screen.cards].index(name) + 1))
            case PinScreen():
                self.manual += len(PIN) + 3
                await self.press(*PIN, "enter")
            case FormScreen():
                await self.fill(screen)
            case ConfirmScreen():
                assert screen.question.id in ("holder", "propagate", "same_pin"), screen.question.id
                if screen.question.id == "holder":
                    await self.press("down")
                elif screen.question.id == "propagate":
                    self.manual += 1
                await self.press("enter")
            case CompareScreen() | ReviewScreen():
                self.manual += 2
                while not screen.answered:
                    await self.press("f10")  # which shows what was not seen yet, and then signs
            case DoneScreen():
                self.manual += 2 + 3
                await self.press("f8")
                await self.press("escape", "escape")
            case _:
                raise AssertionError(self.text())

    async def choose(self, screen: ChooseScreen) -> None:
        wanted = self.operation if screen.question.id == "menu" else ""
        ids = [option.id for option in screen.question.options]
        number = ids.index(wanted) + 1 if wanted else 1
        self.manual += number + 1
        if self.operation == "renewal" and screen.question.id == "menu":
            self.manual += 2  # 確認ダイアログ, one for each card
        await self.press(str(number))

    async def fill(self, screen: FormScreen) -> None:
        """Type what is not there yet; 企業情報 and 代表窓口情報 are copied where that saves anything."""
        model = screen.model
        wanted = {id(e): self.wanted(e.block.id, e.field.id) for e in model.entries}
        self.manual += sum(1 + len(wanted[id(e)]) for e in model.entries) + 2
        filled = copied = False
        while True:
            left = [n for n, e in enumerate(model.entries) if e.editor.value != fields.settle(e.field, wanted[id(e)]).value]
            if not left:
                break
            entry = model.entries[left[0]]
            if entry.block.id == "card_contact" and not copied and screen.form.copy is not None:
                copied = True
                await self.press("f5")
                continue
            await self.press(*["enter"] * (left[0] - model.current))
            if entry.block.id == "representative_contact" and not filled and screen.form.fills:
                filled = True
                await self.press("f4")
                continue
            assert not entry.editor.value, "it would have to be deleted first"
            await self.press(*wanted[id(entry)])
        await self.press("f10")

    def wanted(self, block: str, name: str) -> str:
        """What the documents' vendor types into a field."""
        vendor = self.vendor
        contact = vendor.contact or CONTACT
        values = {
            "search": {
                "vendor_no": vendor.number,
                "user_id": vendor.login_id or vendor.number,
                "trade_name": vendor.trade_name,
                "password": vendor.password,
            },
            "company": {"phone": vendor.company["phone"], "fax": vendor.company["fax"], "department": vendor.department or CONTACT["name"]},
            "representative_contact": contact,
            "card_contact": contact,
        }
        return contact["email"] if name == "email_again" else values[block][name]


async def counted(system: str, operation: str, reports: Path) -> tuple[int, int]:
    """Our keystrokes and the manual's, for one visit."""
    number, registered, renewed = CARDS[system]
    vendor = next(v for v in VENDORS if (v.system, v.number) == (system, number))
    profile = profile_of(system)
    parts = demo_parts(Settings(system=system))

    async def visits(ui: Ui) -> None:
        while await visit(ui, parts.cards, parts.server, profile) is not Nav.BACK:
            pass

    app = EbidApp(profile, visits, tray=parts.tray, cards=parts.cards, on_first_frame=parts.begin, reports=reports)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            typist = Typist(app, pilot, vendor, operation, list(registered if operation == "registration" else renewed))
            await asyncio.wait_for(typist.visit(), 100)
    finally:
        parts.close()
    return typist.ours, typist.manual


@pytest.mark.parametrize("operation", ["registration", "renewal"])
@pytest.mark.parametrize("system", CARDS)
async def test_keystrokes_against_the_manuals_way(system: str, operation: str, tmp_path: Path, measured: Measured) -> None:
    reports = tmp_path / "reports"
    ours, manual = await counted(system, operation, reports)
    assert not reports.exists(), "it crashed"
    goal = (f"<= {GOAL:.2f} of the manual's way", ours <= GOAL * manual) if operation == "registration" else ()
    measured(f"keystrokes: {operation}, {system}", f"{ours} of {manual} ({ours / manual:.2f})", *goal)
