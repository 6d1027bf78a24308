"""登録状況 (F-5): by card, and by number and password."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, update

from ebid_tui.client.api import HttpServer
from ebid_tui.domain.records import PasswordState
from ebid_tui.errors import EbidError, InputError, ServerError, SessionGone
from ebid_tui.messages import t
from ebid_tui.server.store import schema
from tests.server.holder import Holder
from tests.server.running_server import Bidder, Running
from tests.server.signing import Card

Cards = Callable[[str], Card]

LOGIN = {"vendor_no": "1000000005", "password": "Demo-pass5"}


async def login(client: HttpServer, category: str = "construction", **changes: str) -> PasswordState:
    return await client.login("ise", "ise", category, LOGIN | changes)


async def test_r_31_every_card_of_the_vendor_all_valid(server: Running, card: Cards) -> None:
    second = Bidder(server, card("ise-new"))
    await second.sign_in()
    found = await second.search(vendor_no="1000000005", trade_name="建設工事００５", password="Demo-pass5")
    await second.client.register(second.card.signed(await second.statement(found, holder_confirmed=True)), "key-of-a-second")
    for name in ("ise-current", "ise-new"):
        holder = Holder(server, card(name))
        await holder.sign_in()
        status = await holder.client.status("ise", "construction")
        assert [(c.card.serial, c.state) for c in status.cards] == [("659", "active"), ("660", "active"), ("683", "active")]
        assert [c.this_card for c in status.cards] == [name == "ise-current", False, name == "ise-new"]
    assert status.cards[0].company == "テスト０６株式会社"
    assert status.cards[0].person == "テスト　六郎"


async def test_the_vendor_with_its_contact(server: Running, card: Cards) -> None:
    holder = Holder(server, card("aomori-current"), "aomori", "aomori", "goods")
    await holder.sign_in()
    status = await holder.client.status("aomori", "goods")
    assert status.company_id == "9992100000000011"
    assert status.representative_contact["email"] == "test01@example.com"
    assert status.qualification.company["grades"].count(",") == 3


async def test_a_lapsed_vendor_is_shown_as_lapsed(server: Running, card: Cards) -> None:
    with server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    holder = Holder(server, card("ise-current"))
    await holder.sign_in()
    assert (await holder.client.status("ise", "construction")).qualification.state == "lapsed"


async def test_r_11_a_renewed_card_is_listed_and_shown_to_the_new_one(server: Running, card: Cards) -> None:
    await Holder(server, card("ise-current")).renew(card("ise-next"))
    holder = Holder(server, card("ise-next"))
    await holder.sign_in()
    status = await holder.client.status("ise", "construction")
    shown = [(c.card.serial, c.state, c.this_card) for c in status.cards]
    assert shown == [("659", "renewed", False), ("660", "active", False), ("673", "active", True)]


async def test_a_card_that_has_nothing_here_sees_nothing(server: Running, card: Cards) -> None:
    holder = Holder(server, card("ise-new"))
    await holder.sign_in()
    with pytest.raises(ServerError) as caught:
        await holder.client.status("ise", "construction")
    assert caught.value.code == "E-NOT-REGISTERED"


async def test_with_number_and_password(server: Running) -> None:
    client = server.client()
    usable = await login(client)
    assert usable.usable_from <= server.settings.now()
    status = await client.status("ise", "construction")
    assert [(c.card.serial, c.this_card) for c in status.cards] == [("659", False), ("660", False)]


async def test_a_password_only_looks_and_only_there(server: Running, card: Cards) -> None:
    client = server.client()
    await login(client)
    with pytest.raises(ServerError) as caught:
        await client.status("ise", "goods")
    assert caught.value.code == "E-SEARCH-FIRST"
    signed = card("ise-current").signed(await _content(server, card))
    asks = (
        client.registered("ise", "construction"),
        client.search("ise", "construction", {}),
        client.amend(signed, "key-of-an-amendment"),
        client.register(signed, "key-of-a-registration"),
        client.check_new_card("ise", "construction", b""),
    )
    for ask in asks:
        with pytest.raises(SessionGone):
            await ask
        await login(client)


async def _content(server: Running, card: Cards):  # type: ignore[no-untyped-def]
    holder = Holder(server, card("ise-current"))
    await holder.sign_in()
    return await holder.amendment(await holder.registered())


async def test_r_03_an_initial_password_does_not_log_in_and_names_the_way(server: Running) -> None:
    with pytest.raises(EbidError) as caught:
        await login(server.client(), vendor_no="1000000002", password="Init-pass1")
    assert caught.value.code == "R-03"
    assert caught.value.remedy == t("server.initial_password")


async def test_r_33_five_wrong_ones_lock_the_login_and_the_search(server: Running, card: Cards) -> None:
    client, codes = server.client(), []
    for _ in range(5):
        with pytest.raises(EbidError) as caught:
            await login(client, password="Wrong-pass1")
        codes.append(caught.value.code)
    assert codes == ["R-28"] * 4 + ["R-33"]
    with pytest.raises(EbidError, match="R-33"):
        await login(client)
    bidder = Bidder(server, card("ise-new"))
    await bidder.sign_in()
    with pytest.raises(EbidError, match="R-33"):
        await bidder.search(vendor_no="1000000005", trade_name="建設工事００５", password="Demo-pass5")


async def test_r_35_a_lapsed_vendor_does_not_log_in(server: Running) -> None:
    with server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    with pytest.raises(EbidError, match="R-35"):
        await login(server.client())


async def test_r_28_no_such_vendor_in_this_category(server: Running) -> None:
    with pytest.raises(EbidError, match="R-28") as caught:
        await login(server.client(), "goods")
    assert caught.value.title == t("server.refused_login"), "no search that found nothing"


async def test_r_36_where_a_card_is_needed_nobody_logs_in_without(server: Running) -> None:
    for system, agency in (("aomori", "aomori"), ("nagasaki", "nagasaki-pref"), ("saitama", "saitama-pref")):
        with pytest.raises(EbidError, match="R-36"):
            await server.client().login(system, agency, "construction", {})


async def test_a_faulty_field_is_named(server: Running) -> None:
    with pytest.raises(InputError) as caught:
        await login(server.client(), vendor_no="1", trade_name="会社")
    assert [name for name, _, _ in caught.value.problems] == ["login.trade_name"]
    with pytest.raises(InputError) as caught:
        await login(server.client(), vendor_no="1")
    assert [name for name, _, _ in caught.value.problems] == ["login.vendor_no"]


async def test_r_10_a_number_that_is_gone(server: Running, card: Cards) -> None:
    holder = Holder(server, card("ise-current"))
    await holder.sign_in()
    with server.database(writing=True) as connection:
        connection.execute(delete(schema.qualifications))
    with pytest.raises(EbidError, match="R-10"):
        await holder.client.status("ise", "construction")
