"""What the system's file lets wait: nothing counts before it is accepted, and what counted before goes on counting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table, func, insert, select

from ebid_tui.__main__ import main
from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Receipt, StatusCard
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.server.decisions import settling
from ebid_tui.server.store import acceptances, schema
from tests.server.holder import Holder
from tests.server.running_server import Bidder, Running, running
from tests.server.signing import Authority, Card

Cards = Callable[[str], Card]
PAPERS = """
extends = "ise"
id = "town"
[acceptance]
kind = "papers"
papers = ["利用者登録申請書", "印鑑証明書"]
hand_in = "契約課へ10日以内に郵送してください。"
[[acceptance.by]]
operations = ["amendment"]
kind = "approval"
says = "審査には3日ほどかかります。"
"""
COPIED = (schema.accounts, schema.qualifications, schema.vendor_details, schema.card_bindings, schema.registrations)


@pytest.fixture
def town(server: Running, tmp_path: Path, short_dir: Path, card_directory: Wallet, authority: Authority) -> Iterator[Running]:
    """A made-up system in which everything waits, with the demo's vendors and cards."""
    (tmp_path / "town.toml").write_text(PAPERS, encoding="utf-8")
    with running(short_dir, card_directory, authority.der, system_directories=(tmp_path,), systems=("ise", "town")) as made:
        with server.database() as source, made.database(writing=True) as target:
            for table in COPIED:
                found = source.execute(table.select().where(table.c.system == "ise")).mappings()
                for row in found:
                    own = {"id": f"T-{row['id']}"} if table is schema.registrations else {}
                    target.execute(insert(table), {k: v for k, v in row.items() if k != "id"} | {"system": "town"} | own)
        yield made


@pytest.fixture
def bidder(town: Running, card: Cards) -> Bidder:
    return Bidder(town, card("ise-new"), "town")


@pytest.fixture
def holder(town: Running, card: Cards) -> Holder:
    return Holder(town, card("ise-current"), "town")


def decide(town: Running, receipt: Receipt, reason: str | None = None) -> AcceptanceRecord:
    """Accept it; with a reason, refuse it."""
    profile, now = profile_of("town", *town.settings.system_directories), town.settings.now()
    with town.database(writing=True) as connection:
        if reason is None:
            return settling.accept(connection, profile, receipt.id, "operator:a", now)
        return settling.refuse(connection, profile, receipt.id, "operator:a", reason, now)


def count(town: Running, table: Table) -> int:
    with town.database() as connection:
        return int(connection.execute(select(func.count()).select_from(table).where(table.c.system == "town")).scalar_one())


async def code_of(asked: Awaitable[object]) -> str:
    with pytest.raises(EbidError) as caught:
        await asked
    return caught.value.code


async def of_this_card(asked: Bidder | Holder) -> StatusCard:
    await asked.sign_in()
    status = await asked.client.status("ise", "construction")
    (mine,) = [card for card in status.cards if card.this_card]
    return mine


async def test_a_registration_waits_until_it_is_accepted(town: Running, bidder: Bidder, authority: Authority) -> None:
    before = count(town, schema.vendor_details), count(town, schema.propagations)
    given = await bidder.register()
    assert given.state == "waiting"
    assert (count(town, schema.vendor_details), count(town, schema.propagations)) == before
    mine = await of_this_card(bidder)
    assert mine.acceptance is not None
    assert (mine.state, mine.acceptance.state) == ("waiting", "waiting")
    assert await code_of(bidder.register("another-key")) == "E-WAITING"
    with town.database() as connection:
        mail = connection.execute(select(schema.mail_outbox).where(schema.mail_outbox.c.receipt_id == given.id)).one()
    assert mail.subject == t("acceptance.subject", what="登録")
    for said in ("印鑑証明書", "契約課へ10日以内に郵送してください。", t("acceptance.answered")):
        assert said in mail.body
    decide(town, given)
    mine = await of_this_card(bidder)
    assert (mine.state, mine.acceptance) == ("active", None)
    assert count(town, schema.vendor_details) == before[0] + 1
    assert count(town, schema.propagations) == before[1] + int(given.propagate)
    assert await code_of(bidder.register("another-key")) == "R-05"


