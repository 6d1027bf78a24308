"""A session that ends while a person types: taken up again unseen, or given up at whatever step that takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from ebid_tui.domain import statement
from ebid_tui.errors import ChallengeGone, EbidError, InputError, RuleError, ServerAway, ServerError, SessionGone
from ebid_tui.flows import session
from ebid_tui.flows.card import HeldCard, WantedCard, unlocked_card
from ebid_tui.flows.leaving import LeftStep
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import SignedInCard
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Nav, Trouble
from tests.flows.conftest import Desk
from tests.flows.office import Office
from tests.flows.script import ScriptUi, outcome

PIN = b"123456"
SEARCH = {"vendor_no": "1000000001"}


@pytest.fixture
async def at(desk: Desk, place: Place) -> AsyncIterator[SignedInCard]:
    """Unlocked, and not signed in."""
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN))
    held = await unlocked_card(ui, desk.cards, place, statement.now(), WantedCard("lead", "again"))
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

    found = await outcome(session.within_session(at, attempt))
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
    assert await outcome(once_gone(at, ("trouble", way), proof=SEARCH, **{call: ServerAway()})) == (nav, 1)


async def test_a_card_that_is_not_put_in_again_signs_nothing_in(at: SignedInCard, desk: Desk) -> None:
    office: Any = at.server
    desk.reader.remove()
    assert await once_gone(at, ("card", Nav.CANCEL)) == (Nav.BACK, 1), "to where one came from"
    assert office.calls == ["challenge"]


@pytest.mark.parametrize(
    ("call", "error", "times"), [("sign_in", ChallengeGone(), 2), ("challenge", SessionGone(), 1), ("search", SessionGone(), 2)]
)
async def test_a_server_that_says_it_for_ever_gets_few_signatures_unseen(
    at: SignedInCard, monkeypatch: pytest.MonkeyPatch, call: str, error: ServerError, times: int
) -> None:
    """A card signs only so often as somebody wants it to: once more unseen, then once each time the person says so."""
    office: Any = at.server
    office.accidents = {call: [error] * 50}
    script: Any = at.ui
    script.answers = [("trouble", "retry"), ("trouble", "cancel")]
    if call == "search":
        assert await outcome(session.proven(at, SEARCH)) is Nav.CANCEL
    else:
        assert await outcome(session.sign_in(at)) is Nav.CANCEL
    assert script.answers == []
    assert office.calls.count(call) == times + 1
    assert [trouble.error.code for trouble in script.asked(Trouble)] == [error.code] * 2


async def test_faulty_fields_where_there_is_no_form_are_told(at: SignedInCard) -> None:
    office: Any = at.server
    office.accidents = {"challenge": [InputError([]), InputError([])]}
    script: Any = at.ui
    script.answers = [("trouble", "back"), ("trouble", "cancel")]
    assert await outcome(session.refuse_closed(at.ui, at.server, at.place)) is Nav.BACK
    assert await outcome(session.refuse_registered(at)) is Nav.CANCEL


def test_the_search_holds_a_password_and_is_not_shown(at: SignedInCard) -> None:
    at.search = {"password": "Demo-pass1"}
    assert "Demo-pass1" not in repr(at)


# --- what is sent again, and what is signed anew


@pytest.mark.parametrize(
    ("refusal", "way", "nonces", "sent"),
    [
        (ChallengeGone(), None, 2, ["signed 1", "signed 2"]),  # the nonce was used or expired: nobody is asked
        (ServerAway(), "retry", 1, ["signed 1", "signed 1"]),  # it may have arrived
        (ServerError("later", code="E-TOO-MANY", retry_after=1), "back", 2, ["signed 1", "signed 2"]),
        (RuleError("R-22"), None, 2, ["signed 1", "signed 2"]),  # the person tries again with the same form
    ],
)
async def test_what_a_server_refused_is_signed_anew_and_what_may_have_arrived_is_sent_again(
    refusal: EbidError, way: str | None, nonces: int, sent: list[str]
) -> None:
    asked: list[str] = []
    statements: list[tuple[Any, str]] = []

    async def challenge(*place: str) -> Any:
        asked.append(f"nonce {len(asked) + 1}")
        return SimpleNamespace(nonce=asked[-1])

    async def sign(nonce: str) -> Any:
        return nonce.replace("nonce", "signed")

    async def send(statement: Any, key: str) -> Any:
        statements.append((statement, key))
        if len(statements) == 1:
            raise refusal
        return "receipt"

    ui = ScriptUi(*([] if way is None else [("trouble", way)]))
    place = SimpleNamespace(profile=SimpleNamespace(id="ise"), agency=SimpleNamespace(id="ise"))
    at: Any = SimpleNamespace(ui=ui, server=SimpleNamespace(challenge=challenge), place=place)
    outbox, shown = Submission(), {"company": {"phone": "1"}}
    if way == "back":
        assert await outcome(session.submit(at, outbox, shown, sign, send)) is Nav.BACK
    if isinstance(refusal, RuleError):
        with pytest.raises(RuleError):
            await session.submit(at, outbox, shown, sign, send)
    receipt: Any = await session.submit(at, outbox, shown, sign, send)
    assert receipt == "receipt"
    assert ([statement for statement, _ in statements], len(asked)) == (sent, nonces)
    assert len({key for _, key in statements}) == 1
    await session.submit(at, outbox, {"company": {"phone": "2"}}, sign, send)
    assert statements[-1][1] != statements[0][1], "another content is another registration"
    assert len(asked) == nonces + 1


async def test_whoever_does_not_sign_sends_nothing(at: SignedInCard) -> None:
    async def sign(_: str) -> Any:
        raise LeftStep

    async def send(*_: Any) -> Any:
        raise AssertionError("sent")

    outbox = Submission()
    assert await outcome(session.submit(at, outbox, {}, sign, send)) is Nav.BACK
    assert outbox.statement is None
