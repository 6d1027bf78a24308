"""PIN番号の変更: ask for a card, its PIN and a new one twice, and change it. As careful with the tries as every other flow.

Nothing is sent before the new PIN has been checked here; the counter is read before each entry, the last try asks first (R-07). A
locked card is its authority's business: whom to ask is data.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ebid_tui.card.interface import Cards, CardSession, PinRules
from ebid_tui.card.pin import Pin
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import rules
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.errors import CardBlocked, CardError, CertificateUnreadable, EbidError, PinUnusable, RuleError, WrongPin
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.locked_cards import blocked, contact, last_try
from ebid_tui.flows.ui import CardRequest, PinRequest, Report, Ui
from ebid_tui.flows.which_card import choose_card, names_of
from ebid_tui.messages import t


async def change_pin(ui: Ui, cards: Cards, trusted: Collection[str] = (), now: datetime | None = None) -> bool:
    """Whether a card's PIN was changed. `trusted`: the authorities whose cards are taken, none given means every accepted one."""
    accepted = trusted or [issuer.id for issuer in known_issuers().issuers if issuer.kind != "refused"]
    try:
        await _one_changed(ui, cards, accepted, now)
    except LeftFlow:
        return False
    await ui.read(Report("pin_changed", t("flow.pin_change.done_title"), (), t("flow.pin_change.done"), t("common.close")))
    return True


async def _one_changed(ui: Ui, cards: Cards, accepted: Collection[str], now: datetime | None) -> None:
    """Card after card, until one of them has taken a new PIN."""
    problem: EbidError | None = None
    while True:
        await ui.insert_card(CardRequest("card", t("flow.pin_change.title"), t("flow.pin_change.card"), problem))
        session: CardSession | None = None
        certificate: Certificate | None = None
        try:
            session, certificate = await _look(ui, cards, accepted, now)
            return await _change(ui, session, certificate)
        except CardBlocked as error:
            await blocked(ui, error, certificate)
        except (CardError, CertificateUnreadable, RuleError) as error:
            problem = _told(error, certificate)
        finally:
            if session is not None:
                await session.close()


async def _look(ui: Ui, cards: Cards, accepted: Collection[str], now: datetime | None) -> tuple[CardSession, Certificate]:
    """The card and its certificate; refused before any PIN where it is not one whose PIN is changed here."""
    session = await choose_card(ui, cards, t("flow.busy.card"), accepted, now=now)
    try:
        certificate = certificates.read(session.certificate)
        rules.refuse_issuer(certificate.issuer, accepted)
        if not session.pin_changeable:
            raise CardError("PIN not changeable", code="E-PIN-FIXED", contact=contact(certificate))
        if session.pin_pad:
            raise CardError("PIN pad", code="E-PIN-PAD-CHANGE", contact=contact(certificate))
    except BaseException:
        await session.close()
        raise
    return session, certificate


def _told(error: EbidError, certificate: Certificate | None) -> EbidError:
    """A card that says only now that its PIN is fixed: with whom to ask."""
    if error.code != "E-PIN-FIXED" or certificate is None:
        return error
    return CardError(error.detail, code=error.code, contact=contact(certificate))


async def _change(ui: Ui, session: CardSession, certificate: Certificate) -> None:
    """Both PINs until the card has taken them. Raises CardBlocked and the card's other errors."""
    problem: CardError | None = None
    warned = False
    while True:
        async with ui.busy(t("flow.busy.card")):
            tries, hint = await session.tries_left(), await session.tries_hint()
        if tries == 0 or hint == "locked":
            raise CardBlocked
        if (tries == 1 or hint == "final") and not warned:
            warned = await ui.confirm(last_try(problem))
            if not warned:
                raise LeftFlow
        with await ui.ask_pin(_request("pin", session, certificate, tries, problem)) as old:
            try:
                with await _new_pin(ui, session, certificate, old) as new:
                    async with ui.busy(t("flow.busy.pin_change")):
                        await session.change_pin(old, new)
                return
            except (WrongPin, PinUnusable) as error:
                problem = error
                warned = warned and isinstance(error, PinUnusable)


async def _new_pin(ui: Ui, session: CardSession, certificate: Certificate, old: Pin) -> Pin:
    """A PIN that this card can have, typed twice alike, and not the old one. Nothing is sent here."""
    problem: CardError | None = None
    while True:
        new = await ui.ask_pin(_request("new_pin", session, certificate, None, problem))
        kept = False
        try:
            problem = _fault(new, session.pin_rules, old)
            if problem is None:
                with await ui.ask_pin(_request("new_pin_again", session, certificate, None, None)) as again:
                    kept = new.same_as(again)
                if kept:
                    return new
                problem = PinUnusable("typed differently", code="E-NEW-PIN-DIFFERS")
        finally:
            if not kept:
                new.wipe()


def _fault(new: Pin, allowed: PinRules, old: Pin) -> PinUnusable | None:
    """What is wrong with a new PIN, as far as can be seen without the card."""
    fits = allowed.min_length <= len(new) <= allowed.max_length and (new.is_digits() if allowed.digits_only else new.is_printable())
    if not fits:
        return PinUnusable("length or characters", min=allowed.min_length, max=allowed.max_length)
    return PinUnusable("as before", code="E-NEW-PIN-SAME") if new.same_as(old) else None


def _request(prompt: str, session: CardSession, certificate: Certificate, tries: int | None, problem: CardError | None) -> PinRequest:
    missing = t("common.missing")
    return PinRequest(
        id=prompt,
        title=t("flow.pin_change.title"),
        lead=t(f"flow.pin_change.{prompt}"),
        pin_label=t(f"flow.pin_change.{prompt}_label"),
        operator_label="",
        ok=t("flow.pin_change.ok"),
        cancel=t("flow.pin_change.cancel"),
        tries_left=tries,
        min_length=session.pin_rules.min_length,
        max_length=session.pin_rules.max_length,
        digits_only=session.pin_rules.digits_only,
        card=(
            (t("flow.pin_change.company"), certificate.company or missing),
            (t("flow.pin_change.person"), certificate.holder or missing),
            (t("flow.pin.not_after"), certificate.not_after_text),
        ),
        problem=problem,
        reader=session.reader,
        names=names_of(certificate),
        chosen=prompt != "pin",
    )
