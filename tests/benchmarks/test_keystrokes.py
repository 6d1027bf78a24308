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
from typing import Any, cast

import msgspec
import pytest
from textual.pilot import Pilot

from ebid_tui.app import EbidApp
from ebid_tui.client.interface import Server
from ebid_tui.demo.card_and_server import demo_parts
from ebid_tui.demo.packaged import VENDORS
from ebid_tui.demo.vendors import DemoVendor
from ebid_tui.domain import fields
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Found
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Fill, Nav, Ui
from ebid_tui.forms.filling import fill_here
from ebid_tui.forms.model import FormInput, FormModel
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
    named: list[tuple[str, int]] = field(default_factory=list)
    """What each key was for, and how many it took with an input method."""
    mail_completed: bool = False
    """Whether F7 completes the mail's domain: another contact of the vendor is known."""
    met: list[Step[object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.app, self.pilot)

    async def press(self, *keys: str) -> str:
        self.ours += len(keys)
        return await super().press(*keys)

    async def strike(self, what: str, *keys: str, value: bool = False) -> None:
        """Keys, and what they are for. A `value` counts by the keys of an input method in `named`."""
        self.named.append((what, ime_keys("".join(keys)) if value else len(keys)))
        await self.press(*keys)

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
                await self.strike("the demo's card", str([n for n, _ in screen.cards].index(name) + 1))
            case PinScreen():
                self.manual += len(PIN) + 3
                await self.strike("PIN番号, Enter", *PIN, "enter")
            case FormScreen():
                await self.fill(screen)
            case ConfirmScreen():
                assert screen.question.id in ("holder", "same_pin"), screen.question.id
                if screen.question.id == "holder":
                    await self.strike("the other answer", "down")
                await self.strike("the answer", "enter")
            case CompareScreen() | ReviewScreen():
                self.manual += 2 + (screen.review.choice is not None)
                while not screen.answered:
                    await self.strike(SENT, "f10")
            case DoneScreen():
                self.manual += 2 + 3
                await self.strike("F8 印刷", "f8")
                await self.strike("both closed", "escape", "escape")
            case _:
                raise AssertionError(self.text())

    async def choose(self, screen: ChooseScreen) -> None:
        if screen.question.id == "holder":
            await self.strike("R-06: it is ours", str([o.id for o in screen.question.options].index("yes") + 1))
            return
        wanted = self.operation if screen.question.id == "menu" else ""
        ids = [option.id for option in screen.question.options]
        number = ids.index(wanted) + 1 if wanted else 1
        self.manual += number + 1
        if self.operation == "renewal" and screen.question.id == "menu":
            self.manual += 2  # 確認ダイアログ, one for each card
        await self.strike(screen.question.title, str(number))

    async def fill(self, screen: FormScreen) -> None:
        """Type what is not there yet; the card's company, 企業情報 and 代表窓口情報 are taken over where that saves anything."""
        model = screen.model
        wanted = {id(e): fields.settle(e.field, self.wanted(e.block.id, e.field.id)).value for e in model.entries}
        self.manual += sum(1 + len(self.wanted(e.block.id, e.field.id)) for e in model.entries) + 2
        used: set[str] = set()
        while True:
            left = [n for n, e in enumerate(model.entries) if e.editor.value != wanted[id(e)]]
            if not left:
                break
            entry = model.entries[left[0]]
            if entry.block.id == "card_contact" and "f5" not in used and screen.form.copy is not None:
                used.add("f5")
                if steps := left[0] - model.current:  # the key works in the block that it fills
                    await self.strike(f"to {entry.field.label}", *["enter"] * steps)
                await self.strike("F5 代表窓口を写す", "f5")
                continue
            fill = fill_here(model)
            if fill is not None and self.saves(fill, model, entry, wanted) and fill.source not in used:
                used.add(fill.source)
                await self.strike(f"F4 {fill.source}", "f4")
                continue
            if steps := left[0] - model.current:
                await self.strike(f"to {entry.field.label}", *["enter"] * steps)
                continue
            assert not entry.editor.value, "it would have to be deleted first"
            await self.put_in(entry)
        await self.strike("F10", "f10")

    def saves(self, fill: Fill, model: FormModel, entry: FormInput, wanted: dict[int, str]) -> bool:
        """Whether the fill key puts in what is to be typed next, and nothing that is wrong."""
        values = dict(fill.values) or model.form.values.get(fill.source, {}) | model.settled(fill.source)
        put = {id(e): values.get(fill.fields.get(e.field.id, ""), "") for e in model.of(fill.target) if not e.editor.value}
        return bool(put.get(id(entry))) and all(value in ("", wanted[key]) for key, value in put.items())

    async def put_in(self, entry: FormInput) -> None:
        value = self.wanted(entry.block.id, entry.field.id)
        local, at, _ = value.partition("@")
        if self.mail_completed and at:
            await self.strike(entry.field.label, *local, value=True)
            await self.strike("F7 completes it", "f7")
        else:
            await self.strike(entry.field.label, *value, value=True)

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


class AnotherContactKnown:
    """The demo's server, where the vendor's last card has a mail address at the same domain, and nothing else that could be taken."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    async def search(self, *asked: Any) -> Found:
        found = await self._server.search(*asked)
        return msgspec.structs.replace(found, card_contact={"email": "keiri" + CONTACT["email"][CONTACT["email"].index("@") :]})


def ime_keys(value: str) -> int:
    """Keys of a value: a Japanese one is its reading in letters, one key that converts it and one that commits it."""
    return len(value) if value.isascii() else len(READINGS[value]) + 2


READINGS = {"工事部": "koujibu", "テスト工事業者０１": "tesutokoujigyousha01", "（株）テスト商会０１": "(kabu)tesutoshoukai01"}


async def counted(system: str, operation: str, reports: Path, *, mail_completed: bool = False) -> Typist:
    """One visit, with our keystrokes and the manual's."""
    number, registered, renewed = CARDS[system]
    vendor = next(v for v in VENDORS if (v.system, v.number) == (system, number))
    profile = profile_of(system)
    parts = demo_parts(Settings(system=system))
    server = cast("Server", AnotherContactKnown(parts.server)) if mail_completed else parts.server

    async def visits(ui: Ui) -> None:
        while await visit(ui, parts.cards, server, profile) is not Nav.BACK:
            pass

    app = EbidApp(profile, visits, tray=parts.tray, cards=parts.cards, on_first_frame=parts.begin, reports=reports)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            cards = list(registered if operation == "registration" else renewed)
            typist = Typist(app, pilot, vendor, operation, cards, mail_completed=mail_completed)
            await asyncio.wait_for(typist.visit(), 100)
    finally:
        parts.close()
    return typist


@pytest.mark.parametrize("operation", ["registration", "renewal"])
@pytest.mark.parametrize("system", CARDS)
async def test_keystrokes_against_the_manuals_way(system: str, operation: str, tmp_path: Path, measured: Measured) -> None:
    reports = tmp_path / "reports"
    typist = await counted(system, operation, reports)
    ours, manual = typist.ours, typist.manual
    assert not reports.exists(), "it crashed"
    goal = (f"<= {GOAL:.2f} of the manual's way", ours <= GOAL * manual) if operation == "registration" else ()
    measured(f"keystrokes: {operation}, {system}", f"{ours} of {manual} ({ours / manual:.2f})", *goal)


SEARCHED = (
    ("調達区分", 1), ("利用者登録／電子入札選択", 1), ("利用者登録メニュー", 1), ("the demo's card", 1), ("PIN番号, Enter", 7),
    ("業者番号", 10), ("F4 card", 1), ("パスワード", 10), ("F10", 1), ("部署名", 9), ("F4 company", 1),
)  # fmt: skip
SENT = "F10 登録, which shows first what was not seen yet"
CONFIRMED = (
    ("to 連絡先名称(部署名等)", 1), ("F5 代表窓口を写す", 1), ("F10", 1), (SENT, 1), (SENT, 1), (SENT, 1),
    ("F8 印刷", 1), ("both closed", 2),
)  # fmt: skip
MAIL = "連絡先メールアドレス"
MAILS = {False: ((MAIL, 18),), True: ((MAIL, 6), ("F7 completes it", 1))}


@pytest.mark.parametrize(("mail_completed", "most"), [(False, 70), (True, 60)])
async def test_every_key_of_a_registration_at_ise(mail_completed: bool, most: int, tmp_path: Path, measured: Measured) -> None:
    """With an input method's keys; each is named, so that one more is seen as what it is."""
    typist = await counted("ise", "registration", tmp_path / "reports", mail_completed=mail_completed)
    assert typist.named == [*SEARCHED, *MAILS[mail_completed], *CONFIRMED]
    keys = sum(count for _, count in typist.named)
    known = ", the mail's domain known" if mail_completed else ""
    measured(f"keystrokes: registration, ise, with an input method{known}", keys, f"<= {most}", keys <= most)
