"""A session that ends while a person types: taken up again unseen, or given up at whatever step that takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ebid_tui.domain import statement
from ebid_tui.errors import ServerAway, SessionGone
from ebid_tui.flows import session
from ebid_tui.flows.card import HeldCard, Wanted, unlocked_card
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import SignedInCard
from ebid_tui.flows.ui import Nav
from tests.flows.conftest import Desk
from tests.flows.office import Office
from tests.flows.script import ScriptUi

PIN = b"123456"
SEARCH = {"vendor_no": "1000000001"}


@pytest.fixture
async def at(desk: Desk, place: Place) -> AsyncIterator[SignedInCard]:
    """Unlocked, and not signed in."""
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN))
    held = await unlocked_card(ui, desk.cards, place, statement.now(), Wanted("lead", "again"))
    assert isinstance(held, HeldCard)
    server: Any = Office()
    yield SignedInCard(ui, desk.cards, server, place, held)
    await held.session.close()


async def once_gone(at: SignedInCard, *answers: tuple[str, Any], proof: dict[str, str] | None = None, **accidents: Any) -> Any:
    """What comes of a step whose session has ended, and how often it was tried."""
    office: Any = at.server
    office.accidents = {call: [error] for call, error in accidents.items()}
    script: Any = at.ui
    script.answers = list(answers)
    at.search = proof or {}
    tries: list[int] = []

    async def attempt() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise SessionGone
        return "done"

    found = await session.within_session(at, attempt)
    assert script.answers == []
    return found, len(tries)


async def test_it_is_taken_up_again_with_the_search_that_proved_the_vendor(at: SignedInCard) -> None:
    office: Any = at.server
    assert await once_gone(at) == ("done", 2)
    assert office.calls == ["challenge", "sign_in"]
    office.calls.clear()
    assert await once_gone(at, proof=SEARCH) == ("done", 2)
    assert office.calls == ["challenge", "sign_in", "search"]
    assert office.searches == [SEARCH]


@pytest.mark.parametrize(("way", "nav"), [("back", Nav.BACK), ("cancel", Nav.CANCEL)])
@pytest.mark.parametrize("call", ["challenge", "sign_in", "search"])
async def test_giving_up_at_any_step_of_it(at: SignedInCard, call: str, way: str, nav: Nav) -> None:
    assert await once_gone(at, ("trouble", way), proof=SEARCH, **{call: ServerAway()}) == (nav, 1)


async def test_a_card_that_is_not_put_in_again_signs_nothing_in(at: SignedInCard, desk: Desk) -> None:
    office: Any = at.server
    desk.reader.remove()
    assert await once_gone(at, ("card", Nav.CANCEL)) == (Nav.CANCEL, 1)
    assert office.calls == ["challenge"]


def test_the_search_holds_a_password_and_is_not_shown(at: SignedInCard) -> None:
    at.search = {"password": "Demo-pass1"}
    assert "Demo-pass1" not in repr(at)
