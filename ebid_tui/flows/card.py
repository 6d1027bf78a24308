"""The card's part of every flow: ask for it, look at it, unlock it.

No PIN try is spent unasked: the counter is read before each entry, the last try asks first (R-07), and a PIN is sent
once, to the card whose certificate was shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from ebid_tui.card.interface import Cards, CardSession
from ebid_tui.card.pin import Pin
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import rules, statement
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.whereabouts import CardRole
from ebid_tui.errors import CardBlocked, CardError, CertificateUnreadable, EbidError, PinUnusable, RuleError, WrongPin
from ebid_tui.flows import notices
from ebid_tui.flows.known import of_the_card
from ebid_tui.flows.leaving import LeftFlow, RegisterInstead
from ebid_tui.flows.locked_cards import blocked_card, last_try
from ebid_tui.flows.mending import Flow
from ebid_tui.flows.pin_pad import entered_on_pin_pad
from ebid_tui.flows.place import Place
from ebid_tui.flows.standing import stand_with
from ebid_tui.flows.ui import CardRequest, Confirm, PinRequest, Trouble, Ui
from ebid_tui.flows.which_card import choose_card, names_of
from ebid_tui.flows.which_certificate import open_card
from ebid_tui.language import joined
from ebid_tui.messages import t


@dataclass(slots=True)
class HeldCard:
    """A card of this flow. `session` is replaced when the same card is put back in; the certificate never changes."""

    session: CardSession
    certificate: Certificate
    again: str
    """How to ask for this very card once more."""
    role: CardRole = ""
    """Which of a renewal's two cards it is: every dialog about it says so (R-47)."""
    one_of_several: bool = False
    """True where there is more than one reader: which one it is in is said with it."""
    wants_pin: bool = False
    """True when its key wants the PIN once more before the next signature."""
    which: str = ""
    """Of a renewal's two cards: what this one is called."""


@dataclass(slots=True)
class WantedCard:
    """Which card is asked for, and how. `refuse` looks at it before any PIN, and raises what speaks against it."""

    lead: str
    again: str
    beside: HeldCard | None = None
    """Another card that may stay in its reader while this one is asked for."""
    current: bool = False
    """The card that a renewal replaces: it is asked for in so many words, also where a card is in already (R-47)."""
    which: str = ""
    """Of a renewal's two cards: what this one is called."""
    refuse: Callable[[HeldCard], Awaitable[None]] | None = None
    fingerprint: str = ""
    """The one card that will do."""
    leads_to_registration: frozenset[str] = frozenset()
    """Rules (R-08, R-09) whose no is followed by the question whether to go on with 登録: RegisterInstead is raised then."""
    flow: Flow = "registration"
    """What it is wanted for."""
    problem: EbidError | None = None
    """Why the card that is in will not do: another one is waited for."""
    unwanted: str = ""
    """The fingerprint of the one card that will not do."""
    keep_pin: bool = False
    """Keep a copy of the PIN that was right, for `same_pin` of the next card; whoever takes it wipes it."""
    same_pin: Pin | None = None
    """A PIN that may be tried once if the person wants it, and nothing can be lost by it."""
    kept_pin: Pin | None = None
    first: bool = False
    """Ask for it even though a card is in: that is another one, or may be (R-47)."""

    @property
    def role(self) -> CardRole:
        """Which of a renewal's two cards it is: the new one is asked for beside the current one."""
        return "current" if self.current else "new" if self.beside is not None else ""


