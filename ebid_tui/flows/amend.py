"""F-3 変更: changing what a card has registered. Reads like the manual's chapter 1.5."""

from __future__ import annotations

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import statement
from ebid_tui.domain.records import Receipt, Registered, SignedIn
from ebid_tui.domain.statement import Signed, Statement
from ebid_tui.errors import EbidError
from ebid_tui.flows import amend_pages, pages
from ebid_tui.flows.card import Wanted, unlocked_card
from ebid_tui.flows.completing import completed
from ebid_tui.flows.outbox import Outbox
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import SignedInCard, refuse_closed, submit, told_after_the_pin
from ebid_tui.flows.signing import signed
from ebid_tui.flows.ui import Blocks, Nav, Ui
from ebid_tui.messages import t


async def amend(ui: Ui, cards: Cards, server: Server, place: Place) -> Receipt | Nav:
    """変更, from the PIN to the receipt. BACK and CANCEL lead to the menu; nothing is changed then."""
    if (nav := await refuse_closed(ui, server, place)) is not None:
        return nav
    # (1) PIN番号入力ダイアログ
    held = await unlocked_card(ui, cards, place, statement.now(), Wanted(t("flow.card.registered"), t("flow.card.same")))
    if isinstance(held, Nav):
        return held
    try:
        at = SignedInCard(ui, cards, server, place, held)
        registered = await registered_here(at)
        if isinstance(registered, Nav):
            return registered
        return await _after_sign_in(at, registered)
    finally:
        await held.session.close()
        await server.sign_out()


async def registered_here(at: SignedInCard) -> Registered | Nav:
    """What this card has registered at this agency and category; a card that has nothing here is told so."""

    async def look(_: SignedIn) -> Registered:
        async with at.ui.busy(t("flow.busy.server")):
            return await at.server.registered(at.place.agency.id, at.place.category.id)

    return await told_after_the_pin(at, look)


async def _after_sign_in(at: SignedInCard, registered: Registered) -> Receipt | Nav:
    ui, outbox = at.ui, Outbox()
    draft = at.place.draft("amendment", registered.registration.vendor.number)
    kept = await draft.offered(ui)
    if isinstance(kept, Nav):
        return kept
    problems: dict[str, str] = {}
    notice: EbidError | None = None
    while True:
        # (2) 利用者変更: what is registered, with 企業情報 from the newest qualification
        typed = ui.typed("amendment") or kept
        form = amend_pages.form(at.place, registered, at.held.certificate.card_holder, typed, problems, notice)
        blocks = await ui.fill(draft.kept_from(form))
        if isinstance(blocks, Nav):
            return blocks
        problems, notice = {}, None
        shown = pages.confirmed_blocks(form, blocks)
        changed = amend_pages.changed(at.place, registered, shown)
        if not changed:
            notice = EbidError(code="E-UNCHANGED")
            continue
        # (3) 変更内容確認. Where the system propagates, the person chooses.
        propagate = at.place.profile.rules.propagation and await ui.confirm(pages.propagate_question(at.place))
        answer = await ui.review(amend_pages.review(at.place, shown, registered, at.held.certificate, changed, propagate))
        if answer is Nav.BACK:
            continue
        if isinstance(answer, Nav):
            return answer
        # (4) 処理完了, 印刷
        problems, ended = await completed(ui, at.place, draft, _submit(at, outbox, shown, registered, propagate))
        if ended is not Nav.BACK:
            return ended


async def _submit(at: SignedInCard, outbox: Outbox, shown: Blocks, registered: Registered, propagate: bool) -> Receipt | Nav:
    """変更: what was confirmed, signed by the card."""

    async def sign(nonce: str) -> Signed | Nav:
        content = Statement(
            operation="amendment",
            system=at.place.profile.id,
            agency=at.place.agency.id,
            category=at.place.category.id,
            origin=at.server.origin,
            nonce=nonce,
            issued_at=statement.now(),
            vendor=registered.registration.vendor.number,
            blocks=shown,
            card=at.held.certificate.record,
            holder_confirmed=False,
            propagate=propagate,
        )
        return await signed(at.ui, at.cards, at.place, content, at.held)

    return await submit(at, outbox, {**shown, "": {"propagate": str(propagate)}}, sign, at.server.amend)
