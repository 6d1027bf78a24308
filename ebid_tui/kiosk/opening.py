"""Asks the server again and again whether it is open (R-22), and tells the kiosk's app. The server decides, not this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ebid_tui.client.interface import Server
from ebid_tui.domain import hours
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import EbidError, RuleError

SECONDS = {"asking": 1.0, "open": 20.0, "closed": 15.0, "away": 3.0}
"""How long an answer is taken to be true."""


@dataclass(frozen=True, slots=True)
class OpeningWatch:
    """`said` is when it opens, or what is wrong with the server; `code` the error's."""

    state: Literal["asking", "open", "closed", "away"]
    said: str = ""
    code: str = ""


ASKING = OpeningWatch("asking")


class OpeningListener(Protocol):
    """What hears of the door, and of the server's time."""

    def door_told(self, door: OpeningWatch) -> None: ...

    def clock_told(self, now: datetime) -> None: ...


async def watch(server: Server, profile: Profile, told: OpeningListener, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Ask, tell, and ask again, until it is cancelled."""
    while True:
        door = await look(server, profile, told.clock_told)
        told.door_told(door)
        await sleep(SECONDS[door.state])


async def look(server: Server, profile: Profile, clock_told: Callable[[datetime], None]) -> OpeningWatch:
    """How it is now. A system is open as long as one of its agencies is."""
    try:
        now = await server.clock()
        clock_told(now)
        agency = next((a for a in profile.agencies if hours.is_open(profile.hours, a, now)), profile.agencies[0])
        await server.challenge(profile.id, agency.id)
    except RuleError as error:
        if error.code == "R-22":
            return OpeningWatch("closed", error.remedy, error.code)
        return OpeningWatch("away", error.title, error.code)
    except EbidError as error:
        return OpeningWatch("away", error.title, error.code)
    return OpeningWatch("open")
