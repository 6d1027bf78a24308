"""The card's part of every flow: insert, look, unlock, sign; and what to do when it is pulled out in between.

No PIN try is spent unasked: the counter is read before each entry, the last try asks first (R-07), and a PIN is sent
once, to the card whose certificate was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ebid_tui.card.interface import Cards, CardSession
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import rules, statement
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.domain.statement import Signature, Signed
from ebid_tui.errors import CardBlocked, CardChanged, CardError, CardReset, EbidError, PinUnusable, RuleError, WrongPin
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import CardRequest, Confirm, Nav, PinRequest, Trouble, Ui
from ebid_tui.messages import t


@dataclass(slots=True)
class HeldCard:
    """The card of this flow. `session` is replaced when the same card is put back in; the certificate never changes."""

    session: CardSession
    certificate: Certificate
    wants_pin: bool = False
    """True when its key wants the PIN once more before the next signature."""


async def unlocked_card(ui: Ui, cards: Cards, place: Place, now: datetime) -> HeldCard | Nav:
    """Ask for a card and its PIN until the card has accepted it. Everything that can be refused is, before the PIN."""
    problem: EbidError | None = None
    while True:
        request = CardRequest("card", t("flow.card.title"), t("flow.card.lead"), problem)
        if isinstance(nav := await ui.insert_card(request), Nav):
            return nav
        try:
            async with ui.busy(place.profile.pin_dialog.busy):
                held = await _look(cards)
            _refuse_before_the_pin(held.certificate, place, now)
            if isinstance(nav := await unlock(ui, held, place, now), Nav):
                await held.session.close()
                return nav
        except CardBlocked as error:
            return await _blocked(ui, error, held.certificate)
        except (CardError, RuleError) as error:
            problem = error
        else:
            return held


async def _look(cards: Cards) -> HeldCard:
    session = await cards.open()
    return HeldCard(session, certificates.read(session.certificate))


def _refuse_before_the_pin(certificate: Certificate, place: Place, now: datetime) -> None:
    """R-23, R-34 (only cards of the accepted authorities) and R-09 (ended certificates), without costing a try."""
    rules.refuse_issuer(certificate.issuer, place.profile.trusted)
    rules.refuse_expired(certificate.not_after, now)


async def unlock(ui: Ui, held: HeldCard, place: Place, now: datetime) -> Literal[True] | Nav:
    """PIN番号入力ダイアログ, again after each wrong PIN. Raises CardBlocked and the card's other errors."""
    dialog = place.profile.pin_dialog
    session, problem, warned = held.session, None, False
    while True:
        async with ui.busy(dialog.busy):
            tries = await session.tries_left()
        if tries == 0:
            raise CardBlocked
        if tries == 1 and not warned:
            warned = await ui.confirm(_last_try())
            if not warned:
                return Nav.CANCEL
        request = PinRequest(
            id="pin",
            title=dialog.title,
            lead=dialog.lead,
            pin_label=dialog.pin_label,
            operator_label=dialog.operator_label,
            ok=dialog.ok,
            cancel=dialog.cancel,
            tries_left=tries,
            min_length=session.pin_rules.min_length,
            max_length=session.pin_rules.max_length,
            digits_only=session.pin_rules.digits_only,
            card=_whose(held.certificate, place, now),
            problem=problem,
        )
        pin = await ui.ask_pin(request)
        if isinstance(pin, Nav):
            return pin
        try:
            with pin:
                async with ui.busy(dialog.busy):
                    await session.verify(pin)
            held.wants_pin = False
            return True
        except (WrongPin, PinUnusable) as error:
            problem = error
            warned = warned and isinstance(error, PinUnusable)


def _last_try() -> Confirm:
    return Confirm(
        "last_try", t("flow.last_try.title"), t("flow.last_try.question"), yes=t("flow.last_try.yes"), no=t("flow.last_try.no")
    )


def _whose(certificate: Certificate, place: Place, now: datetime) -> tuple[tuple[str, str], ...]:
    """Whose card it is, so that the wrong one is noticed before its PIN is typed; R-25 when it ends soon."""
    labels = {f.id: f.label for f in place.profile.block("card_holder").fields}
    until = certificate.not_after_text
    if (days := certificate.days_left(now)) <= place.profile.rules.expiry_warning_days:
        until = t("flow.pin.ends_soon", date=until, days=days)
    missing = t("common.missing")
    return (
        (labels["company"], certificate.company or missing),
        (labels["person"], certificate.holder or missing),
        (place.profile.card.not_after_label, until),
    )


async def _blocked(ui: Ui, error: CardBlocked, certificate: Certificate) -> Nav:
    """R-07: say what happened, and whom to ask: the authority that issued this card."""
    authority = known_issuers().find(certificate.issuer)
    told = CardBlocked(error.detail, causes=(t("flow.blocked.issuer", issuer=(authority and authority.contact) or certificate.issuer),))
    await ui.trouble(Trouble(told, ("cancel",)))
    return Nav.CANCEL


async def signed(
    ui: Ui, cards: Cards, held: HeldCard, place: Place, content: statement.SignIn | statement.Statement
) -> Signed | Nav:
    """The content as a JWS by this flow's card. A card that was pulled out is asked for again, its PIN too."""
    payload = statement.payload(content)
    protected = statement.protected(held.session.algorithm, "card", held.session.certificate)
    if held.wants_pin and isinstance(nav := await _regained(ui, cards, held, place, CardReset()), Nav):
        return nav
    while True:
        try:
            async with ui.busy(place.profile.pin_dialog.busy):
                signature = await held.session.sign(statement.signing_input(payload, protected))
        except CardError as error:
            if isinstance(nav := await _regained(ui, cards, held, place, error), Nav):
                return nav
        else:
            held.wants_pin = held.session.pin_before_each_signature
            return Signed(payload, (Signature(protected, statement.b64(signature)),))


async def _regained(ui: Ui, cards: Cards, held: HeldCard, place: Place, problem: EbidError) -> Literal[True] | Nav:
    """The same card again, unlocked, after it was pulled out, swapped or reset; compared by fingerprint before any PIN."""
    while True:
        try:
            if not isinstance(problem, CardReset):
                await held.session.close()
                request = CardRequest("card", t("flow.card.title"), t("flow.card.same"), problem)
                if isinstance(nav := await ui.insert_card(request), Nav):
                    return nav
                await _take_again(ui, cards, held, place)
            return await unlock(ui, held, place, statement.now())
        except CardBlocked as error:
            return await _blocked(ui, error, held.certificate)
        except CardError as error:
            problem = error


async def _take_again(ui: Ui, cards: Cards, held: HeldCard, place: Place) -> None:
    async with ui.busy(place.profile.pin_dialog.busy):
        again = await _look(cards)
    if again.certificate.fingerprint != held.certificate.fingerprint:
        await again.session.close()
        raise CardChanged
    held.session = again.session
