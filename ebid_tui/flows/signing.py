"""Signing by the cards of a flow, and what to do when one was pulled out, swapped or reset in between."""

from __future__ import annotations

from ebid_tui.card.interface import Cards
from ebid_tui.domain import statement
from ebid_tui.domain.statement import Role, Signature, Signed
from ebid_tui.errors import CardBlocked, CardError, CardReset
from ebid_tui.flows.card import HeldCard, reader_of, unlock
from ebid_tui.flows.leaving import LeftFlow, LeftStep
from ebid_tui.flows.locked_cards import blocked
from ebid_tui.flows.place import Place
from ebid_tui.flows.standing import stand_with
from ebid_tui.flows.ui import CardRequest, Ui
from ebid_tui.messages import t

Content = statement.SignIn | statement.OperatorSignIn | statement.Statement | statement.RenewalStatement


async def signed(ui: Ui, cards: Cards, place: Place, content: Content, *held: HeldCard) -> Signed:
    """The content as a JWS signed by these cards, in this order of signatures: a renewal's current card before its new one.

    The hands work in another order: cards that are in sign first, then each of the others is asked for, and its PIN.
    """
    roles: tuple[Role, ...] = ("current", "new") if isinstance(content, statement.RenewalStatement) else ("card",)
    payload = statement.payload(content)
    made: dict[Role, Signature] = {}
    for role, card in sorted(zip(roles, held, strict=True), key=lambda pair: not pair[1].session.alive):
        beside = next((other for other in held if other is not card), None)
        made[role] = await _signature(ui, cards, place, payload, role, card, beside)
    return Signed(payload, tuple(made[role] for role in roles))


async def _signature(ui: Ui, cards: Cards, place: Place, payload: str, role: Role, held: HeldCard, beside: HeldCard | None) -> Signature:
    protected = statement.protected(held.session.algorithm, role, held.session.certificate, held.session.chain)
    problem: CardError | None = None
    taken_out_for_the_other = beside is not None and not held.session.alive
    ready = not taken_out_for_the_other and not held.wants_pin
    while True:
        if not ready:
            await _regained(ui, cards, place, held, beside, problem)
        try:
            async with ui.busy(place.profile.pin_dialog.busy):
                signature = await held.session.sign(statement.signing_input(payload, protected))
        except CardError as error:
            problem, ready = error, False
        else:
            held.wants_pin = held.session.pin_before_each_signature
            return Signature(protected, statement.b64(signature))


async def _regained(ui: Ui, cards: Cards, place: Place, held: HeldCard, beside: HeldCard | None, problem: CardError | None) -> None:
    """The same card again, unlocked; compared by fingerprint before any PIN.

    Without a problem it is only its turn: it has to be put in, or its key wants the PIN before each signature. After another
    program's reset the card is still there, and only the PIN is asked for. Who does not want to goes back (LeftStep): nothing is lost.
    """
    while True:
        try:
            if not held.session.alive or not isinstance(problem, CardReset | None):
                await held.session.close()
                stand_with(ui, place, held.certificate, held.role)
                await ui.insert_card(CardRequest("card", t("flow.card.title"), held.again, problem, reader_of(beside)))
                async with ui.busy(place.profile.pin_dialog.busy):
                    held.session = await cards.open(beside=reader_of(beside), fingerprint=held.certificate.fingerprint)
                problem = None
            return await unlock(ui, held, place, statement.now(), problem=problem)
        except CardBlocked as error:
            await blocked(ui, error, held.certificate, place.profile)
        except CardError as error:
            problem = error
        except LeftFlow:
            raise LeftStep from None
