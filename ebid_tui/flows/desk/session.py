"""An operator signed in: with password and code, or a card. A session that ends is taken up again where the operator was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar, assert_never

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Desk
from ebid_tui.domain import statement
from ebid_tui.domain.desk import OperatorSignedIn
from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Vendor
from ebid_tui.errors import EbidError, ServerAway, SessionGone
from ebid_tui.flows.card import WantedCard, unlocked_card
from ebid_tui.flows.desk.finding import place_name
from ebid_tui.flows.desk.ui import DeskUi, SearchState
from ebid_tui.flows.leaving import LeftFlow, LeftStep, answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import persist
from ebid_tui.flows.signing import signed
from ebid_tui.flows.ui import Blocks, Form, FormBlock, Option, Question, Trouble
from ebid_tui.messages import t

T = TypeVar("T")

LOGIN_LENGTH, PASSWORD_LENGTH, CODE_LENGTH = 40, 256, 6


class SignInWay(StrEnum):
    """How an operator signs in."""

    PASSWORD = "password"
    CARD = "card"


@dataclass(slots=True)
class DeskState:
    """What outlives one run of the screens (a training in between): who is signed in, and the search."""

    who: OperatorSignedIn | None = None
    method: SignInWay | None = None
    place: SearchState = field(default_factory=SearchState)


@dataclass(slots=True)
class DeskContext:
    """Everything that a step of the desk needs."""

    ui: DeskUi
    desk: Desk
    cards: Cards
    profile: Profile
    state: DeskState

    @property
    def who(self) -> OperatorSignedIn:
        assert self.state.who is not None
        return self.state.who

    def place_name(self, vendor: Vendor) -> str:
        """Agency and category as people call them."""
        return place_name(self.profile, vendor)


class OtherOperator(Exception):
    """Somebody else signed in where a session had ended: what the one before looked at is not theirs to see."""


class LeftDesk(Exception):
    """Nobody signs in (again), or the operator gives up: the visit is over."""


async def sign_in(at: DeskContext) -> None:
    """Sign in, in the way chosen before or after asking which. Raises LeftDesk, OtherOperator."""
    before = at.state.who
    while True:
        if at.state.method is None:
            try:
                at.state.method = SignInWay(answered(await at.ui.choose(_methods())))
            except LeftFlow:
                raise LeftDesk from None
        try:
            who = await _signed_in(at, at.state.method, before.login_id if before else "")
            break
        except LeftFlow:
            at.state.method = None
        finally:
            at.ui.forget()
    at.state.who = who
    at.ui.at_work(t("desk.mark", name=who.login_id, role=t(f"desk.role.{who.role}")))
    if before is not None and before.login_id != who.login_id:
        at.state.place = SearchState()
        raise OtherOperator


async def _signed_in(at: DeskContext, way: SignInWay, login_id: str) -> OperatorSignedIn:
    match way:
        case SignInWay.CARD:
            return await _by_card(at)
        case SignInWay.PASSWORD:
            return await _by_password(at, login_id)
        case other:
            assert_never(other)


async def asked(at: DeskContext, look: Callable[[], Awaitable[T]]) -> T:
    """Look at something: asked again after a lost reply, and after signing in again where the session had ended.

    Raises LeftStep where the person goes back or the server refuses, which was told then; LeftDesk; OtherOperator.
    """

    async def attempt() -> T:
        async with at.ui.busy(t("desk.busy")):
            return await look()

    while True:
        try:
            return await persist(at.ui, attempt, in_session=True)
        except SessionGone:
            await sign_in_again(at)
        except LeftStep:
            raise
        except LeftFlow:
            raise LeftDesk from None
        except EbidError as error:
            await at.ui.trouble(Trouble(error, ("back",)))
            raise LeftStep from None


async def carried_out(at: DeskContext, write: Callable[[], Awaitable[T]]) -> T:
    """Change something, once: after a lost reply nobody knows whether it was done, and it is not asked again (E-DESK-UNSURE).

    What the server refuses raises, so that the form can say it. Raises LeftStep, once that was told; LeftDesk; OtherOperator.
    """
    while True:
        try:
            async with at.ui.busy(t("desk.busy")):
                return await write()
        except SessionGone:
            await sign_in_again(at)
        except ServerAway as error:
            await at.ui.trouble(Trouble(EbidError(error.detail, code="E-DESK-UNSURE"), ("back",)))
            raise LeftStep from None


async def sign_in_again(at: DeskContext) -> None:
    """The session has ended: say so, and sign in. Raises LeftDesk, OtherOperator."""
    await at.ui.trouble(Trouble(EbidError(code="E-DESK-SESSION"), ("back",)))
    await sign_in(at)


def _methods() -> Question:
    options = tuple(Option(m, t(f"desk.method.{m}"), t(f"desk.method.{m}_means")) for m in SignInWay)
    return Question("operator_method", t("desk.sign_in.title"), options, t("desk.sign_in.method"), preset=SignInWay.PASSWORD)


async def _by_password(at: DeskContext, login_id: str) -> OperatorSignedIn:
    notice: EbidError | None = None
    while True:
        given = answered(await at.ui.fill(_form(at, login_id, notice)))["operator"]
        login_id = given["login_id"]
        try:
            async with at.ui.busy(t("desk.busy")):
                return await at.desk.sign_in(at.profile.id, login_id, given["password"], given["code"])
        except EbidError as error:
            notice = error
        finally:
            given.clear()
            at.ui.forget()


def _form(at: DeskContext, login_id: str, notice: EbidError | None) -> Form:
    fields = (
        Field(id="login_id", label=t("desk.sign_in.login_id"), chars="half_alnum_symbols", max=LOGIN_LENGTH, mark=""),
        Field(id="password", label=t("desk.sign_in.password"), kind="password", chars="half_alnum_symbols", max=PASSWORD_LENGTH, mark=""),
        Field(
            id="code",
            label=t("desk.sign_in.code"),
            chars="half_digits",
            exact=CODE_LENGTH,
            mark="",
            note=t("desk.sign_in.code_note"),
            help=t("desk.sign_in.code_help"),
        ),
    )
    values: Blocks = {"operator": {"login_id": login_id}} if login_id else {}
    return Form(
        id="operator",
        title=t("desk.sign_in.title"),
        lead=t("desk.sign_in.lead"),
        blocks=(FormBlock("operator", "", "", fields),),
        values=values,
        submit=t("desk.sign_in.submit"),
        back=t("common.back"),
        policy=at.profile.policy,
        notice=notice,
    )


async def _there(at: DeskContext) -> None:
    """Whether the server is there, and is the one that the card would sign for: told before the PIN is asked."""
    async with at.ui.busy(t("desk.busy")):
        await at.desk.clock()


async def _by_card(at: DeskContext) -> OperatorSignedIn:
    """A nonce, signed by a card whose certificate is registered for an operator."""
    place = Place(at.profile, at.profile.agencies[0], at.profile.categories[0])
    await persist(at.ui, lambda: _there(at))
    held = await unlocked_card(at.ui, at.cards, place, statement.now(), WantedCard(t("desk.sign_in.card"), t("desk.sign_in.card_again")))

    async def attempt() -> OperatorSignedIn:
        async with at.ui.busy(t("desk.busy")):
            challenge = await at.desk.challenge(at.profile.id)
        said = statement.OperatorSignIn(system=at.profile.id, origin=at.desk.origin, nonce=challenge.nonce, issued_at=statement.now())
        proof = await signed(at.ui, at.cards, place, said, held)
        async with at.ui.busy(t("desk.busy")):
            return await at.desk.sign_in_by_card(proof)

    try:
        return await persist(at.ui, attempt)
    except EbidError as error:
        await at.ui.trouble(Trouble(error, ("back",)))
        raise LeftStep from None
    finally:
        await held.session.close()
