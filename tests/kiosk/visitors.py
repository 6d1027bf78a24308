"""Visitors of a kiosk, one after the other, each with an accident at a random moment: who they are, what they do, how it has to end.

The app, the card thread, the flows and the server are real; plastic, fingers and time are not. `python -m tests.kiosk.visitors 2000`
lets so many come and prints what became of them and of the memory.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import random
import re
import sys
import tempfile
import time
import weakref
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from textual import events

from ebid_tui.app import EbidApp
from ebid_tui.card.worker import CardWorker
from ebid_tui.client.api import HttpServer
from ebid_tui.client.interface import Server
from ebid_tui.demo import cards as demo_cards
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.errors import ServerAway
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Ui
from ebid_tui.kiosk.admin_secret import AdminSecret
from ebid_tui.kiosk.app import KioskApp
from ebid_tui.messages import t
from ebid_tui.screens.busy import BusyOverlay
from ebid_tui.screens.trouble import TroubleScreen
from tests.clock import STARTED
from tests.kiosk.stand import START, Kiosk
from tests.patience import long
from tests.server.running_server import Running, running
from tests.server.signing import Authority
from tests.wallets import of_today

IDLE, COUNTDOWN = 60.0, 10.0
ACCIDENTS = ("none", "none", "pulled", "idle", "away", "lost", "resize")
STEPS = ("category", "entry", "menu", "pin", "search", "form", "review", "done")
HELD = 4
"""Apps that the event loop may still hold: the last ones."""
MARK = re.compile(r"v(\d{5})[wx]")
"""What a visitor types bears their number, also in the search that finds nothing (`x`)."""


class Line:
    """The line to the server: cut (`away`), or cut after the next request was carried out (`lost`)."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.away = False
        self.lost = False
        self.origin = server.origin

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._server, name)

        async def ask(*arguments: Any) -> Any:
            if self.away:
                raise ServerAway
            answer = await call(*arguments)
            if self.lost and name != "clock":
                self.lost = False
                raise ServerAway
            return answer

        return ask

    async def sign_out(self) -> None:
        if not self.away:
            await self._server.sign_out()


@dataclass
class Building:
    """Where the kiosk stands."""

    server: Running
    client: HttpServer
    worker: CardWorker
    readers: tuple[VirtualReader, ...]
    plastic: VirtualCard
    directory: Path
    ends: Counter[str] = field(default_factory=Counter)
    apps: list[weakref.ref[EbidApp]] = field(default_factory=list)


class Gone(Exception):
    """The visit is over."""


