"""A system's every flow in line mode, from its menu to the receipt: what the loader accepts must go through all of them."""

from __future__ import annotations

from dataclasses import dataclass

from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt
from ebid_tui.flows.ui import Nav
from ebid_tui.server.decisions import settling
from tests.e2e.clerk import Clerk, visits
from tests.e2e.town import NUMBER, PASSWORD, Town, issued
from tests.server.running_server import Running

SERIALS = {"first": 700, "second": 701, "third": 702}


@dataclass
class Visitor:
    """A vendor's clerk, who comes with the plan of each visit. The server has the vendor on its list."""

    town: Town
    number: str = NUMBER

    @property
    def profile(self) -> Profile:
        return self.town.profile

    async def visit(self, **plan: list[str]) -> tuple[Receipt | Nav | None, str]:
        came, said = await visits(self.town, Clerk(self.profile, self.number, {key: list(value) for key, value in plan.items()}))
        assert PASSWORD not in said
        assert not self.profile.number_secret or self.number not in said, "a number that is the secret is said nowhere"
        return came, said

    async def to_the_receipt(self, **plan: list[str]) -> Receipt:
        receipt, said = await self.visit(**plan)
        assert isinstance(receipt, Receipt), said
        if receipt.state != "accepted":
            waits = receipt.vendor, receipt.id
            assert receipt.state == "waiting", waits
            with self.town.server.database(writing=True) as connection:
                settling.accept(connection, self.profile, receipt.id, "clerk", receipt.at)
        return receipt


async def goes_through_every_flow(profile: Profile, server: Running, wallet: Wallet, number: str = NUMBER) -> None:
    """Two cards registered, one amended, one renewed; the status, which menu it is, without a card, the password."""
    held = {card: issued(wallet, "test-ca", card, serial) for card, serial in SERIALS.items()}
    visitor = Visitor(Town(profile, server, held, number_of_readers=2), number)
    menu = {item.id for item in profile.menu.items}
    registered = "registration" in menu
    if registered:
        for card in ("first", "second"):
            receipt = await visitor.to_the_receipt(menu=["registration"], card=[card], done=["print", "close"])
            assert receipt.mail_to
    if registered and "amendment" in menu:
        await visitor.to_the_receipt(menu=["amendment"], card=["second"], **{"card_contact.email": ["other@minato.example"]})
    if registered and "renewal" in menu:
        await visitor.to_the_receipt(menu=["renewal"], card=["first", "third"])
    _, said = await visitor.visit(menu=["status"], card=["second"])
    assert ("使えるICカードは" in said) == registered
    if {"registration", "renewal"} <= menu:
        _, said = await visitor.visit(menu=["which"], which=["only_new"], card=["second"])
        assert "」を選んでください。" in said
    for category in profile.categories:
        places = [a.id for a in profile.agencies if category in profile.categories_of(a.id) and profile.password_searched(a.id)]
        if category.card_free and registered and places:
            plan = {"agency": places[:1], "category": [category.id], "menu": ["registration"], "method": ["password"]}
            assert (await visitor.to_the_receipt(**plan)).card is None
    if any(entry.id == "password" for entry in profile.menu.entries):
        clerk = Clerk(profile, number, {"entry": ["password"]})
        clerk.changed = True
        _, said = await visits(visitor.town, clerk)
        assert "使えるICカードは" in said, said
