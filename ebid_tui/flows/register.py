"""F-2 登録: binding a card to a vendor. Reads like the manual's chapter 1.4."""

from __future__ import annotations

from dataclasses import dataclass

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import rules, statement
from ebid_tui.domain.records import Found, Receipt
from ebid_tui.domain.statement import Signed, Statement
from ebid_tui.flows import pages
from ebid_tui.flows.card import Wanted, unlocked_card
from ebid_tui.flows.completing import completed
from ebid_tui.flows.outbox import Outbox
from ebid_tui.flows.place import Place
from ebid_tui.flows.searching import qualification
from ebid_tui.flows.session import SignedInCard, proven, refuse_closed, refuse_registered, submit
from ebid_tui.flows.signing import signed
from ebid_tui.flows.ui import Blocks, Nav, Ui
from ebid_tui.flows.unlocking import by_another_card
from ebid_tui.messages import t


@dataclass(frozen=True, slots=True)
class Known:
    """What a renewal that led here knows already: what the forms start with, and the fingerprint of the card."""

    search: Blocks
    registration: Blocks
    card: str = ""


NOTHING = Known({}, {})


async def register(ui: Ui, cards: Cards, server: Server, place: Place, known: Known = NOTHING) -> Receipt | Nav:
    """登録, from the PIN to the receipt. BACK and CANCEL lead to the menu; nothing is registered then."""
    if (nav := await refuse_closed(ui, server, place)) is not None:
        return nav
    # (1) PIN番号入力ダイアログ. A card that is registered already is told right away.
    wanted = Wanted(t("flow.card.lead"), t("flow.card.same"), fingerprint=known.card)
    held = await unlocked_card(ui, cards, place, statement.now(), wanted)
    if isinstance(held, Nav):
        return held
    at = SignedInCard(ui, cards, server, place, held)
    try:
        if (nav := await refuse_registered(at)) is not None:
            return nav
        return await _after_sign_in(at, known)
    finally:
        await at.held.session.close()
        await server.sign_out()


async def _after_sign_in(at: SignedInCard, known: Known) -> Receipt | Nav:
    ui, outbox = at.ui, Outbox()
    while True:
        # (2) 資格審査情報検索
        found = await qualification(ui, at.place, lambda values: proven(at, values), known.search, by_another_card(at))
        if isinstance(found, Nav):
            return found
        draft = at.place.draft("registration", found.qualification.vendor.number)
        kept = {} if ui.typed("registration") else await draft.offered(ui)
        if kept is Nav.BACK:
            continue
        if isinstance(kept, Nav):
            return kept
        problems: dict[str, str] = {}
        while True:
            # (3) 利用者登録
            typed = ui.typed("registration") or kept or known.registration
            form = pages.registration_form(at.place, found, at.held.certificate.card_holder, typed, problems)
            blocks = await ui.fill(draft.kept_from(form))
            if blocks is Nav.BACK:
                break
            if isinstance(blocks, Nav):
                return blocks
            problems = {}
            # Whose card is it? Where company or holder differ, the person has to say.
            check = rules.compare_holder(found.qualification.company, at.held.certificate.card_holder)
            if check.needs_answer and not await ui.confirm(pages.holder_question(found, at.held.certificate, check)):
                return Nav.CANCEL
            # (4) 登録内容確認
            shown = pages.confirmed_blocks(form, blocks)
            answer = await ui.review(pages.registration_review(at.place, shown, at.held.certificate, check.needs_answer))
            if answer is Nav.BACK:
                continue
            if isinstance(answer, Nav):
                return answer
            # (5) 処理完了, (6) 印刷
            problems, ended = await completed(ui, at.place, draft, _submit(at, outbox, shown, found, check.needs_answer))
            if ended is not Nav.BACK:
                return ended


async def _submit(at: SignedInCard, outbox: Outbox, shown: Blocks, found: Found, confirmed: bool) -> Receipt | Nav:
    """登録: what was confirmed, signed by the card."""

    async def sign(nonce: str) -> Signed | Nav:
        content = Statement(
            operation="registration",
            system=at.place.profile.id,
            agency=at.place.agency.id,
            category=at.place.category.id,
            origin=at.server.origin,
            nonce=nonce,
            issued_at=statement.now(),
            vendor=found.qualification.vendor.number,
            blocks=shown,
            card=at.held.certificate.record,
            holder_confirmed=confirmed,
        )
        return await signed(at.ui, at.cards, at.place, content, at.held)

    return await submit(at, outbox, shown, sign, at.server.register)
