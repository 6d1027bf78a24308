"""R-36: 登録 with user ID and password, without a card, where the category allows it (open counter). A card can be added later."""

from __future__ import annotations

from collections.abc import Mapping

from ebid_tui.client.interface import Server
from ebid_tui.domain import statement
from ebid_tui.domain.records import Found, Receipt
from ebid_tui.domain.statement import CardFree
from ebid_tui.flows import pages
from ebid_tui.flows.completing import completed
from ebid_tui.flows.outbox import Outbox
from ebid_tui.flows.place import Place
from ebid_tui.flows.searching import qualification
from ebid_tui.flows.session import persist, refuse_closed, resumed
from ebid_tui.flows.ui import Blocks, Nav, Ui
from ebid_tui.flows.unlocking import Unlock
from ebid_tui.messages import t


async def register_card_free(ui: Ui, server: Server, place: Place, unlock: Unlock | None = None) -> Receipt | Nav:
    """As F-2 without its first step: search, form, confirmation, receipt."""
    if (nav := await refuse_closed(ui, server, place)) is not None:
        return nav
    outbox = Outbox()
    try:
        while True:
            found = await qualification(ui, place, lambda values: persist(ui, lambda: _search(ui, server, place, values)), unlock=unlock)
            if isinstance(found, Nav):
                return found
            draft = place.draft("card_free", found.qualification.vendor.number)
            kept = {} if ui.typed("registration") else await draft.offered(ui)
            if kept is Nav.BACK:
                continue
            if isinstance(kept, Nav):
                return kept
            problems: dict[str, str] = {}
            while True:
                form = pages.registration_form(place, found, None, ui.typed("registration") or kept, problems)
                blocks = await ui.fill(draft.kept_from(form))
                if blocks is Nav.BACK:
                    break
                if isinstance(blocks, Nav):
                    return blocks
                problems = {}
                shown = pages.confirmed_blocks(form, blocks)
                answer = await ui.review(pages.registration_review(place, shown, None, False))
                if answer is Nav.BACK:
                    continue
                if isinstance(answer, Nav):
                    return answer
                problems, ended = await completed(ui, place, draft, _submit(ui, server, place, outbox, shown, found))
                if ended is not Nav.BACK:
                    return ended
    finally:
        await server.sign_out()


async def _search(ui: Ui, server: Server, place: Place, values: Mapping[str, str]) -> Found:
    async with ui.busy(t("flow.busy.server")):
        return await server.search_card_free(place.profile.id, place.agency.id, place.category.id, values)


async def _submit(ui: Ui, server: Server, place: Place, outbox: Outbox, shown: Blocks, found: Found) -> Receipt | Nav:
    outbox.take(shown)
    if outbox.content is None:
        outbox.content = CardFree(
            system=place.profile.id,
            agency=place.agency.id,
            category=place.category.id,
            origin=server.origin,
            issued_at=statement.now(),
            vendor=found.qualification.vendor.number,
            blocks=shown,
        )
    content = outbox.content

    async def attempt() -> Receipt:
        async with ui.busy(t("flow.busy.submit")):
            return await server.register_card_free(content, outbox.key)

    async def take_up() -> Nav | None:
        found = await persist(ui, lambda: _search(ui, server, place, ui.typed("search")["search"]))
        return found if isinstance(found, Nav) else None

    return await resumed(ui, attempt, take_up)
