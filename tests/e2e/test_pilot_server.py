"""The real screens, driven by Textual's pilot, against the demo's real server and its card: the whole way, and accidents on it."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from ebid_tui.app import EbidApp
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.demo.card_and_server import demo_parts
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.messages import t
from ebid_tui.settings import Settings
from tests.e2e.program import ROOT, Process, server_below
from tests.screens.stage import Stage

SYSTEM = "ise"
CARD = "ise-new"
CONTACT = ("営業部", "5160018", "三重県伊勢市岩渕一丁目", "担当　花子", "0596-00-0001", "0596-00-0002", "hanako@example.co.jp")


class Counter(Stage):
    """Somebody at the app, with a card in hand."""

    def __init__(self, app: EbidApp, pilot: Pilot[object], parts: CardAndServer, reports: Path) -> None:
        super().__init__(app, pilot)
        self.parts = parts
        self.reports = reports
        self._again: subprocess.Popen[bytes] | None = None

    # -- the way

    async def to_the_pin(self) -> None:
        await self.until("調達区分", "建設工事")
        await self.press("enter")
        await self.until("利用者登録／電子入札選択")
        await self.press("enter")
        await self.until("利用者登録メニュー", "時", "分")
        await self.gone("確認しています")  # nothing can be chosen before the server's time is shown
        await self.press("1")
        await self.until("デモ用カード", CARD)
        await self.press("enter")
        await self.until("PIN番号入力ダイアログ", "個人　十郎", "3回")

    async def enter_pin(self, pin: str = "123456") -> None:
        await self.type(pin)
        await self.press("enter")

    async def to_the_form(self) -> None:
        await self.to_the_pin()
        await self.enter_pin()
        await self.until("資格審査情報検索", "業者番号")
        for value in ("1000000001", "テスト工事業者０１", "Demo-pass1"):
            await self.type(value)
            await self.press("enter")
        await self.until("企業情報", "テスト工事業者０１")

    async def fill_the_form(self) -> None:
        for value in ("工事部", *CONTACT):
            await self.type(value)
            await self.press("enter")
        await self.press("f5")

    async def to_the_review(self) -> None:
        await self.to_the_form()
        await self.fill_the_form()
        await self.submit_form()

    async def submit_form(self) -> None:
        await self.press("f10")
        await self.until("登録内容確認", "hanako@example.co.jp")
        while "「登録」を実行します" not in await self.press("pagedown"):
            pass
        await self.until("「登録」を実行します", "683 (10進) / 2ab (16進)")

    async def receipt(self) -> str:
        shown = await self.until("処理完了", "受付番号", "hanako@example.co.jp")
        return next(line for line in shown.splitlines() if "受付番号" in line).split()[-1]

    # -- accidents

    def pull_the_card(self) -> None:
        assert self.parts.tray
        self.parts.tray.remove()

    def put_in(self, name: str = CARD) -> None:
        assert self.parts.tray
        self.parts.tray.insert(name)

    def kill_the_server(self) -> Process:
        """As a power cut would. Its directory stays, with the database in it."""
        server = server_below(os.getpid())
        os.kill(server.pid, signal.SIGKILL)
        return server

    async def start_again(self, server: Process) -> None:
        """The same server on the same database."""
        self._again = await asyncio.to_thread(start_process, shlex.split(server.command))
        assert self._again.stdout
        told = await asyncio.to_thread(self._again.stdout.readline)
        assert told.startswith(b"ready")

    def clear_up(self) -> None:
        if self._again is not None:
            self._again.kill()
            self._again.communicate()
        self.parts.close()


@asynccontextmanager
async def counter(reports: Path) -> AsyncIterator[Counter]:
    """The app as `ebid-tui demo` puts it together, without a terminal."""
    parts = demo_parts(Settings(system=SYSTEM))
    profile = profile_of(SYSTEM)

    async def visits(ui: Ui) -> None:
        while await visit(ui, parts.cards, parts.server, profile) is not Nav.BACK:
            pass

    app = EbidApp(profile, visits, tray=parts.tray, cards=parts.cards, on_first_frame=parts.begin, reports=reports)
    made: Counter | None = None
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            made = Counter(app, pilot, parts, reports)
            yield made
    finally:
        (made.clear_up if made else parts.close)()


def start_process(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Path]:
    """Where a crash would leave its report: empty when the test is over."""
    (path := tmp_path / "reports").mkdir()
    yield path
    assert list(path.iterdir()) == [], "it crashed"


async def test_the_whole_way_and_a_clean_start_for_the_next(reports: Path) -> None:
    async with counter(reports) as at:
        await at.to_the_review()
        await at.press("f10")
        receipt = await at.receipt()
        assert receipt.startswith("ISE-")
        await at.press("f8")
        await at.until("利用者情報", "テスト工事業者０１")
        await at.press("end")
        await at.until(receipt)
        await at.press("escape")
        await at.until("処理完了")
        await at.press("escape")
        await at.until("調達区分")
        assert at.app.voice.typed("registration") == {}, "R-21"


@pytest.mark.usefixtures("server_runs")
async def test_r05_the_same_card_again_is_told_right_after_the_pin(reports: Path) -> None:
    async with counter(reports) as at:
        await at.to_the_pin()
        await at.press("escape")
        at.put_in("ise-current")
        await at.until("利用者登録メニュー")
        await at.press("1")
        await at.until("PIN番号入力ダイアログ", "テスト　六郎")
        await at.enter_pin()
        shown = await at.until("R-05", "すでに登録されています")
        assert "資格審査情報検索" not in shown.split("R-05")[0]


@pytest.mark.usefixtures("server_runs")
async def test_the_card_pulled_while_its_pin_is_typed(reports: Path) -> None:
    async with counter(reports) as at:
        await at.to_the_pin()
        await at.type("1234")
        at.pull_the_card()
        await at.until("ICカードが抜かれました")
        at.put_in()
        await at.until("PIN番号入力ダイアログ", "3回")
        await at.enter_pin()
        await at.until("資格審査情報検索")


@pytest.mark.usefixtures("server_runs")
@pytest.mark.parametrize("when", ["form", "review"])
async def test_the_card_pulled_before_it_signs(reports: Path, when: str) -> None:
    async with counter(reports) as at:
        await at.to_the_form()
        if when == "form":
            at.pull_the_card()
        await at.fill_the_form()
        await at.submit_form()
        if when == "review":
            at.pull_the_card()
        await at.press("f10")
        await at.until("はじめに使ったICカード", "もう一度")
        at.put_in("stranger")
        await at.until("別のICカードが入っています")
        at.pull_the_card()
        await at.until("Virtual Reader 00 カードは入っていません")
        at.put_in()
        await at.until("PIN番号入力ダイアログ", "3回")
        await at.enter_pin()
        assert await at.receipt()


@pytest.mark.usefixtures("server_runs")
async def test_wrong_pins_until_the_card_is_blocked(reports: Path) -> None:
    async with counter(reports) as at:
        await at.to_the_pin()
        await at.enter_pin("123")
        await at.until("カードには送っていません", "3回")
        for left in ("2回", t("flow.last_try.title")):
            await at.enter_pin("999999")
            await at.until(left)
        await at.press("down", "enter")
        await at.until("PIN番号入力ダイアログ", "あと1回")
        await at.enter_pin("999999")
        await at.until("R-07", "認証局", t("mending.another_card"))
        await at.press("escape")
        await at.until("利用者登録メニュー")


async def test_the_server_killed_before_the_registration_loses_nothing(reports: Path) -> None:
    async with counter(reports) as at:
        await at.to_the_review()
        server = at.kill_the_server()
        await at.press("f10")
        await at.until("E-SERVER-AWAY", "再試行")
        await at.press("enter")
        await at.until("E-SERVER-AWAY", "再試行")
        await at.press("escape")
        await at.until("利用者登録", "ICカード利用部署情報")  # the form remembers its place
        typed: Any = at.app.voice.typed("registration")
        assert typed["representative_contact"]["person"] == "担当　花子"
        assert typed["card_contact"] == typed["representative_contact"]
        assert typed["company"]["department"] == "工事部"
        await at.submit_form()
        await at.press("f10")
        await at.until("E-SERVER-AWAY", "再試行")
        await at.start_again(server)
        await at.press("enter")
        assert await at.receipt()


async def test_the_server_killed_before_the_search(reports: Path) -> None:
    async with counter(reports) as at:
        await at.to_the_pin()
        await at.enter_pin()
        await at.until("資格審査情報検索")
        server = at.kill_the_server()
        for value in ("1000000001", "テスト工事業者０１", "Demo-pass1"):
            await at.type(value)
            await at.press("enter")
        await at.until("E-SERVER-AWAY", "再試行")
        await at.start_again(server)
        await at.press("enter")
        await at.until("企業情報", "テスト工事業者０１")
