"""初期パスワード通知書: from the screen to a real CUPS, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.printing.printers import Cups
from ebid_tui.printing.targets import PrintTargets
from tests.desk.counter import counter
from tests.desk.test_vendor import opened, reset
from tests.printing.cupsd import PrivateCups, missing
from tests.server.running_server import Running

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "-")


@pytest.fixture(scope="module")
def daemon() -> Iterator[PrivateCups]:
    with PrivateCups() as cups:
        yield cups


async def test_two_keys_print_it(daemon: PrivateCups, office: Running) -> None:
    before = len(daemon.settled("desk"))

    def outlet(profile: Profile) -> PrintTargets:
        return PrintTargets(profile, Cups(daemon.server), "desk")

    async with counter(office, outlet=outlet) as s:
        await opened(s)
        await reset(s)
        await s.until("F8 印刷")
        await s.press("p")
        await s.until("印刷が終わりました")
        assert len(daemon.printed("desk")) == before + 1
        assert daemon.printed("desk")[-1].startswith(b"%PDF-")
        await s.press("enter", "enter")
        await s.until("【資格】")


async def test_a_print_server_that_is_away_is_told(office: Running, tmp_path: Path) -> None:
    async with counter(office, outlet=lambda profile: PrintTargets(profile, Cups(str(tmp_path / "none")), "")) as s:
        await opened(s)
        await reset(s)
        await s.press("f8")
        await s.until("印刷サーバーが応答しません")
        assert "読み方" in s.text()
