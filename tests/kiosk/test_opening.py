"""Whether anybody can be helped now: open, closed by the server's word (R-22), or no server; and back by itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.errors import RuleError, ServerAway
from ebid_tui.kiosk import opening
from ebid_tui.kiosk.opening import OpeningWatch
from ebid_tui.messages import t
from tests.kiosk.stand import START, Window, kiosk, server
from tests.screens import scripted

OPENS = "11月24日（火）8時30分から受け付けます。"


def closed() -> RuleError:
    """As the server says it."""
    error = RuleError("R-22")
    error.told = {"remedy": OPENS}
    return error


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, OpeningWatch("open")),
        ({"door_error": closed()}, OpeningWatch("closed", OPENS, "R-22")),
        ({"clock_error": ServerAway()}, OpeningWatch("away", ServerAway().title, "E-SERVER-AWAY")),
        ({"door_error": ServerAway()}, OpeningWatch("away", ServerAway().title, "E-SERVER-AWAY")),
    ],
)
async def test_r22_the_server_says_how_it_is(changes: dict[str, Any], expected: OpeningWatch) -> None:
    window = Window()
    for name, value in changes.items():
        setattr(window, name, value)
    times: list[datetime] = []
    assert await opening.look(server(window), profile_of("ise"), times.append) == expected
    assert times == ([] if "clock_error" in changes else [scripted.NOW])


async def test_r22_one_agency_that_is_open_is_enough() -> None:
    """The one is asked that is open by the server's own clock."""
    window, profile = Window(), profile_of("saitama")
    window.now = datetime.fromisoformat("2026-11-20T10:00:00+09:00")
    await opening.look(server(window), profile, lambda _: None)
    assert window.asked == [profile.agencies[0].id]
    assert window.now.weekday() in profile.hours.weekdays


async def test_r22_closed_says_when_it_opens_wakes_for_nobody_and_opens_by_itself(tmp_path: Path, hasty: None) -> None:
    window = Window()
    window.door_error = closed()
    async with kiosk(tmp_path, window=window) as stage:
        shown = await stage.until("ただいま受付時間外です", "11月24日（火）8時30分")
        assert START not in shown
        assert "始める" not in shown
        await stage.cards(False)
        await stage.cards(1)
        await stage.press("enter", "enter")
        await stage.later(1000)
        assert not stage.app.visiting
        assert not stage.app._exit
        window.door_error = None
        await stage.until(START, t("kiosk.start.left"))
        assert not stage.app.visiting, "who came an hour ago is not there any more"
        window.door_error = closed()
        await stage.until("ただいま受付時間外です")


async def test_no_server_says_so_and_comes_back_by_itself(tmp_path: Path, hasty: None) -> None:
    window = Window()
    window.clock_error = ServerAway()
    async with kiosk(tmp_path, window=window) as stage:
        await stage.until("ただいま利用できません", "サーバーに接続できません", "E-SERVER-AWAY")
        await stage.press("enter")
        assert not stage.app.visiting
        window.clock_error = None
        await stage.until(START, "2026年11月21日")
        window.clock_error = ServerAway()
        await stage.until("ただいま利用できません")
        window.clock_error = None
        await stage.woken()


async def test_who_comes_while_the_server_is_asked_is_let_in(tmp_path: Path) -> None:
    window = Window()
    window.speaks.clear()
    async with kiosk(tmp_path, window=window) as stage:
        await stage.until("サーバーに接続しています")
        await stage.cards(False)
        await stage.cards(1)
        assert not stage.app.visiting
        window.speaks.set()
        await stage.until("SECRET")


async def test_who_has_gone_meanwhile_is_not(tmp_path: Path) -> None:
    window = Window()
    window.speaks.clear()
    async with kiosk(tmp_path, window=window) as stage:
        await stage.until("サーバーに接続しています")
        for card in (0, 1, 0):
            await stage.cards(card)
        window.speaks.set()
        await stage.until(START)
        assert not stage.app.visiting


async def test_a_visitor_is_not_disturbed(tmp_path: Path, hasty: None) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.woken()
        asked = len(stage.window.asked)
        stage.window.door_error = closed()
        for _ in range(5):
            await stage.later(0.25)
        assert "SECRET" in stage.text()
        assert len(stage.window.asked) == asked, "the visitor's own flow asks from here on"
