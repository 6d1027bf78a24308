"""R-36: 登録, 変更 and 登録状況 with number and password, without a card, where the category allows it. A card can be added later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, cast

from ebid_tui.client.interface import Server
from ebid_tui.domain.records import Found, Receipt, Registered
from ebid_tui.domain.statement import CardFree, CardFreeAmendment
from ebid_tui.errors import InputError, RuleError
from ebid_tui.flows.agency_after_pin import agencies_of, with_agency
from ebid_tui.flows.amend import AmendmentProof, from_form_to_receipt
from ebid_tui.flows.known import NOTHING, Known
from ebid_tui.flows.leaving import LeftFlow, LeftStep
from ebid_tui.flows.mending import Action, Flow, FormMending, Instead, Mend, leave, offers, told
from ebid_tui.flows.password import change_here
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import VendorProof, from_search_to_receipt
from ebid_tui.flows.searching import qualification
from ebid_tui.flows.session import at_the_server, made_here, mendable, persist, refuse_closed, resumed
from ebid_tui.flows.status import shown
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Blocks, Option, Question, Ui
from ebid_tui.messages import t

Content = TypeVar("Content", CardFree, CardFreeAmendment)

WITH_A_CARD: tuple[Action, ...] = ("registration",)
"""What may mend a refusal of what was confirmed (R-36)."""


def may_do_without(place: Place) -> bool:
    """Whether there is a choice here: the category needs no card, and a password can prove the vendor."""
    there = agencies_of(place.profile, place.category) if place.agency_open else (place.agency,)
    return place.category.card_free and any(place.profile.password_searched(agency.id) for agency in there)


async def _at_an_agency(ui: Ui, place: Place) -> Place:
    """Without a PIN the agency is asked at once: one whose search asks a password."""
    return await with_agency(ui, place, lambda agency: place.profile.password_searched(agency.id))


def method_question(place: Place, operation: str) -> Question:
    """With a card or without; a number and a password are called what this system's search calls them."""
    number = place.profile.number_label
    password = next(f.label for f in place.profile.search.fields if f.id == "password")
    means = "register" if operation == "registration" else "later"
    options = (
        Option("card", t("flow.method.card"), t(f"flow.method.card_{means}")),
        Option("password", t("flow.method.password", number=number, password=password), t(f"flow.method.password_{means}")),
    )
    return Question("method", t("flow.method.title"), options, t("flow.method.lead"), preset="card")


@dataclass(slots=True)
class PasswordSession:
    """What one flow holds without a card. The search is kept by the form, and taken up again when the session has ended."""

    ui: Ui
    server: Server
    place: Place
    outbox: Submission = field(default_factory=Submission)

    async def search(self, values: Mapping[str, str]) -> Found:
        """The search, which signs in."""
        place = self.place

        async def once() -> Found:
            return await at_the_server(self.ui, self.server.search_card_free(place.profile.id, place.agency.id, place.category.id, values))

        return await persist(self.ui, once)

    async def again(self) -> None:
        await self.search(self.ui.typed("search")["search"])

    def mending(self, flow: Flow, unlock: Mend | None) -> Mend:
        """What leads on from a search that was refused."""
        actions: dict[Action, Mend] = {"password": change_here(self.ui, self.server, self.place)}
        if unlock is not None:
            actions["unlock"] = unlock
        return FormMending(self.ui, flow, self.place, actions=actions)

    async def submit(self, shown: Blocks, content: Callable[..., Content], send: Callable[[Content, str], Awaitable[Receipt]]) -> Receipt:
        """What was confirmed, sent under its key: asked again after a lost reply, it gives the same receipt."""
        self.outbox.take(shown)
        if self.outbox.content is None:
            self.outbox.content = made_here(self.place, self.server, content)
        made = cast("Content", self.outbox.content)

        async def attempt() -> Receipt:
            async with self.ui.busy(t("flow.busy.submit_card_free")):
                return await send(made, self.outbox.key)

        return await resumed(self.ui, attempt, self.again)


async def register_card_free(ui: Ui, server: Server, place: Place, unlock: Mend | None = None, known: Known = NOTHING) -> Receipt:
    """As F-2 without its first step: search, form, confirmation, receipt. `known` is what its forms start with."""
    place = await _at_an_agency(ui, place)
    await refuse_closed(ui, server, place)
    at = PasswordSession(ui, server, place)
    try:
        proof = VendorProof("card_free", None, at.search, at.mending("card_free", unlock), partial(_register, at))
        return (await from_search_to_receipt(ui, place, proof, known)).receipt
    finally:
        await server.sign_out()


async def _register(at: PasswordSession, shown: Blocks, found: Found, _: bool) -> Receipt:
    content = partial(CardFree, vendor=found.qualification.vendor.number, blocks=shown)
    try:
        return await at.submit(shown, content, at.server.register_card_free)
    except RuleError as error:
        if not offers(error.code, at.place, WITH_A_CARD):
            raise
        chosen = await told(at.ui, error, at.place, ("back", "cancel"), WITH_A_CARD)
        await leave(at.ui, chosen, "card_free", error, at.place)
        raise (LeftStep if chosen == "back" else LeftFlow) from None


async def amend_card_free(ui: Ui, server: Server, place: Place, unlock: Mend | None = None) -> Receipt:
    """As F-3, with the search in the place of the card."""
    place = await _at_an_agency(ui, place)
    await refuse_closed(ui, server, place)
    at = PasswordSession(ui, server, place)
    try:
        await qualification(ui, place, at.search, {}, at.mending("card_free_amendment", unlock))
        registered = await _registered(at)
        proof = AmendmentProof("card_free_amendment", None, partial(_amend, at, registered))
        return await from_form_to_receipt(ui, place, registered, proof)
    finally:
        await server.sign_out()


async def _registered(at: PasswordSession) -> Registered:
    async def look() -> Registered:
        return await mendable(at_the_server(at.ui, at.server.registered_card_free(at.place.agency.id, at.place.category.id)))

    try:
        return await resumed(at.ui, look, at.again)
    except (RuleError, InputError) as error:  # there is no form here whose fields could be faulty
        chosen = await told(at.ui, error, at.place, ("cancel",), ("registration", "agency", "category"))
        if chosen == "registration":
            raise Instead("card_free", at.place, Known(at.ui.typed("search"), {})) from None
        await leave(at.ui, chosen, "card_free_amendment", error, at.place)
        raise LeftFlow from None


async def _amend(at: PasswordSession, registered: Registered, shown: Blocks, propagate: bool) -> Receipt:
    content = partial(CardFreeAmendment, vendor=registered.registration.vendor.number, blocks=shown, propagate=propagate)
    return await at.submit({**shown, "": {"propagate": str(propagate)}}, content, at.server.amend_card_free)


async def status_card_free(ui: Ui, server: Server, place: Place, unlock: Mend | None = None) -> None:
    """登録状況: by ログイン where the system has one here, by the search where its password is kept elsewhere."""
    place = await _at_an_agency(ui, place)
    if place.profile.password_changed_here:
        from ebid_tui.flows.password import log_in

        return await log_in(ui, server, place, unlock)
    at = PasswordSession(ui, server, place)
    try:
        await qualification(ui, place, at.search, {}, at.mending("card_free_status", unlock))
        status = await resumed(ui, lambda: at_the_server(ui, server.status(place.agency.id, place.category.id)), at.again)
        await shown(ui, place, status)
    finally:
        await server.sign_out()
