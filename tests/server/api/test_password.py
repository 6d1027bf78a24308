"""パスワード再設定 (F-1) on the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import EbidError, InputError, ServerError, SessionGone
from ebid_tui.messages import t
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store import schema
from tests.server.running_server import Bidder, Running
from tests.server.signing import Card

Cards = Callable[[str], Card]

TYPED = {
    "vendor_no": "1000000002",
    "trade_name": "テスト工事業者０２",
    "password": "Init-pass1",
    "new_password": "Next-pass2",
    "new_password_again": "Next-pass2",
}


def account(server: Running, number: str = "1000000002"):  # type: ignore[no-untyped-def]
    with server.database() as connection:
        return connection.execute(schema.accounts.select().where(schema.accounts.c.number == number)).one()


async def refusal(server: Running, **changes: str) -> EbidError:
    with pytest.raises(EbidError) as caught:
        await server.client().change_password("ise", TYPED | changes)
    return caught.value


async def test_r_03_an_initial_password_becomes_one_that_opens(server: Running, card: Cards) -> None:
    state = await server.client().change_password("ise", TYPED)
    assert state.usable_from <= server.settings.now()
    kept = account(server)
    assert (kept.password_state, kept.wrong, kept.changed_on) == ("active", 0, server.settings.japan_now().date())
    bidder = Bidder(server, card("ise-second"))
    await bidder.sign_in()
    found = await bidder.search(vendor_no="1000000002", trade_name="テスト工事業者０２", password="Next-pass2")
    assert found.qualification.trade_name == "テスト工事業者０２"
    with pytest.raises(EbidError, match="R-28"):
        await bidder.search(vendor_no="1000000002", trade_name="テスト工事業者０２", password="Init-pass1")


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"new_password": "Ab1-", "new_password_again": "Ab1-"}, ["new_password"]),
        ({"new_password": "Abcdefg-", "new_password_again": "Abcdefg-"}, ["new_password"]),
        ({"new_password": "1234567-", "new_password_again": "1234567-"}, ["new_password"]),
        ({"new_password": "Abcd1234", "new_password_again": "Abcd1234"}, ["new_password"]),
        ({"new_password": "Init-pass1", "new_password_again": "Init-pass1"}, ["new_password"]),
        ({"new_password_again": "Next-pass3"}, ["new_password_again"]),
    ],
)
async def test_r_04_the_policy(server: Running, typed: dict[str, str], fields: list[str]) -> None:
    error = await refusal(server, **typed)
    assert isinstance(error, InputError)
    assert [(name, code) for name, code, _ in error.problems] == [(f"password_change.{name}", "R-04") for name in fields]
    assert account(server).wrong == 0


@pytest.mark.parametrize(("typed", "code"), [({"vendor_no": "1"}, "E-EXACT"), ({"new_password": "ｐ"}, "R-29"), ({"fax": "1"}, "E-INPUT")])
async def test_a_faulty_field_is_named(server: Running, typed: dict[str, str], code: str) -> None:
    error = await refusal(server, **typed)
    assert isinstance(error, InputError)
    assert (f"password_change.{next(iter(typed))}", code) in [(name, told) for name, told, _ in error.problems]


@pytest.mark.parametrize("wrong", [{"password": "Init-pass9"}, {"vendor_no": "1999999999"}, {"trade_name": "テスト工事業者０９"}])
async def test_r_28_is_the_same_whatever_was_wrong(server: Running, wrong: dict[str, str]) -> None:
    error = await refusal(server, **wrong)
    assert (error.code, error.title, error.values["tries_left"]) == ("R-28", t("server.refused_password_change"), 4)
    assert error.remedy == t("mending.then", first=t("mending.tries_left", n=4), then=t("server.refused_password_change_remedy"))
    assert error.causes == (
        t("server.cause_number", label="業者番号"), t("server.cause_name"), t("server.cause_password"), t("server.cause_width"),
    )  # fmt: skip
    assert account(server).password_state == "initial"


async def test_r_33_five_wrong_ones_lock(server: Running) -> None:
    codes = [(await refusal(server, password="Init-pass9")).code for _ in range(5)]
    assert codes == ["R-28"] * 4 + ["R-33"]
    error = await refusal(server)
    assert error.code == "R-33"
    assert "契約課" in error.remedy


async def test_two_changes_at_once_only_one_counts(server: Running) -> None:
    tries = [
        server.client().change_password("ise", TYPED | {"new_password": f"Next-pass{n}", "new_password_again": f"Next-pass{n}"})
        for n in range(4)
    ]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(o.code for o in outcomes if isinstance(o, EbidError)) == ["R-28"] * 3
    assert account(server).password_state == "active"


async def test_asked_again_after_a_lost_reply_it_was_done(server: Running) -> None:
    first = await server.client().change_password("ise", TYPED)
    kept = account(server)
    assert (await server.client().change_password("ise", TYPED)).usable_from >= first.usable_from
    assert account(server)._asdict() | {"checking_at": None} == kept._asdict() | {"checking_at": None}


async def test_r_33_guessing_the_new_password_is_counted(server: Running) -> None:
    await server.client().change_password("ise", TYPED)
    codes = []
    for n in range(5):
        guess = f"Guess-pass{n}"
        codes.append((await refusal(server, new_password=guess, new_password_again=guess)).code)
    assert codes == ["R-28"] * 4 + ["R-33"]
    assert (await refusal(server)).code == "R-33"


@pytest.mark.parametrize(("system", "service"), [("saitama", "競争入札参加資格申請受付システム"), ("nagasaki", t("password.none"))])
async def test_where_another_system_changes_it_that_one_is_named(server: Running, system: str, service: str) -> None:
    with pytest.raises(ServerError) as caught:
        await server.client().change_password(system, TYPED)
    assert caught.value.code == "E-ELSEWHERE"
    assert service in caught.value.remedy


async def test_r_15_where_a_change_counts_from_tomorrow_that_is_said(delaying: Running) -> None:
    state = await delaying.client().change_password("slow", TYPED)
    tomorrow = delaying.settings.japan_now().date() + timedelta(days=1)
    assert state.usable_from == datetime.combine(tomorrow, time(), JAPAN)
    login = await delaying.client().login("slow", "ise", "construction", {"vendor_no": "1000000002", "password": "Next-pass2"})
    assert login.usable_from == state.usable_from


async def test_a_change_ends_what_the_old_password_opened(server: Running) -> None:
    client = server.client()
    await client.login("ise", "ise", "construction", {"vendor_no": "1000000001", "password": "Demo-pass1"})
    typed = TYPED | {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}
    await server.client().change_password("ise", typed)
    with pytest.raises(SessionGone):
        await client.status("ise", "construction")


async def test_it_is_audited_and_no_password_is_kept(server: Running) -> None:
    await server.client().change_password("ise", TYPED)
    with server.database() as connection:
        audit = connection.execute(schema.audit.select()).one()
    assert (audit.event, audit.actor, audit.subject) == ("password_change", "number:1000000002", "1000000002")
    assert b"Next-pass2" not in b"".join(server.written())


@pytest.fixture
def delaying(server: Running, tmp_path: Path, short_dir: Path, card_directory: Wallet, authority):  # type: ignore[no-untyped-def]
    """A made-up system in which a changed password counts from the next day."""
    from tests.server.running_server import running

    text = 'extends = "ise"\nid = "slow"\n[search]\npassword_change_delays = true\n'
    (tmp_path / "slow.toml").write_text(text, encoding="utf-8")
    with running(short_dir, card_directory, authority.der, system_directories=(tmp_path,), systems=("ise", "slow")) as made:
        with server.database() as source, made.database(writing=True) as target:
            for table in (schema.accounts, schema.qualifications):
                found = source.execute(table.select().where(table.c.system == "ise")).mappings()
                rows = [{name: value for name, value in row.items() if name != "id"} | {"system": "slow"} for row in found]
                target.execute(insert(table), rows)
        yield made
