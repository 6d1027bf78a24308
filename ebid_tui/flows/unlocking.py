"""R-33: a locked number, unlocked by a card that is registered for it, where the system's file allows that; then one may try again."""

from __future__ import annotations

from collections.abc import Mapping

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import statement
from ebid_tui.errors import EbidError, RuleError, ServerError
from ebid_tui.flows.card import WantedCard, unlocked_card
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.mending import Mend
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import SignedInCard, at_the_server, card_at_hand, sign_in, within_session
from ebid_tui.flows.ui import Trouble, Ui
from ebid_tui.messages import t


def by_card(ui: Ui, cards: Cards, server: Server, place: Place) -> Mend:
    """R-33, for a flow that holds no card."""

    async def unlock(_: EbidError, typed: Mapping[str, str]) -> Mapping[str, str] | None:
        return {} if await _unlocked(ui, cards, server, place, typed.get(place.profile.search.key, "")) else None

    return unlock


def by_another_card(at: SignedInCard) -> Mend:
    """For a flow that holds a card, which comes back when that is done."""
    by_that_card = by_card(at.ui, at.cards, at.server, at.place)

    async def unlock(error: EbidError, typed: Mapping[str, str]) -> Mapping[str, str] | None:
        if await by_that_card(error, typed) is None:
            return None
        await at.held.session.close()
        wanted = WantedCard(t("flow.unlock.back"), t("flow.card.same"), fingerprint=at.held.certificate.fingerprint)
        try:
            at.held = await unlocked_card(at.ui, at.cards, at.place, statement.now(), wanted)
            await sign_in(at)
        except LeftFlow:
            return None
        return {}

    return unlock


async def _unlocked(ui: Ui, cards: Cards, server: Server, place: Place, number: str) -> bool:
    try:
        async with card_at_hand(ui, cards, server, place, WantedCard(t("flow.unlock.card"), t("flow.card.same"))) as at:
            await sign_in(at)
            await within_session(at, lambda: at_the_server(ui, server.unlock(place.agency.id, place.category.id, number)))
    except LeftFlow:
        return False
    except (RuleError, ServerError) as error:
        await ui.trouble(Trouble(error, ("back",)))
        return False
    return True
