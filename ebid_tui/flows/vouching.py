"""A card that is registered already stands in for the password (`password.card_sign_in`), before another one is registered."""

from __future__ import annotations

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain.records import Found, SignedIn, Voucher
from ebid_tui.errors import InputError, RuleError
from ebid_tui.flows.agency_after_pin import agencies_of
from ebid_tui.flows.card import WantedCard
from ebid_tui.flows.known import NOTHING, Known
from ebid_tui.flows.leaving import answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import SignedInCard, at_the_server, card_at_hand, mendable, search, told_after_the_pin, within_session
from ebid_tui.flows.standing import stand_for
from ebid_tui.flows.ui import Option, Question, Trouble, Ui
from ebid_tui.messages import t


def may_vouch(place: Place) -> bool:
    """Whether there is a choice here: the file allows it, and a password would be asked."""
    there = agencies_of(place.profile, place.category) if place.agency_open else (place.agency,)
    password = place.profile.password
    return password is not None and password.card_sign_in and any(place.profile.password_searched(agency.id) for agency in there)


async def vouched(ui: Ui, cards: Cards, server: Server, place: Place, known: Known) -> tuple[str | None, Known]:
    """What a registered card has left, which is asked for first where the person wants that; and then another card is wanted."""
    if known is not NOTHING or not may_vouch(place):
        return None, known
    options = (
        Option("search", t("password.vouch_search"), t("password.vouch_search_means")),
        Option("card", t("password.vouch_card"), t("password.vouch_card_means")),
    )
    question = Question("vouch", t("password.vouch_title"), options, t("password.vouch_lead"), preset="search")
    if answered(await ui.choose(question)) == "search":
        return None, known
    wanted = WantedCard(t("password.vouch_insert"), t("flow.card.same"), first=True)
    async with card_at_hand(ui, cards, server, place, wanted) as at:

        async def look(_: SignedIn) -> Voucher:
            return await at_the_server(ui, server.vouch())

        left = await told_after_the_pin(at, look)
        return left.token, Known({}, {}, unwanted=at.held.certificate.fingerprint)


def vouches_itself(at: SignedInCard) -> bool:
    """Whether the card at hand is in use elsewhere, and so says by itself whose it is."""
    return may_vouch(at.place) and at.signed_in is not None and any(card.state == "active" for card in at.signed_in.registered)


async def found_by_card(at: SignedInCard) -> Found | None:
    """The vendor of the card that vouches; None where it says no, which is told: then one searches."""
    try:
        found = await within_session(at, lambda: mendable(search(at, {})))
    except (RuleError, InputError) as error:
        at.voucher = None
        await at.ui.trouble(Trouble(error, ("back",), {"back": t("password.vouch_then_search")}))
        return None
    stand_for(at.ui, at.place, found.qualification.vendor.number)
    return found
