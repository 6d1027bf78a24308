"""F-2 登録: binding a card to a vendor. Reads like the manual's chapter 1.4."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import rules
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.records import Found, Receipt
from ebid_tui.domain.statement import Statement
from ebid_tui.flows import notices, register_pages
from ebid_tui.flows.card import WantedCard
from ebid_tui.flows.completing import completed
from ebid_tui.flows.filling import Problems
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.place import Place
from ebid_tui.flows.searching import qualification
from ebid_tui.flows.session import SignedInCard, card_at_hand, proven, refuse_closed, refuse_registered, signing, submit
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Blocks, Nav, Ui
from ebid_tui.flows.unlocking import Unlock, by_another_card
from ebid_tui.messages import t


@dataclass(frozen=True, slots=True)
class KnownFromRenewal:
    """What a renewal that led here knows already: what the forms start with, and the fingerprint of the card."""

    search: Blocks
    registration: Blocks
    card: str = ""


NOTHING = KnownFromRenewal({}, {})


@dataclass(frozen=True, slots=True)
class Finished:
    """A registration that is done: its receipt, what the search had found, and what was typed."""

    receipt: Receipt
    found: Found
    typed: Blocks = field(repr=False)


@dataclass(frozen=True, slots=True)
class VendorProof:
    """How a vendor proves who it is and signs: with a card (here), or with its password alone (card_free)."""

    draft: str
    """The flow whose draft it is."""
    card: Certificate | None
    search: Callable[[Mapping[str, str]], Awaitable[Found]]
    unlock: Unlock | None
    send: Callable[[Blocks, Found, bool], Awaitable[Receipt]]
    """What was confirmed, for whom, and whether the person said that the card is the company's own."""


async def register(ui: Ui, cards: Cards, server: Server, place: Place, known: KnownFromRenewal = NOTHING) -> Receipt:
    """登録, from the PIN to the receipt. Left anywhere before that, nothing is registered."""
    await refuse_closed(ui, server, place)
    # (1) PIN番号入力ダイアログ. A card that is registered already is told right away.
    wanted = WantedCard(t("flow.card.lead"), t("flow.card.same"), fingerprint=known.card)
    async with card_at_hand(ui, cards, server, place, wanted) as at:
        await refuse_registered(at)
        proof = VendorProof(
            draft="registration",
            card=at.held.certificate,
            search=partial(proven, at),
            unlock=by_another_card(at),
            send=partial(_submit, at, Submission()),
        )
        finished = await from_search_to_receipt(ui, place, proof, known)
    return await continued(ui, place, finished, lambda there, shared: register(ui, cards, server, there, shared))


async def from_search_to_receipt(ui: Ui, place: Place, proof: VendorProof, known: KnownFromRenewal = NOTHING) -> Finished:
    """What follows, with a card and without one."""
    while True:
        # (2) 資格審査情報検索
        warnings = notices.on_search(place, card=proof.card is not None)
        found = await qualification(ui, place, proof.search, known.search, proof.unlock, warnings)
        draft = place.draft(proof.draft, found.qualification.vendor.number)
        kept = {} if ui.typed("registration") else await draft.offered(ui)
        problems: Problems = {}
        while kept is not Nav.BACK:
            # (3) 利用者登録
            typed = ui.typed("registration") or kept or known.registration
            form = register_pages.registration_form(place, found, proof.card.card_holder if proof.card else None, typed, problems)
            blocks = await ui.fill(draft.kept_from(form))
            if blocks is Nav.BACK:
                break
            problems = {}
            # Whose card is it? Where company or holder differ, the person has to say.
            confirmed = proof.card is not None and await _confirmed_holder(ui, found, proof.card)
            # (4) 登録内容確認
            shown = register_pages.confirmed_blocks(form, blocks)
            if await ui.review(register_pages.registration_review(place, shown, proof.card, confirmed, found.qualification)) is Nav.BACK:
                continue
            # (5) 処理完了, (6) 印刷
            ended = await completed(ui, place, draft, proof.send(shown, found, confirmed))
            if isinstance(ended, Receipt):
                return Finished(ended, found, blocks)
            problems = ended


async def continued(ui: Ui, place: Place, finished: Finished, again: Callable[[Place, KnownFromRenewal], Awaitable[Receipt]]) -> Receipt:
    """R-41: each category registers by itself; the next one in which the vendor is qualified is offered, with what is known of it."""
    open_there = [c for c in place.profile.categories_of(place.agency.id) if c.id in finished.found.further_categories]
    if not open_there or not await ui.confirm(register_pages.next_category(open_there[0])):
        return finished.receipt
    ui.forget()
    shared: Blocks = {name: values for name, values in finished.typed.items() if name != "company"}
    found = register_pages.known_search(place, finished.found.qualification)
    with suppress(LeftFlow):
        return await again(replace(place, category=open_there[0]), KnownFromRenewal(found, shared))
    return finished.receipt


async def _confirmed_holder(ui: Ui, found: Found, card: Certificate) -> bool:
    """R-06: whether the person had to say that the card is the company's own. Raises LeftFlow where it is not."""
    check = rules.compare_holder(found.qualification.company, card.card_holder)
    if check.needs_answer and not await ui.confirm(register_pages.holder_question(found, card, check)):
        raise LeftFlow
    return check.needs_answer


async def _submit(at: SignedInCard, outbox: Submission, shown: Blocks, found: Found, confirmed: bool) -> Receipt:
    """登録: what was confirmed, signed by the card."""
    content = partial(
        Statement,
        operation="registration",
        vendor=found.qualification.vendor.number,
        blocks=shown,
        card=at.held.certificate.record,
        holder_confirmed=confirmed,
    )
    return await submit(at, outbox, shown, signing(at, content), at.server.register)
