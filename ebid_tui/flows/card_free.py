"""R-36: 登録 with user ID and password, without a card, where the category allows it (open counter). A card can be added later."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ebid_tui.client.interface import Server
from ebid_tui.domain.records import Found, Receipt
from ebid_tui.domain.statement import CardFree
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import VendorProof, from_search_to_receipt
from ebid_tui.flows.session import at_the_server, made_here, persist, refuse_closed, resumed
from ebid_tui.flows.submission import Submission
from ebid_tui.flows.ui import Blocks, Ui
from ebid_tui.flows.unlocking import Unlock
from ebid_tui.messages import t


async def register_card_free(ui: Ui, server: Server, place: Place, unlock: Unlock | None = None) -> Receipt:
    """As F-2 without its first step: search, form, confirmation, receipt."""
    await refuse_closed(ui, server, place)

    async def proven(values: Mapping[str, str]) -> Found:
        return await persist(ui, partial(_search, ui, server, place, values))

    send = partial(_submit, ui, server, place, Submission())
    try:
        return (await from_search_to_receipt(ui, place, VendorProof("card_free", None, proven, unlock, send))).receipt
    finally:
        await server.sign_out()


async def _search(ui: Ui, server: Server, place: Place, values: Mapping[str, str]) -> Found:
    return await at_the_server(ui, server.search_card_free(place.profile.id, place.agency.id, place.category.id, values))


async def _submit(ui: Ui, server: Server, place: Place, outbox: Submission, shown: Blocks, found: Found, _: bool) -> Receipt:
    outbox.take(shown)
    if outbox.content is None:
        outbox.content = made_here(place, server, partial(CardFree, vendor=found.qualification.vendor.number, blocks=shown))
    content = outbox.content

    async def attempt() -> Receipt:
        async with ui.busy(t("flow.busy.submit")):
            return await server.register_card_free(content, outbox.key)

    async def take_up() -> None:
        await persist(ui, partial(_search, ui, server, place, ui.typed("search")["search"]))

    return await resumed(ui, attempt, take_up)
