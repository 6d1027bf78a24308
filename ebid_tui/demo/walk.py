"""Every flow of a system, gone through with its demo: what a file allows that leads a bidder into a wall is found before one comes.

A demo server of its own in a directory of its own, virtual cards, line mode's flows as they are; nobody is asked anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ebid_tui.card_and_server import CardAndServer
from ebid_tui.demo.clerk import Clerk
from ebid_tui.demo.vendors import DemoVendor
from ebid_tui.demo.world import DemoWorld
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.profile.walked import DeadEnd, Walked
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Nav
from ebid_tui.messages import t
from ebid_tui.plain.answers import EndOfInput, UnexpectedPrompt
from ebid_tui.plain.voice import PlainUi

if TYPE_CHECKING:
    from ebid_tui.domain.profile.demo import DemoCardState

LAST = 8
"""Lines of what was said that a finding tells."""
ACCEPTED = 1.5
"""Seconds in which the demo's agency has accepted what waits."""
VISIT_SECONDS = 30.0
"""What a visit may take; one that hangs is a finding."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """What is done by whom, and with what it must end: a receipt (None), or these words."""

    agency: str
    category: str
    vendor: DemoVendor
    state: str
    step: str
    plan: Mapping[str, Sequence[str]]
    ends: str | None = None


def walk(profile: Profile, world: DemoWorld, parts: CardAndServer, *, seconds: float = 60.0) -> Walked:
    """Go through all of it, but each set of settings once. `parts` are begun and ended; `profile` is the demo's (`practised`)."""
    parts.begin()
    try:
        return asyncio.run(_walked(profile, world, parts, time.monotonic() + seconds))
    finally:
        parts.close()


async def _walked(profile: Profile, world: DemoWorld, parts: CardAndServer, until: float) -> Walked:
    walked = Walked()
    for one in _visits(profile, world):
        if time.monotonic() > until:
            walked.left.append(f"{one.agency} {one.category} {one.state}: {one.step}")
            continue
        walked.visits += 1
        said = await _wall(profile, parts, one)
        if said is not None:
            walked.dead_ends.append(DeadEnd(one.agency, one.category, one.state, one.step, said))
    return walked


async def _wall(profile: Profile, parts: CardAndServer, one: _Visit) -> str | None:
    """The last that was said, where a visit ends as it must not."""
    heard = io.StringIO()
    if parts.tray is not None:
        parts.tray.remove()
    known = {profile.search.key: one.vendor.number, "trade_name": one.vendor.trade_name, "password": one.vendor.password}
    known |= {"user_id": one.vendor.login_id} if one.vendor.login_id else {}
    clerk = Clerk(profile, known | one.vendor.search, {"agency": [one.agency], "category": [one.category]} | dict(one.plan))
    came: Receipt | Nav | None = None
    fault = ""
    with contextlib.redirect_stdout(heard):
        try:
            with contextlib.suppress(EndOfInput):
                ui = PlainUi(clerk, parts.cards, parts.tray)
                came = await asyncio.wait_for(visit(ui, parts.cards, parts.server, profile), VISIT_SECONDS)
        except (UnexpectedPrompt, EbidError, TimeoutError, StopIteration) as error:
            fault = str(error) or type(error).__name__
    said = heard.getvalue()
    if isinstance(came, Receipt) and came.state != "accepted":
        await asyncio.sleep(ACCEPTED)
    if one.ends in said if one.ends is not None else isinstance(came, Receipt) and not fault:
        return None
    return "\n".join([*said.strip().splitlines()[-LAST:], *([fault] if fault else [])])


def _visits(profile: Profile, world: DemoWorld) -> Iterator[_Visit]:
    """Each kind of vendor in each category, at one agency of each set of settings."""
    seen: set[object] = set()
    for agency in profile.agencies:
        for category in profile.categories_of(agency.id):
            settings = (agency.search, category.id)
            if settings in seen:
                continue
            seen.add(settings)
            for vendor in world.vendors:
                if (agency.id, category.id) in vendor.places:
                    yield from _of_vendor(profile, world, vendor, agency.id, category.id)


def _of_vendor(profile: Profile, world: DemoWorld, vendor: DemoVendor, agency: str, category: str) -> Iterator[_Visit]:
    cards: dict[DemoCardState, str] = {c.state: c.name for c in reversed(tuple(world.cards.values())) if c.vendor == vendor.number}
    menu = {item.id for item in profile.menu.items}
    searched = any(field.id == "password" and field.required for field in profile.search_fields(agency))

    def step(name: str, plan: Mapping[str, Sequence[str]], ends: str | None = None) -> _Visit:
        return _Visit(agency, category, vendor, _state(vendor), name, plan, ends)

    if "registration" in menu:
        for state in ("new", "initial", "second"):
            if state in cards:
                plan = {"menu": ["registration"], "card": [cards[state]]}
                yield step("registration", plan, _refusal(profile, vendor, searched))
    here = vendor.registered_everywhere or agency == vendor.places[0][0]
    if "current" not in cards or not here:
        return
    yield step("status", {"menu": ["status"], "card": [cards["current"]]}, t("flow.status.title"))
    if "amendment" in menu:
        yield step("amendment", {"menu": ["amendment"], "card": [cards["current"]], **_changed(profile, category)})
    if "renewal" in menu and "next" in cards:
        yield step("renewal", {"menu": ["renewal"], "card": [cards["current"], cards["next"]]})


def _changed(profile: Profile, category: str) -> dict[str, list[str]]:
    """One typed value that is another one than before: an amendment without a difference is none."""
    for block in profile.blocks:
        for shown in profile.fields(block.id, "amendment", category):
            if shown.input and shown.kind == "email":
                return {f"{block.id}.{shown.id}": ["changed@example.com"]}
    return {}


def _refusal(profile: Profile, vendor: DemoVendor, searched: bool) -> str | None:
    """The code of the refusal that a vendor's state must bring; None where it must not be refused."""
    if vendor.state == "lapsed":
        return "R-35"
    if vendor.locked and searched:
        return "R-33"
    if vendor.password_state == "initial" and searched and not profile.notified_password_counts:
        return "R-03"
    return None


def _state(vendor: DemoVendor) -> str:
    from ebid_tui.demo.describing import state_of

    return state_of(vendor)