async def test_what_waits_is_amended_as_it_waits(town: Running, bidder: Bidder) -> None:
    given = await bidder.register()
    waiting = Holder(town, bidder.card, "town")
    changed = await waiting.amend({"card_contact": {"phone": "0596-99-9999"}})
    assert (changed.state, changed.company_id) == ("provisional", given.company_id)
    with town.database() as connection:
        assert acceptances.count(connection, "town", ["ise"]) == 1
    decide(town, given)
    await waiting.sign_in()
    assert (await waiting.registered()).registration.blocks["card_contact"]["phone"] == "0596-99-9999"


async def test_r_05_a_refused_card_registers_again_for_its_vendor(town: Running, bidder: Bidder) -> None:
    given = await bidder.register()
    decide(town, given, "印鑑が違います。")
    mine = await of_this_card(bidder)
    assert mine.acceptance is not None
    assert (mine.state, mine.acceptance.reason) == ("refused", "印鑑が違います。")
    again = await bidder.register("another-key")
    assert (await of_this_card(bidder)).state == "waiting"
    decide(town, again)
    assert (await of_this_card(bidder)).state == "active"


async def test_an_amendment_leaves_what_counts_until_it_is_accepted(town: Running, holder: Holder) -> None:
    await holder.sign_in()
    old = (await holder.registered()).registration.blocks["card_contact"].get("phone")
    first = await holder.amend({"card_contact": {"phone": "0596-11-1111"}})
    second = await holder.amend({"card_contact": {"phone": "0596-22-2222"}}, "second-key")
    assert (first.state, second.state) == ("waiting", "waiting")
    assert (await holder.registered()).registration.blocks["card_contact"].get("phone") == old
    with pytest.raises(EbidError) as caught:  # the later one took its place
        decide(town, first)
    assert caught.value.code == "E-STATE"
    decide(town, second)
    assert (await holder.registered()).registration.blocks["card_contact"]["phone"] == "0596-22-2222"


@pytest.mark.parametrize("reason", [None, "名義が違います。"], ids=["accepted", "refused"])
async def test_r_11_the_old_card_works_until_its_renewal_is_accepted(
    town: Running, holder: Holder, card: Cards, reason: str | None
) -> None:
    new = card("ise-next")
    given = await holder.client.renew(await holder.signed_renewal(new), "key-of-a-renewal")
    assert given.state == "waiting"
    assert (await of_this_card(holder)).state == "active"
    after = Holder(town, new, "town")
    assert (await of_this_card(after)).state == "waiting"
    await holder.sign_in()
    assert await code_of(holder.registered()) == "E-WAITING"
    decide(town, given, reason)
    if reason is None:
        assert await code_of(holder.sign_in()) == "R-11"
        assert (await of_this_card(after)).state == "active"
    else:
        assert (await of_this_card(holder)).state == "active"
        again = await holder.client.renew(await holder.signed_renewal(new), "another-key")
        decide(town, again)
        assert (await of_this_card(after)).state == "active"


async def test_no_renewal_while_an_amendment_waits(town: Running, holder: Holder, card: Cards) -> None:
    given = await holder.amend({"card_contact": {"phone": "0596-11-1111"}})
    assert await code_of(holder.client.renew(await holder.signed_renewal(card("ise-next")), "key-of-a-renewal")) == "E-WAITING"
    decide(town, given)
    assert (await holder.client.renew(await holder.signed_renewal(card("ise-next")), "key-of-a-renewal")).state == "waiting"


async def test_without_a_desk_the_command_line_decides(
    town: Running, bidder: Bidder, holder: Holder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = await bidder.register(), await holder.amend({"card_contact": {"phone": "0596-11-1111"}})
    command = ["admin", "accept", "--database", town.settings.database, "--system", "town", "--systems-dir", str(tmp_path)]
    assert main([*command, "--list"]) == 0
    listed = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {(row[0], row[2], row[3]) for row in listed} == {(one.id, "papers", "registration"), (other.id, "approval", "amendment")}
    for wrong in ([], [one.id, "--list"], [one.id, "--refuse"], [one.id, "--reason", "理由"]):
        with pytest.raises(SystemExit) as ended:
            main([*command, *wrong])
        assert ended.value.code == 2
    assert main([*command, one.id]) == 0
    assert main([*command, one.id, other.id, "--refuse", "--reason", "印影が違います。"]) == 3
    told = capsys.readouterr().out
    assert "E-STATE" in told
    assert t("admin.refused_one") in told
    assert (await of_this_card(bidder)).state == "active"
    mine = await of_this_card(holder)
    assert mine.acceptance is not None
    assert (mine.acceptance.operation, mine.acceptance.state, mine.acceptance.reason) == ("amendment", "refused", "印影が違います。")
