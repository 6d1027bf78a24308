"""F-3 変更: changing what is registered, with a card and without one. Reads like the manual's chapter 1.5."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import msgspec

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.records import Receipt, Registered, SignedIn
from ebid_tui.domain.statement import Statement
from ebid_tui.errors import EbidError
from ebid_tui.flows import amend_pages, register_pages
from ebid_tui.flows.agency_after_pin import settle_agency
from ebid_tui.flows.card import WantedCard
from ebid_tui.flows.completing import completed
from ebid_tui.flows.filling import Problems
from ebid_tui.flows.known import NOTHING, Known
from ebid_tui.flows.leaving import answered
from ebid_tui.flows.mending import Flow
from ebid_tui.flows.place import Place
from ebid_tui.flows.propagating import propagated, propagation_row
from ebid_tui.flows.session import SignedInCard, at_the_server, card_at_hand, refuse_closed, signing, submit, told_after_the_pin
from ebid_tui.flows.standing import stand_for
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Blocks, Nav, Ui
from ebid_tui.messages import t


@dataclass(frozen=True, slots=True)
class AmendmentProof:
    """How who amends signs: with a card (here), or with the password that was asked before (card_free)."""

    draft: str
    """The flow whose draft it is."""
    card: Certificate | None
    send: Callable[[Blocks, bool], Awaitable[Receipt]]
    """What was confirmed, and whether the vendor's other agencies get it too (R-16)."""


async def amend(ui: Ui, cards: Cards, server: Server, place: Place, known: Known = NOTHING) -> Receipt:
    """変更, from the PIN to the receipt. Left anywhere before that, nothing is changed."""
    await refuse_closed(ui, server, place)
    # (1) PIN番号入力ダイアログ
    async with card_at_hand(ui, cards, server, place, registered_card("amendment", known)) as at:
        return await amend_at_hand(at)


def registered_card(flow: Flow, known: Known) -> WantedCard:
    """A card that is registered; one that has ended leads to 登録 (R-09). What is `known` of one that will not do is told."""
    lead, again = t("flow.card.registered"), t("flow.card.same")
    return WantedCard(lead, again, leads_to_registration=frozenset({"R-09"}), flow=flow, problem=known.refused, unwanted=known.unwanted)


async def amend_at_hand(at: SignedInCard) -> Receipt:
    """The same with a card that is unlocked already."""
    await settle_agency(at)
    registered = await registered_here(at)
    proof = AmendmentProof("amendment", at.held.certificate, partial(_submit, at, Submission(), registered))
    return await from_form_to_receipt(at.ui, at.place, registered, proof)


async def registered_here(at: SignedInCard) -> Registered:
    """What this card has registered at this agency and category; a card that has nothing here is told so."""

    async def look(_: SignedIn) -> Registered:
        return await at_the_server(at.ui, at.server.registered(at.place.agency.id, at.place.category.id))

    return await told_after_the_pin(at, look)


async def from_form_to_receipt(ui: Ui, place: Place, registered: Registered, proof: AmendmentProof) -> Receipt:
    """What follows, with a card and without one."""
    stand_for(ui, place, registered.registration.vendor.number)
    draft = place.draft(proof.draft, registered.registration.vendor.number)
    kept = answered(await draft.offered(ui))
    problems: Problems = {}
    notice: EbidError | None = None
    while True:
        # (2) 利用者変更: what is registered, with 企業情報 from the newest qualification
        typed = ui.typed("amendment") or kept
        form = amend_pages.form(place, registered, proof.card.card_holder if proof.card else None, typed, problems, notice)
        form = msgspec.structs.replace(form, lost="pin" if proof.card else "typed")
        blocks = answered(await ui.fill(draft.kept_from(form)))
        problems, notice = {}, None
        shown = register_pages.confirmed_blocks(form, blocks)
        changed = amend_pages.changed(place, registered, shown)
        if not changed:
            notice = EbidError(code="E-UNCHANGED")
            continue
        # (3) 変更内容確認. Where the system propagates, the person chooses there.
        review = amend_pages.review(place, shown, registered, proof.card, changed, propagation_row(ui, place))
        if await ui.review(review) is Nav.BACK:
            continue
        # (4) 処理完了, 印刷
        ended = await completed(ui, place, draft, proof.send(shown, propagated(ui, place)))
        if isinstance(ended, Receipt):
            return ended
        problems = ended


async def _submit(at: SignedInCard, outbox: Submission, registered: Registered, shown: Blocks, propagate: bool) -> Receipt:
    """変更: what was confirmed, signed by the card."""
    content = partial(
        Statement,
        operation="amendment",
        vendor=registered.registration.vendor.number,
        blocks=shown,
        card=at.held.certificate.record,
        holder_confirmed=False,
        propagate=propagate,
    )
    return await submit(at, outbox, {**shown, "": {"propagate": str(propagate)}}, signing(at, content), at.server.amend)
