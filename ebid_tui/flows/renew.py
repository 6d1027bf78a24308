"""F-4 ICカード更新: moving a registration to a new card. Reads like the manual's chapter 1.6."""

from __future__ import annotations

from functools import partial

from ebid_tui.card.interface import Cards
from ebid_tui.card.pin import Pin
from ebid_tui.client.interface import Server
from ebid_tui.domain import renewal, statement
from ebid_tui.domain.records import Receipt, Registered
from ebid_tui.domain.statement import ComparedRow, RenewalStatement
from ebid_tui.errors import CardError, RuleError
from ebid_tui.flows import renew_pages, renewed_pages
from ebid_tui.flows.agency_after_pin import settle_agency
from ebid_tui.flows.amend import registered_here
from ebid_tui.flows.card import HeldCard, WantedCard, unlocked_card
from ebid_tui.flows.known import NOTHING, Known
from ebid_tui.flows.leaving import LeftFlow, LeftStep, RegisterInstead, answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.propagating import propagated, propagation_row
from ebid_tui.flows.register import register
from ebid_tui.flows.session import SignedInCard, at_the_server, card_at_hand, refuse_closed, signing, submit, within_session
from ebid_tui.flows.standing import stand_for, stand_with
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Trouble, Ui
from ebid_tui.messages import t


async def renew(ui: Ui, cards: Cards, server: Server, place: Place, known: Known = NOTHING) -> Receipt:
    """ICカード更新. Broken off anywhere, nothing has changed on the server. What cannot be renewed leads to 登録 (R-08, R-09)."""
    await refuse_closed(ui, server, place)
    texts = place.profile.renewal
    # (1) 確認ダイアログ: the current card; (2) its PIN
    wanted = WantedCard(
        texts.current_dialog,
        t("flow.card.current_again"),
        leads_to_registration=frozenset({"R-09"}),
        current=True,
        flow="renewal",
        problem=known.refused,
        unwanted=known.unwanted,
        first=True,
        which=texts.current,
        keep_pin=texts.new_pin == "if_different",
    )
    registered: Registered | None = None
    try:
        async with card_at_hand(ui, cards, server, place, wanted) as at:
            await settle_agency(at)
            place = at.place
            registered = await registered_here(at)
            stand_for(ui, place, registered.registration.vendor.number)
            same_pin = wanted.kept_pin
            while True:
                # (3) 確認ダイアログ: the new card; (4) its PIN
                new = await unlocked_card(ui, cards, place, statement.now(), _wanted_new_card(at, same_pin))
                same_pin = None
                try:
                    return await _confirmed(at, registered, new)
                except LeftStep:
                    continue  # 戻る: the new card once more
                finally:
                    await new.session.close()
    except RegisterInstead as instead:
        # The current card that has ended is no card to register: another one is waited for.
        known = Known(instead.search, {}, refused=instead.error)
        if registered:
            known = renew_pages.known(place, registered, instead.fingerprint)
    finally:
        if wanted.kept_pin is not None:
            wanted.kept_pin.wipe()
    return await register(ui, cards, server, place, known)


def _wanted_new_card(at: SignedInCard, same_pin: Pin | None) -> WantedCard:
    """The new card. Everything that speaks against it is told before its PIN is asked (R-05, R-08, R-09, R-34)."""
    place = at.place

    async def refuse(held: HeldCard) -> None:
        new = held.certificate
        if new.fingerprint == at.held.certificate.fingerprint:
            raise CardError(code="E-SAME-CARD")
        renewal.refuse(place.profile, at.held.certificate, new, statement.now())
        asked = place.agency.id, place.category.id, new.der, held.session.chain
        await within_session(at, lambda: at_the_server(at.ui, at.server.check_new_card(*asked)))

    return WantedCard(
        t("flow.card.new_beside") if len(at.cards.readers()) > 1 else place.profile.renewal.new_dialog,
        t("flow.card.new_again"),
        beside=at.held,
        refuse=refuse,
        which=place.profile.renewal.new,
        leads_to_registration=frozenset({"R-08"}),
        same_pin=same_pin,
    )


async def _confirmed(at: SignedInCard, registered: Registered, new: HeldCard) -> Receipt:
    """(5) 電子証明書更新確認, (6) 処理完了. 戻る leads to the new card (LeftStep)."""
    ui, place, outbox = at.ui, at.place, Submission()
    rows = renewal.rows(place.profile, registered.qualification.company, at.held.certificate, new.certificate)
    # Where company, holder or authority differ, the person has to say that it is right all the same.
    asked = renewal.needs_answer(rows)
    if asked and not await ui.confirm(renew_pages.question(place, rows)):
        raise LeftFlow
    while True:
        stand_with(ui, place, new.certificate, new.role)
        # Where the system propagates, the person chooses there.
        answered(await ui.compare(renew_pages.comparison(place, rows, new.certificate, propagation_row(ui, place))))
        try:
            receipt = await _submit(at, outbox, registered, new, rows, asked, propagated(ui, place))
        except LeftStep:
            continue
        except RuleError as error:
            await ui.trouble(Trouble(error, ("cancel",)))
            raise LeftFlow from None
        stand_with(ui, place, new.certificate, new.role)
        await ui.done(renewed_pages.done(place, receipt))
        return receipt


async def _submit(
    at: SignedInCard,
    outbox: Submission,
    registered: Registered,
    new: HeldCard,
    rows: tuple[ComparedRow, ...],
    confirmed: bool,
    propagate: bool,
) -> Receipt:
    """更新: one statement that names both cards, signed by both, the current one first."""
    content = partial(
        RenewalStatement,
        vendor=registered.registration.vendor.number,
        current=at.held.certificate.record,
        new=new.certificate.record,
        rows=rows,
        holder_confirmed=confirmed,
        propagate=propagate,
    )
    same = {"renewal": {"new": new.certificate.fingerprint, "propagate": str(propagate)}}
    return await submit(at, outbox, same, signing(at, content, new), at.server.renew)
