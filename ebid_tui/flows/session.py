"""Signed in: the card, the server's session, and what a retry needs, for one flow.

A session that ended while a person typed is taken up again with the same card and the same search, unseen: nothing that
was typed is asked twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import rules, statement
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Challenge, Found, Receipt, SignedIn
from ebid_tui.domain.statement import RenewalStatement, Signed, Statement
from ebid_tui.errors import ChallengeGone, EbidError, InputError, RuleError, ServerAway, ServerError, SessionGone
from ebid_tui.flows.card import HeldCard, WantedCard, unlocked_card
from ebid_tui.flows.leaving import LeftFlow, LeftStep
from ebid_tui.flows.mending import REMEDIES, Action, Flow, leave, offers, told, told_of_the_card
from ebid_tui.flows.place import Place
from ebid_tui.flows.signing import signed
from ebid_tui.flows.standing import stand_with
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Blocks, Trouble, Ui
from ebid_tui.messages import t

T = TypeVar("T")

SENT: tuple[Action, ...] = ("another_card", "again")
"""What may mend a refusal of what was confirmed."""


@dataclass(slots=True)
class SignedInCard:
    """What one flow holds after its first step. `search` is kept to prove the vendor again; it holds a password."""

    ui: Ui
    cards: Cards
    server: Server
    place: Place
    held: HeldCard
    flow: Flow = "registration"
    """What it was unlocked for, or is used for now."""
    signed_in: SignedIn | None = None
    """What the server said of it."""
    handed_over: bool = False
    """Whether another flow goes on with it (`mending.Instead`): then that one lets go of it."""
    search: Mapping[str, str] = field(default_factory=dict, repr=False)
    voucher: str | None = field(default=None, repr=False)
    """What another card of the vendor has left (empty: this card vouches itself), in the place of a search; None where one searches."""


@asynccontextmanager
async def card_at_hand(ui: Ui, cards: Cards, server: Server, place: Place, wanted: WantedCard) -> AsyncIterator[SignedInCard]:
    """A card, unlocked and not signed in yet. However the flow ends, the card is let go of and the session ended."""
    at = SignedInCard(ui, cards, server, place, await unlocked_card(ui, cards, place, statement.now(), wanted), wanted.flow)
    async with taken_over(at):
        yield at


@asynccontextmanager
async def taken_over(at: SignedInCard) -> AsyncIterator[None]:
    """For the flow that has the card now: when it ends, the card is let go of, unless yet another one goes on with it."""
    at.handed_over = False
    try:
        yield
    finally:
        if not at.handed_over:
            await at.held.session.close()
            stand_with(at.ui, at.place, None)
            await at.server.sign_out()


async def at_the_server(ui: Ui, call: Awaitable[T]) -> T:
    """The answer to one call, while nothing else can be done (R-02)."""
    async with ui.busy(t("flow.busy.server")):
        return await call


async def refuse_closed(ui: Ui, server: Server, place: Place) -> None:
    """R-22: told before a card or anything else is asked for. The server decides, and says when it opens."""
    try:
        challenge = await persist(ui, lambda: at_the_server(ui, server.challenge(place.profile.id, place.agency.id)))
        refuse_other_file(place.profile, challenge)
    except (RuleError, InputError) as error:  # there is no form here whose fields could be faulty
        await ui.trouble(Trouble(error, ("back",)))
        raise LeftStep from None


def refuse_other_file(profile: Profile, challenge: Challenge) -> None:
    """RuleError E-OTHER-FILE where the server has another file of the system: what is typed here, it would understand otherwise."""
    from ebid_tui.domain.profile.fingerprint import fingerprint

    ours, theirs = fingerprint(profile), challenge.profile
    if theirs.partition(":")[0] == ours.partition(":")[0] and theirs != ours:
        raise RuleError("E-OTHER-FILE", profile.id, system=profile.id, ours=ours, theirs=theirs[: len(ours)], contact=profile.helpdesk.name)


async def sign_in(at: SignedInCard) -> SignedIn:
    """Prove possession of the card to the server: a nonce, signed."""
    place = at.place

    async def attempt() -> SignedIn:
        challenge = await at_the_server(at.ui, at.server.challenge(place.profile.id))  # looking is allowed at any hour
        content = statement.SignIn(system=place.profile.id, origin=at.server.origin, nonce=challenge.nonce, issued_at=statement.now())
        proof = await signed(at.ui, at.cards, place, content, at.held)
        return await at_the_server(at.ui, at.server.sign_in(proof))

    at.signed_in = await persist(at.ui, attempt)
    return at.signed_in


async def told_after_the_pin(at: SignedInCard, look: Callable[[SignedIn], Awaitable[T]]) -> T:
    """Sign in and look at what the server says of this card; a rule that says no is told right after the PIN, with what mends it."""
    try:
        signed_in = at.signed_in or await sign_in(at)
        return await within_session(at, lambda: mendable(look(signed_in)))
    except (RuleError, InputError) as error:  # there is no form here whose fields could be faulty
        await told_of_the_card(at, error)


async def mendable(call: Awaitable[T]) -> T:
    """What an action of this program mends is a rule's no, by whichever code: nothing is gained by asking again."""
    try:
        return await call
    except ServerError as error:
        if error.code not in REMEDIES:
            raise
        raise RuleError(error.code, error.detail, causes=error.causes, **error.values).telling(**error.told) from None


