"""Signed in: the card, the server's session, and what a retry needs, for one flow.

A session that ended while a person typed is taken up again with the same card and the same search, unseen: nothing that
was typed is asked twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import rules, statement
from ebid_tui.domain.records import Found, Receipt, SignedIn
from ebid_tui.domain.statement import Signed
from ebid_tui.errors import ChallengeGone, EbidError, InputError, RuleError, ServerAway, ServerError, SessionGone
from ebid_tui.flows.card import HeldCard
from ebid_tui.flows.outbox import Outbox
from ebid_tui.flows.place import Place
from ebid_tui.flows.signing import signed
from ebid_tui.flows.ui import Blocks, Nav, Trouble, Ui
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


async def refuse_closed(ui: Ui, server: Server, place: Place) -> Nav | None:
    """R-22: told before a card or anything else is asked for. The server decides, and says when it opens."""

    async def attempt() -> None:
        async with ui.busy(t("flow.busy.server")):
            await server.challenge(place.profile.id, place.agency.id)

    try:
        return await persist(ui, attempt)
    except (RuleError, InputError) as error:  # there is no form here whose fields could be faulty
        await ui.trouble(Trouble(error, ("back",)))
        return Nav.BACK


async def sign_in(at: SignedInCard) -> SignedIn | Nav:
    """Prove possession of the card to the server: a nonce, signed."""
    place = at.place

    async def attempt() -> SignedIn | Nav:
        async with at.ui.busy(t("flow.busy.server")):
            challenge = await at.server.challenge(place.profile.id)  # looking is allowed at any hour
        content = statement.SignIn(system=place.profile.id, origin=at.server.origin, nonce=challenge.nonce, issued_at=statement.now())
        proof = await signed(at.ui, at.cards, place, content, at.held)
        if isinstance(proof, Nav):
            return proof
        async with at.ui.busy(t("flow.busy.server")):
            return await at.server.sign_in(proof)

    return await persist(at.ui, attempt)


async def told_after_the_pin(at: SignedInCard, look: Callable[[SignedIn], Awaitable[T]]) -> T | Nav:
    """Sign in and look at what the server says of this card; a rule that says no is told right after the PIN."""
    try:
        answer = await sign_in(at)
        if isinstance(answer, Nav):
            return answer
        signed_in = answer
        return await within_session(at, lambda: look(signed_in))
    except (RuleError, InputError) as error:  # there is no form here whose fields could be faulty
        await at.ui.trouble(Trouble(error, ("cancel",)))
        return Nav.CANCEL


async def refuse_registered(at: SignedInCard) -> Nav | None:
    """R-05: told right after the PIN, before anything is typed. A further agency may follow (R-17): the server decides."""

    async def look(signed_in: SignedIn) -> None:
        rules.refuse_registered(signed_in.registered, at.place.category.realm, at.place.agency.id)

    return await told_after_the_pin(at, look)


async def persist(ui: Ui, attempt: Callable[[], Awaitable[T | Nav]], *, in_session: bool = False) -> T | Nav:
    """Try until it succeeds or the person gives up: a server that is away changes nothing and loses nothing.

    A nonce that was gone is taken anew and signed unseen, once; then only when the person says so, for a server may say it for ever.
    Raises SessionGone for a caller who is `in_session` and takes it up again; to anyone else it is told.
    """
    unseen = True
    while True:
        try:
            return await attempt()
        except ServerError as error:
            if in_session and isinstance(error, SessionGone):
                raise
            if unseen and isinstance(error, ChallengeGone):
                unseen = False
            elif (nav := await _given_up(ui, error)) is not None:
                return nav


async def _given_up(ui: Ui, error: ServerError) -> Nav | None:
    """Tell the person; None where it is to be tried again."""
    way = await ui.trouble(Trouble(error, ("retry", "back", "cancel") if error.retriable else ("back", "cancel")))
    if way == "retry":
        return None
    return Nav.BACK if way == "back" else Nav.CANCEL


async def resumed(ui: Ui, attempt: Callable[[], Awaitable[T | Nav]], take_up: Callable[[], Awaitable[Nav | None]]) -> T | Nav:
    """`persist`, taking up the session again where it had ended: once unseen, then only when the person says so."""
    ended = False
    while True:
        try:
            if ended and (nav := await take_up()) is not None:
                return nav
            return await persist(ui, attempt, in_session=True)
        except SessionGone as error:
            if ended and (nav := await _given_up(ui, error)) is not None:
                return nav
            ended = True


async def within_session(at: SignedInCard, attempt: Callable[[], Awaitable[T | Nav]]) -> T | Nav:
    """`resumed` with the same card and the same search."""

    async def take_up() -> Nav | None:
        answer: object = await sign_in(at)
        if at.search and not isinstance(answer, Nav):
            answer = await persist(at.ui, lambda: search(at, at.search), in_session=True)
        return answer if isinstance(answer, Nav) else None

    return await resumed(at.ui, attempt, take_up)


async def search(at: SignedInCard, values: Mapping[str, str]) -> Found | Nav:
    """One search, at this flow's agency and category."""
    async with at.ui.busy(t("flow.busy.server")):
        return await at.server.search(at.place.agency.id, at.place.category.id, values)


async def proven(at: SignedInCard, values: Mapping[str, str]) -> Found | Nav:
    """The search that proves the vendor to this session; kept, so that a session that ends can be taken up again."""
    at.search = values
    return await within_session(at, lambda: search(at, values))


async def submit(
    at: SignedInCard,
    outbox: Outbox,
    shown: Blocks,
    sign: Callable[[str], Awaitable[Signed | Nav]],
    send: Callable[[Signed, str], Awaitable[Receipt]],
) -> Receipt | Nav:
    """What was confirmed is signed (`sign` gets the nonce) and sent; asked again after a lost reply, it gives the same receipt."""
    outbox.take(shown)

    async def attempt() -> Receipt | Nav:
        if outbox.statement is None:
            async with at.ui.busy(t("flow.busy.server")):
                challenge = await at.server.challenge(at.place.profile.id, at.place.agency.id)
            proof = await sign(challenge.nonce)
            if isinstance(proof, Nav):
                return proof
            outbox.statement = proof
        try:
            async with at.ui.busy(t("flow.busy.submit")):
                return await send(outbox.statement, outbox.key)
        except (ServerAway, SessionGone):
            raise  # it may have arrived: the same statement is sent again
        except EbidError:
            outbox.statement = None
            raise

    return await within_session(at, attempt)