async def unlocked_card(ui: Ui, cards: Cards, place: Place, now: datetime, wanted: WantedCard) -> HeldCard:
    """Ask for a card and its PIN until the card has accepted it. Everything that can be refused is, before the PIN."""
    problem = wanted.problem
    while True:
        beside = wanted.beside
        stand_with(ui, place, beside.certificate if beside else None, beside.role if beside else "")
        await ui.insert_card(CardRequest("card", t("flow.card.title"), wanted.lead, problem, reader_of(wanted.beside), wanted.first))
        held, accepted = None, False
        try:
            held = await _look(ui, cards, place, now, wanted)
            stand_with(ui, place, held.certificate, held.role)
            if held.certificate.fingerprint == wanted.unwanted:
                raise CardError(code="E-SAME-CARD")
            await _refuse_before_the_pin(held, place, now, wanted)
            await _unlock_wanted(ui, held, place, now, wanted)
            accepted = True
            return held
        except CardBlocked as error:
            problem = told = blocked_card(error, held.certificate if held else None, place.profile)
            if await ui.trouble(Trouble(told, ("another_card", "cancel"), {"another_card": t("mending.another_card")})) == "cancel":
                raise LeftFlow from None
        except (CardError, CertificateUnreadable, RuleError) as error:
            problem = error
            if error.code in wanted.leads_to_registration:
                known = of_the_card(place, held.certificate if held and error.code == "R-09" else None)
                if await ui.confirm(_register_instead(error, filled_in=bool(known) or error.code == "R-08")):
                    raise RegisterInstead(held.certificate.fingerprint if held else "", known, error) from None
        finally:
            if held is not None and not accepted:
                await held.session.close()


async def seen_card(ui: Ui, cards: Cards, place: Place, lead: str) -> tuple[Certificate | None, RuleError | None]:
    """Look at a card without its PIN: its certificate, if it can be read, and the rule that speaks against using it here."""
    wanted = WantedCard(lead, lead)
    problem: EbidError | None = None
    while True:
        await ui.insert_card(CardRequest("card", t("flow.card.title"), lead, problem))
        seen: Certificate | None = None
        try:
            held = await _look(ui, cards, place, statement.now(), wanted)
            await held.session.close()
            seen = held.certificate
            await _refuse_before_the_pin(held, place, statement.now(), wanted)
        except RuleError as error:
            return seen, error
        except (CardError, CertificateUnreadable) as error:
            problem = error
        else:
            return seen, None


async def _look(ui: Ui, cards: Cards, place: Place, now: datetime, wanted: WantedCard) -> HeldCard:
    """The card that is meant; where another one of this flow may stay in its reader, one beside it."""
    busy, beside, trusted = place.profile.pin_dialog.busy, reader_of(wanted.beside), place.profile.trusted
    if wanted.fingerprint:
        session = await open_card(ui, cards, busy, beside=beside, fingerprint=wanted.fingerprint, trusted=trusted, now=now)
    else:
        session = await choose_card(ui, cards, busy, trusted, beside=beside, current=wanted.current, now=now)
    certificate, several = certificates.read(session.certificate), len(cards.readers()) > 1
    return HeldCard(session, certificate, wanted.again, wanted.role, several, which=wanted.which)


def reader_of(held: HeldCard | None) -> str:
    """The reader that a card of this flow is in; empty where it is in none."""
    return held.session.reader if held is not None and held.session.alive else ""


def _register_instead(error: EbidError, *, filled_in: bool) -> Confirm:
    """R-08, R-09: what cannot be renewed is registered; where something is known for its forms, that is said."""
    question = t("flow.instead.question")
    return Confirm(
        "register_instead",
        t("flow.instead.title"),
        joined("\n", (question, t("mending.known"))) if filled_in else question,
        yes=t("flow.instead.yes"),
        no=t("flow.instead.no"),
        details=(error.title, error.remedy, *error.causes, t("mending.code", code=error.code)),
        preset="no",
    )


async def _refuse_before_the_pin(held: HeldCard, place: Place, now: datetime, wanted: WantedCard) -> None:
    """R-23, R-34 (only usable cards of the accepted authorities) and R-09 (ended certificates), without costing a try."""
    certificate = held.certificate
    rules.refuse_issuer(certificate.issuer, place.profile.trusted)
    rules.refuse_expired(certificate.not_after, now)
    rules.refuse_unusable(certificate, now, place.profile.trust.extended_key_usages)
    if wanted.refuse:
        await wanted.refuse(held)


async def _unlock_wanted(ui: Ui, held: HeldCard, place: Place, now: datetime, wanted: WantedCard) -> None:
    """The PIN, or the one choice that may spare it: the PIN of the other card, tried once, only on a full counter."""
    problem: CardError | None = None
    pin, wanted.same_pin = wanted.same_pin, None  # offered once, whatever comes of it
    if pin is not None:
        with pin:
            if held.session.pin_pad:
                await unlock(ui, held, place, now, wanted)  # a PIN is not to pass through this machine
                return
            async with ui.busy(place.profile.pin_dialog.busy):
                may_try = await held.session.tries_full()
            if may_try and await ui.confirm(_same_pin()):
                try:
                    async with ui.busy(place.profile.pin_dialog.busy):
                        await held.session.verify(pin)
                    return
                except (WrongPin, PinUnusable) as error:
                    problem = error
    await unlock(ui, held, place, now, wanted, problem)


