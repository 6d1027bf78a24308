"""Finding vendors and cards: every page of every question against what a plain look through all of them finds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection

from ebid_tui.domain.desk import Expiring, Hit
from ebid_tui.domain.records import CardCertificate, Vendor
from ebid_tui.domain.text import names
from ebid_tui.server.store import finding, search_index
from ebid_tui.server.store.finding import PageRange, SearchScope
from ebid_tui.server.store.schema import qualifications, registrations
from tests.clock import NOW
from tests.server.filling import QUALIFICATION, REGISTRATION, VENDOR, put, rows

DAY = timedelta(days=1)
NAMES = ("山田建設", "山川田建設", "田山", "建", "株式会社山田建設工業", "ABC山田", "山", "田建")
KEYS = ("山田", "山", "建設", "山田建設", "田", "A", "AB", "工業", "ぬ", "山建")
PLACES = [
    (system, agency, category) for system in ("ise", "aomori") for agency in ("ise", "water", "port") for category in ("works", "goods")
]
WHERES = [
    SearchScope(system="ise", agencies=None), SearchScope(system="ise", agencies=("ise",)),
    SearchScope(system="ise", agencies=("water", "port")),
    SearchScope(system="ise", agencies=None, category="goods"), SearchScope(system="ise", agencies=("ise", "port"), category="works"),
    SearchScope(system="ise", agencies=("water",), category="goods"), SearchScope(system="aomori", agencies=None),
    SearchScope(system="ise", agencies=("none",)),
]  # fmt: skip


def entered(connection: Connection) -> list[dict[str, Any]]:
    """Vendors of two systems, with a card each, and every fifth without one."""
    made = []
    for n, ((system, agency, category), name) in enumerate(product(PLACES, NAMES)):
        where = {"system": system, "agency": agency, "category": category, "number": f"{n * 7 % 40:02d}"}
        made.append(QUALIFICATION | where | {"trade_name": name, "folded_name": names.search_key(name), "id": 1000 + n})
        blocks = {"card_holder": {"person": name}, "card_contact": {"email": f"{n}@example.com"}} if n % 7 else {}
        card = {"fingerprint": f"{n:03d}", "serial": str(n % 9), "not_after": NOW + (n % 11) * DAY, "folded_holder": names.search_key(name)}
        card |= {"state": "active" if n % 4 else "renewed", "id": f"R-{(n * 37) % 1000:04d}", "blocks": blocks}
        without = {"fingerprint": None, "serial": None, "issuer": None, "not_after": None, "folded_holder": None} if n % 5 == 0 else {}
        put(connection, registrations, REGISTRATION | where | card | without)
    # Of some cards the vendor has no qualification any more.
    put(connection, qualifications, *(row for row in made if row["id"] % 6))
    return made


def sees(where: SearchScope, row: Any) -> bool:
    agencies = where.agencies is None or row.agency in where.agencies
    return row.system == where.system and agencies and where.category in (None, row.category)


def every_page(look: Callable[[PageRange], tuple[list[Any], str]], limit: int) -> list[Any]:
    """What all pages show, each of them full but for the last."""
    found, after = [], ""
    while True:
        page, after = look(PageRange(limit, after))
        found += page
        if not after:
            assert len(page) <= limit
            return found
        assert len(page) == limit


def vendor(row: Any) -> Vendor:
    return Vendor(**{name: getattr(row, name) for name in VENDOR})


def hits(found: list[Any]) -> list[Hit]:
    return [Hit(vendor=vendor(row), trade_name=row.trade_name, state=row.state) for row in found]


def all_of(connection: Connection, table: Any, order: str) -> list[Any]:
    return list(connection.execute(table.select().order_by(table.c[order])))


@pytest.mark.parametrize("near", [1, 5, 3000])
def test_by_a_part_of_the_name(connection: Connection, monkeypatch: pytest.MonkeyPatch, near: int) -> None:
    monkeypatch.setattr(finding, "NEAR", near)
    entered(connection)
    there = all_of(connection, qualifications, "id")
    for where, key in product(WHERES, KEYS):
        wanted = hits([row for row in there if sees(where, row) and key in row.folded_name])
        for limit in {3, max(1, len(wanted) - 1), max(1, len(wanted)), 50}:
            assert every_page(partial(finding.by_name, connection, where, key), limit) == wanted, (
                where,
                key,
            )


def test_by_the_beginning_of_the_number(connection: Connection) -> None:
    entered(connection)
    there = sorted(all_of(connection, qualifications, "id"), key=lambda row: (row.number, row.agency, row.category))
    for where, key in product(WHERES, ("", "0", "1", "07", "070", "9")):
        wanted = hits([row for row in there if sees(where, row) and row.number.startswith(key)])
        for limit in (3, 50):
            assert every_page(partial(finding.by_number, connection, where, key), limit) == wanted, (
                where,
                key,
            )


def card_hits(connection: Connection, found: list[Any]) -> list[Hit]:
    known = {vendor(row): row for row in connection.execute(qualifications.select())}
    return [
        Hit(
            vendor=vendor(row), trade_name=known[vendor(row)].trade_name if vendor(row) in known else "",
            state=known[vendor(row)].state if vendor(row) in known else "lapsed", card=card(row),
            holder=row.blocks.get("card_holder", {}).get("person", ""), card_state=row.state,
        )
        for row in found
    ]  # fmt: skip


def card(row: Any) -> CardCertificate:
    return CardCertificate(fingerprint=row.fingerprint, serial=row.serial, issuer=row.issuer, not_after=row.not_after)


def test_by_a_cards_serial_number(connection: Connection) -> None:
    entered(connection)
    there = all_of(connection, registrations, "id")
    for where, serial in product(WHERES, ("0", "8", "0x7", "a")):
        wanted = [row for row in there if sees(where, row) and row.fingerprint and row.serial in finding.serials(serial)]
        for limit in (2, 50):
            found = every_page(partial(finding.by_serial, connection, where, serial), limit)
            assert found == card_hits(connection, wanted), (where, serial)


def test_by_a_part_of_the_holders_name(connection: Connection) -> None:
    entered(connection)
    there = all_of(connection, registrations, "id")
    for where, key in product(WHERES, ("山田", "山", "A")):
        wanted = card_hits(connection, [row for row in there if sees(where, row) and row.fingerprint and key in row.folded_holder])
        for limit in (3, 50):
            found = every_page(partial(finding.by_holder, connection, where, key), limit)
            assert sorted(found, key=repr) == sorted(wanted, key=repr), (where, key)


def test_r_25_cards_that_end_soon(connection: Connection) -> None:
    entered(connection)
    there = sorted((row for row in all_of(connection, registrations, "id") if row.not_after), key=lambda row: (row.not_after, row.id))
    known = {vendor(row): row.trade_name for row in connection.execute(qualifications.select())}
    for where, (since, until) in product(WHERES, ((0, 3), (2, 2), (2, 9), (0, 99))):
        span = NOW + since * DAY, NOW + until * DAY
        wanted = [
            Expiring(
                vendor=vendor(row), trade_name=known.get(vendor(row), ""), registration_id=row.id, card=card(row),
                holder=row.blocks.get("card_holder", {}).get("person", ""), email=row.blocks.get("card_contact", {}).get("email", ""),
            )
            for row in there if sees(where, row) and row.state == "active" and span[0] <= row.not_after < span[1]
        ]  # fmt: skip
        for limit in (4, 99):
            assert every_page(partial(finding.expiring, connection, where, *span), limit) == wanted


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("683", ("683", "1667")), ("2ab", ("683",)), ("0x2AB", ("683",)), ("02:ab", ("683",)), (" 6 8 3 ", ("683", "1667")), ("0", ("0",)),
        ("", ()), ("0x", ()), ("山", ()), ("２", ()), ("²", ()), ("2ag", ()), ("007", ("7",)), ("F", ("15",)),
    ],
)  # fmt: skip
def test_what_a_serial_number_may_be(text: str, decimal: tuple[str, ...]) -> None:
    assert finding.serials(text) == decimal


@pytest.mark.parametrize("mark", ["²", "x", "-1", "1" * 19, "٣"])
def test_a_mark_that_no_page_ended_with_shows_the_first(connection: Connection, mark: str) -> None:
    entered(connection)
    for look in (finding.by_name, finding.by_holder) if connection.dialect.name == "sqlite" else (finding.by_name,):
        assert look(connection, WHERES[0], "山", PageRange(2, mark)) == look(connection, WHERES[0], "山", PageRange(2))
    assert finding.by_name(connection, WHERES[0], "山", PageRange(2, "9" * 18)) == ([], "")


@pytest.mark.parametrize("mark", ["x", "1", "[]", '["a"]', '["a","b","c","d"]', "[1,2,3]"])
def test_a_mark_of_several_parts_that_is_none(connection: Connection, mark: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        finding.by_number(connection, WHERES[0], "1", PageRange(1, mark))
    with pytest.raises(ValueError, match=r"mark|isoformat"):
        finding.expiring(connection, WHERES[0], NOW, NOW, PageRange(1, mark))


def test_nowhere_is_no_place() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        SearchScope(system="ise", agencies=())


# ---- the indexes -----------------------------------------------------------------------------------------------------


def found(connection: Connection, key: str) -> list[str]:
    """By vendor's and by holder's name."""
    where = SearchScope(system="ise", agencies=("ise",))
    by_name, _ = finding.by_name(connection, where, key, PageRange(50))
    by_holder, _ = finding.by_holder(connection, where, key, PageRange(50))
    return [*(hit.trade_name for hit in by_name), *(hit.card.fingerprint for hit in by_holder if hit.card)]


def test_indexes_that_were_made_anew_follow_every_change(connection: Connection) -> None:
    blocks = {"card_holder": {"person": "山田"}}
    holder = REGISTRATION | {"fingerprint": "card", "folded_holder": "山田", "blocks": blocks}
    put(connection, qualifications, QUALIFICATION | {"trade_name": "山田", "folded_name": "山田"})
    put(connection, registrations, holder, holder | {"id": "R-2", "fingerprint": "x", "folded_holder": None})
    search_index.drop(connection)
    search_index.drop(connection)  # a migration may be run once more
    search_index.create(connection)
    assert found(connection, "山田") == ["山田", "card"]
    connection.execute(qualifications.update().values(folded_name="田中"))
    connection.execute(registrations.update().where(registrations.c.id == "R-1").values(folded_holder="田中"))
    assert (found(connection, "山田"), found(connection, "田中")) == ([], ["山田", "card"])
    for table in (qualifications, registrations):
        connection.execute(table.update().values(agency="water"))
    assert found(connection, "田中") == []
    for table in (qualifications, registrations):
        connection.execute(table.update().values(agency="ise"))
    assert found(connection, "田中") == ["山田", "card"]
    connection.execute(registrations.update().where(registrations.c.id == "R-1").values(folded_holder=None))
    assert found(connection, "田中") == ["山田"]
    connection.execute(registrations.update().where(registrations.c.id == "R-2").values(folded_holder="田中"))
    assert found(connection, "田中") == ["山田", "x"]
    connection.execute(registrations.delete())
    connection.execute(qualifications.delete())
    assert found(connection, "田中") == []
    put(connection, registrations, holder)
    put(connection, qualifications, QUALIFICATION | {"trade_name": "山田", "folded_name": "山田"})
    assert found(connection, "山田") == ["山田", "card"]
    assert rows(connection, registrations, "id") == ["R-1"]


@pytest.mark.parametrize("letters", [1, 2, 3, 200])
def test_names_of_any_length_are_found_by_any_part_of_it(connection: Connection, letters: int) -> None:
    name = "".join(chr(0x4E00 + n) for n in range(letters))
    put(connection, qualifications, QUALIFICATION | {"trade_name": name, "folded_name": name})
    for first in {0, 1, letters // 2, letters - 2, letters - 1} & set(range(letters)):
        for last in {first + 1, first + 2, letters}:
            assert found(connection, name[first:last]) == [name]


def test_which_tables_are_beside_the_schema() -> None:
    shown = search_index.BESIDE_SEARCH["include_name"]
    wanted = {None: True, "accounts": True, "search_names": False, "ix_search_number": False, "ix_accounts": True}
    assert {name: shown(name, "table", {}) for name in wanted} == wanted