class Visitor:
    """Number `number`, whose accident happens at the step `moment`."""

    def __init__(self, building: Building, stage: Kiosk, line: Line, number: int, dice: random.Random) -> None:
        self.building, self.stage, self.line = building, stage, line
        self.mark, self.dice = f"v{number:05}", dice
        self.number = number
        self.accident = dice.choice(ACCIDENTS)
        self.moment = dice.choice(STEPS)
        self.reader = dice.choice(building.readers)
        self.receipt = False
        self.tried: object = None
        """The last screen on which the server was tried again."""

    # -- hands and eyes

    def press(self, *keys: str) -> None:
        """Keys in a row, as fast as a machine; nobody waits for what they do."""
        for key in keys:
            self.stage.app.post_message(events.Key(key, key if len(key) == 1 else None))

    def enter(self, *values: str) -> None:
        """Each value into the field where one is, and on to the next."""
        for value in values:
            self.stage.app.post_message(events.Paste(value))
            self.press("enter")

    def look(self) -> str:
        """The screen, on which nobody else has left anything."""
        shown = self.stage.text()
        strangers = {found for found in MARK.findall(shown) if int(found) != self.number}
        assert not strangers, f"{self.mark} sees {strangers}:\n{shown}"
        return shown

    async def until(self, *texts: str) -> str:
        """Wait for a screen; a server that is away is tried again. Raises Gone where the visit has ended."""
        end = time.monotonic() + long()
        while True:
            if self.stage.app._exit:
                raise Gone
            shown = self.look()
            page = self.stage.app.screen
            if isinstance(page, TroubleScreen) and "E-SERVER-AWAY" in shown and "E-SERVER-AWAY" not in texts:
                self.line.away = False
                if page is not self.tried:
                    self.tried = page
                    self.press("enter")
            elif all(text in shown for text in texts) and self.stage._seen() and not isinstance(page, BusyOverlay):
                return shown
            assert time.monotonic() < end, f"{self.mark} {self.accident} at {self.moment}: {texts} did not come:\n{shown}"
            await asyncio.sleep(0.002)

    # -- the way

    async def run(self) -> None:
        """From the start to the end of the visit, whatever happens."""
        stage = self.stage
        await self.until(START)
        plastic = self.building.plastic
        self.reader.insert(VirtualCard(plastic.slots, tries=3, aids=plastic.aids))
        try:
            for step in STEPS:
                await getattr(self, f"_{step}")()
            await self._leave()
        except Gone:
            pass
        await stage.came(lambda: stage.app._exit)
        assert stage.app.return_code == 0
        for reader in self.building.readers:
            reader.remove()
        self._held_to_account()

    async def _seen(self, step: str, *texts: str) -> None:
        await self.until(*texts)
        if step == self.moment:
            await self._happens()
            await self.until(*texts)

    async def _happens(self) -> None:
        match self.accident:
            case "pulled":
                self.reader.remove()
                await self._over()
            case "idle":
                self.stage.now += IDLE - COUNTDOWN / 2
                await self.until("操作がありません")
                self.stage.now += COUNTDOWN
                await self._over()
            case "away":
                self.line.away = True
            case "lost":
                self.line.lost = True
            case "resize":
                for _ in range(self.dice.randint(1, 3)):
                    await self.stage.pilot.resize_terminal(self.dice.randint(20, 200), self.dice.randint(5, 60))
                await self.stage.pilot.resize_terminal(80, 24)

    async def _over(self) -> None:
        await self.stage.came(lambda: self.stage.app._exit)
        raise Gone

    async def _category(self) -> None:
        await self._seen("category", "調達区分", "建設工事")
        self.press("enter")

    async def _entry(self) -> None:
        await self._seen("entry", "利用者登録／電子入札選択")
        self.press("enter")

    async def _menu(self) -> None:
        await self._seen("menu", "利用者登録メニュー")
        while "確認しています" in await self.until("利用者登録メニュー"):
            self.line.away = False
            await asyncio.sleep(0.01)
        self.press("1")

    async def _pin(self) -> None:
        await self._seen("pin", "PIN番号入力ダイアログ")
        self.press(*"123456", "enter")

    async def _search(self) -> None:
        await self._seen("search", "資格審査情報検索", "業者番号")
        self.enter("1000000001", "テスト工事業者０１", "Demo-pass1")

    async def _form(self) -> None:
        await self._seen("form", "企業情報", "代表電話番号")
        values = ("工事部", "営業部", "5160018", "三重県伊勢市岩渕一丁目", "担当　花子", f"{self.number:010}", f"{self.number:010}")
        self.enter(*values, f"{self.mark}w@example.co.jp")
        self.press("f5", "f10")

    async def _review(self) -> None:
        await self._seen("review", "登録内容確認")
        while t("screen.review.submit", keys="", submit="登録").strip() not in await self.until("登録内容確認"):
            self.press("pagedown")
            await self.stage.pilot.pause(0.01)
        self.press("f10")

    async def _done(self) -> None:
        await self.until("処理完了", "受付番号")
        self.receipt = True
        await self._seen("done", "処理完了", "受付番号")

    async def _leave(self) -> None:
        """With the card, by the key, or by going away."""
        way = self.dice.choice(("card", "key", "nothing"))
        if self.dice.random() < 0.3:
            self.press("f8")
            await self.until("利用者情報")
            self.press("escape")
            await self.until("処理完了")
        if way == "card":
            self.reader.remove()
        elif way == "key":
            self.press("f3")  # an Esc so soon behind another means nothing
        else:
            self.stage.now += IDLE
        await self._over()

    # -- the end

    def _held_to_account(self) -> None:
        """What the server knows, what the app still holds."""
        app, server = self.stage.app, self.building.server
        assert app.voice._typed == {}
        assert app.voice._places == {}
        assert app.voice.printout is None
        with server.database() as connection:
            tables = {name: list(connection.exec_driver_sql(f"SELECT * FROM {name}")) for name in ("evidence", "sessions", "mail_outbox")}
        new = len(tables["evidence"]) - len(server.beginning["evidence"])
        assert new == int(self.receipt), f"{self.mark}: {new} registrations, receipt shown: {self.receipt}"
        assert tables["sessions"] == [] or self.accident in ("away", "lost"), f"{self.mark}: a session is left"
        self.building.ends[f"{self.accident}: {'registered' if self.receipt else 'not registered'}"] += 1


