"""Whose session a token is, where it may be used, and how long it lasts: every way by itself, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Vendor
from ebid_tui.errors import ServerError, SessionGone
from ebid_tui.server.api import access
from ebid_tui.server.operators.signed_in import DeskOperator
from ebid_tui.server.store import operators, schema, sign_ins
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.operators import Operator
from ebid_tui.server.store.writer import Store
from tests.clock import NOW

HERE, ALSO = "https://here.example", "https://also.example"
VENDOR = Vendor(system="ise", agency="ise", category="construction", number="1000000001")
MINUTE = timedelta(minutes=1)
LIFETIME, LONGEST = 15 * MINUTE, 60 * MINUTE


@dataclass
class Place:
    """A database, and what a route would be given."""

    store: Store
    now: datetime = NOW
    origins: tuple[str, ...] = (HERE, ALSO)
    services: Any = field(init=False)

    def __post_init__(self) -> None:
        settings = SimpleNamespace(session_lifetime=LIFETIME, session_longest=LONGEST, now=lambda: self.now)
        self.services = SimpleNamespace(store=self.store, settings=settings, profile=profile_of)
        self.serve(*self.origins)

    def serve(self, *origins: str) -> None:
        self.services.settings.origins = origins

    async def opened(self, kind: str, origin: str = HERE, until: timedelta = LIFETIME) -> str:
        def write(connection: Connection) -> str:
            if kind == "card":
                return sign_ins.open_card_session(connection, "ise", origin, "f" * 64, b"DER", NOW, NOW + until)
            if kind == "operator":
                return sign_ins.open_operator_session(connection, "ise", "desk", origin, NOW, NOW + until)
            return sign_ins.open_session(connection, kind, VENDOR, NOW, NOW + until)  # type: ignore[arg-type]

        return await self.store.write(write)

    async def operator(self, state: str = "active") -> None:
        nothing = {"password_hash": None, "totp_secret": None, "fingerprint": None}
        row = {"system": "ise", "login_id": "desk", "role": "desk", "agencies": ("ise",), "state": state, "created_at": NOW}
        made = Operator(**row, **nothing)  # type: ignore[arg-type]
        await self.store.write(lambda connection: operators.add(connection, made))

    async def bidder(self, token: str, **headers: str) -> Any:
        return await access.signed_in(asking(token, **headers), self.services)

    async def desk(self, token: str, **headers: str) -> Any:
        return await access.signed_in_operator(asking(token, **headers), self.services)

    async def card(self, token: str, found: Callable[..., Any] = lambda _connection, session: session.kind) -> Any:
        return await access.card_looking(asking(token), self.services, found)

    async def ends(self) -> datetime:
        found: datetime = await self.store.read(lambda c: c.execute(select(schema.sessions.c.expires_at)).scalar_one())
        return found


def asking(token: str, **headers: str) -> Any:
    return SimpleNamespace(headers={"authorization": f"Bearer {token}"} | headers)


@pytest.fixture
def place(url: str) -> Iterator[Place]:
    make_ready(url)
    store = Store(writing_engine(url), reading_engine(url))
    store.start()
    yield Place(store)
    store.stop()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic {}", "{}"])
async def test_a_token_is_given_as_a_bearers(place: Place, header: str) -> None:
    token = await place.opened("card")
    for said in (f"Bearer {token}", f"bearer {token}"):
        request: Any = SimpleNamespace(headers={"authorization": said})
        assert (await access.signed_in(request, place.services)).kind == "card"
    for headers in ({"authorization": header.format(token)}, {}):
        request = SimpleNamespace(headers=headers)
        with pytest.raises(SessionGone):
            await access.signed_in(request, place.services)
        with pytest.raises(SessionGone):
            await access.signed_in_operator(request, place.services)


async def test_a_session_that_lasts_as_long_as_it_may_is_not_written_again(place: Place) -> None:
    token = await place.opened("card", until=LONGEST)
    place.now = NOW + LONGEST - timedelta(seconds=1)
    writes: list[object] = []

    async def write(work: Callable[[Connection], Any]) -> None:
        writes.append(work)

    place.services.store = SimpleNamespace(read=place.store.read, look_up=place.store.look_up, write=write)
    assert (await place.bidder(token)).expires_at == NOW + LONGEST
    assert writes == []


async def test_a_token_of_nobody(place: Place) -> None:
    await place.opened("card")
    for look in (place.bidder, place.desk, place.card):
        with pytest.raises(SessionGone):
            await look("nobody's")


@pytest.mark.parametrize("kind", ["card", "password", "card_free"])
async def test_bidders_are_bidders_and_no_operators(place: Place, kind: str) -> None:
    token = await place.opened(kind)
    session = await place.bidder(token)
    assert (session.kind, session.system) == (kind, "ise")
    with pytest.raises(SessionGone):
        await place.desk(token, origin=HERE)
    if kind == "card":
        assert await access.signed_in_by_card(session) is session
        assert await place.card(token) == (session, "card")
    else:
        with pytest.raises(SessionGone):
            await access.signed_in_by_card(session)
        with pytest.raises(SessionGone):
            await place.card(token, lambda *_: pytest.fail("looked at"))


async def test_an_operator_is_no_bidder(place: Place) -> None:
    await place.operator()
    token = await place.opened("operator")
    desk = await place.desk(token, origin=HERE)
    assert (desk.session.operator, desk.operator.login_id, desk.profile.id, desk.actor) == ("desk", "desk", "ise", "operator:desk")
    for look in (place.bidder, place.card):
        with pytest.raises(SessionGone):
            await look(token)


async def test_an_operator_who_was_disabled_or_removed_since(place: Place) -> None:
    token = await place.opened("operator")
    with pytest.raises(SessionGone):
        await place.desk(token, origin=HERE)
    await place.operator("disabled")
    with pytest.raises(SessionGone):
        await place.desk(token, origin=HERE)


async def test_an_operators_session_belongs_to_the_page_that_opened_it(place: Place) -> None:
    await place.operator()
    token = await place.opened("operator")
    for headers in ({}, {"origin": ALSO}, {"origin": "https://elsewhere.example"}):
        with pytest.raises(SessionGone):
            await place.desk(token, **headers)
    place.serve(ALSO)
    with pytest.raises(SessionGone):
        await place.desk(token, origin=HERE)


async def test_a_cards_session_belongs_to_the_origin_that_was_signed(place: Place) -> None:
    token = await place.opened("card")
    assert await place.bidder(token)
    assert await place.bidder(token, origin=HERE)
    with pytest.raises(SessionGone):
        await place.bidder(token, origin=ALSO)
    place.serve(ALSO)
    with pytest.raises(SessionGone):
        await place.bidder(token)


async def test_without_a_card_no_origin_was_signed(place: Place) -> None:
    token = await place.opened("password")
    assert await place.bidder(token, origin=ALSO)


async def test_it_is_made_to_last_when_half_of_it_is_over(place: Place) -> None:
    token = await place.opened("card")
    place.now = NOW + LIFETIME / 2
    await place.bidder(token)
    assert await place.ends() == NOW + LIFETIME, "until then nothing is written"
    place.now += timedelta(seconds=1)
    await place.bidder(token)
    assert await place.ends() == place.now + LIFETIME


async def test_it_ends_at_its_end(place: Place) -> None:
    token = await place.opened("card")
    place.now = NOW + LIFETIME
    with pytest.raises(SessionGone):
        await place.bidder(token)


async def test_nothing_lasts_for_ever(place: Place) -> None:
    token = await place.opened("card", until=LONGEST + MINUTE)
    place.now = NOW + LONGEST - timedelta(seconds=1)
    await place.bidder(token)
    assert await place.ends() == NOW + LONGEST + MINUTE, "and it is not made shorter"
    place.now = NOW + LONGEST
    with pytest.raises(SessionGone):
        await place.bidder(token)


async def test_used_to_the_last_it_ends_with_the_longest_that_is_allowed(place: Place) -> None:
    token = await place.opened("card", until=LONGEST - 2 * MINUTE)
    place.now = NOW + LONGEST - 3 * MINUTE
    await place.bidder(token)
    assert await place.ends() == NOW + LONGEST


@pytest.mark.parametrize(
    ("origin", "welcome"), [(None, True), (HERE, True), (ALSO, True), ("https://elsewhere.example", False), ("null", False)]
)
async def test_a_page_of_another_site_opens_nothing(place: Place, origin: str | None, welcome: bool) -> None:
    request: Any = SimpleNamespace(
        app=SimpleNamespace(state=SimpleNamespace(services=place.services)), headers={} if origin is None else {"origin": origin}
    )
    if welcome:
        await access.refuse_foreign_origin(request)
    else:
        with pytest.raises(ServerError) as caught:
            await access.refuse_foreign_origin(request)
        assert caught.value.code == "E-ORIGIN"


def test_what_an_operator_sees() -> None:
    profile = profile_of("saitama")
    every = [agency.id for agency in profile.agencies]
    for agencies, seen in ((None, every), ((every[2], "elsewhere", every[0]), [every[0], every[2]]), ((), [])):
        desk = DeskOperator(SimpleNamespace(), SimpleNamespace(agencies=agencies, role="desk", login_id="x"), profile)  # type: ignore[arg-type]
        assert list(desk.agencies) == seen
        desk.refuse_role("desk")
        with pytest.raises(ServerError, match="E-ROLE"):
            desk.refuse_role("auditor")  # type: ignore[arg-type]
        for agency in (*every, "elsewhere"):
            if agency in seen:
                desk.refuse_agency(agency)
            else:
                with pytest.raises(ServerError, match="E-NOT-FOUND"):
                    desk.refuse_agency(agency)
