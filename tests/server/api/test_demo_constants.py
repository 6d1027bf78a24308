"""The demo's vendors and registered cards, as the table "Demo constants" of the specification fixes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ebid_tui.demo.packaged import DEMO_CARDS
from ebid_tui.errors import RuleError
from tests.server.running_server import Bidder, Running
from tests.server.signing import Card

VENDORS = [
    ("ise", "ise", "construction", "ise-new", {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}),
    ("ise", "ise", "construction", "ise-next", {"vendor_no": "1000000005", "trade_name": "建設工事００５", "password": "Demo-pass5"}),
    ("ise", "ise", "goods", "ise-new", {"vendor_no": "2000000001", "trade_name": "テスト物品業者０１", "password": "Demo-pass1"}),
    (
        "aomori",
        "aomori",
        "construction",
        "aomori-next",
        {"vendor_no": "990000001", "trade_name": "（株）テスト商会０１", "user_id": "user01", "password": "demo1234"},
    ),
    ("aomori", "aomori", "goods", "aomori-next", {"vendor_no": "990000001", "trade_name": "（株）テスト商会０１"}),
    ("nagasaki", "nagasaki-pref", "construction", "nagasaki-next", {"vendor_no": "3000000001", "trade_name": "長崎テスト建設株式会社"}),
    (
        "saitama",
        "saitama-pref",
        "construction",
        "saitama-new",
        {"user_id": "4000000001", "trade_name": "株式会社○○建設", "password": "Demo0001"},
    ),
]


@pytest.mark.parametrize(("system", "agency", "category", "name", "values"), VENDORS)
async def test_every_vendor_is_found(
    server: Running, card: Callable[[str], Card], system: str, agency: str, category: str, name: str, values: dict[str, str]
) -> None:
    bidder = Bidder(server, card(name), system)
    await bidder.sign_in()
    found = await bidder.client.search(agency, category, values)
    assert found.qualification.company_name == values["trade_name"]
    assert all(found.qualification.company[name] for name in ("name", "postal_code", "address", "representative", "title", "phone", "fax"))


@pytest.mark.parametrize("name", [name for name, card in DEMO_CARDS.items() if card.systems and card.tries_left])
async def test_registered_cards_are_registered_and_the_others_are_not(server: Running, card: Callable[[str], Card], name: str) -> None:
    bidder = Bidder(server, card(name), DEMO_CARDS[name].systems[0])
    if name == "nagasaki-expired":
        with pytest.raises(RuleError, match="R-09"):
            await bidder.sign_in()
    else:
        assert bool((await bidder.sign_in()).registered) == DEMO_CARDS[name].registered
