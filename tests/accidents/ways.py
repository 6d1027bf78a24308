"""Every flow that meets a card, as one person goes through it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain.records import Receipt
from ebid_tui.flows.amend import amend
from ebid_tui.flows.card_free import register_card_free
from ebid_tui.flows.password import log_in
from ebid_tui.flows.pin_change import change_pin
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.renew import renew
from ebid_tui.flows.status import show_status, which_operation
from ebid_tui.flows.ui import Ui
from tests.flows.conftest import place_of
from tests.flows.office import CONTACT

Run = Callable[[Ui, Cards, Server, Place], Awaitable[Any]]

ISE = place_of("ise")
GOODS = place_of("ise", "goods")
FORMS: Mapping[str, Any] = {
    "search": {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}},
    "registration": {"company": {"department": "工事部"}, "representative_contact": CONTACT, "card_contact": CONTACT},
    "amendment": {"card_contact": {"email": "taro@example.co.jp"}},
    "login": {"login": {"vendor_no": "1000000001", "password": "Demo-pass1"}},
}
GOODS_FORMS = {
    **FORMS,
    "search": {"search": {"vendor_no": "2000000001", "trade_name": "テスト物品業者０１", "password": "Demo-pass1"}},
}


@dataclass(frozen=True)
class Way:
    """`cards`: demo cards, the current one first. `slots`: the keys they have. `before`: what was done earlier, without accidents."""

    name: str
    run: Run
    cards: tuple[str, ...]
    readers: int = 1
    place: Place = ISE
    forms: Mapping[str, Any] = field(default_factory=lambda: FORMS)
    slots: tuple[int, ...] = (0x9A, 0x9C)
    typo: bool = False
    before: Run | None = None
    writes: bool = True
    """Whether it ends with a receipt."""

    def reached(self, result: Any) -> bool:
        """Whether that is how it ends when nothing is in its way."""
        return isinstance(result, Receipt) if self.writes else result in (None, True)


async def _change_pin(ui: Ui, cards: Cards, server: Server, place: Place) -> bool:
    return await change_pin(ui, cards)


async def _which(ui: Ui, cards: Cards, server: Server, place: Place) -> None:
    await which_operation(ui, cards, place)


async def _card_free(ui: Ui, cards: Cards, server: Server, place: Place) -> Receipt:
    return await register_card_free(ui, server, place)


async def _log_in(ui: Ui, cards: Cards, server: Server, place: Place) -> None:
    await log_in(ui, server, place)


RENEWED = ("ise-current", "ise-next")
WAYS = (
    Way("register", register, ("ise-new",)),
    Way("register-after-a-typo", register, ("ise-new",), typo=True),
    Way("register-pin-before-each-signature", register, ("ise-new",), slots=(0x9C,)),
    Way("amend", amend, ("ise-current",)),
    Way("renew-two-readers", renew, RENEWED, readers=2),
    Way("renew-one-reader", renew, RENEWED),
    Way("renew-same-pin", renew, ("aomori-current", "aomori-next"), readers=2, place=place_of("aomori")),
    Way("card-added-later", register, ("ise-new",), place=GOODS, forms=GOODS_FORMS, before=_card_free),
    Way("status", show_status, ("ise-current",), writes=False),
    Way("which", _which, ("ise-current",), writes=False),
    Way("pin-change", _change_pin, ("ise-new",), writes=False),
)
WITHOUT_A_CARD = (
    Way("card-free", _card_free, ("ise-new",), place=GOODS, forms=GOODS_FORMS),
    Way("login-by-password", _log_in, ("ise-new",), writes=False),
)
