"""F-2 登録: binding a card to a vendor. Reads like the manual's chapter 1.4."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import statement
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.records import Found, Receipt
from ebid_tui.domain.statement import Statement
from ebid_tui.flows import notices, register_pages
from ebid_tui.flows.agency_after_pin import settle_agency
from ebid_tui.flows.card import WantedCard, unlocked_card
from ebid_tui.flows.completing import completed
from ebid_tui.flows.filling import Problems
from ebid_tui.flows.known import NOTHING, Known
from ebid_tui.flows.leaving import LeftFlow, LeftStep
from ebid_tui.flows.mending import FormMending, Mend
from ebid_tui.flows.password import change_here
from ebid_tui.flows.place import Place
from ebid_tui.flows.searching import qualification
from ebid_tui.flows.session import SignedInCard, card_at_hand, proven, refuse_closed, refuse_registered, signing, submit
from ebid_tui.flows.standing import stand_with
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Blocks, Nav, Ui
from ebid_tui.flows.unlocking import by_another_card
from ebid_tui.flows.vouching import found_by_card, vouched, vouches_itself
from ebid_tui.flows.whose_card import with_its_card
from ebid_tui.messages import t


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
    at: SignedInCard | None
    search: Callable[[Mapping[str, str]], Awaitable[Found]]
    mend: Mend | None
    send: Callable[[Blocks, Found, bool], Awaitable[Receipt]]
    """What was confirmed, for whom, and whether the person said that the card is the company's own."""

    def card(self) -> Certificate | None:
        """The card that is at hand: another one, where the person changed it."""
        return self.at.held.certificate if self.at else None


async def register(ui: Ui, cards: Cards, server: Server, place: Place, known: Known = NOTHING) -> Receipt:
    """登録, from the PIN to the receipt. Left anywhere before that, nothing is registered."""
    await refuse_closed(ui, server, place)
    voucher, known = await vouched(ui, cards, server, place, known)
    # (1) PIN番号入力ダイアログ. A card that is registered already is told right away.
    wanted = WantedCard(
        t("flow.card.lead") if voucher is None else t("password.vouch_new_card"),
        t("flow.card.same"),
        fingerprint=known.card,
        problem=known.refused,
        unwanted=known.unwanted,
        first=voucher is not None,
    )
    async with card_at_hand(ui, cards, server, place, wanted) as at:
        at.voucher = voucher
        finished = await register_at_hand(at, known)
    return await continued(ui, at.place, finished, lambda there, shared: register(ui, cards, server, there, shared))


async def register_at_hand(at: SignedInCard, known: Known = NOTHING) -> Finished:
    """The same with a card that is unlocked already."""
    await settle_agency(at)
    await refuse_registered(at)
    if at.voucher is None and vouches_itself(at):
        at.voucher = ""
    proof = VendorProof(
        draft="registration",
        at=at,
        search=partial(proven, at),
        mend=FormMending(
            at.ui, "registration", at.place, at, {"password": change_here(at.ui, at.server, at.place), "unlock": by_another_card(at)}
        ),
        send=partial(_submit, at, Submission()),
    )
    return await from_search_to_receipt(at.ui, at.place, proof, known)


async def from_search_to_receipt(ui: Ui, place: Place, proof: VendorProof, known: Known = NOTHING) -> Finished:
    """What follows, with a card and without one."""

    async def searched(another_number: bool) -> Found:
        if proof.at is not None and proof.at.voucher is not None:
            if number:
                raise LeftStep  # no page is before the form
            if not another_number and (vouched_for := await found_by_card(proof.at)):
                return vouched_for
            proof.at.voucher = None
        warnings = notices.on_search(place, card=proof.at is not None)
        begin_at = place.profile.search.key if another_number or number else ""  # who comes back there has another one
        return await qualification(ui, place, proof.search, known.search, proof.mend, proof.card, warnings, begin_at=begin_at)

    async def with_another_card() -> None:
        assert proof.at is not None
        await _another_card(proof.at)

    async def searched_again() -> Found:
        return await proof.search(ui.typed("search").get("search", {}))

    number, left = "", dict[str, Blocks]()
    while True:
        # (2) 資格審査情報検索. Whose card is it? Where company or holder differ, the person has to say, before the form.
        found, confirmed = await with_its_card(ui, proof.card, searched, with_another_card, searched_again, place.profile.rules.holder)
        card = proof.card()
        if number not in ("", found.qualification.vendor.number):
            left[number] = ui.typed("registration")
            ui.forget("registration")  # another company's: this one's form begins with its own
            known = NOTHING
        number = found.qualification.vendor.number
        draft = place.draft(proof.draft, number)
        kept = {} if ui.typed("registration") else left.get(number) or await draft.offered(ui)
        problems: Problems = {}
        while kept is not Nav.BACK:
            # (3) 利用者登録
            typed = ui.typed("registration") or kept or known.registration
            form = register_pages.registration_form(place, found, card.card_holder if card else None, typed, problems)
            blocks = await ui.fill(draft.kept_from(form))
            if blocks is Nav.BACK:
                break
            problems = {}
            # (4) 登録内容確認
            shown = register_pages.confirmed_blocks(form, blocks)
            if await ui.review(register_pages.registration_review(place, shown, card, confirmed, found.qualification)) is Nav.BACK:
                continue
            # (5) 処理完了, (6) 印刷
            ended = await completed(ui, place, draft, proof.send(shown, found, confirmed))
            if isinstance(ended, Receipt):
                return Finished(ended, found, blocks)
            problems = ended


async def continued(ui: Ui, place: Place, finished: Finished, again: Callable[[Place, Known], Awaitable[Receipt]]) -> Receipt:
    """R-41: each category registers by itself; the next one in which the vendor is qualified is offered, with what is known of it."""
    open_there = [c for c in place.profile.categories_of(place.agency.id) if c.id in finished.found.further_categories]
    if not open_there or not await ui.confirm(register_pages.next_category(open_there[0])):
        return finished.receipt
    ui.forget()
    shared: Blocks = {name: values for name, values in finished.typed.items() if name != "company"}
    found = register_pages.known_search(place, finished.found.qualification)
    with suppress(LeftFlow):
        return await again(replace(place, category=open_there[0]), Known(found, shared))
    return finished.receipt


async def _another_card(at: SignedInCard) -> None:
    """R-06: another card in the place of this one, with its own PIN, and as careful with it (R-05). LeftStep: it is still this one."""
    before = at.held
    await before.session.close()
    wanted = WantedCard(t("flow.holder.other_card"), t("flow.card.same"), unwanted=before.certificate.fingerprint, first=True)
    try:
        at.held, at.signed_in = await unlocked_card(at.ui, at.cards, at.place, statement.now(), wanted), None
    except LeftFlow:
        stand_with(at.ui, at.place, before.certificate)
        raise LeftStep from None
    at.voucher = at.voucher or None  # the card before vouched for itself alone
    await refuse_registered(at)


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
    same = {**shown, "": {"card": at.held.certificate.fingerprint}}
    return await submit(at, outbox, same, signing(at, content), at.server.register)
