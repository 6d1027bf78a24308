"""Signed in with a card: the card, the server's session, and what a retry needs, for one flow.

A session that ended while a person typed is taken up again with the same card and the same search, unseen: nothing that
was typed is asked twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import statement
from ebid_tui.domain.records import Found, SignedIn
from ebid_tui.errors import ChallengeGone, ServerError, SessionGone
from ebid_tui.flows.card import HeldCard, signed
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Nav, Trouble, Ui
from ebid_tui.messages import t

T = TypeVar("T")


@dataclass(slots=True)
class SignedInCard:
    """What one flow holds after its first step. `search` is kept to prove the vendor again; it holds a password."""

    ui: Ui
    cards: Cards
    server: Server
    place: Place
    held: HeldCard
    search: Mapping[str, str] = field(default_factory=dict, repr=False)


async def sign_in(at: SignedInCard) -> SignedIn | Nav:
    """Prove possession of the card to the server: a nonce, signed."""
    place = at.place

    async def attempt() -> SignedIn | Nav:
        async with at.ui.busy(t("flow.busy.server")):
            challenge = await at.server.challenge(place.profile.id)
        content = statement.SignIn(
            system=place.profile.id, origin=at.server.origin, nonce=challenge.nonce, issued_at=statement.now()
        )
        proof = await signed(at.ui, at.cards, at.held, place, content)
        if isinstance(proof, Nav):
            return proof
        async with at.ui.busy(t("flow.busy.server")):
            return await at.server.sign_in(proof)

    return await persist(at.ui, attempt)


async def persist(ui: Ui, attempt: Callable[[], Awaitable[T | Nav]]) -> T | Nav:
    """Try until it succeeds or the person gives up: a server that is away changes nothing and loses nothing."""
    while True:
        try:
            return await attempt()
        except ChallengeGone:
            continue
        except SessionGone:
            raise
        except ServerError as error:
            ways = ("retry", "back", "cancel") if error.retriable else ("back", "cancel")
            way = await ui.trouble(Trouble(error, ways))  # type: ignore[arg-type]
            if way == "back":
                return Nav.BACK
            if way == "cancel":
                return Nav.CANCEL


async def within_session(at: SignedInCard, attempt: Callable[[], Awaitable[T | Nav]]) -> T | Nav:
    """`persist`, taking up the session again where it had ended."""
    while True:
        try:
            return await persist(at.ui, attempt)
        except SessionGone:
            nav = await sign_in(at)
            if isinstance(nav, Nav):
                return nav
            if at.search:
                found = await persist(at.ui, lambda: search(at, at.search))
                if isinstance(found, Nav):
                    return found


async def search(at: SignedInCard, values: Mapping[str, str]) -> Found | Nav:
    """One search, at this flow's agency and category."""
    async with at.ui.busy(t("flow.busy.server")):
        return await at.server.search(at.place.agency.id, at.place.category.id, values)
