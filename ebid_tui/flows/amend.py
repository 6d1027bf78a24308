"""F-3 変更: changing what a card has registered. Reads like the manual's chapter 1.5."""

from __future__ import annotations

from functools import partial

import msgspec

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain.records import Receipt, Registered, SignedIn
from ebid_tui.domain.statement import Statement
from ebid_tui.errors import EbidError
from ebid_tui.flows import amend_pages, register_pages
from ebid_tui.flows.card import WantedCard
from ebid_tui.flows.completing import completed
from ebid_tui.flows.filling import Problems
from ebid_tui.flows.leaving import answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import SignedInCard, at_the_server, card_at_hand, refuse_closed, signing, submit, told_after_the_pin
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Blocks, Nav, Ui
from ebid_tui.messages import t


async def amend(ui: Ui, cards: Cards, server: Server, place: Place) -> Receipt:
    """変更, from the PIN to the receipt. Left anywhere before that, nothing is changed."""
    await refuse_closed(ui, server, place)
    # (1) PIN番号入力ダイアログ
    async with card_at_hand(ui, cards, server, place, WantedCard(t("flow.card.registered"), t("flow.card.same"))) as at:
        return await _after_sign_in(at, await registered_here(at))


async def registered_here(at: SignedInCard) -> Registered:
    """What this card has registered at this agency and category; a card that has nothing here is told so."""

    async def look(_: SignedIn) -> Registered:
        return await at_the_server(at.ui, at.server.registered(at.place.agency.id, at.place.category.id))

    return await told_after_the_pin(at, look)


async def _after_sign_in(at: SignedInCard, registered: Registered) -> Receipt:
    ui, outbox = at.ui, Submission()
    draft = at.place.draft("amendment", registered.registration.vendor.number)
    kept = answered(await draft.offered(ui))
    problems: Problems = {}
    notice: EbidError | None = None
    while True:
        # (2) 利用者変更: what is registered, with 企業情報 from the newest qualification
        typed = ui.typed("amendment") or kept
        form = amend_pages.form(at.place, registered, at.held.certificate.card_holder, typed, problems, notice)
        form = msgspec.structs.replace(form, lost="pin")
        blocks = answered(await ui.fill(draft.kept_from(form)))
        problems, notice = {}, None
        shown = register_pages.confirmed_blocks(form, blocks)
        changed = amend_pages.changed(at.place, registered, shown)
        if not changed:
            notice = EbidError(code="E-UNCHANGED")
            continue
        # (3) 変更内容確認. Where the system propagates, the person chooses.
        propagate = at.place.profile.rules.propagation and await ui.confirm(register_pages.propagate_question(at.place))
        review = amend_pages.review(at.place, shown, registered, at.held.certificate, changed, propagate)
        if await ui.review(review) is Nav.BACK:
            continue
        # (4) 処理完了, 印刷
        ended = await completed(ui, at.place, draft, _submit(at, outbox, shown, registered, propagate))
        if isinstance(ended, Receipt):
            return ended
        problems = ended


async def _submit(at: SignedInCard, outbox: Submission, shown: Blocks, registered: Registered, propagate: bool) -> Receipt:
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