async def refuse_registered(at: SignedInCard) -> None:
    """R-05: told right after the PIN, before anything is typed. A further agency may follow (R-17): the server decides."""

    async def look(signed_in: SignedIn) -> None:
        rules.refuse_registered(signed_in.registered, at.place.category.realm, at.place.agency.id)

    await told_after_the_pin(at, look)


async def persist(ui: Ui, attempt: Callable[[], Awaitable[T]], *, in_session: bool = False) -> T:
    """Try until it succeeds or the person gives up (LeftStep, LeftFlow): a server that is away changes nothing and loses nothing.

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
            else:
                await _asked_to_retry(ui, error)


async def _asked_to_retry(ui: Ui, error: ServerError) -> None:
    """Tell the person, who says that it is to be tried again. Raises LeftStep or LeftFlow where it is not."""
    way = await ui.trouble(Trouble(error, ("retry", "back", "cancel") if error.retriable else ("back", "cancel")))
    if way != "retry":
        raise LeftStep if way == "back" else LeftFlow


async def resumed(ui: Ui, attempt: Callable[[], Awaitable[T]], take_up: Callable[[], Awaitable[None]]) -> T:
    """`persist`, taking up the session again where it had ended: once unseen, then only when the person says so."""
    ended = False
    while True:
        try:
            if ended:
                await take_up()
            return await persist(ui, attempt, in_session=True)
        except SessionGone as error:
            if ended:
                await _asked_to_retry(ui, error)
            ended = True


async def within_session(at: SignedInCard, attempt: Callable[[], Awaitable[T]]) -> T:
    """`resumed` with the same card and the same search."""

    async def take_up() -> None:
        await sign_in(at)
        if at.search or at.voucher is not None:
            await persist(at.ui, lambda: search(at, at.search), in_session=True)

    return await resumed(at.ui, attempt, take_up)


async def search(at: SignedInCard, values: Mapping[str, str]) -> Found:
    """One search, at this flow's agency and category; where a card vouches for the vendor, nothing of it is typed."""
    if at.voucher is not None:
        return await at_the_server(at.ui, at.server.search_by_card(at.place.agency.id, at.place.category.id, at.voucher))
    return await at_the_server(at.ui, at.server.search(at.place.agency.id, at.place.category.id, values))


async def proven(at: SignedInCard, values: Mapping[str, str]) -> Found:
    """The search that proves the vendor to this session; kept, so that a session that ends can be taken up again."""
    at.search = values
    return await within_session(at, lambda: search(at, values))


def made_here(place: Place, server: Server, content: Callable[..., T], **more: str) -> T:
    """A statement, of which `content` has everything but where, to whom and when; its nonce, if it has one, is in `more`."""
    return content(
        system=place.profile.id,
        agency=place.agency.id,
        category=place.category.id,
        origin=server.origin,
        issued_at=statement.now(),
        **more,
    )


def signing(at: SignedInCard, content: Callable[..., Statement | RenewalStatement], *new: HeldCard) -> Callable[[str], Awaitable[Signed]]:
    """`submit`'s way to a statement, signed by this flow's card, and by the `new` one of a renewal."""

    async def sign(nonce: str) -> Signed:
        made = made_here(at.place, at.server, content, nonce=nonce)
        return await signed(at.ui, at.cards, at.place, made, at.held, *new)

    return sign


async def submit(
    at: SignedInCard,
    outbox: Submission,
    shown: Blocks,
    sign: Callable[[str], Awaitable[Signed]],
    send: Callable[[Signed, str], Awaitable[Receipt]],
) -> Receipt:
    """What was confirmed is signed (`sign` gets the nonce) and sent; asked again after a lost reply, it gives the same receipt."""
    outbox.take(shown)

    async def attempt() -> Receipt:
        if outbox.statement is None:
            challenge = await at_the_server(at.ui, at.server.challenge(at.place.profile.id, at.place.agency.id))
            outbox.statement = await sign(challenge.nonce)
        try:
            async with at.ui.busy(t("flow.busy.submit")):
                return await mendable(send(outbox.statement, outbox.key))
        except (ServerAway, SessionGone):
            raise  # it may have arrived: the same statement is sent again
        except EbidError:
            outbox.statement = None
            raise

    try:
        return await within_session(at, attempt)
    except RuleError as error:
        if not offers(error.code, at.place, SENT):
            raise
        chosen = await told(at.ui, error, at.place, ("back", "cancel"), SENT)
        await leave(at.ui, chosen, at.flow, error, at.place, at=at)
        raise (LeftStep if chosen == "back" else LeftFlow) from None
