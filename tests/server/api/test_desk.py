"""The desk: finding a vendor, looking at one, and what an application asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.desk import FindBy, RequestKind
from ebid_tui.domain.records import Qualification, Vendor
from ebid_tui.errors import EbidError, InputError, ServerError
from ebid_tui.server.store import accounts, schema, vendors
from tests.server import databases, operating
from tests.server.operating import HERE, NAMES, SYSTEM, THERE, VENDOR_HERE, VENDOR_THERE, Clerk, audit, signed_in
from tests.server.running_server import Running, running
from tests.server.signing import Authority


def enter(office: Running, *trade_names: str, agency: str = HERE) -> None:
    with office.database(writing=True) as connection:
        for number, name in enumerate(trade_names):
            vendor = Vendor(system=SYSTEM, agency=agency, category="construction", number=f"43000{number:05d}")
            vendors.add_qualification(connection, Qualification(vendor=vendor, state="approved", trade_name=name, company={}))


async def found(clerk: Clerk, by: FindBy, q: str, **where: str) -> list[str]:
    return [hit.trade_name for hit in (await clerk.client.find(by, q, "inquiry", **where)).hits]  # type: ignore[arg-type]


# ---- finding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("山", "株式会社山田建設"),
        ("設", "株式会社山田建設"),
        ("山田", "株式会社山田建設"),
        ("（株）山田", "株式会社山田建設"),
        ("㈱山田建設", "株式会社山田建設"),
        ("(株)山田", "株式会社山田建設"),
        ("髙木", "高木−ビルド　株式会社"),
        ("高木－ビルド", "高木−ビルド　株式会社"),
        ("高木ー", "高木−ビルド　株式会社"),
        ("ビルド株", "高木−ビルド　株式会社"),
        ("ﾋﾞﾙﾄﾞ", "高木−ビルド　株式会社"),
        ("abc", "ＡＢＣ電機"),
        ("Ａｂｃ電", "ＡＢＣ電機"),
        ("〜", "海〜山〜商会"),
        ("～山", "海〜山〜商会"),
        ("①", "第①工業"),
        ("％", "５０％商会"),
        ("\"'*", "記号\"'*商会"),
    ],
)
async def test_a_part_of_a_name(office: Running, typed: str, name: str) -> None:
    enter(office, "高木−ビルド　株式会社", "ＡＢＣ電機", "海〜山〜商会", "第①工業", "５０％商会", "記号\"'*商会")
    assert name in await found(await signed_in(office), "name", typed)


@pytest.mark.parametrize("typed", ["田山", "山建", "設株", "_", "%", "１工業", "OR", "海山", "NEAR(山"])
async def test_what_is_not_in_a_name(office: Running, typed: str) -> None:
    enter(office, "第①工業", "海〜山〜商会")
    assert await found(await signed_in(office), "name", typed) == []


async def test_characters_that_stand_apart_are_no_part(office: Running) -> None:
    enter(office, "東山田東商会", "山東商田東山")
    assert await found(await signed_in(office), "name", "山田東") == ["東山田東商会"]


@pytest.mark.parametrize("typed", [" ", "　", "\u200b"])
async def test_nothing_to_look_for(office: Running, typed: str) -> None:
    with pytest.raises(InputError):
        await found(await signed_in(office), "name", typed)


async def test_a_name_that_was_changed_is_found_by_the_new_one_only(office: Running) -> None:
    q = schema.qualifications.c
    with office.database(writing=True) as connection:
        connection.execute(
            update(schema.qualifications).where(q.number == VENDOR_HERE.number).values(trade_name="新", folded_name="新会社")
        )
    clerk = await signed_in(office)
    assert await found(clerk, "name", "新会") == ["新"]
    assert await found(clerk, "name", "山田") == []
    with office.database(writing=True) as connection:
        connection.execute(schema.qualifications.delete().where(q.number == VENDOR_HERE.number))
    assert await found(clerk, "name", "新会") == []


async def test_pages_follow_each_other_and_miss_nothing(office: Running) -> None:
    enter(office, *(f"頁{n}工業" for n in range(25)))
    clerk = await signed_in(office)
    for by, q, total in (("name", "頁", 25), ("name", "工業", 25), ("number", "43000", 25), ("number", "4", 27)):
        after, pages = "", []
        while True:
            page = await clerk.client.find(by, q, "inquiry", limit=7, after=after)  # type: ignore[arg-type]
            pages.append([hit.vendor.number for hit in page.hits])
            after = page.next
            if not after:
                break
        every = [number for page in pages for number in page]
        assert [len(page) for page in pages[:-1]] == [7] * (len(pages) - 1)
        assert len(set(every)) == len(every) == total
        if by == "number":
            assert every == sorted(every)


@pytest.mark.parametrize("mark", ["x", "[1]", '["a"]', "999999999999999999999", "['"])
async def test_a_mark_that_is_none(office: Running, mark: str) -> None:
    clerk = Clerk(office)
    token = (await clerk.sign_in()).token
    for by in ("name", "number", "serial", "holder"):
        body = {"by": by, "q": "4", "reason": "inquiry", "after": mark}
        assert clerk.http(token, "POST", "/desk/vendors/search", json=body).status_code in (200, 400)
    query = {"reason": "expiry", "after": mark}
    assert clerk.http(token, "GET", "/desk/cards/expiring", params=query).status_code in (200, 400)


@pytest.mark.parametrize("typed", ["4100000001", "41", "4", " 4100 "])
async def test_the_beginning_of_a_number(office: Running, typed: str) -> None:
    assert NAMES[VENDOR_HERE] in await found(await signed_in(office), "number", typed)


@pytest.mark.parametrize("typed", ["100000001", "41000000011", "%", "_"])
async def test_not_the_middle_of_one(office: Running, typed: str) -> None:
    assert await found(await signed_in(office), "number", typed) == []


@pytest.mark.parametrize("typed", ["43969", "abc1", "0xABC1", "AB C1", "ab:c1"])
async def test_a_serial_number_decimal_or_hex(office: Running, typed: str) -> None:
    (hit,) = (await (await signed_in(office)).client.find("serial", typed, "inquiry")).hits
    assert (hit.vendor, hit.holder, hit.card_state) == (VENDOR_HERE, "川越　三郎", "active")
    assert hit.card is not None
    assert hit.card.serial == "43969"


@pytest.mark.parametrize("typed", ["川越三郎", "川越　三", "三郎", "郎", "山田建設", "㈱山田"])
async def test_a_holder(office: Running, typed: str) -> None:
    (hit,) = (await (await signed_in(office)).client.find("holder", typed, "inquiry")).hits
    assert (hit.vendor, hit.trade_name) == (VENDOR_HERE, NAMES[VENDOR_HERE])


async def test_at_one_agency_and_category_of_many(office: Running) -> None:
    clerk = await signed_in(office, "everywhere")
    assert len(await found(clerk, "name", "山田")) == 2
    assert await found(clerk, "name", "山田", agency=THERE) == [NAMES[VENDOR_THERE]]
    assert await found(clerk, "name", "山田", category="goods") == []
    assert len(await found(clerk, "holder", "川越　三郎")) == 2
    assert await found(clerk, "number", "4", agency=THERE) == [NAMES[VENDOR_THERE]]


async def test_cards_that_end_soon(office: Running) -> None:
    clerk = await signed_in(office, "everywhere")
    listed = (await clerk.client.expiring(30, limit=1)).cards
    page = await clerk.client.expiring(30)
    assert [card.vendor for card in page.cards] == [VENDOR_HERE, VENDOR_THERE]
    assert listed == page.cards[:1]
    assert (page.cards[0].holder, page.cards[0].email) == ("川越　三郎", "card@example.com")
    assert (await clerk.client.expiring(10)).cards == ()
    first = await clerk.client.expiring(30, limit=1)
    second = await clerk.client.expiring(30, limit=1, after=first.next)
    assert (first.cards + second.cards, second.next) == (page.cards, "")


async def test_every_search_and_look_is_audited_with_its_reason(office: Running) -> None:
    clerk = await signed_in(office)
    await clerk.client.find("name", "山田", "inquiry")
    await clerk.client.find("holder", "川越　三郎", "mail", agency=HERE)
    await clerk.client.find("number", "9999", "review")
    await clerk.client.expiring(30)
    await clerk.client.vendor(VENDOR_HERE, "inquiry")
    await clerk.client.requests()
    assert audit(office)[1:] == [
        ("desk_find:inquiry", "operator:desk", "name:山田", None),
        ("desk_find:mail", "operator:desk", "holder:川越　三郎", HERE),
        ("desk_find:review", "operator:desk", "number:9999", None),
        ("desk_expiring:expiry", "operator:desk", "days:30", None),
        ("desk_view:inquiry", "operator:desk", VENDOR_HERE.number, HERE),
        ("desk_requests:application", "operator:desk", "stage:open", None),
    ]


@pytest.mark.parametrize(
    "body", [{"reason": "curiosity"}, {"reason": ""}, {}, {"reason": "inquiry", "limit": 201}, {"reason": "inquiry", "q": "あ" * 51}]
)
async def test_without_a_reason_nothing_is_told(office: Running, body: dict[str, object]) -> None:
    clerk = Clerk(office)
    token = (await clerk.sign_in()).token
    assert clerk.http(token, "POST", "/desk/vendors/search", json={"by": "name", "q": "山田"} | body).status_code == 400
    assert len(audit(office)) == 1


# ---- one vendor ------------------------------------------------------------------------------------------------------


async def test_all_that_is_on_record(office: Running) -> None:
    page = await (await signed_in(office)).client.vendor(VENDOR_HERE, "inquiry")
    assert page.qualification.trade_name == NAMES[VENDOR_HERE]
    (card,) = page.cards
    assert (card.registration_id, card.person, card.state, card.contact["email"]) == (
        "R-saitama-city",
        "川越　三郎",
        "active",
        "card@example.com",
    )
    assert page.password is not None
    assert (page.password.state, page.password.wrong) == ("active", 0)
    assert [mail.state for mail in page.mails] == ["waiting", "uncertain", "failed", "sent"]


async def test_a_number_without_a_password(office: Running) -> None:
    enter(office, "無名商会")
    vendor = Vendor(system=SYSTEM, agency=HERE, category="construction", number="4300000000")
    with office.database(writing=True) as connection:
        accounts.count_wrong(connection, SYSTEM, vendor.number, 5)
    assert (await (await signed_in(office)).client.vendor(vendor, "inquiry")).password is None


# ---- what an application asks for ------------------------------------------------------------------------------------


def lock(office: Running) -> None:
    with office.database(writing=True) as connection:
        for _ in range(5):
            accounts.count_wrong(connection, SYSTEM, VENDOR_HERE.number, 5)


async def test_r_33_a_password_is_reset(office: Running) -> None:
    lock(office)
    clerk = await signed_in(office)
    done = await clerk.client.ask(VENDOR_HERE, "reset_password", "R8-15")
    assert (done.state, done.asked_by, done.done_by, len(done.password)) == ("done", "desk", "desk", 8)
    assert done.password not in repr(done)
    with office.database() as connection:
        account = accounts.account(connection, SYSTEM, VENDOR_HERE.number)
    assert (account.state, account.wrong) == ("initial", 0)
    rows = audit(office)[1:]
    assert ("password_reset", "application:R8-15", VENDOR_HERE.number, None) in rows
    assert ("desk_done:reset_password", "operator:desk", VENDOR_HERE.number, HERE) in rows
    assert done.password.encode() not in b"".join(office.written())


async def test_r_33_unlocked_it_is_what_it_was(office: Running) -> None:
    lock(office)
    clerk = await signed_in(office)
    with office.database() as connection:
        before = accounts.account(connection, SYSTEM, VENDOR_HERE.number)
    assert before.state == "locked"
    assert (await clerk.client.ask(VENDOR_HERE, "unlock", "R8-16")).state == "done"
    with office.database() as connection:
        after = accounts.account(connection, SYSTEM, VENDOR_HERE.number)
    assert (after.state, after.wrong, after.password_hash) == ("active", 0, before.password_hash)
    with pytest.raises(ServerError, match="E-STATE"):
        await clerk.client.ask(VENDOR_HERE, "unlock", "R8-17")


async def test_a_card_is_cancelled(office: Running) -> None:
    clerk = await signed_in(office)
    await clerk.client.ask(VENDOR_HERE, "cancel_card", "R8-18", "R-saitama-city")
    assert (await clerk.client.vendor(VENDOR_HERE, "application")).cards[0].state == "cancelled"
    with pytest.raises(ServerError, match="E-STATE"):
        await clerk.client.ask(VENDOR_HERE, "cancel_card", "R8-18", "R-saitama-city")
    with pytest.raises(ServerError, match="E-NOT-FOUND"):
        await clerk.client.ask(VENDOR_HERE, "cancel_card", "R8-18", "R-kawagoe")


@pytest.mark.parametrize("application", ["", " ", "　", "x" * 41])
async def test_an_application_has_a_number(office: Running, application: str) -> None:
    with pytest.raises(ServerError, match="E-BODY"):
        await (await signed_in(office)).client.ask(VENDOR_HERE, "reset_password", application)


@pytest.mark.parametrize(("number", "again"), [(1, False), (2, True), (3, True), (4, None)])
async def test_a_mail_is_sent_again(office: Running, number: int, again: bool | None) -> None:
    """The same one where it failed or nobody knows; another one where it was sent; none where it is on its way."""
    clerk = await signed_in(office)
    if again is None:
        with pytest.raises(ServerError, match="E-STATE"):
            await clerk.client.resend(number)
        return
    mail = await clerk.client.resend(number)
    with office.database() as connection:
        total = connection.execute(select(func.count()).select_from(schema.mail_outbox)).scalar_one()
    assert (mail.state, total) == (("waiting", 8) if again else ("sent", 9))
    with pytest.raises(ServerError, match="E-NOT-FOUND"):
        await clerk.client.resend(999)


# ---- with a second operator's approval -------------------------------------------------------------------------------


@pytest.fixture
def careful(database_kind: str, short_dir: Path, card_directory: Wallet, authority: Authority) -> Iterator[Running]:
    """An office where nobody does it alone."""
    with running(databases.keep(short_dir), card_directory, authority.der, secret_keys=(operating.KEY,), desk_approval=True) as made:
        operating.people(made)
        yield made


async def test_two_operators(careful: Running) -> None:
    lock(careful)
    asking, colleague, approving = [await signed_in(careful, name) for name in ("desk", "second", "boss")]
    asked = await asking.client.ask(VENDOR_HERE, "reset_password", "R8-20")
    assert (asked.state, asked.password) == ("waiting", "")
    for clerk, code in ((asking, "E-ROLE"), (colleague, "E-ROLE")):
        with pytest.raises(ServerError, match=code):
            await clerk.client.decide(asked.id, True)
    with pytest.raises(ServerError, match="E-STATE"):
        await asking.client.complete(asked.id)
    with careful.database() as connection:
        assert accounts.account(connection, SYSTEM, VENDOR_HERE.number).state == "locked"
    assert [request.id for request in await approving.client.requests()] == [asked.id]
    assert (await approving.client.decide(asked.id, True)).decided_by == "boss"
    outcomes = await asyncio.gather(*(clerk.client.complete(asked.id) for clerk in (asking, colleague)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DeskRequest", "ServerError"]
    assert await approving.client.requests() == []
    assert [request.state for request in await approving.client.requests("done")] == ["done"]
    events = [event for event, _, subject, _ in audit(careful) if subject == VENDOR_HERE.number]
    assert events == ["desk_ask:reset_password", "desk_approved:reset_password", "password_reset", "desk_done:reset_password"]


@pytest.mark.parametrize("kind", ["unlock", "cancel_card"])
async def test_nobody_approves_what_they_asked_for(careful: Running, kind: RequestKind) -> None:
    lock(careful)
    boss, other = await signed_in(careful, "boss"), await signed_in(careful, "everywhere")
    asked = await boss.client.ask(VENDOR_HERE, kind, "R8-21", "R-saitama-city")
    with pytest.raises(ServerError, match="E-APPROVER"):
        await boss.client.decide(asked.id, True)
    assert (await other.client.decide(asked.id, False)).state == "refused"
    for again in (boss.client.complete(asked.id), other.client.decide(asked.id, True)):
        with pytest.raises(EbidError, match="E-STATE"):
            await again