async def one(building: Building, number: int, dice: random.Random) -> None:
    """A visitor's whole visit, with an app of its own as in a process of its own."""
    line = Line(building.client)
    profile = profile_of("ise")
    there: list[Kiosk] = []

    async def flow(ui: Ui) -> None:
        await visit(ui, building.worker, cast(Server, line), profile, way_out=True)

    app = KioskApp(
        profile,
        flow,
        cast(Server, line),
        secret=AdminSecret(building.directory / "none", building.directory / "attempts"),
        idle=IDLE,
        countdown=COUNTDOWN,
        monotonic=lambda: there[0].now if there else 0.0,
        cards=building.worker,
        reports=building.directory,
    )
    building.apps.append(weakref.ref(app))
    async with app.run_test(size=(80, 24)) as pilot:
        there.append(Kiosk(app, pilot))
        await Visitor(building, there[0], line, number, dice).run()
    building.server.restore()
    gc.unfreeze()  # the app has frozen what there was with its first frame: in a process of its own that costs nothing


@asynccontextmanager
async def building(directory: Path, wallet: demo_cards.Wallet) -> AsyncIterator[Building]:
    """The server, two readers, the card thread."""
    with running(directory, wallet, Authority(now=STARTED).der) as server:
        readers = (VirtualReader("Reader 0"), VirtualReader("Reader 1"))
        worker = CardWorker(*readers)
        worker.start()
        client = server.client()
        try:
            yield Building(server, client, worker, readers, demo_cards.make_virtual(wallet, "ise-new"), directory)
        finally:
            worker.stop()
            await client.close()


def resident() -> int:
    """This process's memory in KiB, without what it could give back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


async def come(count: int, directory: Path, wallet: demo_cards.Wallet, seed: int = 1, told: Any = None) -> Building:
    """So many visitors; everything that is wrong raises."""
    async with building(directory, wallet) as place:
        for number in range(1, count + 1):
            await one(place, number, random.Random(f"{seed} {number}"))
            if told is not None:
                told(number, place)
        assert not any(name.startswith("crash-") for name in os.listdir(directory)), "it crashed"
        gc.collect()
        alive = sum(app() is not None for app in place.apps)
        assert alive <= HELD, f"{alive} visitors' apps are still in memory"
        return place


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    began = time.monotonic()
    sizes: dict[int, int] = {}

    def told(number: int, place: Building) -> None:
        if number in (1, 10, 100, 500, 1000, 1500, count):
            sizes[number] = resident()
            print(f"{number:6} visitors  {time.monotonic() - began:7.1f} s  {sizes[number] / 1024:6.1f} MiB", flush=True)

    with tempfile.TemporaryDirectory(prefix="ebid-") as base:
        (home := Path(base) / "h").mkdir()
        place = asyncio.run(come(count, home, of_today(Path(base) / "keys"), told=told))
    print(f"{sum(place.ends.values()):6} visits ended as they should")
    for end, times in sorted(place.ends.items()):
        print(f"{times:6} {end}")


if __name__ == "__main__":
    main()