def _same_pin() -> Confirm:
    return Confirm(
        "same_pin",
        t("flow.same_pin.title"),
        t("flow.same_pin.question"),
        yes=t("flow.same_pin.yes"),
        no=t("flow.same_pin.no"),
        preset="no",
    )


async def unlock(
    ui: Ui, held: HeldCard, place: Place, now: datetime, wanted: WantedCard | None = None, problem: CardError | None = None
) -> None:
    """PIN番号入力ダイアログ, again after each wrong PIN. Raises CardBlocked and the card's other errors."""
    dialog = place.profile.pin_dialog
    session, warned = held.session, False
    stand_with(ui, place, held.certificate, held.role)
    while True:
        async with ui.busy(dialog.busy):
            tries = await session.tries_left()
            low = tries is None and await session.tries_hint() == "low"
        if tries == 0:
            raise CardBlocked
        if tries == 1 and not warned:
            warned = await ui.confirm(last_try(problem, place.profile, held.certificate))
            if not warned:
                raise LeftFlow
        request = PinRequest(
            id="pin",
            title=t("flow.pin.title_of", title=dialog.title, which=held.which) if held.which else dialog.title,
            lead=t("flow.pin.lead_of", which=held.which) if held.which else dialog.lead,
            pin_label=dialog.pin_label,
            operator_label=dialog.operator_label,
            ok=dialog.ok,
            cancel=dialog.cancel,
            tries_left=tries,
            tries_low=low,
            min_length=session.pin_rules.min_length,
            max_length=session.pin_rules.max_length,
            digits_only=session.pin_rules.digits_only,
            card=(*_which(held, place), *_whose(held.certificate, place, now), *_where(held)),
            problem=problem,
            reader=session.reader,
            pin_pad=session.pin_pad,
            names=names_of(held.certificate),
            lost=tuple(notices.on_lost_pin(place.profile)),
        )
        try:
            if session.pin_pad:
                if await entered_on_pin_pad(ui, session, request):
                    held.wants_pin = False
                    return
                problem = None
                continue
            pin = await ui.ask_pin(request)
            async with ui.busy(dialog.busy):
                await _verify(held, pin, wanted)
            return
        except (WrongPin, PinUnusable) as error:
            problem = error
            warned = warned and isinstance(error, PinUnusable)


async def _verify(held: HeldCard, pin: Pin, wanted: WantedCard | None) -> None:
    """Send the PIN; it is wiped whatever happens, and so is the copy unless it was right and is wanted."""
    kept = pin.duplicate() if wanted and wanted.keep_pin else None
    try:
        with pin:
            await held.session.verify(pin)
    except BaseException:
        if kept is not None:
            kept.wipe()
        raise
    held.wants_pin = False
    if wanted is not None:
        wanted.kept_pin = kept


def _which(held: HeldCard, place: Place) -> tuple[tuple[str, str], ...]:
    """R-47: 現在 or 新しい, in the words of the documents."""
    if not held.role:
        return ()
    texts = place.profile.renewal
    return ((t("flow.pin.which"), joined("", (texts.current if held.role == "current" else texts.new,))),)


def _whose(certificate: Certificate, place: Place, now: datetime) -> tuple[tuple[str, str], ...]:
    """Whose card it is, so that the wrong one is noticed before its PIN is typed; R-25 when it ends soon."""
    labels = place.profile.labels("card_holder")
    until = certificate.not_after_text
    if (days := certificate.days_left(now)) <= place.profile.rules.expiry_warning_days:
        until = t("flow.pin.ends_soon", date=until, days=days)
    missing = t("common.missing")
    return (
        (labels["company"], certificate.company or missing),
        (labels["person"], certificate.holder or missing),
        (place.profile.card.not_after_label, until),
    )


def _where(held: HeldCard) -> tuple[tuple[str, str], ...]:
    """Which reader it is in, where there are several: two cards look alike."""
    return ((t("flow.pin.reader"), held.session.reader),) if held.one_of_several else ()
