"""Every refusal leads on: what mends it, where that is an action of this program, is a way of the page that tells the refusal.

Which actions mend which refusal stands in `REMEDIES`, once; a flow says which of them it can carry out where it is. Whoever chooses
another flow leaves this one by `Instead`, which takes along what is known, and the card where it may stay.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

from ebid_tui.errors import EbidError
from ebid_tui.flows.known import NOTHING, Known
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.place import Place
from ebid_tui.flows.places import other_place
from ebid_tui.flows.ui import Row, Trouble, Ui
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.flows.session import SignedInCard

Flow = Literal["registration", "card_free", "card_free_amendment", "card_free_status", "amendment", "renewal", "status", "login"]
"""What can be begun from inside another flow (flows.begin)."""

Action = Literal["password", "registration", "amendment", "another_card", "again", "unlock", "agency", "category"]

REMEDIES: Mapping[str, tuple[Action, ...]] = {
    "R-03": ("password",),
    "R-05": ("amendment", "another_card"),
    "R-09": ("registration", "another_card"),
    "R-10": ("registration", "another_card"),
    "R-11": ("another_card", "registration"),
    "R-24": ("another_card",),
    "R-28": ("agency", "category"),
    "R-30": ("another_card",),
    "R-33": ("unlock",),
    "R-35": ("registration",),
    "R-36": ("registration",),
    "E-PASSWORD-EXPIRED": ("password",),
    "E-KEY-REUSED": ("again",),
    "E-NOT-REGISTERED": ("registration", "another_card", "agency", "category"),
    "E-WAITING": ("another_card",),
    "E-SEARCH-FIRST": ("again",),
    "E-STATEMENT": ("again",),
}
"""By code, the likeliest first. R-08 and R-09 in a renewal have a question of their own (`WantedCard.leads_to_registration`); what wants
another card in the reader before any PIN is asked (R-23, R-34, E-SAME-CARD …) is told where that card is waited for."""

RETYPED = frozenset({"R-28", "R-33"})
"""Where the likeliest way on is to type again."""

Mend: TypeAlias = Callable[[EbidError, Mapping[str, str]], Awaitable["Mapping[str, str] | None"]]
"""Tells a refusal of what was typed, with its ways on: what to put into the form, which is right now; None where nothing was mended."""


class Instead(LeftFlow):
    """The person leaves for another flow, or for the same one with another card or at another place."""

    def __init__(self, flow: Flow, place: Place, known: Known = NOTHING, at: SignedInCard | None = None) -> None:
        super().__init__()
        self.flow, self.place, self.known, self.at = flow, place, known, at
        if at is not None:
            at.handed_over = True


def offers(code: str, place: Place, able: Collection[Action]) -> dict[Action, str]:
    """The actions that mend it and can be carried out, and what they are called."""
    return {action: _label(action, place) for action in REMEDIES.get(code, ()) if action in able and _is_there(action, place)}


def _is_there(action: Action, place: Place) -> bool:
    """Whether this system has it."""
    profile = place.profile
    match action:
        case "password":
            return profile.password_changed_here
        case "registration" | "amendment":
            return any(item.id == action for item in profile.menu.items)
        case "agency":
            return not profile.single_agency
        case "category":
            return len(profile.categories_of(place.agency.id)) > 1
        case "unlock":
            return profile.rules.unlock_by_card
        case _:
            return True


def _label(action: Action, place: Place) -> str:
    profile = place.profile
    match action:
        case "password":
            label = next((entry.label for entry in profile.menu.entries if entry.id == "password"), "")
            return t("mending.password", label=label or (profile.password.title if profile.password else ""))
        case "registration" | "amendment":
            return t("mending.flow", label=next(item.label for item in profile.menu.items if item.id == action))
        case "agency":
            return t("mending.agency", label=profile.agency_title)
        case "category":
            return t("mending.category", label=profile.category_title)
        case _:
            return t(f"mending.{action}")


def about(error: EbidError, place: Place, typed: Mapping[str, str]) -> tuple[Row, ...]:
    """What was asked for and not found (R-28); whom to call where it is locked (R-33)."""
    profile = place.profile
    key = next(f for f in profile.search.fields if f.id == profile.search.key)
    asked = () if key.secret else (Row(key.label, typed.get(key.id, "") or t("common.missing")),)
    if error.code == "R-33":
        contact = profile.contact
        called = " ".join(part for part in (contact.phone, contact.hours and t("mending.hours", hours=contact.hours), contact.mail) if part)
        rows = asked if typed.get(key.id) else ()
        return (*rows, Row(contact.name, called)) if called else rows
    if error.code != "R-28":
        return ()
    return (Row(profile.agency_title, place.agency.name), Row(profile.category_title, place.category.name), *asked)


async def told(ui: Ui, error: EbidError, place: Place, ways: tuple[str, ...], able: Collection[Action], rows: tuple[Row, ...] = ()) -> str:
    """Tell it on a page of its own, with what mends it before the other ways; the way that was chosen."""
    actions = offers(error.code, place, able)
    order = (*ways, *actions) if error.code in RETYPED else (*actions, *ways)
    labels = {str(action): label for action, label in actions.items()}
    if "back" in ways and error.code in RETYPED:
        labels["back"] = t("mending.retype")
    return await ui.trouble(Trouble(error, order, labels, rows))


async def leave(ui: Ui, chosen: str, flow: Flow, error: EbidError, place: Place, at: SignedInCard | None = None) -> None:
    """Do what was chosen by going on elsewhere: raises Instead; nothing happens where the way is no such action."""
    match chosen:
        case "registration" if error.code == "E-NOT-REGISTERED":
            raise Instead("registration", place, at=at)  # with the card that has nothing here yet
        case "registration":
            raise Instead("registration", place, Known({}, {}, refused=error if at is not None else None))
        case "another_card":
            raise Instead(flow, place, Known({}, {}, refused=error, unwanted=at.held.certificate.fingerprint if at is not None else ""))
        case "again":
            raise Instead(flow, place, at=_stays(flow, at))
        case "agency" | "category":
            raise Instead(flow, await other_place(ui, place, chosen), at=_stays(flow, at))


def _stays(flow: Flow, at: SignedInCard | None) -> SignedInCard | None:
    """The card, where the flow begins with one that is signed in; a renewal begins with two."""
    return at if flow != "renewal" else None


@dataclass(slots=True)
class FormMending:
    """`Mend` for a form of `flow` at a place (None: it is not asked at a place); `actions` are those after which the form goes on."""

    ui: Ui
    flow: Flow | None
    place: Place
    at: SignedInCard | None = None
    actions: Mapping[Action, Mend] | None = None

    async def __call__(self, error: EbidError, typed: Mapping[str, str]) -> Mapping[str, str] | None:
        actions: Mapping[Action, Mend] = self.actions or {}
        able: set[Action] = set(actions)
        if self.flow is not None:
            able |= {"agency", "category"}
        if error.code == "R-36":
            able.add("registration")  # elsewhere another number is typed
        rows = about(error, self.place, typed) if self.flow is not None or error.code == "R-33" else ()
        if not rows and not offers(error.code, self.place, able):
            return None
        chosen = await told(self.ui, error, self.place, ("back",), able, rows)
        for action, mend in actions.items():
            if chosen == action:
                return await mend(error, typed)
        if self.flow is not None:
            await leave(self.ui, chosen, self.flow, error, self.place, at=self.at)
        return None


async def told_of_the_card(at: SignedInCard, error: EbidError) -> NoReturn:
    """What speaks against a card that has signed in: raises Instead for the way that was chosen, LeftFlow where there is none."""
    able: set[Action] = {"amendment", "registration", "another_card", "agency", "category"}
    chosen = await told(at.ui, error, at.place, ("cancel",), able - {at.flow})
    if chosen == "amendment":
        raise Instead("amendment", _where_registered(at), at=at)
    await leave(at.ui, chosen, at.flow, error, at.place, at=at)
    raise LeftFlow


def _where_registered(at: SignedInCard) -> Place:
    """R-05: 変更 is done where the card is registered, which may be another category of the same realm."""
    place = at.place
    for card in at.signed_in.registered if at.signed_in else ():
        if (card.realm, card.agency) == (place.category.realm, place.agency.id):
            return replace(place, category=place.profile.category(card.category))
    return place
